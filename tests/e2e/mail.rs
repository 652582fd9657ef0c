//! Mail through a real SMTP server: TLS, authentication, refusals, outages.

use std::time::{Duration, Instant};

use bitrix_id_tests::gateway::Setup;
use bitrix_id_tests::pki::Authority;
use bitrix_id_tests::poll::{STEP, eventually, until};
use bitrix_id_tests::ports::PortLease;
use bitrix_id_tests::relay::{RELAY_PASSWORD, RELAY_USER, Relay, RelayTls};
use bitrix_id_tests::stage::{ID, Stage};
use reqwest::Method;
use serde_json::Value;

/// A gateway that sends mail by `scheme` to a relay at this port, which is not there yet.
async fn stage(scheme: &str, port: &PortLease) -> Stage {
    let url = format!("\"{scheme}://{RELAY_USER}@localhost:{}\"", port.port());
    Stage::with(|setup| {
        setup.people.clear();
        setup.config.unset("mail", "outbox");
        setup.config.set("mail", "smtp", url);
        setup.config.set("mail", "smtp_password_file", "\"relay-password\"");
        setup.config.set("mail", "smtp_ca_file", "\"relay-ca.pem\"");
        write_files(setup, &setup.authority().pem());
    })
    .await
}

fn write_files(setup: &Setup, ca: &str) {
    std::fs::write(setup.folder().join("relay-password"), RELAY_PASSWORD).unwrap();
    std::fs::write(setup.folder().join("relay-ca.pem"), ca).unwrap();
}

async fn relay(stage: &Stage, port: &PortLease, tls: RelayTls) -> Relay {
    let gateway = &stage.gateway;
    Relay::start(port.port(), tls, gateway.authority(), gateway.folder()).await
}

/// Asks for a code, in a language. The page must be there at once, whatever the relay does.
async fn ask_for_code(stage: &Stage, email: &str, language: &str) {
    let browser = stage.gateway.browser();
    let url = stage.url(ID, &format!("/sign-up?lang={language}"));
    let request = browser.navigation(Method::GET, &url).header("accept-language", language);
    let page = browser.answer(request).await;
    let page = browser.follow(page).await;
    let form = page.form("/sign-up");
    let asked_at = Instant::now();
    let filled = [("name", "Nina"), ("email", email), ("password", "a new and long enough one")];
    let answer = browser.send(&page, &form, &filled).await;
    let answer = browser.follow(answer).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(asked_at.elapsed() < Duration::from_secs(4), "the page waited for the relay");
}

async fn listed(stage: &Stage, arguments: &[&str]) -> Vec<Value> {
    let mut all = vec!["mail", "list", "--json"];
    all.extend_from_slice(arguments);
    let listed = stage.gateway.cli(&all, "").await.expect_success();
    serde_json::from_str(&listed.stdout).unwrap()
}

/// Waits until the only mail in the queue was tried so often and is not under way.
async fn tried(stage: &Stage, attempts: u64) {
    eventually(STEP, "the attempt failed", || async {
        let mails = listed(stage, &[]).await;
        let errors = stage.gateway.process().errors();
        let told = errors.matches("a mail was not sent").count() as u64;
        (mails.len() == 1 && mails[0]["attempts"] == attempts && told >= attempts).then_some(())
    })
    .await;
}

async fn retry(stage: &Stage) {
    let _ = stage.gateway.cli(&["mail", "retry"], "").await.expect_success();
}

async fn queue_is_empty(stage: &Stage) {
    until(STEP, "the queue is empty", || async { listed(stage, &[]).await.is_empty() }).await;
}

#[tokio::test]
async fn a_mail_goes_out_by_starttls_with_the_password_and_reads_well_in_every_language() {
    let port = PortLease::take();
    let stage = stage("smtp", &port).await;
    let relay = relay(&stage, &port, RelayTls::StartTls).await;
    let mut subjects = Vec::new();
    for language in ["en", "de", "es", "pt", "fr", "ru"] {
        let address = format!("{language}@example.com");
        ask_for_code(&stage, &address, language).await;
        let mail = relay.mail_to(&address).await;
        assert_eq!((&mail["secure"], &mail["user"]), (&true.into(), &RELAY_USER.into()));
        assert_eq!(mail["from"], "no-reply@bitrix24.localhost");
        let types = mail["types"].to_string();
        for part in
            ["multipart/alternative", "text/plain; charset=utf-8", "text/html; charset=utf-8"]
        {
            assert!(types.contains(part), "{language}: {types}");
        }
        let (text, html) = (mail["text"].as_str().unwrap(), mail["html"].as_str().unwrap());
        let code = |part: &str| {
            part.split(|c: char| !c.is_ascii_alphanumeric())
                .find(|word| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit()))
                .map(str::to_owned)
        };
        assert!(code(text).is_some() && html.contains(&code(text).unwrap()), "{language}: {text}");
        assert!(html.contains(&format!("lang=\"{language}\"")), "{language}: {html}");
        assert!(!text.contains('\u{fffd}') && !html.contains('\u{fffd}'), "{language}");
        subjects.push(mail["subject"].as_str().unwrap().to_owned());
    }
    assert!(subjects[5].chars().any(|c| ('а'..='я').contains(&c)), "{subjects:?}");
    subjects.sort();
    subjects.dedup();
    assert_eq!(subjects.len(), 6, "each in its language: {subjects:?}");
    assert_eq!(relay.mails().len(), 6);
}

