//! One configuration, ready to serve: everything a request needs to know, built whole and swapped at once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use bitrix_id_auth_core::headers::ReservedNames;
use bitrix_id_auth_core::route::{HostMatch, PortalEntry, Router, Rule};
use bitrix_id_auth_core::store::notices::Subscription;
use bitrix_id_config::Webhook;
use bitrix_id_config::diagnostic::Diagnostic;
use bitrix_id_config::model::{Config, HostPattern, Portal, Upstream};

use crate::place::{Place, Places};
use crate::telemetry::{PortalMetrics, Telemetry};
use crate::tls::CertificateStore;
use crate::upstreams::{Pool, Pools};

/// The snapshot in force.
pub(crate) type SharedSnapshot = Arc<ArcSwap<Snapshot>>;

/// Everything that takes effect on reload.
pub(crate) struct Snapshot {
    /// Grows by one with every snapshot put in force.
    pub generation: u64,
    /// Unix seconds.
    pub loaded_at: i64,
    /// The checked files.
    pub config: Arc<Config>,
    /// Portals of the files, then those of the directory.
    pub portals: Vec<Arc<Portal>>,
    by_id: HashMap<String, Arc<Portal>>,
    /// Host and path to portal and route.
    pub router: Router,
    /// Header names that no client may send.
    pub reserved: ReservedNames,
    /// `identity.url` as text: `iss`, and the start of every URL we write.
    pub issuer: String,
    /// Certificates by server name; `None` without `[tls]`.
    pub certificates: Option<Arc<CertificateStore>>,
    /// Metric handles of the Bitrix ID host.
    pub identity_metrics: Arc<PortalMetrics>,
    /// Metric handles of requests that reach no portal.
    pub unrouted_metrics: Arc<PortalMetrics>,
    /// By position in `portals`.
    serving: Vec<Arc<Serving>>,
    places: Places,
}

/// What serves a portal beside its rules, found once per configuration and not per request.
pub(crate) struct Serving {
    /// Metric handles.
    pub metrics: Arc<PortalMetrics>,
    pool: Arc<Pool>,
    /// By index of the portal's own routes; `None` where a route has no upstreams of its own.
    route_pools: Vec<Option<Arc<Pool>>>,
}

impl Serving {
    /// The upstreams of a rule.
    pub(crate) fn pool(&self, rule: Rule) -> &Arc<Pool> {
        let own = match rule {
            Rule::Own(index) => self.route_pools.get(index).and_then(Option::as_ref),
            Rule::BuiltIn(_) => None,
        };
        own.unwrap_or(&self.pool)
    }
}

/// A snapshot could not be built: what is wrong, with places.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildSnapshotError {
    /// The operator's to mend.
    #[error("{}", join(.0))]
    Problems(Vec<Diagnostic>),
    /// Two portals claim the same host.
    #[error("{0}")]
    Router(String),
}

fn join(problems: &[Diagnostic]) -> String {
    let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    texts.join("\n")
}

/// What `check` reports beyond the files' own rules: certificates that do not load.
pub(crate) fn check(config: &Config) -> Vec<Diagnostic> {
    match CertificateStore::load(config.tls.as_ref()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems,
    }
}

impl Snapshot {
    /// Builds a snapshot from checked files and the directory's portals.
    ///
    /// # Errors
    /// [`BuildSnapshotError`]: certificates that do not load, hosts claimed twice.
    pub(crate) fn build(
        generation: u64,
        loaded_at: i64,
        config: Arc<Config>,
        stored: Vec<Portal>,
        pools: &Pools,
        telemetry: &Telemetry,
    ) -> Result<Self, BuildSnapshotError> {
        let certificates = CertificateStore::load(config.tls.as_ref())
            .map_err(BuildSnapshotError::Problems)?
            .map(Arc::new);
        Self::assemble(generation, loaded_at, config, certificates, stored, pools, telemetry)
    }

    /// The same files with the directory's portals as they are now; nothing is read.
    ///
    /// # Errors
    /// [`BuildSnapshotError::Router`]: a host claimed twice.
    pub(crate) fn with_stored(
        &self,
        loaded_at: i64,
        stored: Vec<Portal>,
        pools: &Pools,
        telemetry: &Telemetry,
    ) -> Result<Self, BuildSnapshotError> {
        let (config, certificates) = (self.config.clone(), self.certificates.clone());
        let generation = self.generation + 1;
        Self::assemble(generation, loaded_at, config, certificates, stored, pools, telemetry)
    }

    fn assemble(
        generation: u64,
        loaded_at: i64,
        config: Arc<Config>,
        certificates: Option<Arc<CertificateStore>>,
        stored: Vec<Portal>,
        pools: &Pools,
        telemetry: &Telemetry,
    ) -> Result<Self, BuildSnapshotError> {
        let portals: Vec<Arc<Portal>> = fitting(&config, stored).map(Arc::new).collect();
        let router = Router::new(portals.clone(), &config.identity.url.host)
            .map_err(|error| BuildSnapshotError::Router(error.to_string()))?;
        let mut sets = PoolSets { pools, by_upstreams: HashMap::new() };
        let serving = portals.iter().map(|portal| sets.serving(portal, telemetry)).collect();
        Ok(Self {
            places: Places::of(&router, &config.identity.url),
            serving,
            generation,
            loaded_at,
            reserved: ReservedNames::new(portals.iter().map(|portal| &portal.headers)),
            issuer: config.identity.url.to_string(),
            identity_metrics: telemetry.metrics.portal("bitrix-id"),
            unrouted_metrics: telemetry.metrics.portal("none"),
            config,
            by_id: portals.iter().map(|portal| (portal.id.clone(), portal.clone())).collect(),
            portals,
            router,
            certificates,
        })
    }

