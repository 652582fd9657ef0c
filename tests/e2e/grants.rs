//! Operators let people into portals and out again.

use std::time::Duration;

use bitrix_id_tests::client::response::Response;
use bitrix_id_tests::poll::{eventually, until};
use bitrix_id_tests::stage::{ACME, BORIS, GLOBEX, Stage, Visitor};

const ENFORCED: Duration = Duration::from_secs(1);

async fn answer(stage: &Stage, boris: &Visitor, host: &str) -> Response {
    stage.gateway.send(host, "GET /door", &[&boris.cookie_line(host)], "").await
}

#[tokio::test]
async fn a_stranger_is_let_in_and_out_again_without_signing_in_anew() {
    let stage = Stage::with_people(&[BORIS]).await;
    let boris = stage.signed_in(&BORIS, ACME).await;
    let private = stage.url(GLOBEX, "/private");
    assert_eq!(boris.browser.open(&private).await.status, 403);
    assert!(!stage.globex.heard_of("/private"));

    let grant = ["account", "grant", BORIS.email, "--portal", "globex", "--local-id", "42"];
    let roles = ["--role", "employee", "--role", "crm-manager"];
    let granted = stage.gateway.cli(&[&grant[..], &roles].concat(), "").await.expect_success();
    assert!(granted.stdout.contains("globex  local id 42  roles employee,crm-manager"));
    // The reload may lead through the hop, but never to a form.
    let page = eventually(Duration::from_secs(2), "the door opens", || async {
        let page = boris.browser.open(&private).await;
        assert!(!stage.is_sign_in(&page), "{}", page.url);
        (page.status == 200).then_some(page)
    })
    .await;
    assert_eq!(page.url.as_str(), private);
    let request = stage.globex.only("/private");
    assert_eq!(request.header("x-bitrix-id-portal-user").as_deref(), Some("42"));
    assert_eq!(request.header("x-bitrix-id-roles").as_deref(), Some("employee,crm-manager"));

    assert_eq!(answer(&stage, &boris, GLOBEX).await.status, 200);
    let withdraw = ["account", "withdraw", BORIS.email, "--portal", "globex"];
    let _ = stage.gateway.cli(&withdraw, "").await.expect_success();
    until(ENFORCED, "the door is closed", || async {
        answer(&stage, &boris, GLOBEX).await.status != 200
    })
    .await;
    let page = boris.browser.open(&private).await;
    assert_eq!((page.url.as_str(), page.status), (private.as_str(), 403), "still signed in");
    let page = boris.browser.open(&stage.url(ACME, "/")).await;
    assert_eq!((page.url.host_str(), page.status), (Some(ACME), 200), "his own portal is open");
}

/// Whoever is granted something new holds tokens that say less than is true; nothing under way fails for it.
#[tokio::test]
async fn a_form_and_a_script_under_way_are_not_turned_away_by_a_change_elsewhere() {
    let stage = Stage::with_people(&[BORIS]).await;
    let boris = stage.signed_in(&BORIS, ACME).await;
    let old_token = boris.cookie_line(ACME);
    let grant = ["account", "grant", BORIS.email, "--portal", "globex"];
    let _ = stage.gateway.cli(&grant, "").await.expect_success();
    until(ENFORCED * 2, "the old token is replaced on the way", || async {
        let answer = stage.gateway.send(ACME, "POST /form", &[&old_token], "a=b").await;
        assert_eq!(answer.status, 200);
        answer.header("set-cookie").is_some_and(|cookie| cookie.starts_with("__Host-bitrix-id="))
    })
    .await;
    let list = stage.gateway.send(ACME, "GET /.bitrix-id/portals", &[&old_token], "").await;
    assert_eq!(list.status, 200);
    assert!(list.text().contains("globex"), "{}", list.text());

    let revoke = ["account", "revoke-sessions", BORIS.email];
    let _ = stage.gateway.cli(&revoke, "").await.expect_success();
    until(ENFORCED, "what has ended is not renewed", || async {
        let answer = stage.gateway.send(ACME, "POST /form", &[&old_token], "a=b").await;
        answer.status == 401
    })
    .await;
}

#[tokio::test]
async fn an_open_websocket_ends_when_the_profile_is_withdrawn() {
    let stage = Stage::with_people(&[BORIS]).await;
    let boris = stage.signed_in(&BORIS, ACME).await;
    let mut socket = stage.echo(&boris, ACME).await;
    let withdraw = ["account", "withdraw", BORIS.email, "--portal", "acme"];
    let _ = stage.gateway.cli(&withdraw, "").await.expect_success();
    socket.closed(ENFORCED).await;
}

#[tokio::test]
async fn exit_codes_tell_what_was_wrong() {
    let stage = Stage::with_people(&[BORIS]).await;
    let unknown = ["account", "grant", BORIS.email, "--portal", "acmee"];
    let outcome = stage.gateway.cli(&unknown, "").await;
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("known are acme, globex, initech"), "{}", outcome.stderr);
    let none = ["account", "withdraw", BORIS.email, "--portal", "globex"];
    let outcome = stage.gateway.cli(&none, "").await;
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("has no profile on globex"), "{}", outcome.stderr);
    let create = ["account", "create", "new@example.com", "--role", "admin", "--password-stdin"];
    let outcome = stage.gateway.cli(&create, "a long enough secret\n").await;
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("exactly one --portal"), "{}", outcome.stderr);
}

#[tokio::test]
async fn a_new_account_can_have_a_local_id_and_roles_from_the_start() {
    let stage = Stage::empty().await;
    let create = ["account", "create", "new@example.com", "--role", "admin", "--password-stdin"];
    let with_portal = [&create[..], &["--portal", "acme", "--local-id", "7"]].concat();
    let _ = stage.gateway.cli(&with_portal, "a long enough secret\n").await.expect_success();
    let shown = stage.gateway.cli(&["account", "show", "new@example.com"], "").await;
    assert!(shown.stdout.contains("acme  local id 7  roles admin"), "{}", shown.stdout);
}
