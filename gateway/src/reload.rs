//! From files to the snapshot in force: at start, on a file change, on SIGHUP, on an admin's POST.
//!
//! All or nothing: the files are read, checked and built into a whole snapshot before one pointer
//! changes. Requests, streams and WebSockets in flight keep the snapshot they began with.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bitrix_id_auth_core::audit::{self, Actor};
use bitrix_id_auth_core::password::PasswordPool;
use bitrix_id_auth_core::store::{AuditEvent, StoredPortal};
use bitrix_id_config::model::{Config, Portal};
use tokio::runtime::Handle;

use crate::admin::ConfigStatus;
use crate::files::Stamp;
use crate::hub::Hub;
use crate::snapshot::Snapshot;
use crate::upstreams::Pools;

/// Puts configurations in force.
pub(crate) struct Reloader {
    path: PathBuf,
    /// Of the start: listeners, threads and stores in use until a restart.
    started_with: Arc<Config>,
    hub: Arc<Hub>,
    pools: Arc<Pools>,
    runtime: Handle,
    /// Why the files were refused the last time; apart from the lock, which a slow reload holds.
    last_error: ArcSwapOption<String>,
    /// The files as they were when they were read last, whoever asked for it.
    read: ArcSwapOption<Stamp>,
    turn: Mutex<Turn>,
}

/// What one reload at a time may change.
struct Turn {
    stored: Vec<Portal>,
    /// The snapshot before this one: dropped here and not on a proxy thread that happens to be the last
    /// to let go of it.
    previous: Option<Arc<Snapshot>>,
}

impl Reloader {
    /// A reloader of `path`, whose first configuration is in force already, with the directory's `stored`
    /// portals in it.
    pub(crate) fn new(
        path: &Path,
        hub: Arc<Hub>,
        stored: Vec<Portal>,
        pools: Arc<Pools>,
        runtime: Handle,
    ) -> Self {
        Self {
            path: path.to_owned(),
            started_with: hub.snapshot.load().config.clone(),
            pools,
            runtime,
            last_error: ArcSwapOption::empty(),
            read: ArcSwapOption::from_pointee(Stamp::of(&hub.snapshot.load().config, path)),
            turn: Mutex::new(Turn { stored, previous: None }),
            hub,
        }
    }

    /// Reads the files and puts them in force. Blocks for file reads and at most 2 s for names that
    /// were never resolved; not for use on an async worker.
    ///
    /// # Errors
    /// Every problem, as `check` prints them; the running configuration stays.
    pub(crate) fn reload(&self) -> Result<u64, String> {
        let mut turn = self.turn();
        let before = self.stamp();
        let outcome =
            self.read(&turn.stored).map(|snapshot| self.put_in_force(&mut turn, snapshot));
        // The set of files may be another one now. What changed while it was read counts as unread.
        self.read.store(Some(Arc::new(self.stamp().read_in(&before))));
        match &outcome {
            Ok(generation) => {
                self.last_error.store(None);
                self.announce(*generation);
            }
            Err(problems) => {
                self.last_error.store(Some(Arc::new(problems.clone())));
                self.hub.telemetry.metrics.config_reload_failures.inc();
                tracing::error!(
                    "the files were refused and the running configuration stays:\n{problems}"
                );
            }
        }
        outcome
    }

    /// What the files look like. Blocks: file systems can hang.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp::of(&self.hub.snapshot.load().config, &self.path)
    }

    /// Whether the files were read when they looked like this.
    pub(crate) fn has_read(&self, stamp: &Stamp) -> bool {
        self.read.load().as_deref() == Some(stamp)
    }

    /// Takes the directory's portals as they are now; does nothing when they are known.
    ///
    /// # Errors
    /// Why they cannot be served beside the others; the running configuration stays.
    pub(crate) fn take_stored(&self, stored: &[StoredPortal]) -> Result<(), String> {
        let portals = parse_stored(stored);
        let mut turn = self.turn();
        if portals == turn.stored {
            return Ok(());
        }
        let now = self.hub.clock.now();
        let snapshot = self
            .hub
            .snapshot
            .load()
            .with_stored(now, portals.clone(), &self.pools, &self.hub.telemetry)
            .map_err(|error| error.to_string())?;
        turn.stored = portals;
        let generation = self.put_in_force(&mut turn, snapshot);
        tracing::info!(generation, "the directory's portals are in force");
        Ok(())
    }

    /// What the admin listener shows.
    pub(crate) fn status(&self) -> ConfigStatus {
        let snapshot = self.hub.snapshot.load();
        ConfigStatus {
            generation: snapshot.generation,
            hash: snapshot.config.hash.clone(),
            loaded_at: snapshot.loaded_at,
            last_error: self.last_error.load().as_deref().cloned(),
            pending_restart: pending_restart(&self.started_with, &snapshot.config),
        }
    }

    fn read(&self, stored: &[Portal]) -> Result<Snapshot, String> {
        let config = bitrix_id_config::load(&self.path).map_err(|error| error.to_string())?;
        let generation = self.hub.snapshot.load().generation + 1;
        Snapshot::build(
            generation,
            self.hub.clock.now(),
            Arc::new(config),
            stored.to_vec(),
            &self.pools,
            &self.hub.telemetry,
        )
        .map_err(|error| error.to_string())
    }

    fn put_in_force(&self, turn: &mut Turn, snapshot: Snapshot) -> u64 {
        let generation = snapshot.generation;
        // A name that does not resolve in time is the health check's business, not the reload's.
        let _ = self
            .runtime
            .block_on(async { tokio::time::timeout(RESOLVE_WAIT, self.pools.resolve(true)).await });
        let metrics = &self.hub.telemetry.metrics;
        let portals = snapshot.portals.iter().map(|portal| portal.id.as_str());
        metrics.retain_portals(&portals.collect());
        metrics.config_generation.set(i64::try_from(generation).unwrap_or(i64::MAX));
        let passwords = &snapshot.config.passwords;
        if *passwords != self.hub.snapshot.load().config.passwords {
            // Hashes under way finish in the old pool.
            self.hub.passwords.store(Arc::new(PasswordPool::new(passwords)));
        }
        turn.previous = Some(self.hub.snapshot.swap(Arc::new(snapshot)));
        self.hub.portal_bells.taken.notify_waiters();
        generation
    }

    fn announce(&self, generation: u64) {
        let config = self.hub.snapshot.load().config.clone();
        tracing::info!(generation, hash = config.hash, "configuration is in force");
        let pending = pending_restart(&self.started_with, &config);
        if !pending.is_empty() {
            tracing::warn!(?pending, "these settings wait for the next restart");
        }
        let event = AuditEvent::new(audit::CONFIG_RELOADED, self.hub.clock.now_ms())
            .with_actor(Actor::Operator)
            .with_detail(&format!("generation {generation}, hash {}", config.hash));
        let hub = self.hub.clone();
        self.runtime.spawn(async move {
            if let Err(error) = hub.directory.record(event).await {
                tracing::error!(%error, "the audit table has no record of a reload");
            }
        });
    }

    fn turn(&self) -> std::sync::MutexGuard<'_, Turn> {
        // Every write is a whole value.
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
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
        ("store", stores(started) != stores(now)),
        ("tls", started.tls.is_some() != now.tls.is_some()),
    ]
    .into_iter()
    .filter(|(_, differs)| *differs)
    .map(|(name, _)| name.to_owned())
    .collect()
}

const RESOLVE_WAIT: Duration = Duration::from_secs(2);
