//! Verifying an `id_token`: who signed it, for whom, when, and in answer to which question.
//!
//! Source: OpenID Connect Core 1.0, 3.1.3.7; RFC 7515 4.1.11 (`crit`); RFC 8725 (best practices).

use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;

use super::jwks::KeySet;
use crate::identity::UnixSeconds;
use crate::jwt::CLOCK_SKEW;
use crate::store::links::MOST_SUBJECT_BYTES;

/// What a token has to say.
pub(super) struct Expected<'a> {
    /// The `iss` that counts, or where it depends on the token, how to tell.
    pub(super) issuer: &'a (dyn Fn(&Claims) -> bool + Sync),
    /// Our id at the provider.
    pub(super) client_id: &'a str,
    /// Sent with the question.
    pub(super) nonce: &'a str,
    /// Unix seconds.
    pub(super) now: UnixSeconds,
}

/// Claims of a token, as far as anybody here looks at them.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nonce: Option<String>,
    #[serde(flatten)]
    pub(super) other: serde_json::Map<String, Value>,
}

impl Claims {
    /// A claim that is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.other.get(name).and_then(Value::as_str)
    }

    /// A claim that is the boolean `true`. Nothing else is true: not `"true"`, not 1, not `[true]`.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.other.get(name) == Some(&Value::Bool(true))
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reject {
    /// No key of this name: perhaps a new one.
    UnknownKey,
    /// Whatever the keys are.
    For(&'static str),
}

/// Checks everything and gives the claims.
///
/// # Errors
/// [`Reject`].
pub(super) fn verify(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
) -> Result<Claims, Reject> {
    if token.len() > LARGEST_TOKEN {
        return Err(Reject::For("id_token_too_long"));
    }
    // An algorithm that the library does not know, "none" among them, ends here.
    let header = decode_header(token).map_err(|_| Reject::For("id_token_malformed"))?;
    if header.typ.as_deref().is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
        return Err(Reject::For("id_token_type"));
    }
    if header.crit.is_some() || header.zip.is_some() || header.enc.is_some() {
        return Err(Reject::For("id_token_extension"));
    }
    let key = keys.find(header.kid.as_deref()).ok_or(Reject::UnknownKey)?;
    if header.alg != key.algorithm {
        return Err(Reject::For("id_token_algorithm"));
    }
    let mut validation = Validation::new(key.algorithm);
    // The library looks at the signature; what the claims say is looked at below, against our clock.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    let claims = decode::<Claims>(token, &key.decoding, &validation)
        .map_err(|error| {
            use jsonwebtoken::errors::ErrorKind::{InvalidSignature, Json};
            Reject::For(match error.kind() {
                InvalidSignature => "id_token_signature",
                Json(_) => "id_token_claims",
                _ => "id_token_malformed",
            })
        })?
        .claims;
    // Where keys say whose they are, one issuer's key does not sign for another.
    let key_issuer = key.issuer.as_deref();
    let of_key = |issuer: &str| {
        let tenant = claims.text("tid").unwrap_or_default();
        issuer.replace("{tenantid}", tenant) == claims.iss
    };
    if !(expected.issuer)(&claims) || key_issuer.is_some_and(|issuer| !of_key(issuer)) {
        return Err(Reject::For("id_token_issuer"));
    }
    check_audience(&claims, expected.client_id)?;
    check_times(&claims, expected.now)?;
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(Reject::For("id_token_nonce"));
    }
    if claims.sub.is_empty() || claims.sub.len() > MOST_SUBJECT_BYTES {
        return Err(Reject::For("id_token_subject"));
    }
    Ok(claims)
}

/// For us, and where for others as well, asked for by us.
fn check_audience(claims: &Claims, client_id: &str) -> Result<(), Reject> {
    let (for_us, alone) = match &claims.aud {
        Audience::One(one) => (one == client_id, true),
        Audience::Many(many) => (many.iter().any(|one| one == client_id), many.len() == 1),
    };
    let by_us = match claims.azp.as_deref() {
        Some(azp) => azp == client_id,
        None => alone,
    };
    if !for_us {
        return Err(Reject::For("id_token_audience"));
    }
    if by_us { Ok(()) } else { Err(Reject::For("id_token_azp")) }
}

#[expect(clippy::cast_precision_loss, reason = "exact for the next hundred million years")]
fn check_times(claims: &Claims, now: UnixSeconds) -> Result<(), Reject> {
    // Another clock than ours wrote these.
    let (early, late) = ((now - CLOCK_SKEW) as f64, (now + CLOCK_SKEW) as f64);
    if claims.exp <= early {
        return Err(Reject::For("id_token_expired"));
    }
    if claims.iat > late {
        return Err(Reject::For("id_token_ahead"));
    }
    Ok(())
}

/// In bytes: some providers put groups in.
const LARGEST_TOKEN: usize = 32 << 10;

#[cfg(test)]
mod tests;
