//! Several addresses for one person, and two Bitrix IDs that become one.

use std::time::Duration;

use bitrix_id_tests::client::browser::{Browser, Page};
use bitrix_id_tests::poll::{eventually, until};
use bitrix_id_tests::stage::{ACME, ANNA, BORIS, ID, Stage};

const SECOND: &str = "anna@firma.example";

/// The newest mail to an address.
async fn mail_to(stage: &Stage, email: &str) -> String {
    eventually(Duration::from_secs(10), "a mail", || async {
        let to = format!("To: {email}");
        stage.gateway.mails().into_iter().rfind(|mail| mail.contains(&to))
    })
    .await
}

/// The first run of exactly six digits in a mail's text.
fn code_in(mail: &str) -> String {
    let body = mail.split_once("\r\n\r\n").or_else(|| mail.split_once("\n\n")).expect("a body").1;
    let mut words = body.split(|c: char| !c.is_ascii_alphanumeric());
    let digits = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
    words.find(digits).expect("six digits").to_owned()
}

async fn fill(browser: &Browser, page: &Page, action: &str, filled: &[(&str, &str)]) -> Page {
    let answer = browser.send(page, &page.form(action), filled).await;
    browser.follow(answer).await
}

#[tokio::test]
async fn a_second_address_signs_in_and_becomes_the_one_that_portals_see() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let page = anna.browser.open(&stage.url(ID, "/profile/emails")).await;
    let asked = [("email", SECOND), ("password", ANNA.password)];
    let page = fill(&anna.browser, &page, "/profile/emails", &asked).await;
    assert_eq!(page.url.path(), "/profile/emails/confirm", "{}", page.text());
    let code = code_in(&mail_to(&stage, SECOND).await);
    let page = fill(&anna.browser, &page, "/profile/emails/confirm", &[("code", &code)]).await;
    assert_eq!(page.url.path(), "/profile/emails", "{}", page.text());
    assert!(mail_to(&stage, ANNA.email).await.contains(SECOND), "the primary address is told");

    let elsewhere = stage.gateway.browser();
    let form = elsewhere.open(&stage.url(ID, "/")).await;
    let home = elsewhere.sign_in(&form, SECOND, ANNA.password).await;
    assert_eq!(home.url.as_str(), stage.url(ID, "/"), "{}", home.text());

    let page = fill(&anna.browser, &page, "/profile/emails/primary", &[]).await;
    assert_eq!(page.url.path(), "/profile/emails", "{}", page.text());
    until(Duration::from_secs(2), "portals hear the new address", || async {
        anna.browser.open(&stage.url(ACME, "/who")).await;
        let seen =
            stage.acme.marked("/who").pop().and_then(|seen| seen.header("x-bitrix-id-email"));
        seen.as_deref() == Some(SECOND)
    })
    .await;
}

#[tokio::test]
async fn two_bitrix_ids_become_one_and_an_operator_undoes_it() {
    let stage = Stage::with_people(&[ANNA, BORIS]).await;
    let boris = stage.signed_in(&BORIS, ACME).await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let page = anna.browser.open(&stage.url(ID, "/profile/merge")).await;
    let named = [("email", BORIS.email), ("password", BORIS.password)];
    let page = fill(&anna.browser, &page, "/profile/merge", &named).await;
    assert_eq!(page.url.path(), "/profile/merge/review", "{}", page.text());
    // Of two radio buttons a browser sends the one that is chosen.
    let mut form = page.form("/profile/merge/review");
    form.inputs.retain(|input| !(input.name == "stays-acme" && input.value == "other"));
    let answer = anna.browser.send(&page, &form, &[]).await;
    let page = anna.browser.follow(answer).await;
    assert_eq!(page.url.path(), "/profile/merge", "{}", page.text());
    assert!(page.text().contains("role=\"status\""), "{}", page.text());
    let line = boris.cookie_line(ACME);
    until(Duration::from_secs(1), "the other one's browser is signed out", || async {
        stage.gateway.send(ACME, "GET /x", &[&line], "").await.status == 401
    })
    .await;

    let shown = stage.gateway.cli(&["account", "show", BORIS.email, "--json"], "").await;
    let shown = shown.expect_success();
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).expect("JSON");
    assert_eq!(shown["email"], ANNA.email, "his address leads to her");
    let subject = shown["merges"][0]["from"].as_str().expect("a subject").to_owned();
    let _ = stage.gateway.cli(&["account", "unmerge", &subject], "").await.expect_success();
    let again = stage.signed_in(&BORIS, ACME).await;
    let page = again.browser.open(&stage.url(ID, "/profile/emails")).await;
    assert!(page.text().contains(BORIS.email) && !page.text().contains(ANNA.email));
}
