//! Portals kept in the directory instead of a file.

use std::time::Duration;

use bitrix_id_tests::config_text::PortalText;
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::Stage;
use bitrix_id_tests::upstream::Recorder;
use serde_json::Value;

const HOST: &str = "fresh.wild.localhost";
const SOON: Duration = Duration::from_secs(3);

async fn status(stage: &Stage) -> u16 {
    stage.gateway.send(HOST, "GET /", &[], "").await.status
}

async fn answers(stage: &Stage, wanted: u16) {
    until(SOON, "the portal comes or goes", || async { status(stage).await == wanted }).await;
}

#[tokio::test]
async fn a_portal_is_served_soon_after_it_is_added_and_gone_soon_after_it_is_removed() {
    let mut stage = Stage::empty().await;
    let upstream = Recorder::start("fresh").await;
    let portal =
        PortalText::new("fresh", HOST, &upstream.url()).key("access", "\"public\"").render();
    assert_eq!(status(&stage).await, 404);
    let _ = stage.gateway.cli(&["portal", "add", "-"], &portal).await.expect_success();
    answers(&stage, 200).await;
    let listed = stage.gateway.cli(&["portal", "list", "--json"], "").await.expect_success();
    let listed: Value = serde_json::from_str(&listed.stdout).expect("JSON");
    assert!(listed.to_string().contains("fresh"), "{listed}");

    stage.gateway.stop().await;
    stage.gateway.start_again().await;
    assert_eq!(status(&stage).await, 200, "it is there from the first request on");
    let _ = stage.gateway.cli(&["portal", "remove", "fresh"], "").await.expect_success();
    answers(&stage, 404).await;
}

#[tokio::test]
async fn a_portal_that_does_not_fit_is_refused_with_its_problem() {
    let stage = Stage::empty().await;
    let good = PortalText::new("fresh", HOST, "http://127.0.0.1:9");
    for (text, word) in [
        (good.clone().key("acess", "\"public\"").render(), "acess"),
        (PortalText::new("acme", HOST, "http://127.0.0.1:9").render(), "acme"),
        (
            PortalText::new("fresh", "acme.bitrix24.localhost", "http://127.0.0.1:9").render(),
            "acme",
        ),
        (String::new(), ""),
        ("[[portal]\n".to_owned(), ""),
    ] {
        let outcome = stage.gateway.cli(&["portal", "add", "-"], &text).await;
        assert_ne!(outcome.code, 0, "{text}");
        let said = outcome.stdout + &outcome.stderr;
        assert!(said.contains(word) && !said.contains("panicked"), "{said}");
    }
    assert_eq!(
        stage.gateway.send("acme.bitrix24.localhost", "GET /pub/x", &[], "").await.status,
        200
    );
}
