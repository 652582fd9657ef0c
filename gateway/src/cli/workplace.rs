//! What the commands that change accounts, portals and keys work on: the store itself. A running gateway
//! notices within half a second.

use std::path::Path;

use anyhow::Context;
use bitrix_id_auth_core::audit::Actor;
use bitrix_id_auth_core::clock::{Clock, SystemClock};
use bitrix_id_auth_core::identity::UnixSeconds;
use bitrix_id_auth_core::revocation::remembered_until;
use bitrix_id_auth_core::store::sqlite::{SqliteStore, open_sqlite};
use bitrix_id_auth_core::store::{AuditEvent, Directory};
use bitrix_id_config::model::{Config, DirectoryStore};

use crate::hub::whole_seconds;

/// An open store and the configuration that names it.
pub(super) struct Workplace {
    pub(super) config: Config,
    pub(super) store: SqliteStore,
    clock: SystemClock,
}

/// Opens the store of `config`, does `work` and closes the store, on a runtime of its own.
pub(super) fn with_store<T>(
    config: &Path,
    work: impl AsyncFnOnce(&Workplace) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let place = Workplace::open(config).await?;
        let done = work(&place).await;
        place.store.close().await;
        done
    })
}

impl Workplace {
    async fn open(config: &Path) -> anyhow::Result<Self> {
        let config = bitrix_id_config::load(config)?;
        let store = match &config.store.directory {
            DirectoryStore::Sqlite(path) => open_sqlite(path).await?,
        };
        Ok(Self { config, store, clock: SystemClock })
    }

    pub(super) fn now(&self) -> UnixSeconds {
        self.clock.now()
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Until when a revocation made now has to be remembered.
    pub(super) fn tokens_dead_at(&self) -> UnixSeconds {
        let lifetime = whole_seconds(self.config.identity.token_lifetime);
        remembered_until(self.now(), lifetime)
    }

    /// Keeps what the operator did.
    pub(super) async fn audit(
        &self,
        action: &'static str,
        about: impl FnOnce(AuditEvent) -> AuditEvent,
    ) -> anyhow::Result<()> {
        let event = AuditEvent::new(action, self.now_ms()).with_actor(Actor::Operator);
        self.store
            .record(about(event))
            .await
            .with_context(|| format!("it is done, but the audit table has no record of {action}"))
    }
}
