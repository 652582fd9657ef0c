//! Compact JWS, signed and verified by ring: the one crypto library of the program.
//!
//! `jsonwebtoken` leaves its cryptography to a provider. This one signs and verifies EdDSA over
//! Ed25519, which all tokens of ours use, and verifies RS256 and ES256, which identity providers use.
//! It answers "unsupported" for every other algorithm and never panics.
//!
//! [`sign`] and [`verify`] are the common part of this crate's tokens. Each kind of token has its own
//! module with its own `typ`, claims and audience, so that none can be taken for another. The
//! algorithm belongs to the key: the header's `kid` names a key of the ring, and nothing else in a
//! header chooses anything.

use std::sync::Once;

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
) -> Result<(C, String), RejectToken> {
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
    let key = ring.verifying_key(&kid, now).ok_or(RejectToken::UnknownKey)?;
    let data =
        jsonwebtoken::decode::<C>(text, key, &signature_only()).map_err(|error| {
            match error.kind() {
                ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => {
                    RejectToken::BadSignature
                }
                _ => RejectToken::Malformed,
            }
        })?;
    Ok((data.claims, kid))
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
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::crypto::verify as verify_signature;
    use jsonwebtoken::jwk::Jwk;

    use super::*;
    use crate::testing::{self, NOW};

    // RFC 8037 appendix A.4 and A.5.
    #[test]
    fn eddsa_verifies_the_example_of_rfc_8037() {
        install();
        let key = DecodingKey::from_ed_components("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVv\
                         pAr_MuM0KAg";
        let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        assert_only_this_verifies(&key.unwrap(), Algorithm::EdDSA, message, signature);
    }

    // RFC 7515 appendix A.3.
    #[test]
    fn es256_verifies_the_example_of_rfc_7515() {
        install();
        let key = DecodingKey::from_ec_components(
            "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        );
        let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqP\
                         P3-Kg6NU1Q";
        let message =
            b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA\
                        6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        assert_only_this_verifies(&key.unwrap(), Algorithm::ES256, message, signature);
    }

    // Made with `openssl dgst -sha256 -sign` and a key of 2048 bits.
    #[test]
    fn rs256_verifies_what_openssl_signed() {
        install();
        let key = DecodingKey::from_rsa_components(RSA_MODULUS, "AQAB").unwrap();
        let message = b"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UifQ";
        assert_only_this_verifies(&key, Algorithm::RS256, message, RSA_SIGNATURE);
    }

    fn assert_only_this_verifies(
        key: &DecodingKey,
        algorithm: Algorithm,
        message: &[u8],
        signature: &str,
    ) {
        assert!(verify_signature(signature, message, key, algorithm).unwrap());
        let mut altered = message.to_vec();
        altered[3] ^= 1;
        assert!(!verify_signature(signature, &altered, key, algorithm).unwrap());
        assert!(!verify_signature("AAAA", message, key, algorithm).unwrap());
        assert!(!verify_signature("", message, key, algorithm).unwrap());
        for other in [Algorithm::HS256, Algorithm::PS256, Algorithm::ES384, Algorithm::RS512] {
            assert!(verify_signature(signature, message, key, other).is_err(), "{other:?}");
        }
    }

    #[test]
    fn keys_of_nonsense_refuse_and_do_not_panic() {
        install();
        install();
        for bytes in [&b""[..], b"x", &[0; 32], &[4; 65]] {
            for (key, algorithm) in [
                (DecodingKey::from_ed_der(bytes), Algorithm::EdDSA),
                (DecodingKey::from_ec_der(bytes), Algorithm::ES256),
                (DecodingKey::from_rsa_der(bytes), Algorithm::RS256),
                (DecodingKey::from_rsa_raw_components(bytes, bytes), Algorithm::RS256),
            ] {
                assert!(!verify_signature("AAAA", b"x", &key, algorithm).unwrap());
            }
            let key = EncodingKey::from_ed_der(bytes);
            assert!(jsonwebtoken::crypto::sign(b"x", &key, Algorithm::EdDSA).is_err());
            assert!(jsonwebtoken::crypto::sign(b"x", &key, Algorithm::HS256).is_err());
        }
        let secret = EncodingKey::from_secret(b"secret");
        assert!(jsonwebtoken::crypto::sign(b"x", &secret, Algorithm::HS256).is_err());
    }

    #[test]
    fn a_key_set_of_ours_is_read_by_the_library_s_jwk_code() {
        let ring = testing::ring();
        let set: jsonwebtoken::jwk::JwkSet = serde_json::from_slice(ring.jwks()).unwrap();
        let key = &set.keys[0];
        let kid = key.common.key_id.as_deref().unwrap();
        assert_eq!(key.thumbprint(ThumbprintHash::SHA256).unwrap(), kid);
        let key = DecodingKey::from_jwk(key).unwrap();
        let signer = ring.signing_key(NOW).unwrap().encoding_key();
        let signature = jsonwebtoken::crypto::sign(b"text", signer, Algorithm::EdDSA).unwrap();
        assert_only_this_verifies(&key, Algorithm::EdDSA, b"text", &signature);
    }

    // RFC 8037 appendix A.1, as PKCS#8 version 1.
    #[test]
    fn the_library_s_jwk_code_finds_our_provider_s_key_functions() {
        install();
        let mut der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
        let d = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
        der.extend(URL_SAFE_NO_PAD.decode(d).unwrap());
        let jwk = |key: &EncodingKey, algorithm| Jwk::from_encoding_key(key, algorithm);
        let public = jwk(&EncodingKey::from_ed_der(&der), Algorithm::EdDSA).unwrap();
        let public = serde_json::to_value(public).unwrap();
        assert_eq!(public["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        // What it does not support it refuses.
        assert!(jwk(&EncodingKey::from_ed_der(&[0; 48]), Algorithm::EdDSA).is_err());
        assert!(jwk(&EncodingKey::from_ec_der(&der), Algorithm::ES256).is_err());
        assert!(jwk(&EncodingKey::from_rsa_der(&der), Algorithm::RS256).is_err());
    }

    const RSA_MODULUS: &str = concat!(
        "pU1xM5IzsMv5wUGiiYpOj1BDwe9UEz4DvVrK1HIcxB2_o1TPowL9JsciLiSGpSe_AxVnNUsMEiTL0l26OiaokY",
        "Eeic3w-86aqcTHmB6E9rSpp9HqhE2iV__x29P8hzLDIePqJKnr7fTZD2yC2u40pTcdFm81-_onaT08ylt2TA-a",
        "gh4oO1P7lmDZ4kE7hZUVJI4ZFYelGUEK7IuG7QkbEaCk2HqzAW1gnNrQWXQwU2tOnhqOZvGnQswCdLhY8dYPNF",
        "rDF_-4J31JNg06-MhKpWtACKB6SS3rTvLxitM4yoRz_GdXHL4Nkrp3it11yF74LoYq1F2sPSKQN_nsVK6EUQ",
    );

    const RSA_SIGNATURE: &str = concat!(
        "OQ27L9PJJW1i-qsYUevEVtAf3i4pMixprZwtdI5p_WG0InQGiMU-1JEpdXbQx7EJKuw3a6UsySygN-oKBK5C1g",
        "6rZoCpYkd8L58AZsJ2E_lMk17FOJbGhyCsaoXHrqarR37JpikzN7MKFics05lnkOIXLsXT1Rb_AqWguVo5Vh6_",
        "Sx4PXTN9MnewloQ9MzIfliWNCShk2F1d-U_UQcBioEaa8xhvovOqB85oAGuuoj3MJIZ-6_BrAaKiZ3neb6wRoB",
        "z5jG763NcWCz9WkY2pCEd069gedjlLT5tE9WDavPOvaH9r-laPltYRV020wLRCCrj4n2qHWAJIYi9fCVJTvg",
    );
}
