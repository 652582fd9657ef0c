//! A proxy that only proxies: `bare-pingora LISTEN UPSTREAM [CERTIFICATE KEY]`, one worker. The gateway's
//! price is the difference to it, so it is built in the same profile and sets the same knobs.

use std::time::Duration;

use async_trait::async_trait;
use mimalloc::MiMalloc;
use pingora::listeners::tls::TlsSettings;
use pingora::prelude::*;
use pingora::server::configuration::ServerConf;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Everything to one upstream, nothing looked at.
struct Bare(HttpPeer);

#[async_trait]
impl ProxyHttp for Bare {
    type CTX = ();

    fn new_ctx(&self) {}

    async fn upstream_peer(&self, _: &mut Session, (): &mut ()) -> Result<Box<HttpPeer>> {
        Ok(Box::new(self.0.clone()))
    }
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [listen, upstream, tls @ ..] = arguments.as_slice() else {
        return Err("usage: bare-pingora LISTEN UPSTREAM [CERTIFICATE KEY]".into());
    };
    let conf =
        ServerConf { threads: 1, upstream_keepalive_pool_size: 1024, ..ServerConf::default() };
    let mut server = Server::new_with_opt_and_conf(None, conf);
    server.bootstrap();
    let upstream: std::net::SocketAddr = upstream.parse()?;
    let mut peer = HttpPeer::new(upstream, false, String::new());
    peer.options.connection_timeout = Some(Duration::from_secs(3));
    peer.options.total_connection_timeout = Some(Duration::from_secs(6));
    peer.options.read_timeout = Some(Duration::from_secs(60));
    peer.options.idle_timeout = Some(Duration::from_secs(55));
    let bare = Bare(peer);
    let mut service = http_proxy_service(&server.configuration, bare);
    if let [certificate, key] = tls {
        let mut settings = TlsSettings::intermediate(certificate, key)?;
        settings.enable_h2();
        service.add_tls_with_settings(listen, None, settings);
    } else {
        service.add_tcp(listen);
    }
    server.add_service(service);
    server.run_forever();
}
