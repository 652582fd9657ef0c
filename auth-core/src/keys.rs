//! Signing keys: which one signs, which ones are accepted and published.
//!
//! A key is published from its creation on and signs from `active_from` on, [`PUBLISH_BEFORE_USE`]
//! later, so that nobody meets a signature by a key not yet heard of. When a successor takes over, the
//! older keys stay published and accepted until everything they signed is dead ([`retires_at`]), then
//! expire. Removing a key from the store and swapping the ring refuses its tokens at once.

use std::sync::Arc;
use std::time::Duration;

use ahash::AHashMap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde::Serialize;

use crate::assertion::ASSERTION_LIFETIME;
use crate::identity::UnixSeconds;
use crate::store::KeyRecord;

/// A key is published this long before it signs, in seconds: longer than the `max-age` of a JWKS answer.
pub const PUBLISH_BEFORE_USE: i64 = 300;

/// The keys of one moment, ready for use. Built from the directory's records and swapped as a whole.
pub struct KeyRing {
    by_id: AHashMap<Arc<str>, Accepted>,
    /// Ascending by `active_from`, then id: the same on every node.
    signing: Vec<SigningKey>,
    jwks: Arc<[u8]>,
}

struct Accepted {
    key: DecodingKey,
    expires_at: Option<UnixSeconds>,
}

/// A private key and when it signs.
pub struct SigningKey {
    id: String,
    key: EncodingKey,
    active_from: UnixSeconds,
    expires_at: Option<UnixSeconds>,
}

impl KeyRing {
    /// Builds a ring of all records that have not expired by `now` (Unix seconds).
    ///
    /// # Errors
    /// [`KeyRingError::Unreadable`] names a record that is no Ed25519 key or whose id is not its
    /// thumbprint; [`KeyRingError::NoKey`] when nothing is left to sign with.
    pub fn new(records: &[KeyRecord], now: UnixSeconds) -> Result<Self, KeyRingError> {
        crate::jwt::install();
        let mut by_id = AHashMap::with_capacity(records.len());
        let mut signing = Vec::with_capacity(records.len());
        let mut published = Vec::with_capacity(records.len());
        for record in records.iter().filter(|record| is_alive(record.expires_at, now)) {
            let public = public_key(&record.pkcs8);
            let public = public.filter(|public| thumbprint(public) == record.id);
            let public =
                public.ok_or_else(|| KeyRingError::Unreadable { id: record.id.clone() })?;
            let expires_at = record.expires_at;
            let key = DecodingKey::from_ed_der(&public);
            by_id.insert(record.id.as_str().into(), Accepted { key, expires_at });
            signing.push(SigningKey::new(record));
            published.push(Jwk::new(record, &public));
        }
        if signing.is_empty() {
            return Err(KeyRingError::NoKey);
        }
        signing.sort_by(|a, b| (a.active_from, &a.id).cmp(&(b.active_from, &b.id)));
        published.sort_by(|a, b| (b.active_from, &b.kid).cmp(&(a.active_from, &a.kid)));
        let jwks = serde_json::to_vec(&Jwks { keys: published })
            .map_err(|error| KeyRingError::Jwks(error.to_string()))?;
        Ok(Self { by_id, signing, jwks: jwks.into() })
    }

    /// The JWK set as JSON (RFC 7517 section 5, RFC 8037): every published key, newest first.
    #[must_use]
    pub fn jwks(&self) -> &Arc<[u8]> {
        &self.jwks
    }

    /// Ids of all keys in the ring, in the order in which they become active.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.signing.iter().map(SigningKey::id)
    }

    /// The newest key whose time has come. Where none has (the clock stepped back after the first
    /// start), the earliest. `None`: all have expired.
    #[must_use]
    pub fn signing_key(&self, now: UnixSeconds) -> Option<&SigningKey> {
        let mut alive = self.signing.iter().filter(|key| is_alive(key.expires_at, now));
        let earliest = alive.clone().next();
        alive.rfind(|key| key.active_from <= now).or(earliest)
    }

    /// The public key of this id, unless it has expired.
    #[must_use]
    pub fn verifying_key(&self, id: &str, now: UnixSeconds) -> Option<&DecodingKey> {
        self.verifying_key_of(id, now).map(|(_, key)| key)
    }

    /// As [`Self::verifying_key`], with its id for whoever keeps it.
    pub(crate) fn verifying_key_of(
        &self,
        id: &str,
        now: UnixSeconds,
    ) -> Option<(&Arc<str>, &DecodingKey)> {
        let (id, accepted) = self.by_id.get_key_value(id)?;
        is_alive(accepted.expires_at, now).then_some((id, &accepted.key))
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").field("ids", &self.ids().collect::<Vec<_>>()).finish()
    }
}

impl SigningKey {
    fn new(record: &KeyRecord) -> Self {
        Self {
            id: record.id.clone(),
            key: EncodingKey::from_ed_der(&record.pkcs8),
            active_from: record.active_from,
            expires_at: record.expires_at,
        }
    }

