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
    let message = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA\
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
