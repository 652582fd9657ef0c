//! Compact JWS, signed and verified by ring: the one crypto library of the program.
//!
//! `jsonwebtoken` leaves its cryptography to a provider. This one signs and verifies EdDSA over
//! Ed25519, which all tokens of ours use, and verifies RS256 and ES256, which identity providers use.
//! It answers "unsupported" for every other algorithm and never panics.
//!
//! `sign` and `verify` are the common part of this crate's tokens. Each kind of token has its own
//! module with its own `typ`, claims and audience, so that none can be taken for another. The
//! algorithm belongs to the key: the header's `kid` names a key of the ring, and nothing else in a
//! header chooses anything.

use std::sync::{Arc, Once};

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, Result as JwtResult, new_error};
use jsonwebtoken::jwk::{EllipticCurve, ThumbprintHash};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey, Header, Validation,
};
use ring::digest;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, Ed25519KeyPair, KeyPair, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use signature::{Signer, Verifier};

use crate::identity::UnixSeconds;
use crate::keys::KeyRing;
use crate::token::RejectToken;

/// Longest token that is looked at, in bytes; browsers keep no larger cookie.
pub const TOKEN_LIMIT: usize = 4096;

/// How far ahead of our clock an `iat` may be, in seconds: another node's clock may differ a little.
pub const CLOCK_SKEW: i64 = 30;

/// Makes the ring provider `jsonwebtoken`'s default for this process. Idempotent, and called by
/// [`KeyRing::new`], so whoever holds a ring can sign and verify.
///
/// A provider that was installed before stays.
pub fn install() {
    static INSTALLED: Once = Once::new();
    // An error means that another provider is in place already, which then does the work.
    INSTALLED.call_once(|| {
        let _another_is_in_place = PROVIDER.install_default();
    });
}

/// A token could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// Every key of the ring has expired: the operator's to mend (`bitrix-id keys rotate`).
    #[error("no signing key is valid now")]
    NoSigningKey,
    /// It would not fit in a cookie (a token) or a header: too many or too long roles.
    #[error("the signed text of {length} bytes is longer than {limit} bytes")]
    TooLong {
        /// Bytes it would have.
        length: usize,
        /// Bytes it may have.
        limit: usize,
    },
    /// The claims could not be written or signed: ours to mend.
    #[error("signing failed: {0}")]
    Failed(String),
}

/// Signs claims with the ring's current key. `limit` bounds the result, in bytes.
///
/// # Errors
/// See [`SignError`].
pub(crate) fn sign<C: Serialize>(
    ring: &KeyRing,
    typ: &str,
    claims: &C,
    limit: usize,
    now: UnixSeconds,
) -> Result<String, SignError> {
    let key = ring.signing_key(now).ok_or(SignError::NoSigningKey)?;
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(typ.to_owned());
    header.kid = Some(key.id().to_owned());
    let text = jsonwebtoken::encode(&header, claims, key.encoding_key())
        .map_err(|error| SignError::Failed(error.to_string()))?;
    if text.len() > limit {
        return Err(SignError::TooLong { length: text.len(), limit });
    }
    Ok(text)
}

/// Checks length, header, key and signature, then reads the claims. The caller checks what they say.
///
/// # Errors
/// `TooLong`, `Malformed`, `WrongType`, `UnknownKey` or `BadSignature`.
pub(crate) fn verify<C: DeserializeOwned>(
    ring: &KeyRing,
    typ: &str,
    text: &str,
    now: UnixSeconds,
) -> Result<(C, Arc<str>), RejectToken> {
    if text.len() > TOKEN_LIMIT {
        return Err(RejectToken::TooLong);
    }
    let header = jsonwebtoken::decode_header(text).map_err(|_| RejectToken::Malformed)?;
    if header.typ.as_deref() != Some(typ) {
        return Err(RejectToken::WrongType);
    }
    // RFC 7515 4.1.11: an extension marked critical and not understood refuses the token. We know none,
    // and a compressed or encrypted payload is none of ours either.
    if header.crit.is_some() || header.zip.is_some() || header.enc.is_some() {
        return Err(RejectToken::Malformed);
    }
    let kid = header.kid.ok_or(RejectToken::UnknownKey)?;
    let (kid, key) = ring.verifying_key_of(&kid, now).ok_or(RejectToken::UnknownKey)?;
    let data =
        jsonwebtoken::decode::<C>(text, key, &signature_only()).map_err(|error| {
            match error.kind() {
                ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => {
                    RejectToken::BadSignature
                }
                _ => RejectToken::Malformed,
            }
        })?;
    Ok((data.claims, kid.clone()))
}