    /// What serves a portal.
    pub(crate) fn serving(&self, entry: &PortalEntry) -> &Arc<Serving> {
        &self.serving[entry.position]
    }

    /// The place that an authority names, if it is spelt as browsers spell it; others are found by
    /// [`Self::place`].
    pub(crate) fn usual_place(&self, authority: &[u8]) -> Option<&Arc<Place>> {
        self.places.usual(authority)
    }

    /// The place of a canonical host.
    pub(crate) fn place(&self, host: String) -> Arc<Place> {
        Arc::new(Place::new(&self.router, &self.config.identity.url, host))
    }

    /// A portal by id.
    pub(crate) fn portal(&self, id: &str) -> Option<&Arc<Portal>> {
        self.by_id.get(id)
    }

    /// Title of a portal by id; `None`: it is not configured (any more).
    pub(crate) fn title_of(&self, id: &str) -> Option<String> {
        self.portal(id).map(|portal| portal.title.clone())
    }

    /// Where notices to a portal go: its own webhook, or that of `[provisioning]` if its requests go there.
    pub(crate) fn webhook(&self, portal: &str) -> Option<&Webhook> {
        let portal = self.by_id.get(portal)?;
        let provided = || {
            let provisioning = self.config.provisioning.as_ref()?;
            let goes_there = portal.upstreams == [provisioning.upstream.clone()];
            provisioning.webhook.as_ref().filter(|_| goes_there)
        };
        portal.webhook.as_ref().or_else(provided)
    }

    /// What each portal wants to be told, in order of id.
    pub(crate) fn subscriptions(&self) -> Vec<Subscription> {
        let mut subscriptions: Vec<Subscription> = self
            .portals
            .iter()
            .filter_map(|portal| {
                let events = self.webhook(&portal.id)?.events.clone();
                Some(Subscription { portal: portal.id.clone(), events })
            })
            .collect();
        subscriptions.sort_by(|one, other| one.portal.cmp(&other.portal));
        subscriptions
    }

    /// The portal that answers on a canonical host.
    pub(crate) fn portal_by_host(&self, host: &str) -> Option<Arc<Portal>> {
        match self.router.host(host) {
            HostMatch::Portal(entry) => Some(entry.portal.clone()),
            HostMatch::Identity | HostMatch::Unknown => None,
        }
    }

    /// `https://host[:port]` of a portal host: scheme and port are those of the Bitrix ID host.
    pub(crate) fn origin_of(&self, host: &str) -> String {
        self.config.identity.url.url_of(host)
    }

    /// `host[:port]` of a portal host, the port where it is not the scheme's own.
    pub(crate) fn authority_of(&self, host: &str) -> String {
        let origin = self.origin_of(host);
        origin.split_once("://").map_or(host, |(_, rest)| rest).to_owned()
    }
}

/// The files' portals and those of the directory that fit beside them. One that does not is left out and
/// said so: it fitted when it was stored, and what is written since must not keep the gateway from serving.
fn fitting(config: &Config, stored: Vec<Portal>) -> impl Iterator<Item = Portal> {
    let mut ids: HashSet<String> = config.portals.iter().map(|portal| portal.id.clone()).collect();
    let mut hosts: HashSet<HostPattern> =
        config.portals.iter().flat_map(|portal| portal.hosts.iter().cloned()).collect();
    hosts.insert(HostPattern::Exact(config.identity.url.host.clone()));
    let files = config.portals.clone();
    files.into_iter().chain(stored.into_iter().filter(move |portal| {
        let fits =
            !ids.contains(&portal.id) && !portal.hosts.iter().any(|host| hosts.contains(host));
        if fits {
            ids.insert(portal.id.clone());
            hosts.extend(portal.hosts.iter().cloned());
        } else {
            tracing::error!(
                portal = portal.id,
                "a stored portal's id or host is taken; it is not served"
            );
        }
        fits
    }))
}

/// Balancing pools, one for each set of upstreams.
struct PoolSets<'a> {
    pools: &'a Pools,
    by_upstreams: HashMap<Vec<Upstream>, Arc<Pool>>,
}

impl PoolSets<'_> {
    fn serving(&mut self, portal: &Portal, telemetry: &Telemetry) -> Arc<Serving> {
        let own = |upstreams: &Vec<Upstream>| !upstreams.is_empty();
        let routes = portal.routes.iter().map(|route| Some(&route.upstreams).filter(|u| own(u)));
        Arc::new(Serving {
            metrics: telemetry.metrics.portal(&portal.id),
            route_pools: routes.map(|upstreams| Some(self.pool(upstreams?))).collect(),
            pool: self.pool(&portal.upstreams),
        })
    }

    fn pool(&mut self, upstreams: &[Upstream]) -> Arc<Pool> {
        if let Some(pool) = self.by_upstreams.get(upstreams) {
            return pool.clone();
        }
        let pool = self.pools.pool(upstreams);
        self.by_upstreams.insert(upstreams.to_vec(), pool.clone());
        pool
    }
}
