//! The Bitrix ID host, and how long things live.

use std::fmt;
use std::time::Duration;

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
