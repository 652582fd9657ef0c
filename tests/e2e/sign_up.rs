//! A Bitrix ID of one's own: the account exists once the mailed code has come back.

use std::time::Duration;

use bitrix_id_tests::client::browser::{Browser, Page};
use bitrix_id_tests::poll::eventually;
use bitrix_id_tests::stage::{ACME, ANNA, ID, Stage};

const PASSWORD: &str = "a new and long enough one";

async fn sign_up(stage: &Stage, browser: &Browser, email: &str) -> Page {
    let page = browser.open(&stage.url(ID, "/sign-up")).await;
    let form = page.form("/sign-up");
    let filled = [("name", "Nina New"), ("email", email), ("password", PASSWORD)];
    let answer = browser.send(&page, &form, &filled).await;
    browser.follow(answer).await
}

/// The newest mail to an address.
async fn mail_to(stage: &Stage, email: &str, after: usize) -> String {
    eventually(Duration::from_secs(10), "a mail", || async {
        let mails = stage.gateway.mails();
        mails.into_iter().skip(after).rfind(|mail| mail.contains(email))
    })
    .await
}

/// The first run of exactly six digits in a mail's text.
fn code_in(mail: &str) -> Option<String> {
    let body = mail.split_once("\r\n\r\n").or_else(|| mail.split_once("\n\n"))?.1;
    body.split(|c: char| !c.is_ascii_alphanumeric())
        .find(|word| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit()))
        .map(str::to_owned)
}

async fn confirm(browser: &Browser, page: &Page, code: &str) -> Page {
    let answer = browser.send(page, &page.form("/sign-up/confirm"), &[("code", code)]).await;
    browser.follow(answer).await
}

#[tokio::test]
async fn the_code_from_the_mail_makes_the_account_and_signs_in() {
    let stage = Stage::empty().await;
    let browser = stage.gateway.browser();
    let page = sign_up(&stage, &browser, "nina@example.com").await;
    assert_eq!(page.status, 200, "{}", page.text());
    let code = code_in(&mail_to(&stage, "nina@example.com", 0).await).expect("six digits");
    let home = confirm(&browser, &page, &code).await;
    assert_eq!(
        (home.status, home.url.as_str()),
        (200, stage.url(ID, "/").as_str()),
        "{}",
        home.text()
    );
    let portal = browser.open(&stage.url(ACME, "/anyone/new")).await;
    assert_eq!(portal.status, 200);
    assert_eq!(
        stage.acme.only("/anyone/new").header("x-bitrix-id-email").as_deref(),
        Some("nina@example.com")
    );
    let elsewhere = stage.gateway.browser();
    let form = elsewhere.open(&stage.url(ID, "/")).await;
    let page = elsewhere.sign_in(&form, "nina@example.com", PASSWORD).await;
    assert_eq!(page.url.as_str(), stage.url(ID, "/"), "{}", page.text());
}

#[tokio::test]
async fn without_the_code_there_is_no_account() {
    let stage = Stage::empty().await;
    let browser = stage.gateway.browser();
    let page = sign_up(&stage, &browser, "nina@example.com").await;
    let code = code_in(&mail_to(&stage, "nina@example.com", 0).await).expect("six digits");
    let listed = stage.gateway.cli(&["account", "list", "--json"], "").await.expect_success();
    assert!(!listed.stdout.contains("nina@example.com"), "{}", listed.stdout);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..8 {
        let answer = confirm(&browser, &page, wrong).await;
        assert_ne!(answer.url.path(), "/", "{}", answer.text());
    }
    let late = confirm(&browser, &page, &code).await;
    assert_ne!(late.url.path(), "/", "after so many wrong ones the right one is dead");
}

#[tokio::test]
async fn somebody_elses_browser_cannot_use_the_code() {
    let stage = Stage::empty().await;
    let browser = stage.gateway.browser();
    sign_up(&stage, &browser, "nina@example.com").await;
    let code = code_in(&mail_to(&stage, "nina@example.com", 0).await).expect("six digits");
    let thief = stage.gateway.browser();
    let own = sign_up(&stage, &thief, "eve@example.com").await;
    let answer = confirm(&thief, &own, &code).await;
    assert_ne!(answer.url.path(), "/", "{}", answer.text());
}

#[tokio::test]
async fn an_address_that_is_taken_gets_the_same_page_and_another_mail() {
    let stage = Stage::start().await;
    let (one, two) = (stage.gateway.browser(), stage.gateway.browser());
    let fresh = sign_up(&stage, &one, "nina@example.com").await;
    let taken = sign_up(&stage, &two, ANNA.email).await;
    assert_eq!((fresh.status, fresh.url.path()), (taken.status, taken.url.path()));
    assert_eq!(
        fresh
            .text()
            .replace("nina@example.com", "")
            .len()
            .abs_diff(taken.text().replace(ANNA.email, "").len()),
        0,
        "the pages differ in the address only"
    );
    let mail = mail_to(&stage, ANNA.email, 0).await;
    assert_eq!(code_in(&mail), None, "{mail}");
    stage.signed_in(&ANNA, ACME).await;
}

#[tokio::test]
async fn a_weak_password_or_a_broken_address_is_refused_at_its_field() {
    let stage = Stage::empty().await;
    let browser = stage.gateway.browser();
    for (email, password) in [
        ("nina@example.com", "short"),
        ("nina@example.com", "password"),
        ("nina@example.com", "nina@example.com"),
        ("not an address", PASSWORD),
        ("a@b@example.com", PASSWORD),
        ("", PASSWORD),
    ] {
        let page = browser.open(&stage.url(ID, "/sign-up")).await;
        let filled = [("name", "Nina"), ("email", email), ("password", password)];
        let answer = browser.send(&page, &page.form("/sign-up"), &filled).await;
        assert!(
            !answer.redirects() && answer.status < 500,
            "{email} {password}: {}",
            answer.status
        );
        assert!(answer.text().contains("aria-invalid"), "{email} {password}: {}", answer.text());
    }
    assert!(stage.gateway.mails().is_empty());
}

#[tokio::test]
async fn links_and_names_in_mails_come_from_the_configuration() {
    let stage = Stage::start().await;
    let browser = stage.gateway.browser();
    let page = browser.open(&stage.url(ID, "/sign-up")).await;
    let fields = page.form("/sign-up").fields(&[
        ("name", "N"),
        ("email", ANNA.email),
        ("password", PASSWORD),
    ]);
    let request = browser
        .navigation_from("same-origin", reqwest::Method::POST, &stage.url(ID, "/sign-up"))
        .header("origin", stage.url(ID, ""))
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example")
        .header("x-host", "evil.example")
        .form(&fields);
    browser.answer(request).await;
    let mail = mail_to(&stage, ANNA.email, 0).await;
    assert!(!mail.contains("evil.example"), "{mail}");
}
