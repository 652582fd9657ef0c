//! Idle and absolute lifetime hold on the server, whatever the browser keeps.

use std::time::{Duration, Instant};

use bitrix_id_tests::logs::sample;
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::{ACME, ANNA, ID, Stage};

async fn stage_with(idle: &str, lifetime: &str) -> Stage {
    Stage::with(|setup| {
        setup
            .config
            .set("identity", "token_lifetime", "\"2s\"")
            .set("identity", "session_idle", format!("\"{idle}\""))
            .set("identity", "session_lifetime", format!("\"{lifetime}\""));
    })
    .await
}

#[tokio::test]
async fn an_unused_session_ends_after_its_idle_time() {
    let stage = stage_with("3s", "1h").await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    for count in [1.0, 0.0] {
        until(Duration::from_secs(10), "the session is counted, then gone", || async {
            sample(&stage.gateway.metrics().await, "bitrix_id_sessions_active", &[]) == Some(count)
        })
        .await;
    }
    assert!(stage.is_sign_in(&anna.browser.open(&stage.url(ACME, "/")).await));
    assert!(stage.is_sign_in(&anna.browser.open(&stage.url(ID, "/")).await));
}

#[tokio::test]
async fn a_used_session_outlives_its_idle_time_but_not_its_absolute_one() {
    let stage = stage_with("3s", "8s").await;
    let started = Instant::now();
    let anna = stage.signed_in(&ANNA, ACME).await;
    let ended = loop {
        let page = anna.browser.open(&stage.url(ACME, "/do/echo")).await;
        if stage.is_sign_in(&page) {
            break started.elapsed();
        }
        assert_eq!(page.status, 200, "{}", page.text());
        assert!(started.elapsed() < Duration::from_secs(12), "still signed in");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert!(ended > Duration::from_secs(6), "it lived {ended:?}, so its use counted");
    assert!(ended < Duration::from_secs(11), "it lived {ended:?}");
}

#[tokio::test]
async fn an_open_websocket_is_closed_when_its_session_reaches_its_end() {
    let stage = stage_with("4s", "4s").await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let mut socket = stage.echo(&anna, ACME).await;
    assert_eq!(socket.echo("hello").await.unwrap(), "hello");
    socket.closed(Duration::from_secs(7)).await;
}

#[tokio::test]
async fn no_token_outlives_its_session() {
    let stage = Stage::with(|setup| {
        setup
            .config
            .set("identity", "token_lifetime", "\"30s\"")
            .set("identity", "session_idle", "\"40s\"")
            .set("identity", "session_lifetime", "\"40s\"");
    })
    .await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let claims = bitrix_id_tests::jwt::Jwt::read(&anna.token(ACME).unwrap()).claims;
    let end = claims["auth_time"].as_i64().unwrap() + 40;
    assert!(claims["exp"].as_i64().unwrap() <= end, "{claims}");
}
