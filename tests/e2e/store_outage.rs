//! The store is out of order: 503, never anonymous, and no harm to those who are signed in.

use std::time::Duration;

use bitrix_id_tests::database;
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::{ACME, ANNA, GLOBEX, Stage};
use sqlx::Executor as _;

#[tokio::test]
async fn a_locked_store_is_503_for_a_sign_in_and_nothing_to_the_signed_in() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let stranger = stage.gateway.browser();
    let form = stranger.open(&stage.url(ACME, "/")).await;
    let callback = stage.callback_of(&anna.browser, GLOBEX, "/").await;

    let mut lock = database::open(&stage.gateway.database()).await;
    lock.execute("BEGIN IMMEDIATE").await.unwrap();
    let refused = stranger.try_sign_in(&form, ANNA.email, ANNA.password).await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.header("retry-after").is_some());
    let landing = anna.browser.visit(&callback).await;
    assert_eq!(
        landing.status,
        503,
        "a ticket that cannot be spent is not honoured: {}",
        landing.text()
    );
    assert!(landing.header("retry-after").is_some());
    assert_eq!(anna.token(GLOBEX), None);
    for n in 0..10 {
        let answer =
            stage.gateway.send(ACME, &format!("GET /{n}"), &[&anna.cookie_line(ACME)], "").await;
        assert_eq!(answer.status, 200, "no store is asked on this path");
    }
    lock.execute("ROLLBACK").await.unwrap();
    drop(lock);

    until(Duration::from_secs(10), "sign-in works again without a restart", || async {
        let browser = stage.gateway.browser();
        let form = browser.open(&stage.url(ACME, "/")).await;
        let page = browser.sign_in(&form, ANNA.email, ANNA.password).await;
        page.url.as_str() == stage.url(ACME, "/")
    })
    .await;
}

#[tokio::test]
async fn a_sign_out_that_cannot_be_written_is_not_reported_as_done() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let ask = anna.browser.open(&stage.url(ACME, "/.bitrix-id/sign-out")).await;
    let mut lock = database::open(&stage.gateway.database()).await;
    lock.execute("BEGIN IMMEDIATE").await.unwrap();
    let answer = anna.browser.send(&ask, &ask.form("/sign-out"), &[]).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    lock.execute("ROLLBACK").await.unwrap();
}

#[tokio::test]
async fn tokens_stop_counting_when_revocations_are_not_heard_for_too_long() {
    let stage = Stage::with(|setup| {
        setup.config.set("identity", "max_silence", "\"2s\"");
    })
    .await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let cookie = anna.cookie_line(ACME);
    let status = async |path: &str| {
        stage.gateway.send(ACME, &format!("GET {path}"), &[&cookie], "").await.status
    };
    assert_eq!(status("/before").await, 200);

    let mut database = database::open(&stage.gateway.database()).await;
    database.execute("ALTER TABLE revocations RENAME TO elsewhere").await.unwrap();
    until(Duration::from_secs(10), "a token is not believed any more", async || {
        status("/unheard").await == 503
    })
    .await;
    assert_eq!(stage.gateway.admin("GET", "/health/ready").await.status, 503);
    assert_eq!(status("/pub/still").await, 200, "nobody's identity is needed there");

    database.execute("ALTER TABLE elsewhere RENAME TO revocations").await.unwrap();
    until(Duration::from_secs(10), "it counts again by itself", async || {
        status("/heard").await == 200
    })
    .await;
}
