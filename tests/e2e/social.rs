//! Signing in with an account at a provider, with the real binary and a real provider.

use std::time::{Duration, Instant};

use bitrix_id_tests::client::browser::{Browser, Page};
use bitrix_id_tests::database;
use bitrix_id_tests::html::forms;
use bitrix_id_tests::provider::{Hostile, Provider, json};
use bitrix_id_tests::stage::{ACME, ANNA, ID, SESSION, Stage};

async fn stage() -> (Stage, Provider) {
    let mut provider = None;
    let stage = Stage::with(|setup| provider = Some(Provider::start(setup))).await;
    let mut provider = provider.expect("started above");
    provider.ready().await;
    (stage, provider)
}

/// At the provider: signs in as `login`, agrees, and is sent back. Stops at the callback's address.
async fn consent(browser: &Browser, provider: &Provider, question: &Page, login: &str) -> String {
    let mut page = browser.visit(question.location().as_str()).await;
    for _ in 0..20 {
        if page.redirects() {
            let there = page.location();
            if !there.as_str().starts_with(&provider.issuer) {
                return there.into();
            }
            page = browser.visit(there.as_str()).await;
            continue;
        }
        let form = forms(&page.text()).into_iter().next();
        let form = form.unwrap_or_else(|| panic!("{}: {}", page.url, page.text()));
        let filled: &[(&str, &str)] = match form.name_of("password") {
            Some(_) => &[("login", login), ("password", "any")],
            None => &[],
        };
        page = browser.send(&page, &form, filled).await;
    }
    panic!("the provider asks on and on: {}", page.text());
}

#[tokio::test]
async fn a_visitor_signs_in_links_and_may_not_lose_the_last_way_in() {
    let (stage, provider) = stage().await;
    let browser = stage.gateway.browser();
    let form = browser.open(&stage.url(ACME, "/anyone/do/page")).await;
    let state = form.url.query().expect("a state").to_owned();
    let start = stage.url(ID, &format!("/social/login/start?{state}"));
    assert!(form.text().contains("/social/login/start?state="), "{}", form.text());
    let question = browser.visit(&start).await;
    assert!(question.location().as_str().starts_with(&provider.issuer));
    let callback = consent(&browser, &provider, &question, "clara").await;
    let page = browser.open(&callback).await;
    assert_eq!(page.url.as_str(), stage.url(ACME, "/anyone/do/page"), "{}", page.text());
    let told = stage.acme.only("/anyone/do/page");
    assert_eq!(told.header("x-bitrix-id-email").as_deref(), Some("clara@example.com"));

    let again = browser.visit(&callback).await;
    assert!(again.redirects(), "signed in is signed in");
    let thief = stage.gateway.browser().visit(&callback).await;
    assert_eq!(thief.status, 400, "{}", thief.text());

    let links = browser.open(&stage.url(ID, "/profile/social")).await;
    assert!(links.text().contains("clara@example.com"), "{}", links.text());
    let answer = browser.send(&links, &links.form("/profile/social"), &[]).await;
    assert_eq!(answer.status, 422, "the last way in stays: {}", answer.text());
}

#[tokio::test]
async fn a_known_address_is_linked_with_the_password_and_opens_the_account_from_then_on() {
    let (stage, provider) = stage().await;
    let browser = stage.gateway.browser();
    let question = browser.visit(&stage.url(ID, "/social/login/start")).await;
    let callback = consent(&browser, &provider, &question, "anna").await;
    let page = browser.open(&callback).await;
    assert_eq!(page.url.path(), "/social/next", "{}", page.text());
    assert!(browser.jar().value(ID, SESSION).is_none());
    let filled = [("do", "password"), ("password", ANNA.password)];
    let answer = browser.send(&page, &page.form("/social/next"), &filled).await;
    let home = browser.follow(answer).await;
    assert_eq!(home.status, 200);
    assert!(browser.jar().value(ID, SESSION).is_some());

    let other = stage.gateway.browser();
    let question = other.visit(&stage.url(ID, "/social/login/start")).await;
    let callback = consent(&other, &provider, &question, "anna").await;
    let page = other.open(&callback).await;
    assert_eq!((page.url.path(), page.status), ("/", 200), "{}", page.text());
    assert!(page.text().contains(ANNA.email));
    let actions = database::audit_actions(&stage.gateway.folder().join("data/bitrix-id.db")).await;
    assert!(actions.iter().any(|action| action == "link.added"), "{actions:?}");
}

/// Goes to a hostile provider and back with a code.
async fn come_back(
    says: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static,
) -> (Stage, Browser, Page) {
    let mut hostile = None;
    let stage = Stage::with(|setup| hostile = Some(Hostile::start(setup, says))).await;
    let browser = stage.gateway.browser();
    let question = browser.visit(&stage.url(ID, "/social/login/start")).await;
    let location = question.location();
    let state = location.query_pairs().find(|(name, _)| name == "state").expect("a state").1;
    let back = stage.url(ID, &format!("/social/login/callback?state={state}&code=x"));
    let page = browser.visit(&back).await;
    assert!(browser.jar().value(ID, SESSION).is_none());
    let actions = database::audit_actions(&stage.gateway.folder().join("data/bitrix-id.db")).await;
    let failed = actions.iter().filter(|action| *action == "sign_in.failed").count();
    assert_eq!(failed, 1, "one event: {actions:?}");
    drop(hostile);
    (stage, browser, page)
}

#[tokio::test]
async fn a_huge_answer_is_not_read_to_its_end() {
    let (_stage, _browser, page) = come_back(|_, _| {
        let body = format!("{{\"access_token\":\"{}\"}}", "x".repeat(8 << 20));
        Some(json(&body))
    })
    .await;
    assert_eq!(page.status, 400, "{}", page.text());
}

#[tokio::test]
async fn a_compressed_answer_is_not_unpacked() {
    let (_stage, _browser, page) = come_back(|_, _| {
        let plain = json("{\"access_token\":\"x\",\"token_type\":\"Bearer\"}");
        Some(plain.replace("Connection:", "Content-Encoding: gzip\r\nConnection:"))
    })
    .await;
    assert_eq!(page.status, 400, "{}", page.text());
}

#[tokio::test]
async fn a_redirect_of_the_token_endpoint_is_not_followed() {
    let inner = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    inner.set_nonblocking(true).expect("a listener");
    let address = inner.local_addr().expect("bound");
    let (_stage, _browser, page) = come_back(move |_, _| {
        let to = format!("https://{address}/latest/meta-data/");
        Some(format!(
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ))
    })
    .await;
    assert_eq!(page.status, 400, "{}", page.text());
    assert!(inner.accept().is_err(), "nobody knocked");
}

#[tokio::test]
async fn a_provider_that_says_nothing_holds_nobody_up_for_long() {
    let began = Instant::now();
    let (stage, browser, page) = come_back(|_, _| None).await;
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(page.status, 503, "{}", page.text());
    assert!(page.header("retry-after").is_some());
    let form = browser.open(&stage.url(ACME, "/")).await;
    let home = browser.sign_in(&form, ANNA.email, ANNA.password).await;
    assert_eq!(home.status, 200, "other ways stay open");
}
