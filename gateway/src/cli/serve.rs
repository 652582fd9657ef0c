//! `bitrix-id serve`.

use std::path::Path;

use crate::server::{self, Run};

/// Runs the gateway until it is told to stop.
///
/// # Errors
/// Whatever keeps it from serving.
pub(crate) fn run(config: &Path, upgrade: bool) -> anyhow::Result<()> {
    server::run(Run {
        config,
        upgrade,
        show_outbox: false,
        access_log: None,
        on_ready: Box::new(|| {}),
    })
}
