//! The assertion: a short-lived signed statement to one upstream about who is asking.
//!
//! A JWT of `typ` [`ASSERTION_TYPE`], signed by the same keys as the tokens; `aud` is the portal id, so
//! neither stands in for the other. An upstream that verifies it need not trust the network.

use ring::rand::{SecureRandom, SystemRandom};
use serde::Serialize;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::identity::{AccountId, Identity, SessionId, UnixSeconds};
use crate::jwt::{self, SignError};
use crate::keys::KeyRing;

/// `typ` of an assertion.
pub const ASSERTION_TYPE: &str = "bitrix-id-assertion+jwt";

/// Lifetime in seconds; the contract allows no more.
pub const ASSERTION_LIFETIME: i64 = 300;

/// Longest assertion in bytes: it travels in a header beside others.
pub const ASSERTION_LIMIT: usize = 4096;

/// Signs what `identity` says to the upstream of its portal. Gives the text and its `exp`.
///
/// # Errors
/// See [`SignError`].
pub fn sign_assertion(
    ring: &KeyRing,
    issuer: &str,
    identity: &Identity,
    now: UnixSeconds,
) -> Result<(String, UnixSeconds), SignError> {
    let expires_at = now.saturating_add(ASSERTION_LIFETIME);
    let claims = Claims {
        iss: issuer,
        aud: &identity.portal,
        sub: identity.subject,
        sid: identity.session,
        iat: now,
        exp: expires_at,
        jti: random_id()?,
        email: &identity.email,
        name: &identity.name,
        title: identity.title.as_deref(),
        portal: &identity.portal,
        portal_user: identity.portal_user.as_deref(),
        roles: &identity.roles,
        auth_time: identity.auth_time,
        amr: &identity.amr,
    };
    let text = jwt::sign(ring, ASSERTION_TYPE, &claims, ASSERTION_LIMIT, now)?;
    Ok((text, expires_at))
}

fn random_id() -> Result<String, SignError> {
    let mut bytes = [0_u8; 16];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| SignError::Failed("no randomness".to_owned()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: AccountId,
    sid: SessionId,
    iat: UnixSeconds,
    exp: UnixSeconds,
    jti: String,
    email: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    portal: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    portal_user: Option<&'a str>,
    roles: &'a [String],
    auth_time: UnixSeconds,
    amr: &'a [String],
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::jwk::JwkSet;
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{ISSUER, NOW, identity, ring};

    /// As an upstream reads it: with the published keys and a library of its own.
    fn read(ring: &KeyRing, text: &str) -> Value {
        let set: JwkSet = serde_json::from_slice(ring.jwks()).unwrap();
        let header = decode_header(text).unwrap();
        assert_eq!(header.typ.as_deref(), Some("bitrix-id-assertion+jwt"));
        let key = DecodingKey::from_jwk(set.find(&header.kid.unwrap()).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&["acme"]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        validation.validate_exp = false;
        decode(text, &key, &validation).unwrap().claims
    }

    #[test]
    fn an_upstream_can_verify_it_with_the_published_keys() {
        let ring = ring();
        let (text, expires_at) = sign_assertion(&ring, ISSUER, &identity(), NOW + 5).unwrap();
        let mut claims = read(&ring, &text);
        let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
        assert_eq!(jti.as_str().unwrap().len(), 22);
        assert_eq!(expires_at, NOW + 305);
        assert_eq!(
            claims,
            json!({
                "iss": "https://id.example", "aud": "acme",
                "sub": "01900000-0000-7000-8000-000000000001",
                "sid": "01900000-0000-7000-8000-000000000002",
                "iat": NOW + 5, "exp": NOW + 305, "auth_time": NOW - 50, "amr": ["pwd"],
                "email": "anna@example.com", "name": "Anna Müller", "title": "Head of Sales", "portal": "acme",
                "portal_user": "17", "roles": ["admin", "sales"],
            })
        );
    }

    #[test]
    fn two_assertions_differ_in_their_id() {
        let ring = ring();
        let sign = || sign_assertion(&ring, ISSUER, &identity(), NOW).unwrap().0;
        assert_ne!(read(&ring, &sign())["jti"], read(&ring, &sign())["jti"]);
    }

    #[test]
    fn what_a_person_does_not_have_is_no_claim() {
        let ring = ring();
        let identity = Identity { portal_user: None, title: None, ..identity() };
        let (text, _) = sign_assertion(&ring, ISSUER, &identity, NOW).unwrap();
        let claims = read(&ring, &text);
        assert!(claims.get("portal_user").is_none() && claims.get("title").is_none());
    }
}
