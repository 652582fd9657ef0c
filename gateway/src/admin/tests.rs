//! The app over a real connection, as pingora serves it.

use std::sync::Mutex;

use pingora::apps::ServerApp;
use pingora::apps::http_app::HttpServer;
use pingora::protocols::l4::stream::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::telemetry::Sink;

#[derive(Default)]
struct FakeControl {
    reasons: Vec<String>,
    problems: Mutex<Option<String>>,
}

impl Control for FakeControl {
    fn ready(&self) -> Result<(), Vec<String>> {
        match self.reasons.as_slice() {
            [] => Ok(()),
            reasons => Err(reasons.to_vec()),
        }
    }

    fn config_status(&self) -> ConfigStatus {
        ConfigStatus {
            generation: 3,
            hash: "ab12".to_owned(),
            loaded_at: 1_769_847_330,
            last_error: None,
            pending_restart: vec!["server.https".to_owned()],
        }
    }

    fn reload(&self) -> Result<u64, String> {
        match self.problems.lock().unwrap().take() {
            Some(problems) => Err(problems),
            None => Ok(4),
        }
    }
}

/// As the server wraps it.
fn app(
    control: FakeControl,
    outbox: Option<PathBuf>,
) -> Arc<HttpServer<impl ServeHttp + Send + Sync + 'static>> {
    let app = admin_app(Arc::new(control), Telemetry::new(Sink::Null), outbox);
    Arc::new(HttpServer::new_app(app))
}

/// Sends `request` on one connection and returns everything that came back until it was closed.
async fn talk(control: FakeControl, outbox: Option<PathBuf>, request: &str) -> String {
    let app = app(control, outbox);
    let (mut client, server) = tokio::net::UnixStream::pair().unwrap();
    let (_running, shutdown) = tokio::sync::watch::channel(false);
    let serve = app.process_new(Box::new(Stream::from(server)), &shutdown);
    let ask = async {
        client.write_all(request.as_bytes()).await.unwrap();
        client.shutdown().await.unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    };
    tokio::join!(serve, ask).1
}

async fn get(control: FakeControl, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:9090\r\n\r\n");
    talk(control, None, &request).await
}

fn body_of(answer: &str) -> serde_json::Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn a_live_process_says_so_even_when_it_is_not_ready() {
    let control = FakeControl { reasons: vec!["draining".to_owned()], ..FakeControl::default() };
    assert!(get(control, "/health/live").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn readiness_names_every_reason() {
    assert!(get(FakeControl::default(), "/health/ready").await.starts_with("HTTP/1.1 200"));
    let control = FakeControl {
        reasons: vec!["the store is down".to_owned(), "no key".to_owned()],
        ..FakeControl::default()
    };
    let answer = get(control, "/health/ready").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    let reasons = serde_json::json!(["the store is down", "no key"]);
    assert_eq!(body_of(&answer)["reasons"], reasons);
}

#[tokio::test]
async fn metrics_are_prometheus_text() {
    let answer = get(FakeControl::default(), "/metrics").await;
    let answer_lower = answer.to_ascii_lowercase();
    assert!(answer_lower.contains("content-type: text/plain; version=0.0.4"), "{answer}");
    assert!(answer.contains("# TYPE bitrix_id_config_generation gauge"), "{answer}");
}

#[tokio::test]
async fn the_configuration_in_force_is_described() {
    let answer = get(FakeControl::default(), "/config").await;
    let expected = serde_json::json!({
        "generation": 3,
        "hash": "ab12",
        "loaded_at": "2026-01-31T08:15:30Z",
        "last_error": null,
        "pending_restart": ["server.https"],
    });
    assert_eq!(body_of(&answer), expected);
}

#[tokio::test]
async fn a_reload_answers_with_the_generation_or_with_the_problems() {
    let post = "POST /config/reload HTTP/1.1\r\nHost: localhost:9090\r\nContent-Length: 0\r\n\r\n";
    let answer = talk(FakeControl::default(), None, post).await;
    assert_eq!(body_of(&answer)["generation"], 4);
    let control = FakeControl {
        problems: Mutex::new(Some("a.toml:1:2: no".to_owned())),
        ..FakeControl::default()
    };
    let answer = talk(control, None, post).await;
    assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
    assert_eq!(body_of(&answer)["detail"], "a.toml:1:2: no");
}

#[tokio::test]
async fn a_reload_is_a_post_and_everything_else_is_not() {
    let answer = get(FakeControl::default(), "/config/reload").await;
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
    let post = "POST /metrics HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 0\r\n\r\n";
    let answer = talk(FakeControl::default(), None, post).await;
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
}

#[tokio::test]
async fn a_page_of_another_site_can_neither_read_nor_reload() {
    let rebound = "GET /config HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    let answer = talk(FakeControl::default(), None, rebound).await;
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    let forged = "POST /config/reload HTTP/1.1\r\nHost: 127.0.0.1:9090\r\n\
        Origin: https://evil.example\r\nContent-Length: 0\r\n\r\n";
    let answer = talk(FakeControl::default(), None, forged).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(!answer.to_ascii_lowercase().contains("access-control-"), "{answer}");
}

#[tokio::test]
async fn a_connection_serves_one_request_after_another() {
    let head = "HEAD /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    let posted = "POST /config HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n";
    for first in [head, posted] {
        let (mut client, server) = tokio::net::UnixStream::pair().unwrap();
        let app = app(FakeControl::default(), None);
        let (_running, shutdown) = tokio::sync::watch::channel(false);
        let serve = async {
            app.process_new(Box::new(Stream::from(server)), &shutdown).await;
        };
        let ask = async {
            client.write_all(first.as_bytes()).await.unwrap();
            let mut first_answer = [0_u8; 4096];
            assert!(client.read(&mut first_answer).await.unwrap() > 0);
            let second = "GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
            client.write_all(second.as_bytes()).await.unwrap();
            client.shutdown().await.unwrap();
            let mut rest = String::new();
            client.read_to_string(&mut rest).await.unwrap();
            assert!(rest.contains("HTTP/1.1 200") && rest.ends_with("ok\n"), "{rest}");
        };
        tokio::join!(serve, ask);
    }
}

#[tokio::test]
async fn the_outbox_exists_only_where_it_was_given() {
    let outbox = "GET /outbox HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    let answer = talk(FakeControl::default(), None, outbox).await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    let directory = tempfile::tempdir().unwrap();
    let path = Some(directory.path().to_owned());
    let answer = talk(FakeControl::default(), path, outbox).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("No mail yet"), "{answer}");
}
