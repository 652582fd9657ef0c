//! What the commands that change accounts, portals and keys work on: the store itself. A running gateway
//! notices within half a second.

use std::path::Path;

use anyhow::Context;
use bitrix_id_auth_core::accounts::AccountChange;
use bitrix_id_auth_core::audit::Actor;
use bitrix_id_auth_core::clock::{Clock, SystemClock};
use bitrix_id_auth_core::identity::UnixSeconds;
use bitrix_id_auth_core::store::AuditEvent;
use bitrix_id_config::model::Config;

use crate::stores::{self, Stores};

/// Open stores and the configuration that names them.
pub(super) struct Workplace {
    pub(super) config: Config,
    pub(super) stores: Stores,
    clock: SystemClock,
}

/// Opens the stores of `config`, does `work` and closes them, on a runtime of its own.
pub(super) fn with_store<T>(
    config: &Path,
    work: impl AsyncFnOnce(&Workplace) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let place = Workplace::open(config).await?;
        let done = work(&place).await;
        place.stores.close().await;
        done
    })
}

impl Workplace {
    async fn open(config: &Path) -> anyhow::Result<Self> {
        let config = bitrix_id_config::load(config)?;
        let stores = stores::open(&config).await?;
        Ok(Self { config, stores, clock: SystemClock })
    }

    pub(super) fn now(&self) -> UnixSeconds {
        self.clock.now()
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Changes to accounts that take effect in a running gateway.
    pub(super) fn change(&self) -> AccountChange<'_> {
        AccountChange {
            directory: self.stores.directory.as_ref(),
            sessions: self.stores.sessions.as_ref(),
            now_ms: self.now_ms(),
        }
    }

    /// Keeps what the operator did.
    pub(super) async fn audit(
        &self,
        action: &'static str,
        about: impl FnOnce(AuditEvent) -> AuditEvent,
    ) -> anyhow::Result<()> {
        let event = AuditEvent::new(action, self.now_ms()).with_actor(Actor::Operator);
        self.stores
            .directory
            .record(about(event))
            .await
            .with_context(|| format!("it is done, but the audit table has no record of {action}"))
    }
}
