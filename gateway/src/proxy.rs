//! The one `impl ProxyHttp`. It reads like the diagram in ARCHITECTURE.md: `request_filter` runs route,
//! authenticate and authorize (or has `respond` answer), `upstream_peer` and `upstream_request_filter` run
//! forward, `fail_to_proxy` calls respond, `logging` writes the line.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use pingora::connectors::TransportConnector;
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::modules::http::HttpModules;
use pingora::proxy::{FailToProxy, ProxyHttp, Session};
use pingora::upstreams::peer::HttpPeer;
use pingora::{Error, Result};

use crate::activity::{Activity, Counted};
use crate::context::{HeadFault, RequestCtx, Stage, Target};
use crate::decide::Verdict;
use crate::guarded_io::{GuardedIo, ip_text};
use crate::hub::Hub;
use crate::request_id::RequestId;
use crate::signin::renew::Renewer;
use crate::streams::cutter_of_stream;
use crate::{body, forward, respond, view, wire};

/// The gateway's request path.
pub(crate) struct Gateway {
    /// Shared state.
    pub hub: Arc<Hub>,
    /// Makes new tokens off the proxy threads.
    pub renewer: Arc<Renewer>,
    /// What is open in this process.
    pub activity: Arc<Activity>,
    /// The sign-in app's unix socket.
    pub sign_in_peer: HttpPeer,
    /// Connects for requests that go the direct way.
    pub connector: TransportConnector,
}

#[async_trait]
impl ProxyHttp for Gateway {
    // Boxed: pingora moves the context with each of its futures.
    type CTX = Box<RequestCtx>;

    fn new_ctx(&self) -> Self::CTX {
        Box::new(RequestCtx::new(
            self.hub.snapshot.load_full(),
            self.hub.clock.now_ms(),
            self.hub.telemetry.clone(),
        ))
    }

    /// None: pingora's default module only costs.
    fn init_downstream_modules(&self, _modules: &mut HttpModules) {}

    async fn early_request_filter(&self, session: &mut Session, ctx: &mut Self::CTX) -> Result<()> {
        ctx.counted = Some(Counted::request(&self.activity));
        ctx.fields_bytes = fields_bytes(&session.req_header().headers);
        ctx.head_fault = head_fault(session, ctx.fields_bytes);
        let downstream = session.as_downstream_mut();
        downstream.set_read_timeout(Some(body::SILENCE));
        downstream.set_write_timeout(Some(WRITE_TIMEOUT));
        downstream.set_total_drain_timeout(Some(DRAIN_TIMEOUT));
        Ok(())
    }

    async fn request_filter(&self, session: &mut Session, ctx: &mut Self::CTX) -> Result<bool> {
        learn_origin(session, ctx);
        match self.decide(session, ctx).await {
            Verdict::Answer(answer) => {
                ctx.stage = Stage::Answered;
                respond::write(session, ctx, &self.hub, answer).await?;
                Ok(true)
            }
            Verdict::Forward(passage) => {
                if let Target::Portal { limits, .. } = &passage.target {
                    if passage.upgrade {
                        let idle = Some(limits.stream_idle_timeout);
                        session.as_downstream_mut().set_read_timeout(idle);
                    }
                    if !passage.upgrade {
                        body::begin(session, limits)?;
                    }
                }
                if let Some(person) = passage.permit.person()
                    && let Some(io) = GuardedIo::of(session.as_downstream().stream())
                {
                    io.remember(person);
                }
                let direct = forward::is_direct(session, &passage);
                ctx.stage = Stage::Permitted(passage);
                if direct {
                    // Boxed: a future is moved in full, and other requests have no use for this one.
                    Box::pin(self.go_direct(session, ctx)).await?;
                } else {
                    forward::forget_spelling(session.req_header_mut());
                }
                Ok(direct)
            }
        }
    }

    async fn upstream_peer(
        &self,
        session: &mut Session,
        ctx: &mut Self::CTX,
    ) -> Result<Box<HttpPeer>> {
        let has_body = !session.as_downstream_mut().is_body_empty();
        forward::peer(ctx, &self.sign_in_peer, has_body)
    }

    fn fail_to_connect(
        &self,
        _session: &mut Session,
        _peer: &HttpPeer,
        ctx: &mut Self::CTX,
        error: Box<Error>,
    ) -> Box<Error> {
        forward::unreachable(ctx, error)
    }

    async fn upstream_request_filter(
        &self,
        _session: &mut Session,
        upstream: &mut RequestHeader,
        ctx: &mut Self::CTX,
    ) -> Result<()> {
        forward::request(&self.hub, ctx, upstream)
    }

