//! Signing in with an account at an identity provider.
//!
//! - A *provider* ([`Provider`]) is one `[[social]]` table: where to send a browser, and what to make of
//!   what comes back.
//! - An *attempt* ([`Attempt`]) is one browser's way there and back. Its secrets are made when it leaves;
//!   whoever serves it keeps them, once and for this browser, and spends them before anything is asked
//!   of the provider.
//! - What the provider says in the end is an *assertion* of its own kind, here [`Asserted`]: a subject,
//!   the space it is unique in, and perhaps an address, with the [`Word`] that it is worth.
//!
//! The flow is RFC 6749's authorization code with RFC 7636's S256, always. Most of a provider is data; one
//! file each for those that differ from OpenID Connect.

mod apple;
mod cache;
mod client;
mod discovery;
mod error;
mod facebook;
pub mod fetch;
mod flow;
mod github;
mod google;
mod id_token;
mod jwks;
mod mailru;
mod microsoft;
mod oidc;
mod provider;
mod vk;
mod yandex;

#[cfg(test)]
mod testing;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::linking::Word;
use crate::store::links::NewLink;

pub use error::ProviderError;
pub use provider::{Provider, title};

/// The secrets of one browser's way to a provider and back, each 43 base64url characters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Comes back with the browser, and names the attempt.
    pub state: String,
    /// Comes back in the `id_token`.
    pub nonce: String,
    /// Shown to the token endpoint (RFC 7636); the provider has seen its hash.
    pub verifier: String,
}

impl Attempt {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn new() -> Result<Self, ring::error::Unspecified> {
        let random = SystemRandom::new();
        let secret = || {
            let mut bytes = [0; 32];
            random.fill(&mut bytes).map(|()| URL_SAFE_NO_PAD.encode(bytes))
        };
        Ok(Self { state: secret()?, nonce: secret()?, verifier: secret()? })
    }
}

impl std::fmt::Debug for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attempt([redacted])")
    }
}

/// What came back with the browser, unchecked.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// The authorization code.
    pub code: String,
    /// RFC 9207: who says so.
    pub issuer: Option<String>,
    /// VK's.
    pub device_id: Option<String>,
    /// Apple's: a JSON text with a name, at the first time only. Nobody has signed it.
    pub user: Option<String>,
}

impl std::fmt::Debug for Returned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Returned([redacted])")
    }
}

/// Who somebody is at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asserted {
    /// The link's key, and what is shown of it. The address in it is canonical.
    pub link: NewLink,
    /// Whether that address is proved by the provider's word.
    pub word: Word,
}
