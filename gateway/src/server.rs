//! The composition root: the only file that knows every part.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, bail};
use arc_swap::ArcSwap;
use bitrix_id_auth_core::authenticate::Authenticator;
use bitrix_id_auth_core::clock::{Clock, SystemClock};
use bitrix_id_auth_core::hop::HopSealer;
use bitrix_id_auth_core::issuer::Issuer;
use bitrix_id_auth_core::keys::{self, KeyRing};
use bitrix_id_auth_core::password::PasswordPool;
use bitrix_id_auth_core::revocation::Revocations;
use bitrix_id_auth_core::store::Directory;
use bitrix_id_config::model::{Config, MailTransport, Server as ServerSettings};
use pingora_core::apps::HttpServerOptions;
use pingora_core::apps::http_app::HttpServer;
use pingora_core::listeners::{L4BufferSettings, ListenerConfig};
use pingora_core::protocols::http::v2::server::default_h2_options;
use pingora_core::server::configuration::{Opt, ServerConf};
use pingora_core::server::{ExecutionPhase, RunArgs, Server};
use pingora_core::services::listening::Service;
use pingora_core::upstreams::peer::HttpPeer;
use pingora_proxy::{HttpProxy, http_proxy};

use crate::admin::admin_app;
use crate::control::Controller;
use crate::edge::{Activity, Edge, EdgeLimits};
use crate::hub::Hub;
use crate::lifecycle::{Lifecycle, RuntimeFiles, SocketKeeper};
use crate::proxy::Gateway;
use crate::reload::{Reloader, parse_stored};
use crate::signin;
use crate::signin::renew::Renewer;
use crate::snapshot::Snapshot;
use crate::stores;
use crate::streams::Streams;
use crate::telemetry::{Sink, Telemetry};
use crate::tls;
use crate::upstreams::Pools;

/// How the gateway is to run.
pub(crate) struct Run<'a> {
    /// The configuration file.
    pub config: &'a Path,
    /// Take the listening sockets over from a running gateway.
    pub upgrade: bool,
    /// Show the mail outbox on the admin listener (demo).
    pub show_outbox: bool,
    /// Called once the gateway serves.
    pub on_ready: Box<dyn FnOnce() + Send>,
}

