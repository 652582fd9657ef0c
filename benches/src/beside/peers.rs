//! What one would use instead, as one would set it up: one worker, keep-alive on both sides, no access log.

use std::net::SocketAddr;
use std::path::Path;

use super::keys::Tokens;
use super::peer::{Peer, Start};
use super::report::BARE;
use crate::load::Request;

/// Where the peers send requests, and where they ask.
pub(crate) struct Scenery<'a> {
    /// Their configuration lies here.
    pub folder: &'a Path,
    /// The upstream of all.
    pub upstream: SocketAddr,
    /// The gateway, for those that ask it about each request.
    pub gateway: SocketAddr,
    /// `Host` of the portal.
    pub authority: &'a str,
    /// The cookie of the gateway's token.
    pub cookie: &'a str,
    /// Tokens of the peers that check their own.
    pub tokens: &'a Tokens,
}

impl Scenery<'_> {
    fn request(&self, fields: &[(&'static str, &str)]) -> Request {
        let host = ("Host", self.authority.to_owned());
        let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned()));
        Request {
            path: "/stream/latest".to_owned(),
            fields: [host].into_iter().chain(fields).collect(),
        }
    }

    /// As somebody signed in.
    pub(crate) fn with_cookie(&self) -> Request {
        self.request(&[("Cookie", self.cookie)])
    }

    /// As nobody: a script's request.
    pub(crate) fn without(&self) -> Request {
        self.request(&[])
    }

    fn with_bearer(&self, token: &str) -> Request {
        self.request(&[("Authorization", &format!("Bearer {token}"))])
    }
}

/// Every peer that is installed; the others are named on stderr.
pub(crate) async fn start_all(scenery: &Scenery<'_>) -> Vec<Peer> {
    let starts = [
        nginx(scenery, "nginx", ""),
        nginx(scenery, "nginx auth_request", "auth_request /_auth;"),
        haproxy(scenery, "HAProxy", ""),
        haproxy_jwt(scenery),
        envoy(scenery),
        traefik(scenery),
        caddy(scenery),
    ];
    let mut peers = Vec::new();
    for start in starts {
        peers.extend(Peer::start(scenery.folder, start).await);
    }
    peers
}

/// An nginx that answers everything by itself: the upstream of the comparison.
pub(crate) async fn upstream(folder: &Path) -> Option<Peer> {
    let body = crate::upstream::BODY;
    let server = format!("location / {{ default_type text/plain; return 200 \"{body}\"; }}");
    Peer::start(folder, nginx_with("upstream", "", &server, Request::default())).await
}

/// What the gateway's price is measured against.
pub(crate) fn bare(scenery: &Scenery<'_>) -> Start {
    Start {
        program: "bare-pingora",
        arguments: vec!["ADDRESS".to_owned(), scenery.upstream.to_string()],
        ..Start::new(BARE, scenery.with_cookie())
    }
}