#[tokio::test]
async fn a_mail_goes_out_by_tls_from_the_first_byte() {
    let port = PortLease::take();
    let stage = stage("smtps", &port).await;
    let relay = relay(&stage, &port, RelayTls::Implicit).await;
    ask_for_code(&stage, "nina@example.com", "en").await;
    assert_eq!(relay.mail_to("nina@example.com").await["secure"], true);
    queue_is_empty(&stage).await;
}

#[tokio::test]
async fn a_relay_that_offers_no_tls_or_has_a_strange_certificate_gets_nothing() {
    let port = PortLease::take();
    let stage = stage("smtp", &port).await;
    {
        let bare = relay(&stage, &port, RelayTls::None).await;
        ask_for_code(&stage, "nina@example.com", "en").await;
        tried(&stage, 1).await;
        assert!(bare.mails().is_empty());
    }
    let stranger = Authority::new("somebody else");
    let folder = tempfile::tempdir().unwrap();
    let other = Relay::start(port.port(), RelayTls::StartTls, &stranger, folder.path()).await;
    retry(&stage).await;
    tried(&stage, 2).await;
    assert!(other.mails().is_empty());
    drop(other);
    let own = relay(&stage, &port, RelayTls::StartTls).await;
    retry(&stage).await;
    own.mail_to("nina@example.com").await;
}

#[tokio::test]
async fn a_mail_that_is_not_taken_for_now_is_sent_later_and_once() {
    let port = PortLease::take();
    let stage = stage("smtp", &port).await;
    let mut relay = relay(&stage, &port, RelayTls::StartTls).await;
    relay.answer(451, 1).await;
    ask_for_code(&stage, "nina@example.com", "en").await;
    tried(&stage, 1).await;
    assert_eq!(relay.refusals(), [451]);
    retry(&stage).await;
    relay.mail_to("nina@example.com").await;
    queue_is_empty(&stage).await;
    assert_eq!(relay.mails().len(), 1);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_shown_to_the_operator() {
    let port = PortLease::take();
    let stage = stage("smtp", &port).await;
    let mut relay = relay(&stage, &port, RelayTls::StartTls).await;
    relay.answer(550, 1).await;
    ask_for_code(&stage, "nobody@example.com", "en").await;
    let failed = eventually(STEP, "the mail is given up", || async {
        listed(&stage, &["--failed"]).await.pop()
    })
    .await;
    assert_eq!((&failed["to"], &failed["attempts"]), (&"nobody@example.com".into(), &1.into()));
    until(STEP, "the metric", || async {
        stage.gateway.metrics().await.contains("bitrix_id_mail_queue_depth{state=\"failed\"} 1")
    })
    .await;
    let _ = stage.gateway.cli(&["mail", "drop", "--failed"], "").await.expect_success();
    assert!(listed(&stage, &["--failed"]).await.is_empty());
    assert!(!stage.gateway.process().errors().contains("nobody@example.com"), "no address in logs");
    assert!(relay.mails().is_empty());
}

#[tokio::test]
async fn a_relay_that_is_away_costs_nothing_but_time_even_across_a_restart() {
    let port = PortLease::take();
    let mut stage = stage("smtp", &port).await;
    ask_for_code(&stage, "nina@example.com", "en").await;
    tried(&stage, 1).await;
    stage.gateway.stop().await;
    let relay = relay(&stage, &port, RelayTls::StartTls).await;
    stage.gateway.start_again().await;
    retry(&stage).await;
    relay.mail_to("nina@example.com").await;
    queue_is_empty(&stage).await;
    assert_eq!(relay.mails().len(), 1);
}

#[tokio::test]
async fn a_slow_relay_blocks_no_page_and_gets_each_mail_once() {
    let port = PortLease::take();
    let stage = stage("smtp", &port).await;
    let mut relay = relay(&stage, &port, RelayTls::StartTls).await;
    relay.delay(Duration::from_secs(5)).await;
    for address in ["nina@example.com", "olga@example.com"] {
        ask_for_code(&stage, address, "en").await;
    }
    for address in ["nina@example.com", "olga@example.com"] {
        relay.mail_to(address).await;
    }
    queue_is_empty(&stage).await;
    assert_eq!(relay.mails().len(), 2);
}
