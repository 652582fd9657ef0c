//! The composition root: the only file that knows every part.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context;
use bitrix_id_auth_core::clock::{Clock, SystemClock};
use bitrix_id_config::model::{Config, MailTransport};
use pingora::apps::HttpServerOptions;
use pingora::apps::http_app::{HttpServer, ServeHttp};
use pingora::connectors::{ConnectorOptions, TransportConnector};
use pingora::listeners::{L4BufferSettings, ListenerConfig};
use pingora::protocols::http::v2::server::{H2Options, default_h2_options};
use pingora::proxy::{HttpProxy, http_proxy};
use pingora::server::configuration::{Opt, ServerConf};
use pingora::server::{ExecutionPhase, RunArgs, Server};
use pingora::services::listening::Service;
use pingora::upstreams::peer::HttpPeer;

use crate::activity::Activity;
use tokio::runtime::Runtime;

use crate::admin::admin_app;
use crate::control::Controller;
use crate::descriptors::Descriptors;
use crate::door::Door;
use crate::edge::{Edge, Tls};
use crate::handover::SocketKeeper;
use crate::hub::Hub;
use crate::lifecycle::Lifecycle;
use crate::proxy::Gateway;
use crate::reload::Reloader;
use crate::runtime_files::RuntimeFiles;
use crate::signin;
use crate::signin::renew::Renewer;
use crate::startup::{open_hub, prepare_directory, refuse_taken_addresses};
use crate::supervisor;
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
    /// Where the access log goes instead of stdout (demo).
    pub access_log: Option<PathBuf>,
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
    let telemetry = Telemetry::new(run.access_log.map_or(Sink::Stdout, Sink::File));
    let descriptors = Descriptors::claim();
    let threads = config.server.threads;
    let pools = Arc::new(Pools::new(descriptors.waiting.div_ceil(threads)));
    let control_runtime = control_runtime()?;
    let (hub, stored) =
        control_runtime.block_on(open_hub(&config, &clock, &telemetry, &pools, &files))?;
    let activity = Arc::new(Activity::default());
    let reloader = Arc::new(Reloader::new(
        run.config,
        hub.clone(),
        stored,
        pools.clone(),
        control_runtime.handle().clone(),
    ));
    telemetry.metrics.config_generation.set(1);
    activity.runtimes.note(control_runtime.handle());
    let controller = Controller::new(hub.clone(), reloader.clone(), pools, activity.clone());
    files.remove_stale();
    let sign_in = signin::start(hub.clone(), &files.sign_in)?;
    activity.runtimes.note(&sign_in.runtime);
    let sockets = Arc::new(OnceLock::new());
    let options = run.upgrade.then(|| Opt { upgrade: true, ..Opt::default() });
    let mut server =
        Server::new_with_opt_and_conf(options, server_conf(threads, descriptors, &files));
    let conf = server.configuration.clone();
    let gateway = Gateway {
        hub: hub.clone(),
        renewer: Arc::new(Renewer::new(hub.clone(), sign_in.runtime)),
        activity: activity.clone(),
        sign_in_peer: sign_in_peer(&files)?,
        connector: TransportConnector::new(Some(ConnectorOptions::from_server_conf(&conf))),
    };
    let door = door(&hub, &activity, descriptors);
    server.add_service(edge_service(&config, &hub, &conf, gateway, &activity, door)?);
    let outbox = outbox_to_show(&config, run.show_outbox);
    server.add_service(admin_service(&config, admin_app(controller.clone(), telemetry, outbox)));
    server.add_service(SocketKeeper(sockets.clone()));

    if run.upgrade {
        call_predecessor(&files)?;
    }
    server.bootstrap();
    if run.upgrade {
        // The sockets are here, so what it knew was kept.
        hub.learn_from_predecessor();
    }
    announce_when_serving(
        &server,
        Announcement {
            addresses: config.server.https.iter().chain(&config.server.http).copied().collect(),
            activity: activity.clone(),
            files: files.clone(),
            took_over: run.upgrade,
            on_ready: run.on_ready,
        },
    );
    control_runtime.spawn(supervisor::show_life());
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

/// The demo's mails; a real gateway shows none.
fn outbox_to_show(config: &Config, show: bool) -> Option<PathBuf> {
    let mail = config.mail.as_ref().filter(|_| show)?;
    match &mail.transport {
        MailTransport::Outbox(directory) => Some(directory.clone()),
        MailTransport::Smtp { .. } => None,
    }
}

fn admin_service<A>(config: &Config, app: A) -> Service<HttpServer<A>>
where
    A: ServeHttp + Send + Sync + 'static,
{
    let mut admin = Service::new("admin".to_owned(), HttpServer::new_app(app));
    admin.threads = Some(1);
    admin.add_tcp(&config.server.admin.to_string());
    admin
}

fn control_runtime() -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("control")
        .enable_all()
        .build()
        .context("starting the control service")
}

