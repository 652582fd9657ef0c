//! What the program uses: checked values, with defaults filled in.
//!
//! Nothing here is made from a file without passing the checks of this crate. Hosts are canonical (see
//! [`crate::host`]), durations are [`Duration`], sizes are bytes. A value that another part of the
//! program may still have to refuse (a certificate that does not parse, say) carries its [`Place`],
//! so that this problem points at its line as well.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use crate::diagnostic::Place;
use crate::secret::Secret;
use crate::webhook::Webhook;

/// A whole configuration: the main file, its includes, and the secrets they name.
#[derive(Debug, Clone)]
pub struct Config {
    /// Listeners, threads and limits of the process. Takes effect at the next restart.
    pub server: Server,
    /// Certificates; `None` means plain HTTP, for a gateway behind a TLS terminator.
    pub tls: Option<Tls>,
    /// The Bitrix ID host and the lifetimes of what it issues.
    pub identity: IdentitySettings,
    /// Where accounts and sessions are kept. Takes effect at the next restart.
    pub store: Store,
    /// How mail leaves; `None` means that no mail can be sent, and sign-up is switched off.
    pub mail: Option<Mail>,
    /// Cost and capacity of password hashing.
    pub passwords: Passwords,
    /// Social sign-in buttons, in the order shown.
    pub social: Vec<Social>,
    /// "Create a new Bitrix24"; `None` hides the button.
    pub provisioning: Option<Provisioning>,
    /// The portals, in file order.
    pub portals: Vec<Portal>,
    /// Every file this configuration was read from: the main file, includes, certificates, secrets.
    pub files: Vec<PathBuf>,
    /// Directories whose new files would belong to the configuration (of the `include` patterns).
    pub include_directories: Vec<PathBuf>,
    /// SHA-256 over every file in `files`, each as its length and its bytes; in lower-case hex. Names do
    /// not count, so two nodes with the same contents agree.
    pub hash: String,
}

/// `[server]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// TLS listeners. Default: none.
    pub https: Vec<SocketAddr>,
    /// Plain listeners: they redirect to https, or serve where `[tls]` is absent. Default: none.
    pub http: Vec<SocketAddr>,
    /// Health, metrics, configuration. Default: `127.0.0.1:9090`.
    pub admin: SocketAddr,
    /// Proxy worker threads. Default: one per core.
    pub threads: usize,
    /// Peers whose `X-Forwarded-*` is believed. Default: none.
    pub trusted_proxies: Vec<IpNet>,
    /// Private directory (0700) for the sign-in socket, the upgrade socket and the pid file.
    /// Default: `run` beside the SQLite file.
    pub runtime_directory: PathBuf,
    /// How long SIGTERM waits for requests in flight. Default: 20 s.
    pub drain: Duration,
    /// How long readiness says 503 before the listeners close on SIGTERM. Default: 0 s.
    pub readiness_delay: Duration,
    /// From the first byte of a request's header to its last. Default: 10 s.
    pub header_timeout: Duration,
    /// How long an idle keep-alive connection stays open. Default: 60 s.
    pub keepalive: Duration,
    /// Connections in all. Default: 100,000.
    pub max_connections: usize,
    /// Connections of one client address. Default: 10,000, or `max_connections` where that is less.
    pub max_connections_per_address: usize,
}

/// `[tls]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// At least one. The first one also answers clients that send no server name.
    pub certificates: Vec<CertificateFiles>,
}

/// One certificate chain and its private key, both PEM files, paths already resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// Leaf first, then intermediates.
    pub chain: PathBuf,
    /// PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
    /// Where the pair stands in the file.
    pub place: Place,
}

/// Scheme, host and port of a URL, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// `https`, or `http` where TLS ends before the gateway is absent altogether (development).
    pub https: bool,
    /// Canonical host: lower case, no port, no trailing dot.
    pub host: String,
    /// Always present, also when it is the scheme's default.
    pub port: u16,
}

impl Origin {
    /// `host[:port]` as it stands in a URL or a `Host` field: the scheme's default port is left out.
    #[must_use]
    pub fn authority(&self) -> String {
        self.authority_of(&self.host)
    }

    /// The origin of another canonical `host` with the same scheme and port, as text.
    #[must_use]
    pub fn url_of(&self, host: &str) -> String {
        format!("{}://{}", self.scheme(), self.authority_of(host))
    }

