//! The access log: what is in it, and what never is.

use bitrix_id_tests::stage::{ACME, ANNA, ID, SESSION, Stage};

#[tokio::test]
async fn every_request_is_one_json_line_with_the_promised_fields() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    stage.gateway.send(ACME, "GET /logged?secret=query", &[&anna.cookie_line(ACME)], "").await;
    let line = stage.gateway.logged("/logged").await;
    assert_eq!(line["portal"], "acme");
    assert_eq!(line["route"], "default");
    assert_eq!(line["method"], "GET");
    assert_eq!(line["path"], "/logged");
    assert_eq!(line["status"], 200);
    assert_eq!(line["decision"], "permit");
    assert_eq!(line["client_ip"], "127.0.0.1");
    assert_eq!(
        line["subject"].as_str(),
        stage.acme.only("/logged").header("x-bitrix-id-subject").as_deref()
    );
    assert!(line["duration_ms"].as_f64().is_some_and(|ms| ms >= 0.0));
    assert!(line["upstream_ms"].as_f64().is_some_and(|ms| ms >= 0.0));
    assert!(line["time"].is_string() && line["request_id"].is_string());
    assert!(line.get("reason").is_some());
}

#[tokio::test]
async fn each_decision_has_its_word_and_reason() {
    let stage = Stage::empty().await;
    stage.gateway.send(ACME, "GET /sign", &["Accept: text/html"], "").await;
    stage.gateway.send(ACME, "GET /bad-token", &["Cookie: __Host-bitrix-id=a.b.c"], "").await;
    stage.gateway.send(ACME, "GET /closed/log", &[], "").await;
    stage.gateway.send(ACME, "GET /pub/log", &[], "").await;
    assert_eq!(stage.gateway.logged("/sign").await["decision"], "sign_in");
    let rejected = stage.gateway.logged("/bad-token").await;
    assert_eq!(rejected["decision"], "sign_in");
    assert!(rejected["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{rejected}");
    assert_eq!(stage.gateway.logged("/closed/log").await["decision"], "refuse");
    let public = stage.gateway.logged("/pub/log").await;
    assert_eq!(
        (&public["decision"], &public["subject"]),
        (&"anonymous".into(), &serde_json::Value::Null)
    );
    assert_eq!(public["route"], "/pub/");
}

#[tokio::test]
async fn no_secret_appears_in_any_output_metric_or_error_page() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let callback =
        stage.callback_of(&anna.browser, "portal.initech.localhost", "/?canary-query=1").await;
    anna.browser.visit(&callback).await;
    let mut secrets: Vec<String> = url::Url::parse(&callback)
        .unwrap()
        .query_pairs()
        .map(|(_, value)| value.into_owned())
        .collect();
    secrets.push(anna.token(ACME).unwrap());
    secrets.push(anna.browser.jar().value(ID, SESSION).unwrap());
    secrets.push(ANNA.password.to_owned());
    let form = stage.gateway.browser().open(&stage.url(ACME, "/")).await;
    let stranger = stage.gateway.browser();
    stranger
        .sign_in(&stranger.open(form.url.as_str()).await, ANNA.email, "canary-wrong-password")
        .await;
    let fields = [
        "Cookie: __Host-bitrix-id=canary-cookie; other=canary-other",
        "Authorization: Bearer canary-bearer",
    ];
    let page = stage.gateway.send(ACME, "GET /x?canary-query=2", &fields, "").await;
    stage
        .gateway
        .send(ACME, "POST /.bitrix-id/callback?ticket=canary-ticket", &fields, "canary-body")
        .await;
    for url_value in secrets.clone() {
        stage.gateway.send(ACME, &format!("GET /pub/echo?leak={url_value}"), &[], "").await;
    }
    stage.gateway.send(ACME, "GET /pub/the-last-line", &[], "").await;
    stage.gateway.logged("/pub/the-last-line").await;
    let everything = stage.gateway.output() + &stage.gateway.metrics().await + &page.text();
    for secret in &secrets {
        let (start, _) = secret.split_at(secret.len().min(40));
        assert!(!everything.contains(start), "{start}… is in the output");
    }
    assert!(!everything.contains("canary"), "{}", context(&everything, "canary"));
}

fn context<'a>(text: &'a str, word: &str) -> &'a str {
    let at = text.find(word).unwrap_or_default();
    let start = (0..=at.saturating_sub(200))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or_default();
    let end = (at + 200..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    &text[start..end]
}

#[tokio::test]
async fn what_a_client_sends_cannot_forge_a_line() {
    let stage = Stage::empty().await;
    let nasty = "/pub/%22%7D%7B%22status%22:200";
    stage
        .gateway
        .send(ACME, &format!("GET {nasty}"), &["User-Agent: \"}\\n{\"status\": 999"], "")
        .await;
    let line = stage.gateway.logged(nasty).await;
    assert_eq!(line["status"], 200);
    assert!(stage.gateway.access_log().iter().all(|line| line["status"] != 999));
}