fn server_conf(threads: usize, descriptors: Descriptors, files: &RuntimeFiles) -> ServerConf {
    ServerConf {
        threads,
        work_stealing: true,
        // Ours is `server.drain`, which a reload may change; this one only must not be shorter.
        grace_period_seconds: Some(LONGEST_DRAIN_SECONDS),
        graceful_shutdown_timeout_seconds: Some(1),
        upstream_keepalive_pool_size: descriptors.waiting.min(POOLED_CONNECTIONS),
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

fn door(hub: &Hub, activity: &Arc<Activity>, descriptors: Descriptors) -> Door {
    let refused = hub.telemetry.metrics.connections_refused.clone();
    Door::new(hub.snapshot.clone(), activity.clone(), refused, descriptors.clients)
}

fn edge_service(
    config: &Config,
    hub: &Arc<Hub>,
    conf: &Arc<ServerConf>,
    gateway: Gateway,
    activity: &Arc<Activity>,
    door: Door,
) -> anyhow::Result<Service<Edge<HttpProxy<Gateway>>>> {
    let settings = &config.server;
    let mut proxy = http_proxy(conf, gateway);
    let mut options = HttpServerOptions::default();
    options.h2_idle_timeout = Some(settings.keepalive.max(Duration::from_secs(5)));
    proxy.server_options = Some(options);
    proxy.h2_options = Some(h2_options());
    let tls = Tls {
        addresses: settings.https.clone(),
        acceptor: tls::acceptor(hub.snapshot.clone()).context("preparing TLS")?,
    };
    let edge = Edge::new(Arc::new(proxy), door, hub.snapshot.clone(), activity.clone(), tls);
    let mut service = Service::new("edge".to_owned(), edge);
    for address in settings.http.iter().chain(&settings.https) {
        let buffers = L4BufferSettings::new(READ_BUFFER, WRITE_BUFFER);
        service.add_listener(ListenerConfig::tcp(address.to_string()).l4_buffer(buffers));
    }
    Ok(service)
}

fn h2_options() -> H2Options {
    let mut options = default_h2_options();
    options.initial_window_size(H2_STREAM_WINDOW);
    options.initial_connection_window_size(H2_CONNECTION_WINDOW);
    options.max_send_buffer_size(H2_SEND_BUFFER);
    options
}

/// Asks the gateway that serves now for its sockets. Its pid counts only while its own socket answers:
/// a pid file that outlived a crash may name somebody else's process by now.
fn call_predecessor(files: &RuntimeFiles) -> anyhow::Result<()> {
    let pid = files.serving_pid().filter(|pid| files.is_alive(*pid)).with_context(|| {
        format!("no running gateway is known in {}; start without --upgrade", files.pid.display())
    })?;
    let process = rustix::process::Pid::from_raw(pid).context("a pid is positive")?;
    rustix::process::kill_process(process, rustix::process::Signal::QUIT).with_context(|| {
        format!("the running gateway (pid {pid}) cannot be reached; start without --upgrade")
    })
}

/// Once the listeners take connections: readiness turns, the pid file is ours, and whoever started us is told.
fn announce_when_serving(server: &Server, announcement: Announcement) {
    let mut phases = server.watch_execution_phase();
    std::thread::spawn(move || {
        while let Ok(phase) = phases.blocking_recv() {
            if matches!(phase, ExecutionPhase::Running) {
                return announcement.make();
            }
        }
    });
}

struct Announcement {
    addresses: Vec<SocketAddr>,
    activity: Arc<Activity>,
    files: RuntimeFiles,
    took_over: bool,
    on_ready: Box<dyn FnOnce() + Send>,
}

impl Announcement {
    fn make(self) {
        // Pingora binds after it says that it runs.
        for address in &self.addresses {
            while TcpStream::connect_timeout(&reachable(*address), LISTEN_CHECK).is_err() {
                std::thread::sleep(LISTEN_CHECK);
            }
        }
        self.activity.listening.store(true, Ordering::Release);
        // Before the pid file, which is what the one that serves now waits for in order to leave.
        supervisor::serving(self.took_over);
        match self.files.claim() {
            Ok(()) => tracing::info!(pid = std::process::id(), "serving"),
            Err(error) => tracing::error!(
                %error,
                "the pid file cannot be written; upgrades will not find this process"
            ),
        }
        (self.on_ready)();
    }
}

/// Where this machine reaches a listener of its own.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

const POOLED_CONNECTIONS: usize = 1024;
/// A TLS record is 16 KiB; pingora's default of 64 KiB per connection is for bulk transfer.
const READ_BUFFER: usize = 16 * 1024;
const WRITE_BUFFER: usize = 4 * 1024;
/// What a client may send of one body before we have read any: an upload goes as fast as one window per round
/// trip. The usual 64 KiB make 3 MiB/s of a line of 20 ms.
const H2_STREAM_WINDOW: u32 = 512 * 1024;
/// The same of all bodies of a connection, and the most that a client can make us keep.
const H2_CONNECTION_WINDOW: u32 = 1024 * 1024;
/// What is kept of an answer that the client does not take, however large it says its windows are. Pieces come in
/// 64 KiB at most.
const H2_SEND_BUFFER: usize = 64 * 1024;
/// Between two looks at whether a listener is up.
const LISTEN_CHECK: Duration = Duration::from_millis(20);
/// Pingora sleeps this out unless the process ends before, as it does.
const LONGEST_DRAIN_SECONDS: u64 = 24 * 3600;