    /// `https` or `http`.
    #[must_use]
    pub const fn scheme(&self) -> &'static str {
        if self.https { "https" } else { "http" }
    }

    /// `host[:port]` of another canonical `host` under this scheme and port.
    #[must_use]
    pub fn authority_of(&self, host: &str) -> String {
        let default_port = if self.https { 443 } else { 80 };
        if self.port == default_port { host.to_owned() } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url_of(&self.host))
    }
}

/// Longest `token_lifetime` that can be configured. Whoever has to outlast every token reckons with it and
/// not with the lifetime of the moment, which a reload may have lowered.
pub const MAX_TOKEN_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// `[identity]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentitySettings {
    /// The Bitrix ID host. Portals share its scheme and port.
    pub url: Origin,
    /// Shown on pages and in mails. Default: `Bitrix ID`.
    pub name: String,
    /// Accent colour of the pages as `#rrggbb`, checked for contrast. Default: built in.
    pub accent: Option<String>,
    /// Lifetime of a portal token. Default: 10 min, or `session_idle` where that is shorter.
    pub token_lifetime: Duration,
    /// A session ends this long after its last use. Default: 24 h, or `session_lifetime` where that is
    /// shorter.
    pub session_idle: Duration,
    /// A session ends this long after sign-in, whatever its use. Default: 30 d.
    pub session_lifetime: Duration,
    /// How long tokens are honoured while revocations cannot be heard. Default: `token_lifetime`.
    pub max_silence: Duration,
    /// Lifetime of mailed codes and checkwords. Default: 60 min.
    pub checkword_lifetime: Duration,
    /// How often the signing key is replaced. Default: 30 d.
    pub key_rotation: Duration,
    /// How long an account whose owner wants it deleted can still be kept. Default: 14 d.
    pub deletion_delay: Duration,
}

/// `[store]`.
#[derive(Debug, Clone)]
pub struct Store {
    /// Accounts, profiles, portals, keys, audit.
    pub directory: DirectoryStore,
    /// Sessions, tickets, attempt counters, one-time codes.
    pub sessions: SessionsStore,
}

/// `store.directory`.
#[derive(Debug, Clone)]
pub enum DirectoryStore {
    /// `sqlite:PATH`, path resolved against the configuration file.
    Sqlite(PathBuf),
    // PostgreSQL joins here with its driver; until then `check` refuses `postgres://`.
}

/// `store.sessions`.
#[derive(Debug, Clone)]
pub enum SessionsStore {
    /// In the directory's own SQLite file.
    Embedded,
    // Redis joins here with its driver; until then `check` refuses `redis://`.
}

/// `[mail]`.
#[derive(Debug, Clone)]
pub struct Mail {
    /// `Name <address>` or a bare address, as written.
    pub from: String,
    /// SMTP or a directory.
    pub transport: MailTransport,
}

/// Where a mail goes.
#[derive(Debug, Clone)]
pub enum MailTransport {
    /// `smtp://user@host:587` (STARTTLS required unless the host is loopback) or `smtps://…:465`.
    Smtp {
        /// The URL without a password.
        url: String,
        /// From `smtp_password_file`.
        password: Option<Secret>,
        /// PEM text of the authorities that alone may vouch for the relay.
        ca: Option<String>,
    },
    /// Files named `<time>-<id>.eml` in this directory, for development.
    Outbox(PathBuf),
}

/// `[passwords]`: argon2id parameters and the hashing pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passwords {
    /// Memory per hash in KiB. Default and minimum: 19 MiB.
    pub memory_kib: u32,
    /// Default and minimum: 2.
    pub iterations: u32,
    /// Default: 1.
    pub parallelism: u32,
    /// Shortest password accepted when one is set, in code points. Default: 8.
    pub min_length: usize,
    /// Hashes computed at once. Default: one per core, at most 8.
    pub workers: usize,
    /// Hashes waiting; beyond it sign-in answers 503. Default: 64.
    pub queue: usize,
}

