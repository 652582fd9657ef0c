//! Notices to portals, from what happens in the app to a receiver on this machine.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bitrix_id_auth_core::store::notices::{Notice, NoticeState, WhichNotices};
use http::{HeaderMap, StatusCode};
use ring::hmac;
use serde_json::Value;
use tokio::task::JoinSet;

use super::*;
use crate::notices::{Courier, send_due};

const SECRET: &str = "the first secret of at least 32 characters";
const NEW_SECRET: &str = "the second secret of at least 32 characters";

/// A portal's receiver: what came, and what it is to answer.
#[derive(Default)]
struct Receiver {
    came: Mutex<Vec<(HeaderMap, Vec<u8>)>>,
    answers: Mutex<VecDeque<StatusCode>>,
}

impl Receiver {
    async fn start() -> (Arc<Self>, u16) {
        let receiver = Arc::new(Self::default());
        let app = Router::new().route("/hook", post(receive)).with_state(receiver.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, app).await });
        (receiver, port)
    }

    fn answer(&self, answers: &[u16]) {
        let answers = answers.iter().map(|status| StatusCode::from_u16(*status).unwrap());
        self.answers.lock().unwrap().extend(answers);
    }

    /// Takes what came, each with its signature checked by one of the secrets.
    fn take(&self, secret: &str, now: i64) -> Vec<Value> {
        let came: Vec<_> = self.came.lock().unwrap().drain(..).collect();
        came.iter().map(|(headers, body)| verified(headers, body, secret, now)).collect()
    }
}

async fn receive(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1], String) {
    receiver.came.lock().unwrap().push((headers, body.to_vec()));
    let answer = receiver.answers.lock().unwrap().pop_front();
    // A long answer, and one that would lead elsewhere if it were followed.
    (answer.unwrap_or(StatusCode::OK), [("location", "/hook")], "x".repeat(100_000))
}

/// Verifies as a receiver would; panics if the signature is wrong.
fn verified(headers: &HeaderMap, body: &[u8], secret: &str, now: i64) -> Value {
    let text = |name: &str| headers[name].to_str().unwrap();
    let (id, at) = (text("webhook-id"), text("webhook-timestamp"));
    assert_eq!(at.parse::<i64>().unwrap(), now);
    assert_eq!(text("content-type"), "application/json");
    let signed = [format!("{id}.{at}.").as_bytes(), body].concat();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let holds = text("webhook-signature").split(' ').any(|one| {
        let tag = STANDARD.decode(one.strip_prefix("v1,").unwrap()).unwrap();
        hmac::verify(&key, &signed, &tag).is_ok()
    });
    assert!(holds, "no signature by {secret}");
    let body: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(body["id"], id);
    body
}

impl Scene {
    /// Puts a configuration in force in which acme, and whoever is on the provisioning upstream, has a
    /// webhook with these secrets.
    async fn with_webhook(&self, port: u16, secrets: &str) -> Vec<(String, u64)> {
        let _has_one = rustls::crypto::ring::default_provider().install_default();
        let secret = self.directory.path().join("webhook-secret");
        std::fs::write(&secret, secrets).unwrap();
        let webhook = format!(
            "webhook = {{ url = \"http://127.0.0.1:{port}/hook\", secret_file = \"{}\" }}\n",
            secret.display()
        );
        let text = CONFIG
            .replace("title = \"Acme Inc.\"\n", &format!("title = \"Acme Inc.\"\n{webhook}"))
            .replace("max_per_account = 2\n", &format!("max_per_account = 2\n{webhook}"));
        self.put_in_force(&text).await
    }

    async fn put_in_force(&self, text: &str) -> Vec<(String, u64)> {
        let file = self.directory.path().join("config.toml");
        std::fs::write(&file, text).unwrap();
        let config = Arc::new(bitrix_id_config::load(&file).unwrap());
        let (pools, now) = (Pools::default(), self.clock.now());
        let snapshot =
            Snapshot::build(2, now, config, Vec::new(), &pools, &self.hub.telemetry).unwrap();
        let dropped = self.hub.directory.subscribe(&snapshot.subscriptions()).await.unwrap();
        self.hub.snapshot.store(Arc::new(snapshot));
        dropped
    }

