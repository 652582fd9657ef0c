//! Everything that must be true before the first request: directories, addresses, stores, keys.

use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use arc_swap::ArcSwap;
use bitrix_id_auth_core::authenticate::Authenticator;
use bitrix_id_auth_core::clock::Clock;
use bitrix_id_auth_core::hop::HopSealer;
use bitrix_id_auth_core::issuer::Issuer;
use bitrix_id_auth_core::keys::{self, KeyRing};
use bitrix_id_auth_core::password::PasswordPool;
use bitrix_id_auth_core::revocation::Revocations;
use bitrix_id_auth_core::store::{Directory, OpenRedisError, StoreError};
use bitrix_id_config::model::{Config, Portal, Server as ServerSettings, SessionsStore};

use crate::hearing::Hearing;
use crate::hub::Hub;
use crate::kept::{Kept, ReadKeptError};
use crate::reload::parse_stored;
use crate::runtime_files::RuntimeFiles;
use crate::snapshot::Snapshot;
use crate::stores::{self, Stores};
use crate::streams::Streams;
use crate::telemetry::Telemetry;
use crate::upstreams::Pools;

/// Opens the stores and puts together what every part shares; also gives the directory's portals.
///
/// # Errors
/// A store that does not open, keys or a configuration that cannot be used.
pub(crate) async fn open_hub(
    config: &Arc<Config>,
    clock: &Arc<dyn Clock>,
    telemetry: &Arc<Telemetry>,
    pools: &Pools,
    files: &RuntimeFiles,
) -> anyhow::Result<(Arc<Hub>, Vec<Portal>)> {
    let (Stores { directory, sessions, .. }, away) = stores::open_to_serve(config).await?;
    let ring = first_ring(directory.as_ref(), config, clock.as_ref()).await?;
    let stored = parse_stored(&directory.portals().await?);
    let snapshot =
        Snapshot::build(1, clock.now(), config.clone(), stored.clone(), pools, telemetry)?;
    // A name that does not resolve now is looked up again by the control service.
    let _ = tokio::time::timeout(Duration::from_secs(5), pools.resolve(true)).await;
    let keys = Arc::new(ArcSwap::from_pointee(ring));
    let hub = Hub {
        snapshot: Arc::new(ArcSwap::from_pointee(snapshot)),
        issuer: Arc::new(Issuer::new(directory.clone(), sessions.clone(), keys.clone())),
        keys,
        revocations: Arc::new(Revocations::new()),
        hearing: Hearing::default(),
        kept: kept(config, files, directory.as_ref()).await?,
        streams: Arc::new(Streams::default()),
        authenticator: Authenticator::new(REMEMBERED_TOKENS),
        clock: clock.clone(),
        hop: HopSealer::new(directory.secret("hop").await?),
        csrf_secret: directory.secret("csrf").await?,
        device_secret: directory.secret("device").await?,
        directory,
        sessions,
        telemetry: telemetry.clone(),
        passwords: ArcSwap::from_pointee(PasswordPool::new(&config.passwords)),
        portal_bells: Default::default(),
    };
    // Whatever was revoked while no process ran must be known before the first request.
    learn_revocations(&hub, away).await?;
    // And what portals want to be told, before anything happens here.
    hub.follow_webhooks().await?;
    Ok((Arc::new(hub), stored))
}

/// The file for what is known of revocations, where the session store can be away by itself.
async fn kept(
    config: &Config,
    files: &RuntimeFiles,
    directory: &dyn Directory,
) -> anyhow::Result<Option<Kept>> {
    match config.store.sessions {
        SessionsStore::Embedded => Ok(None),
        SessionsStore::Redis(_) => {
            Ok(Some(Kept::new(&files.directory, directory.secret("revocations").await?)))
        }
    }
}

/// What was revoked: from the store's log, and from what the last process kept. The log is read as a whole if
/// it can be; what was kept beside it may be more than a store has that lost its newest entries.
async fn learn_revocations(hub: &Hub, away: Option<OpenRedisError>) -> anyhow::Result<()> {
    let standing = hub.kept.as_ref().map(|kept| kept.read(&hub.revocations, hub.clock.now()));
    let heard = match away {
        Some(error) => Err(anyhow::Error::from(error)),
        None => match hub.learn_revocations().await {
            Err(error @ StoreError::Corrupt(_)) => return Err(error.into()),
            heard => heard.map_err(anyhow::Error::from),
        },
    };
    match (heard, standing) {
        (Ok(()), Some(Err(error))) if !error.is_absence() => {
            tracing::warn!(%error, "what the last process kept of revocations is not known");
            Ok(())
        }
        (Ok(()), _) => Ok(()),
        (Err(away), Some(Ok(standing))) => {
            hub.hearing.resume(standing);
            let silent_ms = hub.clock.now_ms().saturating_sub(standing.heard_at_ms);
            tracing::error!(
                error = %format!("{away:#}"),
                heard_seconds_ago = silent_ms.div_euclid(1000),
                "starting without the session store, with the revocations that the last process kept"
            );
            Ok(())
        }
        (Err(away), None) => Err(away),
        (Err(away), Some(Err(error))) => Err(without_kept(away, &error)),
    }
}

fn without_kept(away: anyhow::Error, error: &ReadKeptError) -> anyhow::Error {
    match error.is_absence() {
        true => away,
        false => away.context(format!(
            "the session store is away, and what the last process kept of revocations is not known ({error})"
        )),
    }
}

/// The key ring of the directory; makes the very first key.
async fn first_ring(
    directory: &dyn Directory,
    config: &Config,
    clock: &dyn Clock,
) -> anyhow::Result<KeyRing> {
    let now = clock.now();
    let lifetime = bitrix_id_auth_core::clock::whole_seconds(config.identity.token_lifetime);
    let mut records = directory.signing_keys().await?;
    if records.is_empty() {
        let plan = keys::plan_rotation(&records, now, lifetime)?;
        // Another process that starts at the same moment may be first; its key is as good.
        directory
            .add_signing_key(plan.key, plan.if_newest.as_deref(), plan.others_expire_at)
            .await?;
        records = directory.signing_keys().await?;
    }
    KeyRing::new(&records, now).context("the directory's signing keys cannot be used")
}

/// Makes the private directory of sockets and pid file.
pub(crate) fn prepare_directory(settings: &ServerSettings) -> anyhow::Result<RuntimeFiles> {
    let directory = &settings.runtime_directory;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .with_context(|| format!("making the runtime directory {}", directory.display()))?;
    let directory = directory
        .canonicalize()
        .with_context(|| format!("finding the runtime directory {}", directory.display()))?;
    let files = RuntimeFiles::of(&directory);
    // sockaddr_un holds 108 bytes, the last of them zero.
    if files.sign_in.as_os_str().len() > 107 {
        bail!(
            "the runtime directory's path is too long for a unix socket: {}; set server.runtime_directory to a shorter one",
            directory.display()
        );
    }
    Ok(files)
}

/// Pingora panics on an address that is taken; this says which and what to do.
pub(crate) fn refuse_taken_addresses(settings: &ServerSettings) -> anyhow::Result<()> {
    let public = settings.https.iter().chain(&settings.http);
    for address in public.chain(std::iter::once(&settings.admin)) {
        let socket = std::net::TcpListener::bind(address);
        socket.with_context(|| {
            format!("cannot listen on {address}: stop what listens there, or change [server] in the configuration")
        })?;
    }
    Ok(())
}

/// Tokens whose signature need not be checked again.
const REMEMBERED_TOKENS: usize = 100_000;
