//! Sign-in through other providers.

use crate::secret::Secret;

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
