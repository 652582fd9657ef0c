//! The demo's sample portals: three little upstream apps on loopback, each on a port of its own.
//!
//! | path | answers |
//! |---|---|
//! | `/headers` | the request's headers as JSON, in order and with duplicates, as they stood on the wire |
//! | `/ws` | echoes WebSocket messages |
//! | `/events` | one server-sent event per second |
//! | `/pub/` | a public page, with the other pages' style and script beside it |
//! | anything else | greets the person by the identity received, and offers the other portals |

mod connection;
mod pages;
mod streams;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use anyhow::Context;
use axum::Router;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::{any, get};
use serde_json::{Value, json};

use self::connection::RawHead;
use super::{CREATED, IDENTITY_HOST, SAMPLES, Sample};

/// Starts all portals in a thread with a runtime of its own; they run until the process ends. `port` is the
/// gateway's, for links. Returns their addresses in the order of [`SAMPLES`], then that of [`CREATED`].
pub(super) fn start(port: u16) -> anyhow::Result<Vec<SocketAddr>> {
    let mut addresses = Vec::new();
    let mut servers = Vec::new();
    for sample in SAMPLES.into_iter().chain([CREATED]) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("a sample portal")?;
        listener.set_nonblocking(true)?;
        addresses.push(listener.local_addr()?);
        servers.push((listener, app(sample, port)));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("sample-portals")
        .enable_all()
        .build()?;
    thread::Builder::new().name("sample-portals".to_owned()).spawn(move || {
        runtime.block_on(async {
            let mut running = tokio::task::JoinSet::new();
            for (listener, app) in servers {
                running.spawn(connection::serve(listener, app));
            }
            running.join_all().await;
        });
    })?;
    Ok(addresses)
}

/// One portal, and where everything else is.
#[derive(Clone)]
struct Portal {
    sample: Sample,
    /// URL and title of each sample portal.
    portals: Arc<[(String, &'static str)]>,
    identity_url: Arc<str>,
}

fn app(sample: Sample, port: u16) -> Router {
    let portals = SAMPLES
        .iter()
        .map(|other| (format!("https://{}:{port}/", other.host), other.title))
        .collect();
    let portal =
        Portal { sample, portals, identity_url: format!("https://{IDENTITY_HOST}:{port}/").into() };
    Router::new()
        .route("/headers", any(headers))
        .route("/ws", any(streams::echo))
        .route("/events", get(streams::events))
        .route("/pub/", get(public))
        .route("/pub/style.css", get(style))
        .route("/pub/portal.js", get(script))
        .fallback(home)
        .with_state(portal)
}

async fn home(State(portal): State<Portal>, uri: Uri, headers: HeaderMap) -> Response {
    page(pages::home(&portal, &uri, &headers))
}

async fn public(State(portal): State<Portal>) -> Response {
    page(pages::public(&portal))
}

async fn headers(Extension(head): Extension<RawHead>) -> Json<Value> {
    Json(json!({ "headers": head.fields() }))
}

async fn style() -> impl IntoResponse {
    ([("content-type", "text/css; charset=utf-8")], include_str!("style.css"))
}

async fn script() -> impl IntoResponse {
    ([("content-type", "text/javascript; charset=utf-8")], include_str!("portal.js"))
}

fn page(html: String) -> Response {
    let headers = [("content-security-policy", CONTENT_POLICY), ("cache-control", "no-store")];
    (headers, Html(html)).into_response()
}

/// No form-action: signing out ends on the Bitrix ID host, and Chromium applies it to redirects as well.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";

#[cfg(test)]
mod tests;