/// RFC 7519 4.1.4: a token is dead on its expiry second, hence `<=`.
///
/// # Errors
/// `Expired` or `NotYetValid`.
pub(crate) fn check_times(
    issued_at: UnixSeconds,
    expires_at: UnixSeconds,
    now: UnixSeconds,
) -> Result<(), RejectToken> {
    if issued_at > now.saturating_add(CLOCK_SKEW) {
        return Err(RejectToken::NotYetValid);
    }
    if expires_at <= now {
        return Err(RejectToken::Expired);
    }
    Ok(())
}

// The library checks claims only where they are present, against its own clock, and takes arrays
// where we want one value. So it checks the signature, and our claim types do the rest.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: new_signer,
    verifier_factory: new_verifier,
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: |_| Err(unsupported()),
        rsa_pub_components_from_public_key: |_| Err(unsupported()),
        ec_pub_components_from_private_key: |_, _| Err(unsupported()),
        ed_pub_components_from_private_key: ed25519_public_key,
        compute_digest,
    },
};

fn unsupported() -> Error {
    new_error(ErrorKind::UnsupportedAlgorithm)
}

fn new_signer(algorithm: &Algorithm, key: &EncodingKey) -> JwtResult<Box<dyn JwtSigner>> {
    if *algorithm != Algorithm::EdDSA || key.family() != AlgorithmFamily::Ed {
        return Err(unsupported());
    }
    let pair = Ed25519KeyPair::from_pkcs8(key.as_bytes());
    Ok(Box::new(EdDsaSigner(pair.map_err(|_| new_error(ErrorKind::InvalidEddsaKey))?)))
}

struct EdDsaSigner(Ed25519KeyPair);

impl Signer<Vec<u8>> for EdDsaSigner {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.0.sign(message).as_ref().to_vec())
    }
}

impl JwtSigner for EdDsaSigner {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

fn new_verifier(algorithm: &Algorithm, key: &DecodingKey) -> JwtResult<Box<dyn JwtVerifier>> {
    match algorithm {
        Algorithm::EdDSA | Algorithm::ES256 | Algorithm::RS256
            if algorithm.family() == key.family() =>
        {
            Ok(Box::new(RingVerifier { algorithm: *algorithm, key: key.clone() }))
        }
        _ => Err(unsupported()),
    }
}

struct RingVerifier {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let checked = match (self.algorithm, self.key.kind()) {
            (Algorithm::EdDSA, DecodingKeyKind::SecretOrDer(point)) => {
                UnparsedPublicKey::new(&ED25519, point).verify(message, signature)
            }
            (Algorithm::ES256, DecodingKeyKind::SecretOrDer(point)) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Algorithm::RS256, DecodingKeyKind::SecretOrDer(der)) => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).verify(message, signature)
            }
            (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(
                    &RSA_PKCS1_2048_8192_SHA256,
                    message,
                    signature,
                )
            }
            _ => return Err(signature::Error::new()),
        };
        checked.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

fn ed25519_public_key(pkcs8: &[u8], curve: &EllipticCurve) -> JwtResult<Vec<u8>> {
    if *curve != EllipticCurve::Ed25519 {
        return Err(unsupported());
    }
    // The library hands over keys in the older form only, which lacks the public part to check against.
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8);
    let pair = pair.map_err(|_| new_error(ErrorKind::InvalidEddsaKey))?;
    Ok(pair.public_key().as_ref().to_vec())
}

#[expect(clippy::needless_pass_by_value, reason = "the library's signature")]
fn compute_digest(data: &[u8], hash: ThumbprintHash) -> JwtResult<Vec<u8>> {
    let algorithm = match hash {
        ThumbprintHash::SHA256 => &digest::SHA256,
        ThumbprintHash::SHA384 => &digest::SHA384,
        ThumbprintHash::SHA512 => &digest::SHA512,
        _ => return Err(unsupported()),
    };
    Ok(digest::digest(algorithm, data).as_ref().to_vec())
}

#[cfg(test)]
mod tests;
