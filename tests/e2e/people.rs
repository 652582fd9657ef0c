//! What people say about themselves, and what portals hear of it.

use std::time::Duration;

use bitrix_id_tests::jwt::verify;
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::{ACME, ANNA, GLOBEX, ID, Stage};
use serde_json::Value;

#[tokio::test]
async fn a_title_on_one_portal_reaches_that_portal_alone() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let path = "/profile/portal/acme";
    let page = anna.browser.open(&stage.url(ID, path)).await;
    let form = page.form(path);
    let filled = [("name", "Ann"), ("title", "Vertriebsleiterin, Süd")];
    let answer = anna.browser.send(&page, &form, &filled).await;
    assert_eq!(answer.status, 303, "{}", answer.text());

    until(Duration::from_secs(2), "the change is heard", || async {
        let old_token = anna.cookie_line(ACME);
        let answer = stage.gateway.send(ACME, "GET /x", &[&old_token], "").await;
        assert_eq!(answer.status, 200, "nobody is interrupted");
        answer.header("set-cookie").is_some_and(|cookie| cookie.starts_with("__Host-bitrix-id="))
    })
    .await;
    let page = anna.browser.open(&stage.url(ACME, "/titled")).await;
    assert_eq!((page.status, page.url.path()), (200, "/titled"), "no question is asked");
    let request = stage.acme.only("/titled");
    let title = request.header("x-bitrix-id-title").unwrap();
    assert_eq!(title, "Vertriebsleiterin%2C%20S%C3%BCd");
    assert_eq!(request.header("x-bitrix-id-name").unwrap(), "Ann");
    let keys = stage.gateway.send(ID, "GET /.well-known/jwks.json", &[], "").await.json();
    let jwt = verify(&request.header("x-bitrix-id-assertion").unwrap(), &keys);
    assert_eq!(jwt.claims["title"], "Vertriebsleiterin, Süd");
    let session = stage
        .gateway
        .send(ACME, "GET /.bitrix-id/session", &[&anna.cookie_line(ACME)], "")
        .await
        .json();
    assert_eq!(session["title"], "Vertriebsleiterin, Süd");

    anna.browser.open(&stage.url(GLOBEX, "/untitled")).await;
    let elsewhere = stage.globex.only("/untitled");
    assert_eq!(elsewhere.header("x-bitrix-id-title"), None);
    assert_ne!(elsewhere.header("x-bitrix-id-name").unwrap(), "Ann");
}

#[tokio::test]
async fn a_client_cannot_give_itself_a_title() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    for name in ["X-Bitrix-Id-Title", "x_bitrix_id_title"] {
        let path = format!("/{name}");
        let forged = format!("{name}: Director");
        let headers = [&anna.cookie_line(ACME), forged.as_str()];
        stage.gateway.send(ACME, &format!("GET {path}"), &headers, "").await;
        assert_eq!(stage.acme.only(&path).header("x-bitrix-id-title"), None, "{name}");
    }
}

#[tokio::test]
async fn the_sessions_page_says_which_portals_a_browser_has_opened() {
    let stage = Stage::start().await;
    let here = stage.signed_in(&ANNA, ACME).await;
    let there = stage.signed_in(&ANNA, GLOBEX).await;
    let page = here.browser.open(&stage.url(ID, "/profile/sessions")).await;
    let rows: Vec<String> =
        page.text().split("<li class=\"row\"").skip(1).map(str::to_owned).collect();
    assert_eq!(rows.len(), 2, "{}", page.text());
    assert!(
        rows[0].contains("class=\"mark\"") && rows[0].contains("Opened Portal acme"),
        "{}",
        rows[0]
    );
    assert!(
        rows[1].contains("Opened Portal globex") && !rows[1].contains("Portal acme"),
        "{}",
        rows[1]
    );

    let form = page.form("/profile/sessions");
    let answer = here.browser.send(&page, &form, &[("end", "others")]).await;
    let page = here.browser.follow(answer).await;
    assert!(
        page.text().contains("It had opened Portal globex"),
        "what was ended is shown: {}",
        page.text()
    );
    until(Duration::from_secs(1), "the other browser is signed out", || async {
        stage.gateway.send(GLOBEX, "GET /x", &[&there.cookie_line(GLOBEX)], "").await.status == 401
    })
    .await;
}

#[tokio::test]
async fn ones_own_data_come_as_a_file() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let file = anna.browser.open(&stage.url(ID, "/profile/data/download")).await;
    assert_eq!(file.status, 200);
    let data: Value = serde_json::from_str(&file.text()).unwrap();
    assert_eq!(data["account"]["email"], ANNA.email);
    assert!(!file.text().contains("$argon2"));
}