/// Runs the gateway until it is told to stop.
///
/// # Errors
/// Whatever keeps it from serving: a configuration with problems, a store that does not open, an address
/// that is taken.
pub(crate) fn run(run: Run<'_>) -> anyhow::Result<()> {
    let config = Arc::new(bitrix_id_config::load(run.config)?);
    let files = prepare_directory(&config.server)?;
    if !run.upgrade {
        refuse_taken_addresses(&config.server)?;
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let telemetry = Telemetry::new(Sink::Stdout);
    let pools = Arc::new(Pools::default());
    let control_runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("control")
        .enable_all()
        .build()
        .context("starting the control service")?;
    let hub = control_runtime.block_on(open_hub(&config, &clock, &telemetry, &pools))?;
    let stored = control_runtime.block_on(hub.directory.portals())?;
    let activity = Arc::new(Activity::default());
    let reloader = Arc::new(Reloader::new(
        run.config,
        hub.snapshot.clone(),
        parse_stored(&stored),
        pools.clone(),
        telemetry.clone(),
        clock,
        control_runtime.handle().clone(),
    ));
    telemetry.metrics.config_generation.set(1);
    let controller = Controller::new(
        hub.clone(),
        reloader.clone(),
        pools,
        activity.clone(),
        run.config.to_owned(),
    );
    let sign_in = signin::start(hub.clone(), &files.sign_in)?;
    let gateway = Gateway {
        hub: hub.clone(),
        renewer: Arc::new(Renewer::new(hub.clone(), sign_in.runtime.clone())),
        activity: activity.clone(),
        sign_in_peer: sign_in_peer(&files)?,
    };

    let sockets = Arc::new(OnceLock::new());
    let options = run.upgrade.then(|| {
        let mut options = Opt::default();
        options.upgrade = true;
        options
    });
    let mut server = Server::new_with_opt_and_conf(options, server_conf(&config.server, &files));
    let conf = server.configuration.clone();
    server.add_service(edge_service(&config, &hub, &conf, gateway, &activity)?);
    let outbox = match &config.mail {
        Some(mail) if run.show_outbox => match &mail.transport {
            MailTransport::Outbox(directory) => Some(directory.clone()),
            MailTransport::Smtp { .. } => None,
        },
        _ => None,
    };
    let mut admin = Service::new(
        "admin".to_owned(),
        HttpServer::new_app(admin_app(controller.clone(), telemetry, outbox)),
    );
    admin.threads = Some(1);
    admin.add_tcp(&config.server.admin.to_string());
    server.add_service(admin);
    server.add_service(SocketKeeper(sockets.clone()));

    if run.upgrade {
        call_predecessor(&files)?;
    }
    server.bootstrap();
    announce_when_running(&server, files.clone(), run.on_ready);
    control_runtime.spawn(controller.run());
    server.run(RunArgs {
        shutdown_signal: Box::new(Lifecycle {
            hub: hub.clone(),
            reloader,
            activity,
            files: files.clone(),
            sockets,
        }),
    });
    crate::lifecycle::leave(&hub, &files)
}

async fn open_hub(
    config: &Arc<Config>,
    clock: &Arc<dyn Clock>,
    telemetry: &Arc<Telemetry>,
    pools: &Pools,
) -> anyhow::Result<Arc<Hub>> {
    let (directory, sessions) = stores::open(config).await?;
    let ring = first_ring(directory.as_ref(), config, clock.as_ref()).await?;
    let stored = parse_stored(&directory.portals().await?);
    let snapshot = Snapshot::build(1, clock.now(), config.clone(), stored, pools, telemetry)?;
    // A name that does not resolve now is looked up again by the control service.
    let _ = tokio::time::timeout(Duration::from_secs(5), pools.resolve(true)).await;
    let keys = Arc::new(ArcSwap::from_pointee(ring));
    let hub = Hub {
        snapshot: Arc::new(ArcSwap::from_pointee(snapshot)),
        issuer: Arc::new(Issuer::new(directory.clone(), sessions.clone(), keys.clone())),
        keys,
        revocations: Arc::new(Revocations::new()),
        followed: AtomicU64::new(0),
        streams: Arc::new(Streams::default()),
        authenticator: Authenticator::new(REMEMBERED_TOKENS),
        clock: clock.clone(),
        hop: HopSealer::new(directory.secret("hop").await?),
        csrf_secret: directory.secret("csrf").await?,
        device_secret: directory.secret("device").await?,
        directory,
        sessions,
        telemetry: telemetry.clone(),
        passwords: Arc::new(PasswordPool::new(&config.passwords)),
    };
    // Whatever was revoked while no process ran must be known before the first request.
    hub.catch_up_revocations().await?;
    Ok(Arc::new(hub))
}

/// The key ring of the directory; makes the very first key.
async fn first_ring(
    directory: &dyn Directory,
    config: &Config,
    clock: &dyn Clock,
) -> anyhow::Result<KeyRing> {
    let now = clock.now();
    let lifetime = crate::hub::whole_seconds(config.identity.token_lifetime);
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
fn prepare_directory(settings: &ServerSettings) -> anyhow::Result<RuntimeFiles> {
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
fn refuse_taken_addresses(settings: &ServerSettings) -> anyhow::Result<()> {
    let public = settings.https.iter().chain(&settings.http);
    for address in public.chain(std::iter::once(&settings.admin)) {
        let socket = std::net::TcpListener::bind(address);
        socket.with_context(|| {
            format!("cannot listen on {address}: stop what listens there, or change [server] in the configuration")
        })?;
    }
    Ok(())
}

fn server_conf(settings: &ServerSettings, files: &RuntimeFiles) -> ServerConf {
    ServerConf {
        threads: settings.threads,
        work_stealing: true,
        grace_period_seconds: Some(settings.drain.as_secs()),
        graceful_shutdown_timeout_seconds: Some(1),
        upstream_keepalive_pool_size: POOLED_CONNECTIONS,
        max_retries: 3,
        upgrade_sock: files.upgrade.to_string_lossy().into_owned(),
        pid_file: files.pid.to_string_lossy().into_owned(),
        ..ServerConf::default()
    }
}

fn sign_in_peer(files: &RuntimeFiles) -> anyhow::Result<HttpPeer> {
    let path = files.sign_in.to_str().context("the runtime directory's path is not UTF-8")?;
    let mut peer = HttpPeer::new_uds(path, false, String::new())?;
    peer.options.connection_timeout = Some(Duration::from_secs(2));
    peer.options.read_timeout = Some(Duration::from_secs(30));
    peer.options.write_timeout = Some(Duration::from_secs(10));
    peer.options.idle_timeout = Some(Duration::from_secs(30));
    Ok(peer)
}

fn edge_service(
    config: &Config,
    hub: &Arc<Hub>,
    conf: &Arc<ServerConf>,
    gateway: Gateway,
    activity: &Arc<Activity>,
) -> anyhow::Result<Service<Edge<HttpProxy<Gateway>>>> {
    let settings = &config.server;
    let mut proxy = http_proxy(conf, gateway);
    let mut options = HttpServerOptions::default();
    options.h2_idle_timeout = Some(settings.keepalive.max(Duration::from_secs(5)));
    proxy.server_options = Some(options);
    proxy.h2_options = Some(default_h2_options());
    let limits = EdgeLimits {
        header_timeout: settings.header_timeout,
        connections: settings.max_connections,
        connections_per_address: settings.max_connections_per_address,
    };
    let refused = hub.telemetry.metrics.connections_refused.clone();
    let edge = Edge::new(Arc::new(proxy), limits, activity.clone(), refused);
    let mut service = Service::new("edge".to_owned(), edge);
    let buffers = || L4BufferSettings::new(READ_BUFFER, WRITE_BUFFER);
    for address in &settings.http {
        service.add_listener(ListenerConfig::tcp(address.to_string()).l4_buffer(buffers()));
    }
    for address in &settings.https {
        let tls = tls::listener_settings(hub.snapshot.clone())?;
        service
            .add_listener(ListenerConfig::tcp(address.to_string()).tls(tls).l4_buffer(buffers()));
    }
    Ok(service)
}

/// Asks the gateway that serves now for its sockets.
fn call_predecessor(files: &RuntimeFiles) -> anyhow::Result<()> {
    let pid = files.serving_pid().and_then(rustix::process::Pid::from_raw).with_context(|| {
        format!("no running gateway is known in {}; start without --upgrade", files.pid.display())
    })?;
    rustix::process::kill_process(pid, rustix::process::Signal::QUIT).with_context(|| {
        format!("the running gateway (pid {pid:?}) cannot be reached; start without --upgrade")
    })
}

fn announce_when_running(server: &Server, files: RuntimeFiles, on_ready: Box<dyn FnOnce() + Send>) {
    let mut phases = server.watch_execution_phase();
    std::thread::spawn(move || {
        while let Ok(phase) = phases.blocking_recv() {
            if !matches!(phase, ExecutionPhase::Running) {
                continue;
            }
            match files.claim() {
                Ok(()) => tracing::info!(pid = std::process::id(), "serving"),
                Err(error) => {
                    tracing::error!(%error, "the pid file cannot be written; upgrades will not find this process")
                }
            }
            on_ready();
            return;
        }
    });
}

/// Tokens whose signature need not be checked again.
const REMEMBERED_TOKENS: usize = 100_000;
const POOLED_CONNECTIONS: usize = 1024;
/// A TLS record is 16 KiB; pingora's default of 64 KiB per connection is for bulk transfer.
const READ_BUFFER: usize = 16 * 1024;
const WRITE_BUFFER: usize = 4 * 1024;
