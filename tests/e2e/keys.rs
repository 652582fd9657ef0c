//! Signing keys change hands with overlap.

use std::time::Duration;

use bitrix_id_tests::database;
use bitrix_id_tests::jwt::{Jwt, verify};
use bitrix_id_tests::poll::eventually;
use bitrix_id_tests::stage::{ACME, ANNA, GLOBEX, ID, Stage};
use serde_json::Value;

async fn published(stage: &Stage) -> Value {
    stage.gateway.send(ID, "GET /.well-known/jwks.json", &[], "").await.json()
}

fn count(keys: &Value) -> usize {
    keys["keys"].as_array().map_or(0, Vec::len)
}

async fn wait_for_two(stage: &Stage) -> Value {
    eventually(Duration::from_secs(5), "the running gateway publishes the new key", || async {
        let keys = published(stage).await;
        (count(&keys) == 2).then_some(keys)
    })
    .await
}

#[tokio::test]
async fn a_rotation_publishes_the_new_key_first_and_invalidates_nothing() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let before = published(&stage).await;
    assert_eq!(count(&before), 1);
    let _ = stage.gateway.cli(&["keys", "rotate"], "").await.expect_success();
    let after = wait_for_two(&stage).await;
    let kids = |keys: &Value| -> Vec<String> {
        keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(kids(&after).contains(&kids(&before)[0]), "the old key is still published");

    let answer = stage.gateway.send(ACME, "GET /old-token", &[&anna.cookie_line(ACME)], "").await;
    assert_eq!(answer.status, 200);
    let page = anna.browser.open(&stage.url(GLOBEX, "/fresh")).await;
    assert_eq!(page.status, 200);
    let token = Jwt::read(&anna.token(GLOBEX).unwrap());
    assert_eq!(
        token.header["kid"].as_str(),
        Some(kids(&before)[0].as_str()),
        "the new key waits until all know it"
    );
    verify(&stage.globex.only("/fresh").header("x-bitrix-id-assertion").unwrap(), &after);
}

#[tokio::test]
async fn a_leaked_key_is_replaced_at_once_and_nobody_signs_in_again() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let old = anna.cookie_line(ACME);
    let before = Jwt::read(&anna.token(ACME).unwrap()).header["kid"].clone();
    let _ = stage.gateway.cli(&["keys", "rotate", "--now"], "").await.expect_success();
    eventually(Duration::from_secs(5), "the old token is refused", || async {
        (stage.gateway.send(ACME, "GET /x", &[&old], "").await.status == 401).then_some(())
    })
    .await;
    let page = anna.browser.open(&stage.url(ACME, "/again")).await;
    assert_eq!((page.status, page.url.path()), (200, "/again"), "no question was asked");
    assert_ne!(Jwt::read(&anna.token(ACME).unwrap()).header["kid"], before);
}

#[tokio::test]
async fn keys_are_listed_for_people_and_for_programs() {
    let stage = Stage::empty().await;
    let _ = stage.gateway.cli(&["keys", "rotate"], "").await.expect_success();
    let plain = stage.gateway.cli(&["keys", "list"], "").await.expect_success();
    assert_eq!(
        plain.stdout.lines().filter(|line| !line.trim().is_empty()).count(),
        2,
        "{}",
        plain.stdout
    );
    let json = stage.gateway.cli(&["keys", "list", "--json"], "").await.expect_success();
    let listed: Value = serde_json::from_str(&json.stdout).expect("JSON on stdout");
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
    assert!(!json.stdout.contains("pkcs8"), "no private key is shown");
}

#[tokio::test]
async fn keys_survive_a_restart_after_a_rotation() {
    let mut stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let _ = stage.gateway.cli(&["keys", "rotate"], "").await.expect_success();
    wait_for_two(&stage).await;
    stage.gateway.kill().await;
    stage.gateway.start_again().await;
    assert_eq!(count(&published(&stage).await), 2);
    let answer = stage.gateway.send(ACME, "GET /x", &[&anna.cookie_line(ACME)], "").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_key_past_its_time_is_replaced_on_schedule_and_stays_published() {
    let mut stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let _ = stage.gateway.stop().await;
    let forty_days = Duration::from_secs(40 * 24 * 3600);
    database::age_signing_keys(&stage.gateway.database(), forty_days).await;

    stage.gateway.start_again().await;

    wait_for_two(&stage).await;
    let answer = stage.gateway.send(ACME, "GET /x", &[&anna.cookie_line(ACME)], "").await;
    assert_eq!(answer.status, 200, "what the old key signed is still good");
    eventually(Duration::from_secs(5), "the audit table knows of it", || async {
        let actions = database::audit_actions(&stage.gateway.database()).await;
        actions.contains(&"key.rotated".to_owned()).then_some(())
    })
    .await;
}