/// What may be configured, and what a stored hash may ask for. The minimums are OWASP's: 19 MiB, two
/// passes, one lane.
impl Passwords {
    /// Of `memory_kib`: 19 MiB to 1 GiB.
    pub const MEMORY_KIB: RangeInclusive<u32> = 19 * 1024..=1024 * 1024;
    /// Of `iterations`.
    pub const ITERATIONS: RangeInclusive<u32> = 2..=64;
    /// Of `parallelism`.
    pub const PARALLELISM: RangeInclusive<u32> = 1..=16;
}

/// One `[[social]]` table, checked; used by social sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Social {
    /// In URLs: `/social/{id}/start`.
    pub id: String,
    /// Which provider.
    pub preset: SocialPreset,
    /// Issued by the provider.
    pub client_id: String,
    /// From `client_secret_file`; some providers need none. Apple's is a private key in PEM.
    pub client_secret: Option<Secret>,
    /// Ids of portals; the button is shown on the way to one of them only. Empty: always.
    pub portals: Vec<String>,
    /// Tags of languages; the button is shown on pages in one of them only. Empty: on all.
    pub languages: Vec<String>,
}

/// `preset` of `[[social]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocialPreset {
    /// Google.
    Google,
    /// Microsoft.
    Microsoft {
        /// Whose accounts may sign in.
        tenant: Tenant,
    },
    /// GitHub.
    Github,
    /// Facebook.
    Facebook,
    /// Apple.
    Apple {
        /// The developer team.
        team_id: String,
        /// The key in `client_secret_file`.
        key_id: String,
    },
    /// VK.
    Vk,
    /// Yandex.
    Yandex,
    /// Mail.ru.
    Mailru,
    /// Any OpenID Connect provider.
    Oidc {
        /// `https` URL, as written.
        issuer: String,
        /// On its button. Default: the issuer's host.
        title: Option<String>,
        /// Whether its word on an e-mail address counts.
        email_trust: EmailTrust,
        /// What is asked for; holds `openid`. Default: `openid`, `email`, `profile`.
        scopes: Vec<String>,
        /// PEM text of the authorities that alone may vouch for the provider's hosts.
        ca: Option<String>,
    },
}

/// `tenant` of the `microsoft` preset. Default: `common`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tenant {
    /// Work, school and personal accounts.
    Common,
    /// Work and school accounts.
    Organizations,
    /// Personal accounts.
    Consumers,
    /// One directory, by its id in lower case.
    Id(String),
}

/// `email_trust` of an `oidc` provider. Default: never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmailTrust {
    /// An asserted address is a hint.
    Never,
    /// Trusted when `email_verified` is the boolean `true`.
    IfVerified,
    /// As `IfVerified`, and only within these domains.
    Domains(Vec<String>),
}

/// `[provisioning]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provisioning {
    /// A new portal gets `<name>.<domain>`.
    pub domain: String,
    /// Where its requests go.
    pub upstream: Upstream,
    /// Default: 7.
    pub max_per_account: u32,
    /// Where notices go to the portals whose requests go to `upstream`.
    pub webhook: Option<Webhook>,
}

/// Ids that no portal can have: as a metric's label they stand for the Bitrix ID host, and for requests
/// that belong to no portal.
pub const RESERVED_PORTAL_IDS: [&str; 2] = ["bitrix-id", "none"];

/// One `[[portal]]` table, or a portal kept in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portal {
    /// 1-63 characters of `a-z0-9-`, no hyphen at the ends, none of [`RESERVED_PORTAL_IDS`].
    pub id: String,
    /// Shown to people. Default: the id.
    pub title: String,
    /// Exact and wildcard hosts; at least one. The first exact one is where "open" leads.
    pub hosts: Vec<HostPattern>,
    /// At least one.
    pub upstreams: Vec<Upstream>,
    /// Access of every path that no route claims: `Members`, `Authenticated` or `Public`.
    pub access: Access,
    /// Which identity headers the upstream gets.
    pub headers: HeaderPreset,
    /// Built-in route policy under the portal's own routes.
    pub preset: Option<PortalPreset>,
    /// `;` in paths is accepted (path parameters). Default: false, which answers 400.
    pub allow_semicolon: bool,
    /// The portal's own routes; no two have the same path.
    pub routes: Vec<Route>,
    /// Applies where a route says nothing else.
    pub limits: Limits,
    /// Where notices to the portal go.
    pub webhook: Option<Webhook>,
    /// Where the table begins.
    pub place: Place,
}