    async fn request_body_filter(
        &self,
        session: &mut Session,
        body: &mut Option<Bytes>,
        end: bool,
        ctx: &mut Self::CTX,
    ) -> Result<()> {
        match body {
            Some(piece) => body::take(session, ctx, piece, end),
            None => Ok(()),
        }
    }

    async fn response_filter(
        &self,
        session: &mut Session,
        response: &mut ResponseHeader,
        ctx: &mut Self::CTX,
    ) -> Result<()> {
        body::answered(session, response.status);
        forward::answer_head(ctx, response).await
    }

    async fn fail_to_proxy(
        &self,
        session: &mut Session,
        error: &Error,
        ctx: &mut Self::CTX,
    ) -> FailToProxy {
        FailToProxy {
            error_code: respond::fail(session, ctx, &self.hub, error).await,
            can_reuse_downstream: false,
        }
    }

    /// Said once, by the access log.
    fn suppress_error_log(&self, _: &Session, _: &Self::CTX, _: &Error) -> bool {
        true
    }

    async fn logging(&self, _session: &mut Session, _: Option<&Error>, ctx: &mut Self::CTX) {
        ctx.write_log();
    }
}

/// What is wrong with the head, as far as it can be said without configuration.
fn head_fault(session: &mut Session, fields_bytes: usize) -> Option<HeadFault> {
    let fault = GuardedIo::of(session.as_downstream().stream()).and_then(GuardedIo::head_done);
    if fault.is_some() {
        return Some(HeadFault::Malformed("malformed_head"));
    }
    let head = session.req_header();
    if head.raw_path().len() > MAX_TARGET {
        return Some(HeadFault::TargetTooLong);
    }
    if fields_bytes > MAX_FIELDS_BYTES || head.headers.len() > MAX_FIELDS {
        return Some(HeadFault::FieldsTooLarge);
    }
    let mut lengths = head.headers.get_all(CONTENT_LENGTH).iter();
    let (first, second) = (lengths.next(), lengths.next());
    let plain = first.is_none_or(|value| wire::is_plain_length(Some(value.as_bytes())));
    if second.is_some() || !plain {
        return Some(HeadFault::Malformed("content_length"));
    }
    None
}

/// Bytes of all fields on the wire, as HTTP/1.1 writes them.
fn fields_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

/// The client as the socket shows it, or as a trusted proxy tells it.
fn learn_origin(session: &Session, ctx: &mut RequestCtx) {
    let io = GuardedIo::of(session.as_downstream().stream());
    ctx.cutter = io.map_or_else(cutter_of_stream, |io| Some(io.cutter().clone()));
    let peer = session
        .client_addr()
        .and_then(|address| address.as_inet())
        .map(|address| address.ip().to_canonical());
    let tls = session.digest().is_some_and(|digest| digest.ssl_digest.is_some());
    ctx.origin.https =
        tls || ctx.snapshot.config.tls.is_none() && ctx.snapshot.config.identity.url.https;
    let Some(peer) = peer else { return };
    ctx.origin.client_ip = peer;
    match io {
        Some(io) => {
            ctx.origin.client = io.client_text(peer);
            ctx.last_seen = io.last_seen();
        }
        None => ctx.origin.client = ip_text(peer),
    }
    let trusted = &ctx.snapshot.config.server.trusted_proxies;
    if view::is_trusted(trusted, peer) {
        believe_proxy(session, ctx);
    }
}

fn believe_proxy(session: &Session, ctx: &mut RequestCtx) {
    let headers = &session.req_header().headers;
    let trusted = &ctx.snapshot.config.server.trusted_proxies;
    if let Some(client) = view::forwarded_client(headers, trusted) {
        ctx.origin.client_ip = client;
        ctx.origin.client = ip_text(client);
    }
    if let Some(scheme) = headers.get("x-forwarded-proto") {
        // Of several proxies the first one met the browser.
        let first = scheme.to_str().unwrap_or_default().split(',').next().unwrap_or_default();
        ctx.origin.https = first.trim().eq_ignore_ascii_case("https");
    }
    if let Some(named) = headers.get("x-request-id").and_then(RequestId::named) {
        ctx.origin.request_id = named;
    }
}

/// For a write that the client does not take.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);
/// For the rest of a body after an early answer.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// Room for a callback with its ticket and state.
const MAX_TARGET: usize = 16 * 1024;
const MAX_FIELDS_BYTES: usize = 48 * 1024;
/// HTTP/2 sends each cookie as a field of its own.
const MAX_FIELDS: usize = 256;
