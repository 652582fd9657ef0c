//! What survives the gateway's own restart.

use bitrix_id_tests::stage::{ACME, ANNA, GLOBEX, INITECH, Stage, TOKEN};

#[tokio::test]
async fn sessions_and_tokens_survive_a_restart() {
    let mut stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    assert!(stage.gateway.stop().await.success());
    stage.gateway.start_again().await;
    let before = stage.gateway.send(ACME, "GET /same-token", &[&anna.cookie_line(ACME)], "").await;
    assert_eq!(before.status, 200);
    let page = anna.browser.open(&stage.url(GLOBEX, "/next")).await;
    assert_eq!((page.status, page.url.path()), (200, "/next"), "{}", page.text());
}

#[tokio::test]
async fn sessions_survive_a_kill() {
    let mut stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    stage.gateway.kill().await;
    stage.gateway.start_again().await;
    let page = anna.browser.open(&stage.url(GLOBEX, "/next")).await;
    assert_eq!((page.status, page.url.path()), (200, "/next"), "{}", page.text());
}

#[tokio::test]
async fn a_sign_in_form_opened_before_a_restart_works_after_it() {
    let mut stage = Stage::start().await;
    let browser = stage.gateway.browser();
    let url = stage.url(ACME, "/half/done?x=1");
    let form = browser.open(&url).await;
    assert!(stage.gateway.stop().await.success());
    stage.gateway.start_again().await;
    let page = browser.sign_in(&form, ANNA.email, ANNA.password).await;
    assert_eq!((page.url.as_str(), page.status), (url.as_str(), 200), "{}", page.text());
}

#[tokio::test]
async fn a_ticket_made_before_a_restart_works_once_after_it() {
    let mut stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let callback = stage.callback_of(&anna.browser, GLOBEX, "/landed").await;
    let copy = anna.browser.stolen(stage.gateway.authority());
    stage.gateway.kill().await;
    stage.gateway.start_again().await;
    let page = anna.browser.open(&callback).await;
    assert_eq!((page.status, page.url.path()), (200, "/landed"), "{}", page.text());
    stage.gateway.kill().await;
    stage.gateway.start_again().await;
    copy.visit(&callback).await;
    assert_eq!(copy.jar().value(GLOBEX, TOKEN), None, "what is spent stays spent");
}

#[tokio::test]
async fn what_was_signed_out_stays_signed_out() {
    let mut stage = Stage::start().await;
    let anna = stage.anna_on(&[ACME, INITECH]).await;
    let cookies = [(ACME, anna.cookie_line(ACME)), (INITECH, anna.cookie_line(INITECH))];
    let ask = anna.browser.open(&stage.url(ACME, "/.bitrix-id/sign-out")).await;
    anna.browser.send(&ask, &ask.form("/sign-out"), &[]).await;
    stage.gateway.kill().await;
    stage.gateway.start_again().await;
    for (host, cookie) in cookies {
        let answer = stage.gateway.send(host, "GET /again", &[&cookie], "").await;
        assert_eq!(answer.status, 401, "{host}");
    }
}

#[tokio::test]
async fn the_same_keys_are_published_after_a_restart() {
    let mut stage = Stage::empty().await;
    let before = stage.gateway.send(ACME, "GET /.bitrix-id/jwks.json", &[], "").await.json();
    stage.gateway.kill().await;
    stage.gateway.start_again().await;
    let after = stage.gateway.send(ACME, "GET /.bitrix-id/jwks.json", &[], "").await.json();
    assert_eq!(before, after);
}
