//! What a gateway does by itself at its start: a key past its time, accounts whose owners have left.

use std::time::Instant;

use bitrix_id_tests::poll::until;

use super::scene::{HEARD, Scene, Somebody, run};

const AT_ONCE: u32 = 3;

#[tokio::test]
async fn a_scheduled_rotation_and_deletion_happen_once_and_wholly() {
    let mut scene = Scene::alone("schedule", 8).await;
    while scene.moments.left() {
        let leavers = scene.newcomers(AT_ONCE, &["acme"]).await;
        scene.stage.gateway.kill().await;
        let mut database = scene.database().await;
        run(&mut database, "UPDATE signing_keys SET created_at = created_at - 4000000", &[]).await;
        for Somebody { person, .. } in &leavers {
            run(
                &mut database,
                "UPDATE accounts SET delete_at = 1 WHERE email = $1",
                &[person.email],
            )
            .await;
        }
        let (keys, gone) = (scene.number(KEYS, &[]).await, scene.number(GONE, &[]).await);
        let begun = Instant::now();
        scene.stage.gateway.start_process(&[]);
        match scene.moments.next() {
            Some(delay) => tokio::time::sleep(delay).await,
            None => {
                until(HEARD, "everything is done", async || {
                    scene.number(KEYS, &[]).await > keys && scene.number(LEAVING, &[]).await == 0
                })
                .await;
                scene.moments.took(true, begun.elapsed());
            }
        }
        scene.stage.gateway.kill().await;
        let rotated = scene.number(KEYS, &[]).await - keys;
        assert!(matches!(rotated, 0 | 1), "{rotated} rotations of one");
        scene.moments.count(false, rotated == 1);
        for Somebody { person, .. } in &leavers {
            let there = "SELECT count(*) FROM addresses WHERE address = $1";
            let there = scene.number(there, &[person.email]).await == 1;
            scene.moments.count(false, !there);
        }
        scene.start_again().await;
        until(HEARD, "the next start does what the one before did not", async || {
            scene.number(KEYS, &[]).await == keys + 1 && scene.number(LEAVING, &[]).await == 0
        })
        .await;
        let told = scene.number(GONE, &[]).await - gone;
        assert!(told <= i64::from(AT_ONCE), "{told} deletions of {AT_ONCE}");
    }
    let rotations = scene.number(ROTATIONS, &[]).await;
    let keys = scene.number("SELECT count(*) FROM signing_keys", &[]).await;
    println!("{rotations} rotations are told of, {} were made", keys - 1);
    assert!(rotations < keys, "told of what has not happened");
    scene.finish().await;
}

const KEYS: &str = "SELECT count(*) FROM signing_keys";
const LEAVING: &str = "SELECT count(*) FROM accounts WHERE delete_at IS NOT NULL";
const GONE: &str = "SELECT count(*) FROM audit_events WHERE action = 'account.deleted'";
const ROTATIONS: &str = "SELECT count(*) FROM audit_events WHERE action = 'key.rotated'";
