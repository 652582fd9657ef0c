//! From files to the snapshot in force: at start, on a file change, on SIGHUP, on an admin's POST.
//!
//! All or nothing: the files are read, checked and built into a whole snapshot before one pointer
//! changes. Requests, streams and WebSockets in flight keep the snapshot they began with.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bitrix_id_auth_core::clock::Clock;
use bitrix_id_auth_core::store::StoredPortal;
use bitrix_id_config::model::{Config, Portal};
use tokio::runtime::Handle;

use crate::admin::ConfigStatus;
use crate::snapshot::{SharedSnapshot, Snapshot};
use crate::telemetry::Telemetry;
use crate::upstreams::Pools;

/// Puts configurations in force.
pub(crate) struct Reloader {
    path: PathBuf,
    /// Of the start: listeners, threads and stores in use until a restart.
    started_with: Arc<Config>,
    snapshot: SharedSnapshot,
    pools: Arc<Pools>,
    telemetry: Arc<Telemetry>,
    clock: Arc<dyn Clock>,
    runtime: Handle,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stored: Vec<Portal>,
    last_error: Option<String>,
    /// The snapshot before this one: dropped here and not on a proxy thread that happens to be the last
    /// to let go of it.
    previous: Option<Arc<Snapshot>>,
}

impl Reloader {
    /// A reloader of `path`, whose first configuration is in force already.
    pub(crate) fn new(
        path: &Path,
        snapshot: SharedSnapshot,
        stored: Vec<Portal>,
        pools: Arc<Pools>,
        telemetry: Arc<Telemetry>,
        clock: Arc<dyn Clock>,
        runtime: Handle,
    ) -> Self {
        Self {
            path: path.to_owned(),
            started_with: snapshot.load().config.clone(),
            snapshot,
            pools,
            telemetry,
            clock,
            runtime,
            state: Mutex::new(State { stored, ..State::default() }),
        }
    }

    /// Reads the files and puts them in force. Blocks for file reads and at most 2 s for names that
    /// were never resolved; not for use on an async worker.
    ///
    /// # Errors
    /// Every problem, as `check` prints them; the running configuration stays.
    pub(crate) fn reload(&self) -> Result<u64, String> {
        let mut state = self.state();
        let outcome = bitrix_id_config::load(&self.path)
            .map_err(|error| error.to_string())
            .and_then(|config| self.put_in_force(&mut state, Arc::new(config)));
        self.remember(&mut state, outcome)
    }

    /// Takes the directory's portals as they are now; does nothing when they are known.
    ///
    /// # Errors
    /// A portal that does not fit beside the others; the running configuration stays.
    pub(crate) fn take_stored(&self, stored: &[StoredPortal]) -> Result<u64, String> {
        let portals = parse_stored(stored);
        let mut state = self.state();
        if portals == state.stored {
            return Ok(self.snapshot.load().generation);
        }
        let before = std::mem::replace(&mut state.stored, portals);
        let config = self.snapshot.load().config.clone();
        let outcome = self.put_in_force(&mut state, config);
        if outcome.is_err() {
            state.stored = before;
        }
        self.remember(&mut state, outcome)
    }

    /// What the admin listener shows.
    pub(crate) fn status(&self) -> ConfigStatus {
        let snapshot = self.snapshot.load();
        ConfigStatus {
            generation: snapshot.generation,
            hash: snapshot.config.hash.clone(),
            loaded_at: snapshot.loaded_at,
            last_error: self.state().last_error.clone(),
            pending_restart: pending_restart(&self.started_with, &snapshot.config),
        }
    }

    fn put_in_force(&self, state: &mut State, config: Arc<Config>) -> Result<u64, String> {
        let generation = self.snapshot.load().generation + 1;
        let snapshot = Snapshot::build(
            generation,
            self.clock.now(),
            config,
            state.stored.clone(),
            &self.pools,
            &self.telemetry,
        )
        .map_err(|error| error.to_string())?;
        // A name that does not resolve in time is the health check's business, not the reload's.
        let _ = self
            .runtime
            .block_on(async { tokio::time::timeout(RESOLVE_WAIT, self.pools.resolve(true)).await });
        let portals = snapshot.portals.iter().map(|portal| portal.id.as_str());
        self.telemetry.metrics.retain_portals(&portals.collect());
        state.previous = Some(self.snapshot.swap(Arc::new(snapshot)));
        Ok(generation)
    }

    fn remember(&self, state: &mut State, outcome: Result<u64, String>) -> Result<u64, String> {
        let metrics = &self.telemetry.metrics;
        match &outcome {
            Ok(generation) => {
                state.last_error = None;
                metrics.config_generation.set(i64::try_from(*generation).unwrap_or(i64::MAX));
                tracing::info!(generation, "configuration is in force");
                let pending = pending_restart(&self.started_with, &self.snapshot.load().config);
                if !pending.is_empty() {
                    tracing::warn!(?pending, "these settings wait for the next restart");
                }
            }
            Err(problems) => {
                state.last_error = Some(problems.clone());
                metrics.config_reload_failures.inc();
                tracing::error!(
                    "the configuration was not reloaded and the running one stays:\n{problems}"
                );
            }
        }
        outcome
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every write to the state is a whole value.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Portals of the directory that can be served. One that cannot is left out and said so: it was checked
/// when it was stored, and must not keep the others from being served.
pub(crate) fn parse_stored(stored: &[StoredPortal]) -> Vec<Portal> {
    stored
        .iter()
        .filter_map(|portal| match bitrix_id_config::portal_from_toml(&portal.toml) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                tracing::error!(portal = portal.id, %error, "a stored portal cannot be read");
                None
            }
        })
        .collect()
}

/// Settings that differ from those the process started with and cannot change while it runs.
fn pending_restart(started: &Config, now: &Config) -> Vec<String> {
    let (old, new) = (&started.server, &now.server);
    let stores = |config: &Config| format!("{:?}", config.store);
    [
        ("server.https", old.https != new.https),
        ("server.http", old.http != new.http),
        ("server.admin", old.admin != new.admin),
        ("server.threads", old.threads != new.threads),
        ("server.runtime_directory", old.runtime_directory != new.runtime_directory),
        (
            "server.max_connections",
            old.max_connections != new.max_connections
                || old.max_connections_per_address != new.max_connections_per_address,
        ),
        ("server.header_timeout", old.header_timeout != new.header_timeout),
        ("server.drain", old.drain != new.drain),
        ("passwords", started.passwords != now.passwords),
        ("store", stores(started) != stores(now)),
        ("tls", started.tls.is_some() != now.tls.is_some()),
    ]
    .into_iter()
    .filter(|(_, differs)| *differs)
    .map(|(name, _)| name.to_owned())
    .collect()
}

const RESOLVE_WAIT: Duration = Duration::from_secs(2);