impl Portal {
    /// Where "open" leads: the first host that is not a wildcard.
    #[must_use]
    pub fn first_host(&self) -> Option<&str> {
        self.hosts.iter().find_map(|pattern| match pattern {
            HostPattern::Exact(host) => Some(host.as_str()),
            HostPattern::Wildcard(_) => None,
        })
    }
}

/// A host of a portal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HostPattern {
    /// Canonical host.
    Exact(String),
    /// `*.suffix`: one label, as in a certificate. Holds the canonical suffix without `*.`.
    Wildcard(String),
}

/// One `[[portal.route]]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Path prefix as written; matched by whole segments, so `/pub` and `/pub/` are the same.
    pub path: String,
    /// Who may. Default: as the portal's.
    pub access: Access,
    /// Instead of the portal's; empty means the portal's.
    pub upstreams: Vec<Upstream>,
    /// Limits, with the portal's filled in where the route says nothing.
    pub limits: Limits,
}

/// Who may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// People with a profile on this portal.
    Members,
    /// Anyone signed in.
    Authenticated,
    /// Anyone; no identity headers.
    Public,
    /// Anyone; identity headers when signed in.
    Optional,
    /// Anyone; `Authorization` kept, no identity headers, never a redirect.
    OwnAuth,
    /// Nobody.
    Deny,
}

/// Built-in route policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortalPreset {
    /// A real Bitrix24 portal.
    Bitrix24,
}

/// Time and size limits of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// TCP (and TLS) connection to the upstream. Default: 3 s.
    pub connect_timeout: Duration,
    /// Between two reads from the upstream. Default: 60 s.
    pub read_timeout: Duration,
    /// Between two writes to the upstream. Default: 30 s.
    pub write_timeout: Duration,
    /// Upgraded connections and event streams without a byte in either direction. Default: 13 h.
    pub stream_idle_timeout: Duration,
    /// Largest request body in bytes; `None`: unlimited, streamed. Default: `None`.
    pub body_limit: Option<u64>,
}

/// Where bytes go.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Upstream {
    /// Protocol.
    pub scheme: UpstreamScheme,
    /// Address or name; a name is resolved off the request path.
    pub host: UpstreamHost,
    /// Always present.
    pub port: u16,
    /// Name in the certificate and SNI of an https upstream; present exactly there.
    pub sni: Option<String>,
}

/// Scheme of an upstream URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpstreamScheme {
    /// HTTP/1.1.
    Http,
    /// HTTP/2 with prior knowledge, in the clear (`h2c://`), for gRPC.
    H2c,
    /// TLS; HTTP/2 or HTTP/1.1 by ALPN.
    Https,
}

/// Host of an upstream URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UpstreamHost {
    /// Literal address.
    Address(IpAddr),
    /// DNS name.
    Name(String),
}

/// Identity headers an upstream gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderPreset {
    /// `X-Bitrix-Id-*` (default).
    BitrixId,
    /// `Remote-User`, `Remote-Email`, `Remote-Name`, `Remote-Groups`.
    RemoteUser,
    /// `X-WEBAUTH-USER`, `-EMAIL`, `-NAME`, `-FULLNAME`, `-ROLE`, `-GROUPS`.
    Webauth,
    /// `X-Forwarded-User`, `-Email`, `-Groups`, `-Preferred-Username`.
    XForwarded,
    /// `X-Remote-User`.
    XRemoteUser,
    /// No identity headers.
    None,
    /// Header name (as written, a valid field name) to template, in file order.
    Custom(Vec<(String, Template)>),
}

/// A header value with placeholders, `"{email}"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(pub Vec<TemplatePart>);

/// A piece of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplatePart {
    /// Printable ASCII as written.
    Literal(String),
    /// Replaced per identity.
    Field(IdentityField),
}

/// What a template may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentityField {
    /// `{subject}`
    Subject,
    /// `{email}`
    Email,
    /// `{name}`: percent-encoded UTF-8.
    Name,
    /// `{title}`: percent-encoded UTF-8.
    Title,
    /// `{portal}`
    Portal,
    /// `{portal_user}`
    PortalUser,
    /// `{roles}`: comma-separated.
    Roles,
    /// `{session}`
    Session,
    /// `{assertion}`
    Assertion,
}