fn nginx(scenery: &Scenery<'_>, name: &'static str, check: &str) -> Start {
    let Scenery { upstream, gateway, authority, .. } = scenery;
    let upstreams = format!(
        "upstream portal {{ server {upstream}; keepalive 128; keepalive_requests 100000000; }}
         upstream gateway {{ server {gateway}; keepalive 128; keepalive_requests 100000000; }}"
    );
    let server = format!(
        "proxy_http_version 1.1;
         proxy_set_header Connection \"\";
         location / {{ {check} proxy_pass http://portal; }}
         location = /_auth {{
             internal;
             proxy_pass http://gateway{AUTH_PATH};
             proxy_pass_request_body off;
             proxy_set_header Connection \"\";
             proxy_set_header Content-Length \"\";
             proxy_set_header Host {authority};
         }}"
    );
    let request = if check.is_empty() { scenery.without() } else { scenery.with_cookie() };
    let mut start = nginx_with(name, &upstreams, &server, request);
    start.asks_gateway = !check.is_empty();
    start.refuses = !check.is_empty();
    start
}

/// An nginx with this `server`.
pub(crate) fn nginx_with(
    name: &'static str,
    upstreams: &str,
    server: &str,
    request: Request,
) -> Start {
    Start {
        program: "nginx",
        arguments: ["-p", "FOLDER", "-c", "CONFIG"].map(str::to_owned).to_vec(),
        config: format!(
            "worker_processes 1; daemon off; pid nginx-ADDRESS.pid; error_log stderr crit;
             events {{ worker_connections 4096; }}
             http {{
                 access_log off; keepalive_requests 100000000;
                 client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                 uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                 {upstreams}
                 server {{ listen ADDRESS; {server} }}
             }}"
        ),
        ..Start::new(name, request)
    }
}

/// An `HAProxy` with this in its frontend.
pub(crate) fn haproxy(scenery: &Scenery<'_>, name: &'static str, check: &str) -> Start {
    Start {
        program: "haproxy",
        arguments: ["-db", "-f", "CONFIG"].map(str::to_owned).to_vec(),
        config: format!(
            "global\n nbthread 1\n maxconn 4096\n\
             defaults\n mode http\n http-reuse always\n timeout connect 5s\n timeout client 60s\n \
             timeout server 60s\n\
             frontend portal\n bind ADDRESS\n{check} default_backend upstream\n\
             backend upstream\n server one {}\n",
            scenery.upstream
        ),
        ..Start::new(name, scenery.without())
    }
}

/// One that checks a token and passes two fields on.
pub(crate) fn haproxy_jwt(scenery: &Scenery<'_>) -> Start {
    let check = format!(
        " http-request set-var(txn.token) http_auth_bearer\n \
         http-request deny deny_status 401 unless {{ var(txn.token),jwt_verify(\"HS256\",\"{}\") -m int 1 }}\n \
         http-request set-header X-User %[var(txn.token),jwt_payload_query('$.sub')]\n \
         http-request set-header X-Email %[var(txn.token),jwt_payload_query('$.email')]\n",
        scenery.tokens.secret
    );
    Start {
        request: scenery.with_bearer(&scenery.tokens.hs256),
        refuses: true,
        ..haproxy(scenery, "HAProxy, JWT HS256, two headers", &check)
    }
}

fn envoy(scenery: &Scenery<'_>) -> Start {
    let (address, port) = (scenery.upstream.ip(), scenery.upstream.port());
    Start {
        program: "envoy",
        arguments: ["-c", "CONFIG", "--concurrency", "1", "-l", "error", "--use-dynamic-base-id"]
            .map(str::to_owned)
            .to_vec(),
        config: include_str!("envoy.yaml")
            .replace("UPSTREAM_ADDRESS", &address.to_string())
            .replace("UPSTREAM_PORT", &port.to_string())
            .replace("JWKS", &scenery.tokens.jwks),
        request: scenery.with_bearer(&scenery.tokens.rs256),
        refuses: true,
        ..Start::new("Envoy, jwt_authn RS256 with its cache", scenery.without())
    }
}

fn traefik(scenery: &Scenery<'_>) -> Start {
    Start {
        program: "traefik",
        arguments: vec!["--configFile=CONFIG".to_owned()],
        config: include_str!("traefik.yaml").to_owned(),
        second_config: Some(
            include_str!("traefik-routes.yaml")
                .replace("UPSTREAM", &scenery.upstream.to_string())
                .replace("GATEWAY", &format!("localhost:{}{AUTH_PATH}", scenery.gateway.port())),
        ),
        environment: ONE_PROCESSOR,
        asks_gateway: true,
        refuses: true,
        ..Start::new("Traefik forwardAuth", scenery.with_cookie())
    }
}

fn caddy(scenery: &Scenery<'_>) -> Start {
    let Scenery { upstream, gateway, authority, .. } = scenery;
    Start {
        program: "caddy",
        arguments: ["run", "--adapter", "caddyfile", "--config", "CONFIG"]
            .map(str::to_owned)
            .to_vec(),
        config: format!(
            "{{\n admin off\n auto_https off\n}}\nhttp://:PORT {{\n \
             forward_auth {gateway} {{\n uri {AUTH_PATH}\n header_up Host {authority}\n }}\n \
             reverse_proxy {upstream}\n}}\n"
        ),
        environment: ONE_PROCESSOR,
        asks_gateway: true,
        refuses: true,
        ..Start::new("Caddy forward_auth", scenery.with_cookie())
    }
}

/// What answers a proxy whether a request may pass.
const AUTH_PATH: &str = "/.bitrix-id/auth";
const ONE_PROCESSOR: &[(&str, &str)] = &[("GOMAXPROCS", "1")];
