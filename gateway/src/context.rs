//! What is known of one request, from its head to its log line.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bitrix_id_auth_core::authenticate::Verified;
use bitrix_id_auth_core::identity::{AccountId, UnixSeconds};
use bitrix_id_auth_core::policy::Permit;
use bitrix_id_config::model::{Limits, Portal};
use tokio::task::JoinHandle;

use crate::activity::Counted;
use crate::signin::renew::Renewed;
use crate::snapshot::Snapshot;
use crate::stopwatch::Stopwatch;
use crate::streams::Registration;
use crate::telemetry::{AccessRecord, LogDecision, PortalMetrics, Telemetry};
use crate::upstreams::{Endpoint, Pool};

/// Born with the request, holding the configuration it is judged by from beginning to end.
pub(crate) struct RequestCtx {
    /// The configuration of this request.
    pub snapshot: Arc<Snapshot>,
    /// Unix seconds, read once.
    pub now: UnixSeconds,
    /// How far the request has come.
    pub stage: Stage,
    /// Why the first hook refused the head.
    pub head_fault: Option<HeadFault>,
    /// Where the request comes from and what it is called.
    pub origin: Origin,
    /// The log line, filled along the way.
    pub log: LogLine,
    /// Held while the request is in flight.
    pub counted: Option<Counted>,
    /// Held while an identity is in use, so that its end cuts the request.
    pub registration: Option<Registration>,
    /// An attempt to reach the portal failed and was counted.
    pub counted_failure: bool,
    /// A new token for the browser, being made while the upstream answers.
    pub renewal: Option<JoinHandle<Option<Arc<Renewed>>>>,
    /// Bytes of the body so far, where it is bounded.
    pub body_bytes: u64,
    telemetry: Arc<Telemetry>,
}

/// How far a request has come.
pub(crate) enum Stage {
    /// Nothing is decided.
    Arrived,
    /// A permit says that it may go on, and where to.
    Permitted(Box<Passage>),
    /// We answered it ourselves.
    Answered,
}

/// A permitted request on its way.
pub(crate) struct Passage {
    /// The proof.
    pub permit: Permit,
    /// Where to.
    pub target: Target,
    /// What the browser sees as host, with a port if it sent one.
    pub authority: String,
    /// A WebSocket handshake.
    pub upgrade: bool,
    /// Reads may be far apart.
    pub event_stream: bool,
    /// Endpoints that could not be reached.
    pub tried: Vec<SocketAddr>,
    /// The endpoint in use.
    pub endpoint: Option<Arc<Endpoint>>,
    /// Runs from the choice of a peer.
    pub upstream_clock: Option<Stopwatch>,
}

impl Passage {
    /// Whether it goes to the sign-in app of this process.
    pub(crate) fn is_to_sign_in_app(&self) -> bool {
        matches!(self.target, Target::SignIn { .. })
    }
}

/// Where a permitted request goes.
pub(crate) enum Target {
    /// A portal's upstream.
    Portal {
        /// Which.
        portal: Arc<Portal>,
        /// Its endpoints.
        pool: Arc<Pool>,
        /// The route's limits.
        limits: Limits,
    },
    /// The sign-in app.
    SignIn {
        /// The portal on whose host the request came; `None` on the Bitrix ID host.
        portal: Option<String>,
        /// The portal host's verified token, if any.
        person: Option<Arc<Verified>>,
        /// Asked for by the gateway itself.
        purpose: Purpose,
    },
}

/// What the sign-in app is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The page at the request's own path.
    Page,
    /// The page that says: signed in, but not known here.
    NoAccess,
}

/// Why a request is refused before it is routed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeadFault {
    /// 400.
    Malformed(&'static str),
    /// 414.
    TargetTooLong,
    /// 431.
    FieldsTooLarge,
}

/// Where a request comes from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// The socket's peer, or what a trusted proxy says of it.
    pub client_ip: IpAddr,
    /// Whether the browser speaks https, to us or to a trusted proxy.
    pub https: bool,
    /// Names the request in logs, headers and pages.
    pub request_id: String,
}

/// What the access log says of a request.
#[derive(Clone)]
pub(crate) struct LogLine {
    clock: Stopwatch,
    time_ms: i64,
    written: bool,
    /// Portal id.
    pub portal: Option<Arc<str>>,
    /// Route label.
    pub route: String,
    /// Method.
    pub method: String,
    /// Path without query.
    pub path: String,
    /// Status sent.
    pub status: u16,
    /// What was decided; where nobody says, an error.
    pub decision: Option<LogDecision>,
    /// Why.
    pub reason: Option<&'static str>,
    /// Who.
    pub subject: Option<AccountId>,
    /// From the choice of a peer to the upstream's header, in milliseconds.
    pub upstream_ms: Option<f64>,
    /// Counters of the portal.
    pub metrics: Arc<PortalMetrics>,
}

impl RequestCtx {
    /// For a request of which nothing is known yet.
    pub(crate) fn new(snapshot: Arc<Snapshot>, now_ms: i64, telemetry: Arc<Telemetry>) -> Self {
        let metrics = snapshot.unrouted_metrics.clone();
        Self {
            now: now_ms.div_euclid(1000),
            stage: Stage::Arrived,
            head_fault: None,
            origin: Origin {
                client_ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
                https: true,
                request_id: uuid::Uuid::now_v7().simple().to_string(),
            },
            log: LogLine {
                clock: Stopwatch::start(),
                time_ms: now_ms,
                written: false,
                portal: None,
                route: String::new(),
                method: String::new(),
                path: String::new(),
                status: 0,
                decision: None,
                reason: None,
                subject: None,
                upstream_ms: None,
                metrics,
            },
            counted: None,
            registration: None,
            counted_failure: false,
            renewal: None,
            body_bytes: 0,
            snapshot,
            telemetry,
        }
    }

    /// The passage of a permitted request.
    pub(crate) fn passage(&mut self) -> Option<&mut Passage> {
        match &mut self.stage {
            Stage::Permitted(passage) => Some(passage),
            Stage::Arrived | Stage::Answered => None,
        }
    }

    /// Writes the log line and counts the request; only the first call does anything.
    pub(crate) fn write_log(&mut self) {
        if self.log.written || self.log.method.is_empty() {
            return;
        }
        self.log.written = true;
        let decision = self.log.decision.unwrap_or(LogDecision::Error);
        self.log.metrics.observe(decision, self.log.status, self.log.clock.elapsed());
        self.telemetry.access_log.write(AccessRecord {
            time_ms: self.log.time_ms,
            request_id: std::mem::take(&mut self.origin.request_id),
            portal: self.log.portal.take(),
            route: std::mem::take(&mut self.log.route),
            method: std::mem::take(&mut self.log.method),
            path: std::mem::take(&mut self.log.path),
            status: self.log.status,
            decision,
            reason: self.log.reason,
            subject: self.log.subject,
            duration_ms: self.log.clock.elapsed_ms(),
            upstream_ms: self.log.upstream_ms,
            client_ip: self.origin.client_ip,
        });
    }
}

impl Drop for RequestCtx {
    fn drop(&mut self) {
        // A request whose session ended is dropped where it stands, before its logging hook.
        if self.registration.as_ref().is_some_and(Registration::is_cut) {
            self.log.reason = Some("session_ended");
            if self.log.status == 0 {
                // Cut before the upstream answered; what nginx logs for a request that ended early.
                self.log.status = 499;
            }
        }
        self.write_log();
    }
}
