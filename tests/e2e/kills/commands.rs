//! What operators do beside running gateways: keys, and accounts that are stopped.

use bitrix_id_tests::journey;
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::{ACME, ID, TOKEN};
use serde_json::Value;

use super::desk::kill;
use super::scene::{HEARD, Scene};

#[tokio::test]
async fn a_key_rotation_adds_one_key_or_none_and_every_token_counts_at_both_gateways() {
    let mut scene = Scene::of_two("keys rotate", 8).await;
    let anna = scene.newcomers(1, &["acme"]).await.remove(0);
    let browser = scene.browser(&anna);
    let url = scene.stage.url(ACME, "/");
    journey::sign_in(&browser, &anna.person, &url).await.expect("signed in");
    for round in 0.. {
        if !scene.moments.left() {
            break;
        }
        let before = scene.texts(KEYS).await;
        let told_before = scene.number(ROTATIONS, &[]).await;
        let command: &[&str] =
            if round % 2 == 0 { &["keys", "rotate", "--now"] } else { &["keys", "rotate"] };
        let outcome = kill(&mut scene.moments, &scene.stage.gateway, command).await;
        let mut added = scene.texts(KEYS).await;
        added.retain(|key| !before.contains(key));
        let added = i64::try_from(added.len()).expect("a few");
        let told = scene.number(ROTATIONS, &[]).await - told_before;
        assert!(matches!(added, 0 | 1), "{added} keys of one rotation");
        assert!(told <= added && (told == 1 || outcome.is_none()), "{told} of {added}");
        if let Some(outcome) = &outcome {
            let named = "SELECT count(*) FROM signing_keys WHERE id = $1 AND expires_at IS NULL";
            assert_eq!(scene.number(named, &[outcome.stdout.trim()]).await, 1, "{outcome:?}");
        }
        scene.moments.count(outcome.is_some(), added == 1);
        scene.rules_hold().await;

        let alive = "SELECT count(*) FROM signing_keys
             WHERE expires_at IS NULL OR expires_at > CAST(extract(epoch FROM now()) AS BIGINT)";
        let alive = scene.number(alive, &[]).await;
        until(HEARD, "both gateways publish the same keys", async || {
            let here = scene.stage.gateway.send(ID, "GET /.well-known/jwks.json", &[], "").await;
            let there = scene.sibling().get(ID, "/.well-known/jwks.json", "X-None: 1").await;
            let count = |keys: Value| keys["keys"].as_array().map_or(0, Vec::len);
            here.body == there.body && i64::try_from(count(here.json())) == Ok(alive)
        })
        .await;
        let visited = journey::visit(&browser, &url).await;
        visited.unwrap_or_else(|trouble| panic!("nobody is asked anything: {trouble}"));
        let token = anna.cookie(ACME, TOKEN).expect("a token");
        assert_eq!(scene.sibling().get(ACME, "/", &token).await.status, 200);
    }
    scene.finish().await;
}

#[tokio::test]
async fn an_account_is_disabled_or_deleted_wholly_or_by_the_command_given_again() {
    let mut scene = Scene::alone("account disable, delete", 8).await;
    for round in 0.. {
        if !scene.moments.left() {
            break;
        }
        let (what, event) =
            [("disable", "account.disabled"), ("delete", "account.deleted")][round % 2];
        let somebody = scene.newcomers(1, &["acme"]).await.remove(0);
        let email = somebody.person.email;
        let (browser, url) = (scene.browser(&somebody), scene.stage.url(ACME, "/"));
        journey::sign_in(&browser, &somebody.person, &url).await.expect("signed in");
        let id: String = sqlx::query_scalar("SELECT id FROM accounts WHERE email = $1")
            .bind(email)
            .fetch_one(&mut scene.database().await)
            .await
            .expect("an account");
        let outcome =
            kill(&mut scene.moments, &scene.stage.gateway, &["account", what, email]).await;
        scene.rules_hold().await;
        let active = "SELECT count(*) FROM accounts WHERE id = $1 AND state = 'active'";
        let there = scene.number("SELECT count(*) FROM accounts WHERE id = $1", &[&id]).await == 1;
        let stopped = scene.number(active, &[&id]).await == 0;
        let done = if what == "delete" { !there } else { stopped };
        let told = "SELECT count(*) FROM audit_events WHERE account = $1 AND action = $2";
        let told = scene.number(told, &[&id, event]).await;
        assert!(told <= i64::from(done) && (told == 1 || outcome.is_none()), "{told}: {outcome:?}");
        scene.moments.count(outcome.is_some(), done);
        let open = browser.open(&scene.stage.url(ID, "/profile/sessions")).await;
        assert_eq!(open.url.path() == "/profile/sessions", !stopped, "{}", open.url);
        if there {
            let again = scene.stage.gateway.cli(&["account", what, email], "").await;
            let _ = again.expect_success();
        }
        let token = somebody.cookie(ACME, TOKEN).expect("a token");
        until(HEARD, "the token is refused", async || {
            scene.stage.gateway.send(ACME, "GET /", &[&token], "").await.status != 200
        })
        .await;
        let refused = journey::sign_in(&browser, &somebody.person, &url).await;
        assert!(refused.is_err(), "a stopped account opens");
        if what == "disable" {
            let enabled = scene.stage.gateway.cli(&["account", "enable", email], "").await;
            let _ = enabled.expect_success();
            let arrived = journey::sign_in(&browser, &somebody.person, &url).await;
            arrived.unwrap_or_else(|trouble| panic!("{trouble}"));
        }
    }
    scene.finish().await;
}

const KEYS: &str = "SELECT id FROM signing_keys";
const ROTATIONS: &str = "SELECT count(*) FROM audit_events WHERE action = 'key.rotated'";
