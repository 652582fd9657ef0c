//! Several upstreams of one portal, some of them down.

use std::time::Duration;

use bitrix_id_tests::config_text::PortalText;
use bitrix_id_tests::poll::until;
use bitrix_id_tests::ports::PortLease;
use bitrix_id_tests::stage::{ACME, Stage, portal};
use bitrix_id_tests::upstream::Recorder;

/// A stage whose `acme` has these upstreams.
async fn with_upstreams(urls: &[String]) -> Stage {
    let mut acme: PortalText = portal("acme", ACME, &urls[0]);
    for url in &urls[1..] {
        acme = acme.upstream(url);
    }
    Stage::with(move |setup| {
        setup.people.clear();
        setup.config.remove_portal("acme");
        setup.config.portal(acme);
    })
    .await
}

#[tokio::test]
async fn requests_are_spread_over_the_upstreams() {
    let (one, two) = (Recorder::start("one").await, Recorder::start("two").await);
    let stage = with_upstreams(&[one.url(), two.url()]).await;
    for n in 0..40 {
        assert_eq!(stage.gateway.send(ACME, &format!("GET /pub/{n}"), &[], "").await.status, 200);
    }
    let (a, b) = (one.requests().len(), two.requests().len());
    assert!(a >= 8 && b >= 8, "{a} and {b}");
}

#[tokio::test]
async fn another_upstream_is_tried_when_one_refuses_connections() {
    let down = PortLease::take();
    let up = Recorder::start("up").await;
    let stage = with_upstreams(&[format!("http://{}", down.address()), up.url()]).await;
    for n in 0..20 {
        let answer = stage.gateway.send(ACME, &format!("POST /pub/{n}"), &[], "body").await;
        assert_eq!(
            answer.status, 200,
            "request {n}: nothing had been sent, so even a POST goes on"
        );
    }
    assert_eq!(up.requests().iter().filter(|request| request.method() == "POST").count(), 20);
}

#[tokio::test]
async fn with_every_upstream_down_the_answer_is_502_and_says_it_is_the_portal() {
    let down = PortLease::take();
    let stage = with_upstreams(&[format!("http://{}", down.address())]).await;
    let page = stage.gateway.send(ACME, "GET /pub/x", &["Accept: text/html"], "").await;
    assert_eq!(page.status, 502);
    assert!(
        page.text().contains("Portal acme") || page.text().contains("portal"),
        "{}",
        page.text()
    );
    assert!(page.header("content-length").is_some());
    let script = stage.gateway.send(ACME, "GET /pub/x", &["Accept: application/json"], "").await;
    assert_eq!(script.status, 502);
    assert_eq!(script.header("content-type"), Some("application/problem+json"));
    let metrics = stage.gateway.metrics().await;
    let failures = bitrix_id_tests::logs::total(
        &metrics,
        "bitrix_id_upstream_failures_total",
        &["portal=\"acme\""],
    );
    assert!(failures >= 2.0, "{metrics}");
}

#[tokio::test]
async fn an_upstream_that_comes_up_is_used_without_a_restart() {
    let lease = PortLease::take();
    let stage = with_upstreams(&[format!("http://{}", lease.address())]).await;
    assert_eq!(stage.gateway.send(ACME, "GET /pub/early", &[], "").await.status, 502);
    let late = Recorder::listen("late", lease.address(), None).await;
    until(Duration::from_secs(15), "the portal answers", || async {
        stage.gateway.send(ACME, "GET /pub/late", &[], "").await.status == 200
    })
    .await;
    assert!(late.heard_of("/pub/late"));
}

#[tokio::test]
async fn a_post_that_was_sent_is_never_sent_again() {
    let (one, two) = (Recorder::start("one").await, Recorder::start("two").await);
    let stage = with_upstreams(&[one.url(), two.url()]).await;
    for n in 0..6 {
        // The upstream takes the whole request and drops the connection without a word of HTTP.
        let line = format!("POST /pub/order/{n}/do/broken");
        let answer = stage.gateway.send(ACME, &line, &[], "amount=100").await;
        assert_eq!(answer.status, 502);
        let marker = format!("/pub/order/{n}/");
        let times = one.marked(&marker).len() + two.marked(&marker).len();
        assert_eq!(times, 1, "order {n} was placed {times} times");
    }
}

#[tokio::test]
async fn a_stale_kept_connection_is_not_a_visitors_problem() {
    let stage = Stage::empty().await;
    for n in 0..5 {
        assert_eq!(
            stage.gateway.send(ACME, &format!("GET /pub/warm/{n}"), &[], "").await.status,
            200
        );
        // This closes the upstream connection right after an answer that said keep-alive.
        let answer = stage.gateway.send(ACME, "GET /pub/do/die/length", &[], "").await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(stage.gateway.send(ACME, "GET /pub/last", &[], "").await.status, 200);
}