    /// Delivers whatever is due now.
    async fn deliver(&self) {
        let (courier, mut on_the_way) = (Arc::new(Courier::default()), JoinSet::new());
        loop {
            send_due(&self.hub, &courier, &mut on_the_way).await;
            if on_the_way.is_empty() {
                return;
            }
            while on_the_way.join_next().await.is_some() {}
        }
    }

    async fn dead(&self) -> usize {
        self.hub.directory.notices(NoticeState::Dead, 100).await.unwrap().len()
    }
}

fn types(came: &[Value]) -> Vec<&str> {
    came.iter().map(|notice| notice["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_portal_is_told_what_happens_in_its_order_and_signed() {
    let scene = Scene::new().await;
    let (receiver, port) = Receiver::start().await;
    scene.with_webhook(port, SECRET).await;
    let anna = scene.account(ANNA, &["acme", "initech"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let fields = [("name", "Anna M."), ("lang", "de"), ("phone", "")];
    browser.fill("/profile", "/profile", &fields).await;
    browser.fill("/sign-out", "/sign-out", &[]).await;
    scene.deliver().await;
    let came = receiver.take(SECRET, scene.clock.now());
    assert_eq!(types(&came), ["account.joined", "profile.updated", "sessions.ended"]);
    assert!(came.iter().all(|notice| notice["portal"] == "acme" && notice["portal_user"] == "17"));
    assert!(came.iter().all(|notice| notice["subject"] == anna.id.to_string().as_str()));
    assert_eq!(
        (&came[0]["data"]["email"], &came[0]["data"]["name"]),
        (&ANNA.into(), &"Anna".into())
    );
    assert_eq!(came[1]["data"]["name"], "Anna M.");
    assert_eq!(came[2]["data"]["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(came[0]["created_at"], "2027-01-15T08:00:00Z");
}

#[tokio::test]
async fn what_a_portal_does_not_take_is_tried_again_and_again_and_then_given_up() {
    let scene = Scene::new().await;
    let (receiver, port) = Receiver::start().await;
    scene.with_webhook(port, SECRET).await;
    scene.account(ANNA, &["acme"]).await;
    receiver.answer(&[500, 302, 404]);
    let mut ids = Vec::new();
    for _ in 0..4 {
        scene.deliver().await;
        let came = receiver.take(SECRET, scene.clock.now());
        ids.extend(came.iter().map(|notice| notice["id"].clone()));
        scene.clock.advance(60);
    }
    assert_eq!(ids.len(), 4);
    ids.dedup();
    assert_eq!(ids.len(), 1, "the same one each time");
    let metrics = scene.hub.telemetry.metrics.render();
    for line in [
        "bitrix_id_notices_total{portal=\"acme\",result=\"delivered\"} 1",
        "bitrix_id_notices_total{portal=\"acme\",result=\"failed\"} 3",
    ] {
        assert!(metrics.contains(line), "{line}");
    }

    scene.account("boris@example.com", &["acme"]).await;
    receiver.answer(&[500; 200]);
    for _ in 0..80 {
        scene.deliver().await;
        scene.clock.advance(60 * 60);
    }
    assert_eq!(scene.dead().await, 1);
    assert!(receiver.came.lock().unwrap().len() > 50, "tried all the time");
    let dead = scene.hub.directory.notices(NoticeState::Dead, 1).await.unwrap();
    assert_eq!(dead[0].last_error, "answered 500");

    // And an operator has it tried once more.
    receiver.answers.lock().unwrap().clear();
    receiver.came.lock().unwrap().clear();
    let which = WhichNotices::DeadOf("acme".into());
    scene.hub.directory.retry_notices(&which, scene.clock.now_ms()).await.unwrap();
    scene.deliver().await;
    assert_eq!(types(&receiver.take(SECRET, scene.clock.now())), ["account.joined"]);
    assert_eq!(scene.dead().await, 0);
}

#[tokio::test]
async fn a_portal_that_wants_no_more_of_it_is_asked_once() {
    let scene = Scene::new().await;
    let (receiver, port) = Receiver::start().await;
    scene.with_webhook(port, SECRET).await;
    scene.account(ANNA, &["acme"]).await;
    receiver.answer(&[410]);
    scene.deliver().await;
    scene.clock.advance(7 * 24 * 60 * 60);
    scene.deliver().await;
    let came = receiver.came.lock().unwrap().len();
    assert_eq!((came, scene.dead().await), (1, 1));
}

#[tokio::test]
async fn one_account_s_trouble_holds_no_other_up() {
    let scene = Scene::new().await;
    let (receiver, port) = Receiver::start().await;
    scene.with_webhook(port, SECRET).await;
    let anna = scene.account(ANNA, &["acme"]).await;
    scene.hub.directory.notify(anna.id, Notice::password_changed(anna.id), 0).await.unwrap();
    scene.account("boris@example.com", &["acme"]).await;
    receiver.answer(&[422]);
    scene.deliver().await;
    scene.clock.advance(2);
    scene.deliver().await;
    scene.clock.advance(60);
    scene.deliver().await;
    let came: Vec<(String, String)> = receiver
        .came
        .lock()
        .unwrap()
        .iter()
        .map(|(_, body)| serde_json::from_slice::<Value>(body).unwrap())
        .map(|body| (body["type"].to_string(), body["subject"].to_string()))
        .collect();
    let order: Vec<bool> =
        came.iter().map(|(_, subject)| subject.contains(&anna.id.to_string())).collect();
    assert_eq!(order, [true, false, true, true], "{came:?}");
    assert!(came[2].0.contains("joined") && came[3].0.contains("password"), "{came:?}");
}

#[tokio::test]
async fn a_new_secret_and_a_new_address_hold_for_what_waits() {
    let scene = Scene::new().await;
    let (away, old_port) = Receiver::start().await;
    scene.with_webhook(old_port, SECRET).await;
    scene.account(ANNA, &["acme"]).await;
    away.answer(&[503]);
    scene.deliver().await;
    let (receiver, port) = Receiver::start().await;
    assert_eq!(scene.with_webhook(port, &format!("{NEW_SECRET}\n{SECRET}\n")).await, []);
    scene.clock.advance(60);
    scene.deliver().await;
    assert_eq!(away.came.lock().unwrap().len(), 1);
    let came = receiver.came.lock().unwrap()[0].clone();
    for secret in [NEW_SECRET, SECRET] {
        verified(&came.0, &came.1, secret, scene.clock.now());
    }
}

#[tokio::test]
async fn what_waits_for_a_portal_without_a_webhook_is_dropped() {
    let scene = Scene::new().await;
    let (receiver, port) = Receiver::start().await;
    scene.with_webhook(port, SECRET).await;
    scene.account(ANNA, &["acme"]).await;
    let dropped = scene.put_in_force(CONFIG).await;
    assert_eq!(dropped, [("acme".to_owned(), 1)]);
    scene.deliver().await;
    assert!(receiver.came.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nobody_is_told_anything_while_the_receiver_is_away_and_the_page_does_not_wait() {
    let scene = Scene::new().await;
    // Bound and dropped: nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    scene.with_webhook(port, SECRET).await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    assert_eq!(browser.fill("/sign-out", "/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    scene.deliver().await;
    let waiting = scene.hub.directory.notices(NoticeState::Queued, 10).await.unwrap();
    assert_eq!((waiting.len(), waiting[0].attempts), (2, 1));
    assert!(waiting[0].last_error.contains("refused"), "{}", waiting[0].last_error);
    assert!(!waiting[0].last_error.contains("/hook"), "{}", waiting[0].last_error);
}

#[tokio::test]
async fn a_store_that_takes_no_notice_fails_no_request() {
    let scene = Scene::new().await;
    scene.with_webhook(9, SECRET).await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    scene.store.failing.lock().unwrap().push("notify");
    assert_eq!(
        browser.fill("/sign-out", "/sign-out", &[]).await.location(),
        url(ID, "/signed-out")
    );
}

#[tokio::test]
async fn a_change_that_is_not_written_is_told_to_nobody_and_one_that_is_reaches_the_portal() {
    let scene = Scene::new().await;
    let (receiver, port) = Receiver::start().await;
    scene.with_webhook(port, SECRET).await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    scene.deliver().await;
    receiver.take(SECRET, scene.clock.now());
    let fields = [("name", "Anna M."), ("lang", "en"), ("phone", "")];
    // The notice is part of the change: either both are there or neither.
    scene.store.failing.lock().unwrap().push("update_account");
    let answer = browser.fill("/profile", "/profile", &fields).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    scene.deliver().await;
    assert_eq!(types(&receiver.take(SECRET, scene.clock.now())), [""; 0]);
    browser.fill("/profile", "/profile", &fields).await;
    scene.deliver().await;
    assert_eq!(types(&receiver.take(SECRET, scene.clock.now())), ["profile.updated"]);
}

#[tokio::test]
async fn a_store_that_fails_while_a_portal_is_told_loses_no_notice() {
    // Before it is told, after it took it, after it did not take it.
    for (call, answers, told) in [
        ("take_notices", [200, 200], 1),
        ("notice_delivered", [200, 200], 2),
        ("notice_failed", [500, 200], 2),
    ] {
        let scene = Scene::new().await;
        let (receiver, port) = Receiver::start().await;
        scene.with_webhook(port, SECRET).await;
        scene.account(ANNA, &["acme"]).await;
        receiver.answer(&answers);
        scene.store.failing.lock().unwrap().push(call);
        let mut came = Vec::new();
        for _ in 0..3 {
            scene.deliver().await;
            came.extend(receiver.take(SECRET, scene.clock.now()));
            // What nobody has told the outcome of is given out again after a minute.
            scene.clock.advance(61);
        }
        assert!(scene.store.failing.lock().unwrap().is_empty(), "{call} was called");
        let mut ids: Vec<&str> = came.iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), told, "{call}");
        ids.dedup();
        assert_eq!(ids.len(), 1, "{call}: the same one each time");
        let waiting = scene.hub.directory.notices(NoticeState::Queued, 10).await.unwrap();
        assert_eq!((waiting.len(), scene.dead().await), (0, 0), "{call}");
    }
}

#[tokio::test]
async fn a_new_password_and_the_sessions_it_ends_are_told_and_neither_is_quoted() {
    let scene = Scene::new().await;
    let (receiver, port) = Receiver::start().await;
    scene.with_webhook(port, SECRET).await;
    scene.account(ANNA, &["acme"]).await;
    let (mut here, _there) = (scene.signed_in(ANNA).await, scene.signed_in(ANNA).await);
    let new = "quite another way to Tipperary";
    let path = "/profile/security";
    here.fill(path, path, &[("current", PASSWORD), ("password", new), ("again", new)]).await;
    scene.deliver().await;
    for (_, body) in receiver.came.lock().unwrap().iter() {
        let body = String::from_utf8_lossy(body);
        assert!(!body.contains("Tipperary") && !body.contains("argon2"), "{body}");
    }
    let came = receiver.take(SECRET, scene.clock.now());
    assert_eq!(types(&came), ["account.joined", "sessions.ended", "password.changed"]);
    assert_eq!(came[1]["data"]["all"], false);
}

#[tokio::test]
async fn an_app_that_serves_created_portals_hears_of_each_from_its_first_moment() {
    let scene = Scene::new().await;
    let (_receiver, port) = Receiver::start().await;
    scene.with_webhook(port, SECRET).await;
    let anna = scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.fill("/portals/new", "/portals/new", &[("title", "Nova"), ("address", "nova")]).await;
    let queued = scene.hub.directory.notices(NoticeState::Queued, 10).await.unwrap();
    let told: Vec<(&str, &str)> =
        queued.iter().map(|notice| (notice.portal.as_str(), notice.event.name())).collect();
    assert_eq!(told, [("nova", "account.joined"), ("nova", "portal.created")]);
    assert!(queued.iter().all(|notice| notice.subject == Some(anna.id)));
    assert_eq!(queued[1].data["host"], "nova.bitrix24.example");
}
