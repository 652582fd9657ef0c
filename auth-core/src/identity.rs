//! Who someone is: a subject plus attributes, as a verified portal token says it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Unix time in whole seconds.
pub type UnixSeconds = i64;

/// An account. UUIDv7, made once, never reused: the `sub` of tokens and assertions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub Uuid);

/// A browser's sign-in, as named in tokens (`sid`) and to upstreams. UUIDv7. Not a credential: the
/// Bitrix ID host's cookie holds a separate random value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub Uuid);

impl std::fmt::Display for AccountId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A person on one portal host, as its token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `sub`.
    pub subject: AccountId,
    /// `sid`.
    pub session: SessionId,
    /// Proved address, canonical; empty while the account has proved none.
    pub email: String,
    /// Display name, UTF-8.
    pub name: String,
    /// Title on the portal, UTF-8, if the person gave one.
    pub title: Option<String>,
    /// Portal id.
    pub portal: String,
    /// The person's local user id on the portal, if it has one.
    pub portal_user: Option<String>,
    /// Roles on the portal.
    pub roles: Vec<String>,
    /// Whether the person has a profile on the portal.
    pub member: bool,
    /// The account's generation when the token was made; an account-wide revocation raises it.
    pub generation: u32,
    /// `iat`.
    pub issued_at: UnixSeconds,
    /// `exp`: the token is dead on this second.
    pub expires_at: UnixSeconds,
    /// `auth_time`: when the password (or provider) was last checked.
    pub auth_time: UnixSeconds,
    /// `amr`: RFC 8176 values, `pwd` for a password.
    pub amr: Vec<String>,
}
