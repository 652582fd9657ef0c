//! What is known of one request, from its head to its log line.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use bitrix_id_auth_core::authenticate::Verified;
use bitrix_id_auth_core::identity::UnixSeconds;
use bitrix_id_auth_core::policy::Permit;
use bitrix_id_config::model::{Limits, Portal};
use http::HeaderValue;
use tokio::task::JoinHandle;

use crate::activity::Counted;
use crate::body::BodyPace;
use crate::request_id::RequestId;
use crate::signin::renew::Renewed;
use crate::snapshot::Snapshot;
use crate::stopwatch::Stopwatch;
use crate::streams::{Cutter, Registration};
use crate::telemetry::{AccessRecord, PortalMetrics, Telemetry};
use crate::upstreams::{Endpoint, Pool};

/// Born with the request, holding the configuration it is judged by from beginning to end.
pub(crate) struct RequestCtx {
    /// The configuration of this request.
    pub snapshot: Arc<Snapshot>,
    /// Unix seconds, read once.
    pub now: UnixSeconds,
    /// How far the request has come.
    pub stage: Stage,
    /// Bytes of its fields.
    pub fields_bytes: usize,
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
    /// Ends the request; `None` only before its origin is known.
    pub cutter: Option<Arc<Cutter>>,
    /// The token that the connection's last request showed.
    pub last_seen: Option<Arc<Verified>>,
    /// The state of the revocations just before the token was judged.
    pub revocations_seen: u64,
    /// An attempt to reach the portal failed and was counted.
    pub counted_failure: bool,
    /// A new token for the browser, being made while the upstream answers.
    pub renewal: Option<JoinHandle<Option<Arc<Renewed>>>>,
    /// What has come of the body.
    pub body: BodyPace,
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
    /// What the upstream is told as host: the one that was asked for, its port the configuration's.
    pub authority: HeaderValue,
    /// A WebSocket handshake.
    pub upgrade: bool,
    /// Reads may be far apart.
    pub event_stream: bool,
    /// Endpoints that could not be reached.
    pub tried: Vec<SocketAddr>,
    /// The endpoint in use.
    pub endpoint: Option<Arc<Endpoint>>,
    /// Runs from the choice of a peer.
    pub upstream_clock: Stopwatch,
}

impl Passage {
    /// Whether it goes to the sign-in app of this process.
    pub(crate) fn is_to_sign_in_app(&self) -> bool {
        matches!(self.target, Target::SignIn { .. })
    }

    /// How long an upstream may be silent. `None`: as its connection has it.
    pub(crate) fn read_timeout(&self) -> Option<Duration> {
        match &self.target {
            Target::Portal { limits, .. } if self.upgrade || self.event_stream => {
                Some(limits.stream_idle_timeout)
            }
            Target::Portal { limits, .. } => Some(limits.read_timeout),
            Target::SignIn { .. } => None,
        }
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
    /// The same as text, ready to be sent.
    pub client: HeaderValue,
    /// Whether the browser speaks https, to us or to a trusted proxy.
    pub https: bool,
    /// Names the request in logs, headers and pages.
    pub request_id: RequestId,
}

/// What the access log says of a request.
pub(crate) struct LogLine {
    clock: Stopwatch,
    written: bool,
    record: AccessRecord,
    /// Counters of the portal.
    pub metrics: Arc<PortalMetrics>,
}

impl Deref for LogLine {
    type Target = AccessRecord;

    fn deref(&self) -> &AccessRecord {
        &self.record
    }
}

impl DerefMut for LogLine {
    fn deref_mut(&mut self) -> &mut AccessRecord {
        &mut self.record
    }
}

impl RequestCtx {
    /// For a request of which nothing is known yet.
    pub(crate) fn new(snapshot: Arc<Snapshot>, now_ms: i64, telemetry: Arc<Telemetry>) -> Self {
        let metrics = snapshot.unrouted_metrics.clone();
        Self {
            now: now_ms.div_euclid(1000),
            stage: Stage::Arrived,
            fields_bytes: 0,
            head_fault: None,
            origin: Origin {
                client_ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
                client: HeaderValue::from_static("0.0.0.0"),
                https: true,
                request_id: RequestId::new(now_ms),
            },
            log: LogLine {
                clock: Stopwatch::start(),
                written: false,
                record: AccessRecord { time_ms: now_ms, ..AccessRecord::default() },
                metrics,
            },
            counted: None,
            registration: None,
            cutter: None,
            last_seen: None,
            revocations_seen: 0,
            counted_failure: false,
            renewal: None,
            body: BodyPace::default(),
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

    /// Writes the log line and counts the request; only the first call does anything. A request whose head
    /// was never looked at leaves no line.
    pub(crate) fn write_log(&mut self) {
        if self.log.written || self.log.method.is_none() {
            return;
        }
        self.log.written = true;
        let log = &mut self.log;
        let duration = log.clock.elapsed();
        log.metrics.observe(log.decision(), log.status, duration);
        log.record.duration = duration;
        log.record.client = Some(self.origin.client.clone());
        log.record.request_id = self.origin.request_id.clone();
        let record = std::mem::take(&mut log.record);
        self.telemetry.access_log.write(record);
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
