//! The admin listener: health, metrics, configuration, and the demo's mail outbox. Never public.
//!
//! | request | answer |
//! |---|---|
//! | `GET /health/live` | 200 while the process runs |
//! | `GET /health/ready` | 200, or 503 with the reasons |
//! | `GET /metrics` | Prometheus text |
//! | `GET /config` | generation, hash, when it was loaded, last error, what waits for a restart |
//! | `POST /config/reload` | reads the files again: 200 with the new generation, or 422 with the problems |
//! | `GET /outbox`, `GET /outbox/{file}` | mails, only where mail goes to a directory in the demo |
//!
//! Browsers are kept out of it: [`guard`] refuses host names (DNS rebinding) and cross-site writes, and no
//! answer carries a CORS header.

mod answer;
mod guard;
mod mail;
mod outbox;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Method, Response, StatusCode};
use pingora::apps::http_app::ServeHttp;
use pingora::protocols::http::ServerSession;

use self::answer::Answer;
use self::outbox::Outbox;
use crate::telemetry::Telemetry;

/// What the admin listener asks of the running gateway.
pub(crate) trait Control: Send + Sync {
    /// Whether new requests should be sent here.
    ///
    /// # Errors
    /// The reasons why not, one sentence each.
    fn ready(&self) -> Result<(), Vec<String>>;

    /// The configuration in force.
    fn config_status(&self) -> ConfigStatus;

    /// Reads the configuration again and puts it in force. May block for up to 2 s. Returns the generation
    /// in force.
    ///
    /// # Errors
    /// What is wrong, as `check` would print it; the running configuration stays.
    fn reload(&self) -> Result<u64, String>;
}

/// The configuration in force, as `GET /config` shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ConfigStatus {
    /// Grows by one with every configuration put in force.
    pub generation: u64,
    /// SHA-256 over the files, lower-case hex.
    pub hash: String,
    /// When it was put in force, Unix seconds.
    pub loaded_at: i64,
    /// Why the last reload was refused; `None` once one succeeds.
    pub last_error: Option<String>,
    /// Settings that differ from the files and wait for a restart: `server.https`, `store`, …
    pub pending_restart: Vec<String>,
}

/// The app to be served on the admin address. `outbox` is the directory of mail files, in the demo.
pub(crate) fn admin_app(
    control: Arc<dyn Control>,
    telemetry: Arc<Telemetry>,
    outbox: Option<PathBuf>,
) -> impl ServeHttp + Send + Sync + 'static {
    AdminApp { control, telemetry, outbox: outbox.map(Outbox::new) }
}

struct AdminApp {
    control: Arc<dyn Control>,
    telemetry: Arc<Telemetry>,
    outbox: Option<Outbox>,
}

#[async_trait]
impl ServeHttp for AdminApp {
    async fn response(&self, session: &mut ServerSession) -> Response<Vec<u8>> {
        let request = session.req_header();
        let (method, path) = (request.method.clone(), request.uri.path().to_owned());
        let answer = match guard::check(&request.method, &request.uri, &request.headers) {
            Ok(()) => self.answer(&method, &path).await,
            Err(refusal) => Answer::problem(refusal.status(), refusal.detail()),
        };
        // A body is never needed here; pingora closes the connection of a request that has an unread one.
        answer.into_response(method == Method::HEAD)
    }
}

impl AdminApp {
    async fn answer(&self, method: &Method, path: &str) -> Answer {
        if path == "/config/reload" {
            return match *method {
                Method::POST => self.reload().await,
                _ => Answer::method_not_allowed("POST"),
            };
        }
        let read = matches!(*method, Method::GET | Method::HEAD);
        match path {
            "/health/live" | "/health/ready" | "/metrics" | "/config" | "/outbox" if !read => {
                Answer::method_not_allowed("GET, HEAD")
            }
            "/health/live" => Answer::text(StatusCode::OK, "ok\n"),
            "/health/ready" => self.readiness(),
            "/metrics" => self.metrics(),
            "/config" => Answer::json(StatusCode::OK, &config_json(&self.control.config_status())),
            _ => match &self.outbox {
                Some(outbox) if read => outbox.answer(path).await,
                _ => Answer::problem(StatusCode::NOT_FOUND, "There is nothing here."),
            },
        }
    }

    fn readiness(&self) -> Answer {
        match self.control.ready() {
            Ok(()) => Answer::json(StatusCode::OK, &serde_json::json!({ "ready": true })),
            Err(reasons) => Answer::json(
                StatusCode::SERVICE_UNAVAILABLE,
                &serde_json::json!({ "ready": false, "reasons": reasons }),
            ),
        }
    }

    fn metrics(&self) -> Answer {
        let (metrics, status) = (&self.telemetry.metrics, self.control.config_status());
        let condition = &metrics.condition;
        condition.ready.set(i64::from(self.control.ready().is_ok()));
        condition.config_refused.set(i64::from(status.last_error.is_some()));
        let pending = i64::try_from(status.pending_restart.len()).unwrap_or(i64::MAX);
        condition.config_pending_restart.set(pending);
        Answer::metrics(metrics.render())
    }

    async fn reload(&self) -> Answer {
        let control = self.control.clone();
        match tokio::task::spawn_blocking(move || control.reload()).await {
            Ok(Ok(generation)) => {
                Answer::json(StatusCode::OK, &serde_json::json!({ "generation": generation }))
            }
            Ok(Err(problems)) => Answer::problem(StatusCode::UNPROCESSABLE_ENTITY, &problems),
            Err(error) => {
                tracing::error!(%error, "a reload asked for by the admin listener panicked");
                Answer::problem(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The reload failed; see the log.",
                )
            }
        }
    }
}

fn config_json(status: &ConfigStatus) -> serde_json::Value {
    serde_json::json!({
        "generation": status.generation,
        "hash": status.hash,
        "loaded_at": answer::rfc3339(status.loaded_at),
        "last_error": status.last_error,
        "pending_restart": status.pending_restart,
    })
}

#[cfg(test)]
mod tests;
