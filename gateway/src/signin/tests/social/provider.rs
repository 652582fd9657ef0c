//! A provider that answers well, or as badly as it is told to.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bitrix_id_auth_core::hop::sha256;
use bitrix_id_auth_core::oauth::fetch::{Fetch, FetchError, FetchRequest, FetchResponse};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::super::faulty::Meanwhile;
use super::*;

/// Somebody there.
#[derive(Clone)]
pub(in crate::signin::tests) struct Who {
    pub(super) sub: &'static str,
    /// Claims besides.
    pub(super) claims: Value,
}

impl Who {
    /// With an address that the provider has verified.
    pub(in crate::signin::tests) fn verified(sub: &'static str, email: &str) -> Self {
        Self { sub, claims: json!({"email": email, "email_verified": true, "name": "Anna B"}) }
    }

    /// Without an address.
    pub(super) fn nameless(sub: &'static str) -> Self {
        Self { sub, claims: json!({}) }
    }
}

struct Issued {
    nonce: String,
    challenge: String,
    who: Who,
}

type MakeToken = dyn Fn(&Fake, Value) -> String + Send + Sync;
type Answers = dyn Fn(&str) -> Option<Result<Value, FetchError>> + Send + Sync;

/// The provider.
pub(in crate::signin::tests) struct Fake {
    pub(super) pair: Ed25519KeyPair,
    clock: Arc<ManualClock>,
    codes: Mutex<HashMap<String, Issued>>,
    /// Makes the `id_token` from good claims, where it is not to be good.
    pub(super) token: Mutex<Option<Box<MakeToken>>>,
    /// Answers by path, where they are not to be good.
    pub(super) answers: Mutex<Option<Box<Answers>>>,
    /// What happens while the provider is asked for its word, once.
    pub(super) meanwhile: Mutex<Option<Meanwhile>>,
    /// Paths that were asked for.
    pub(super) asked: Mutex<Vec<String>>,
}

impl Fake {
    pub(super) fn new(clock: Arc<ManualClock>) -> Arc<Self> {
        Arc::new(Self {
            pair: new_pair(),
            clock,
            codes: Mutex::default(),
            token: Mutex::default(),
            answers: Mutex::default(),
            meanwhile: Mutex::default(),
            asked: Mutex::default(),
        })
    }

    /// The person agrees; where the browser is sent: path and query.
    pub(super) fn consent(&self, question: &str, who: &Who) -> String {
        let question = Url::parse(question).unwrap();
        let fields: HashMap<String, String> = question.query_pairs().into_owned().collect();
        assert_eq!(fields["response_type"], "code");
        assert_eq!(fields["code_challenge_method"], "S256");
        let code = format!("code-{}", Uuid::now_v7());
        let issued = Issued {
            nonce: fields["nonce"].clone(),
            challenge: fields["code_challenge"].clone(),
            who: who.clone(),
        };
        self.codes.lock().unwrap().insert(code.clone(), issued);
        let back = Url::parse(&fields["redirect_uri"]).unwrap();
        assert_eq!(back.origin().ascii_serialization(), url(ID, ""));
        let issuer = question.origin().ascii_serialization();
        format!("{}?state={}&code={code}&iss={issuer}", back.path(), fields["state"])
    }

    /// Signs with a key of the set.
    pub(super) fn sign(&self, claims: &Value) -> String {
        sign(&self.pair, &json!({"alg": "EdDSA", "kid": "k1", "typ": "JWT"}), claims)
    }

    fn good_answer(&self, request: &FetchRequest) -> Value {
        let asked = Url::parse(&request.uri().to_string()).unwrap();
        let issuer = asked.origin().ascii_serialization();
        match asked.path() {
            "/.well-known/openid-configuration" => json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{issuer}/auth"),
                "token_endpoint": format!("{issuer}/token"),
                "jwks_uri": format!("{issuer}/jwks"),
                "userinfo_endpoint": format!("{issuer}/me"),
                "authorization_response_iss_parameter_supported": true,
            }),
            "/jwks" | "/auth/keys" => json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k1",
                "x": URL_SAFE_NO_PAD.encode(self.pair.public_key())}]}),
            "/token" | "/auth/token" => self.exchange(request, &issuer),
            "/me" => {
                let token = request.headers()["authorization"].to_str().unwrap();
                json!({ "sub": token.strip_prefix("Bearer ").unwrap() })
            }
            path => panic!("{path}"),
        }
    }

    fn exchange(&self, request: &FetchRequest, issuer: &str) -> Value {
        let form: HashMap<String, String> =
            url::form_urlencoded::parse(request.body()).into_owned().collect();
        let Some(issued) = self.codes.lock().unwrap().remove(&form["code"]) else {
            return json!({"error": "invalid_grant"});
        };
        let hash = URL_SAFE_NO_PAD.encode(sha256(&form["code_verifier"]));
        assert_eq!(hash, issued.challenge);
        let now = self.clock.now();
        let mut claims = json!({"iss": issuer, "sub": issued.who.sub, "aud": "bitrix-id",
            "nonce": issued.nonce, "iat": now, "exp": now + 300});
        claims.as_object_mut().unwrap().extend(issued.who.claims.as_object().unwrap().clone());
        let token = match &*self.token.lock().unwrap() {
            Some(make) => make(self, claims),
            None => self.sign(&claims),
        };
        json!({"access_token": issued.who.sub, "token_type": "Bearer", "id_token": token})
    }
}

#[async_trait]
impl Fetch for Fake {
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let path = request.uri().path().to_owned();
        self.asked.lock().unwrap().push(path.clone());
        let meanwhile = self.meanwhile.lock().unwrap().take_if(|_| path == "/token");
        if let Some(meanwhile) = meanwhile {
            meanwhile.await;
        }
        let told = self.answers.lock().unwrap().as_ref().and_then(|answers| answers(&path));
        let answer = match told {
            Some(answer) => answer?,
            None => self.good_answer(&request),
        };
        let refused = answer.get("error").is_some();
        let mut response = FetchResponse::new(answer.to_string().into_bytes());
        if refused {
            *response.status_mut() = StatusCode::BAD_REQUEST;
        }
        Ok(response)
    }
}

pub(super) fn new_pair() -> Ed25519KeyPair {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap()
}

pub(super) fn sign(pair: &Ed25519KeyPair, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(header), part(claims));
    let signature = pair.sign(text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// A .p8 file.
pub(super) fn apple_key() -> String {
    let pkcs8 =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    let body = STANDARD.encode(pkcs8.unwrap().as_ref());
    format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
}
