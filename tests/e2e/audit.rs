//! Security events are kept in the directory.

use std::time::Duration;

use bitrix_id_tests::database::audit_actions;
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::{ACME, ANNA, GLOBEX, Stage};

async fn kept(stage: &Stage, action: &str) {
    let file = stage.gateway.database();
    until(Duration::from_secs(5), action, || async {
        audit_actions(&file).await.iter().any(|kept| kept == action)
    })
    .await;
}

#[tokio::test]
async fn sign_in_failure_and_sign_out_are_kept() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    kept(&stage, "account.created").await;
    kept(&stage, "sign_in.succeeded").await;
    let other = stage.gateway.browser();
    let form = other.open(&stage.url(ACME, "/")).await;
    other.sign_in(&form, ANNA.email, "wrong").await;
    kept(&stage, "sign_in.failed").await;
    let ask = anna.browser.open(&stage.url(ACME, "/.bitrix-id/sign-out")).await;
    anna.browser.send(&ask, &ask.form("/sign-out"), &[]).await;
    kept(&stage, "sign_out").await;
}

#[tokio::test]
async fn what_an_operator_does_is_kept() {
    let stage = Stage::start().await;
    for arguments in [
        &["account", "disable", ANNA.email][..],
        &["account", "enable", ANNA.email],
        &["account", "revoke-sessions", ANNA.email],
        &["keys", "rotate"],
    ] {
        let _ = stage.gateway.cli(arguments, "").await.expect_success();
    }
    for action in ["account.disabled", "account.enabled", "sessions.revoked", "key.rotated"] {
        kept(&stage, action).await;
    }
}

#[tokio::test]
async fn a_refused_ticket_is_kept() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let callback = stage.callback_of(&anna.browser, GLOBEX, "/").await;
    let thief = anna.browser.stolen(stage.gateway.authority());
    anna.browser.visit(&callback).await;
    thief.visit(&callback).await;
    kept(&stage, "ticket.refused").await;
}

#[tokio::test]
async fn no_secret_is_stored_in_clear() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let text = bitrix_id_tests::database::dump(&stage.gateway.database()).await;
    assert!(text.contains("$argon2id$v=19$m=19456,t=2,p=1$"), "the hash with its parameters");
    let session =
        anna.browser.jar().value(bitrix_id_tests::stage::ID, bitrix_id_tests::stage::SESSION);
    for secret in [ANNA.password.to_owned(), anna.token(ACME).unwrap(), session.unwrap()] {
        assert!(!text.contains(&secret), "{secret}");
    }
}