    /// `kid`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn encoding_key(&self) -> &EncodingKey {
        &self.key
    }
}

/// A ring could not be built from the stored keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyRingError {
    /// No key, or all have expired. The first start makes one; later `bitrix-id keys rotate` does.
    #[error("there is no signing key")]
    NoKey,
    /// A damaged record: restore it or rotate.
    #[error("the signing key {id} cannot be read")]
    Unreadable {
        /// `kid` as stored.
        id: String,
    },
    /// The published set could not be written: ours to mend.
    #[error("the key set could not be written: {0}")]
    Jwks(String),
}

/// The system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the system's random number generator failed")]
pub struct GenerateKeyError;

/// Makes a key that is published from `now` on and signs from `active_from` on.
///
/// # Errors
/// [`GenerateKeyError`].
pub fn generate(now: UnixSeconds, active_from: UnixSeconds) -> Result<KeyRecord, GenerateKeyError> {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
    let pkcs8 = pkcs8.map_err(|_| GenerateKeyError)?.as_ref().to_vec();
    let id = thumbprint(&public_key(&pkcs8).ok_or(GenerateKeyError)?);
    Ok(KeyRecord { id, pkcs8, created_at: now, active_from, expires_at: None })
}

/// Whether it is time for a new key: there is none, or the newest was made `every` or longer ago.
/// `records` as `Directory::signing_keys` lists them, oldest first.
#[must_use]
pub fn rotation_due(records: &[KeyRecord], now: UnixSeconds, every: Duration) -> bool {
    let every = i64::try_from(every.as_secs()).unwrap_or(i64::MAX);
    newest(records).is_none_or(|key| key.created_at.saturating_add(every) <= now)
}

/// The arguments of `Directory::add_signing_key` for one rotation.
#[derive(Debug)]
pub struct Rotation {
    /// To be added.
    pub key: KeyRecord,
    /// The newest key known; another one in the store means that another process rotated first.
    pub if_newest: Option<String>,
    /// When the others expire.
    pub others_expire_at: Option<UnixSeconds>,
}

/// Plans a rotation. The very first key signs at once; later ones after [`PUBLISH_BEFORE_USE`].
/// `records` as `Directory::signing_keys` lists them, oldest first; `token_lifetime` is in seconds.
///
/// # Errors
/// [`GenerateKeyError`].
pub fn plan_rotation(
    records: &[KeyRecord],
    now: UnixSeconds,
    token_lifetime: i64,
) -> Result<Rotation, GenerateKeyError> {
    let predecessor = newest(records);
    let active_from = predecessor.map_or(now, |_| now.saturating_add(PUBLISH_BEFORE_USE));
    Ok(Rotation {
        key: generate(now, active_from)?,
        if_newest: predecessor.map(|key| key.id.clone()),
        others_expire_at: predecessor.map(|_| retires_at(active_from, token_lifetime)),
    })
}

/// When a key may expire whose successor signs from `successor_active_from` on: the longest-lived thing
/// it signed in its last second is dead by then, and so is a copy of the key set that an upstream took.
#[must_use]
pub fn retires_at(successor_active_from: UnixSeconds, token_lifetime: i64) -> UnixSeconds {
    let longest = token_lifetime.max(ASSERTION_LIFETIME);
    successor_active_from.saturating_add(longest).saturating_add(PUBLISH_BEFORE_USE)
}

// By position, as the store counts: two keys may be made in one second, and the clock may step back.
fn newest(records: &[KeyRecord]) -> Option<&KeyRecord> {
    records.last()
}

fn is_alive(expires_at: Option<UnixSeconds>, now: UnixSeconds) -> bool {
    expires_at.is_none_or(|expires_at| now < expires_at)
}

fn public_key(pkcs8: &[u8]) -> Option<Vec<u8>> {
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8).ok()?;
    Some(pair.public_key().as_ref().to_vec())
}

// RFC 7638 with the members RFC 8037 section 2 requires, in this order.
fn thumbprint(public: &[u8]) -> String {
    let x = URL_SAFE_NO_PAD.encode(public);
    let json = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(digest(&SHA256, json.as_bytes()))
}

#[derive(Serialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Serialize)]
struct Jwk {
    kty: &'static str,
    crv: &'static str,
    r#use: &'static str,
    alg: &'static str,
    kid: String,
    x: String,
    #[serde(skip)]
    active_from: UnixSeconds,
}

impl Jwk {
    fn new(record: &KeyRecord, public: &[u8]) -> Self {
        Self {
            kty: "OKP",
            crv: "Ed25519",
            r#use: "sig",
            alg: "EdDSA",
            kid: record.id.clone(),
            x: URL_SAFE_NO_PAD.encode(public),
            active_from: record.active_from,
        }
    }
}

#[cfg(test)]
mod tests;
