//! Tokens for the peers that check their own: about as large as the gateway's, with the same claims.

use std::path::Path;
use std::process::{Command, Stdio};

use bitrix_id_tests::jwt::Jwt;
use ring::rand::SystemRandom;
use ring::signature::{self, RsaKeyPair, RsaPublicKeyComponents};
use serde_json::{Value, json};

/// Tokens and the keys that check them.
pub(crate) struct Tokens {
    /// Of HS256.
    pub secret: String,
    /// Signed by it.
    pub hs256: String,
    /// Signed with RS256, 2,048 bits.
    pub rs256: String,
    /// The key set of `rs256`.
    pub jwks: String,
}

impl Tokens {
    /// Made for this run. `openssl` makes the RSA key.
    pub(crate) fn make(folder: &Path) -> Self {
        let secret = "a-secret-of-this-run-alone-of-thirty-two-bytes-and-more".to_owned();
        let token = Jwt {
            header: json!({ "typ": "JWT", "alg": "RS256", "kid": "bench" }),
            claims: claims(),
        };
        let key = rsa_key(folder);
        let mut signature = vec![0; key.public().modulus_len()];
        let input = token.signing_input();
        key.sign(
            &signature::RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            input.as_bytes(),
            &mut signature,
        )
        .expect("the key signs");
        let public: RsaPublicKeyComponents<Vec<u8>> = key.public().into();
        let number = |bytes: &[u8]| bitrix_id_tests::jwt::encode(bytes);
        let jwks = json!({ "keys": [{
            "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "bench",
            "n": number(&public.n),
            "e": number(&public.e),
        }] });
        Self {
            hs256: token.sign_hs256(secret.as_bytes()),
            rs256: format!("{input}.{}", number(&signature)),
            jwks: jwks.to_string(),
            secret,
        }
    }
}

fn claims() -> Value {
    json!({
        "iss": "https://issuer.example", "sub": "01989f4e-6a7b-7c11-9d2e-3f5a1b2c4d5e",
        "sid": "01989f4e-6a7b-7c11-9d2e-3f5a1b2c4d5f", "aud": "portal.example",
        "iat": 1_700_000_000, "exp": 4_000_000_000_u64, "email": "anna@example.com",
        "name": "Anna Åström", "portal": "p500", "portal_user": "42", "roles": ["employee"],
    })
}

fn rsa_key(folder: &Path) -> RsaKeyPair {
    let (pem, der) = (folder.join("rsa.pem"), folder.join("rsa.der"));
    let openssl = |arguments: &[&str], from: &Path, to: &Path| {
        let mut command = Command::new("openssl");
        command.args(arguments).arg("-out").arg(to);
        if from.is_file() {
            command.arg("-in").arg(from);
        }
        let done = command.stderr(Stdio::null()).status();
        assert!(done.is_ok_and(|status| status.success()), "openssl makes an RSA key");
    };
    openssl(&["genpkey", "-algorithm", "RSA"], Path::new(""), &pem);
    openssl(&["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"], &pem, &der);
    let der = std::fs::read(&der).expect("openssl has written it");
    RsaKeyPair::from_pkcs8(&der).expect("an RSA key in PKCS#8")
}
