//! A provider that was recorded: what it is asked is compared, what it answers is known.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bitrix_id_config::Secret;
use bitrix_id_config::model::{EmailTrust, Social, SocialPreset, Tenant};
use http::Method;
use ring::digest;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use url::Url;

use super::fetch::{Fetch, FetchError, FetchRequest, FetchResponse};
use super::{Asserted, Attempt, Provider, ProviderError, Returned};
use crate::testing::NOW;

pub(super) const REDIRECT: &str = "https://id.example/social/it/callback";
const VERIFIER: &str = "the-verifier-the-verifier-the-verifier-the1";

/// What is expected and answered, in order.
#[derive(Default)]
pub(super) struct Recorded {
    expected: Mutex<VecDeque<Expect>>,
    keys: Mutex<Option<(String, Value)>>,
    sent: Mutex<Vec<(String, String)>>,
}

impl Recorded {
    pub(super) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// With a key set at this address.
    pub(super) fn oidc(jwks_uri: &str) -> (Arc<Self>, Keys) {
        crate::jwt::install();
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "kid": "k1",
            "x": URL_SAFE_NO_PAD.encode(pair.public_key())});
        let recorded = Self::new();
        *recorded.keys.lock().unwrap() = Some((jwks_uri.to_owned(), json!({ "keys": [jwk] })));
        (recorded, Keys(pair))
    }

    pub(super) fn expect(&self, expect: Expect) {
        self.expected.lock().unwrap().push_back(expect);
    }

    pub(super) fn assert_all_asked(&self) {
        assert!(self.expected.lock().unwrap().is_empty(), "something was not asked");
    }

    /// A field of a form that was sent.
    pub(super) fn sent_field(&self, name: &str) -> String {
        let sent = self.sent.lock().unwrap();
        sent.iter().find(|(held, _)| held == name).unwrap().1.clone()
    }
}

#[async_trait]
impl Fetch for Recorded {
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        assert_eq!(request.headers()["accept-encoding"], "identity");
        if let Some((uri, set)) = &*self.keys.lock().unwrap()
            && request.uri() == uri.as_str()
        {
            return Ok(FetchResponse::new(set.to_string().into_bytes()));
        }
        let expect = self.expected.lock().unwrap().pop_front();
        let expect = expect.unwrap_or_else(|| panic!("{} was asked", request.uri()));
        let fields = expect.compare(&request);
        self.sent.lock().unwrap().extend(fields);
        let mut response = FetchResponse::new(expect.answer.to_string().into_bytes());
        *response.status_mut() = expect.status.try_into().unwrap();
        Ok(response)
    }
}

/// The key that a recorded provider signs with.
pub(super) struct Keys(Ed25519KeyPair);

impl Keys {
    /// Good but for what the changes say; null takes a claim away.
    pub(super) fn id_token(&self, sub: &str, changes: &Value) -> String {
        let mut claims = json!({"sub": sub, "aud": "us", "nonce": "the-nonce", "exp": NOW + 300,
            "iat": NOW, "email_verified": true});
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&json!({"alg": "EdDSA", "kid": "k1"})), part(&claims));
        let signature = self.0.sign(text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

/// A request that has to come, and its answer.
pub(super) struct Expect {
    method: Method,
    url: String,
    headers: Vec<(&'static str, &'static str)>,
    fields: Vec<(&'static str, &'static str)>,
    no_headers: Vec<&'static str>,
    no_fields: Vec<&'static str>,
    status: u16,
    answer: Value,
}

impl Expect {
    fn new(method: Method, url: &str) -> Self {
        Self {
            method,
            url: url.to_owned(),
            headers: Vec::new(),
            fields: Vec::new(),
            no_headers: Vec::new(),
            no_fields: Vec::new(),
            status: 200,
            answer: Value::Null,
        }
    }

    pub(super) fn get(url: &str) -> Self {
        Self::new(Method::GET, url)
    }

    pub(super) fn post(url: &str) -> Self {
        Self::new(Method::POST, url)
    }

    pub(super) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(super) fn field(mut self, name: &'static str, value: &'static str) -> Self {
        self.fields.push((name, value));
        self
    }

    pub(super) fn without_header(mut self, name: &'static str) -> Self {
        self.no_headers.push(name);
        self
    }

    pub(super) fn without_field(mut self, name: &'static str) -> Self {
        self.no_fields.push(name);
        self
    }

    pub(super) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(super) fn answers(mut self, answer: Value) -> Self {
        self.answer = answer;
        self
    }

    /// Gives the form's fields.
    fn compare(&self, request: &FetchRequest) -> Vec<(String, String)> {
        assert_eq!((request.method(), request.uri().to_string()), (&self.method, self.url.clone()));
        for (name, value) in &self.headers {
            assert_eq!(request.headers()[*name], *value, "{name} to {}", self.url);
        }
        for name in &self.no_headers {
            assert!(!request.headers().contains_key(*name), "{name} to {}", self.url);
        }
        let sent: Vec<(String, String)> =
            url::form_urlencoded::parse(request.body()).into_owned().collect();
        let find = |name: &str| sent.iter().find(|(held, _)| held == name).map(|(_, v)| v.as_str());
        for (name, value) in &self.fields {
            assert_eq!(find(name), Some(*value), "{name} to {}", self.url);
        }
        for name in &self.no_fields {
            assert_eq!(find(name), None, "{name} to {}", self.url);
        }
        sent
    }
}

/// A provider and what a browser brings back to it.
pub(super) struct Scene {
    social: Social,
    fetch: Arc<Recorded>,
    pub(super) returned: Returned,
}

/// A preset by its name, as client `us` with the secret `a client secret`.
pub(super) fn provider(preset: &str, recorded: &Arc<Recorded>) -> Scene {
    let preset = match preset {
        "google" => SocialPreset::Google,
        "microsoft" => SocialPreset::Microsoft { tenant: Tenant::Common },
        "github" => SocialPreset::Github,
        "facebook" => SocialPreset::Facebook,
        "vk" => SocialPreset::Vk,
        "yandex" => SocialPreset::Yandex,
        "mailru" => SocialPreset::Mailru,
        issuer => SocialPreset::Oidc {
            issuer: issuer.to_owned(),
            title: None,
            email_trust: EmailTrust::IfVerified,
            scopes: vec!["openid".to_owned()],
            ca: None,
        },
    };
    provider_of(preset, recorded)
}

pub(super) fn provider_of(preset: SocialPreset, recorded: &Arc<Recorded>) -> Scene {
    let social = Social {
        id: "it".to_owned(),
        preset,
        client_id: "us".to_owned(),
        client_secret: Some(Secret::new("a client secret")),
        portals: Vec::new(),
        languages: Vec::new(),
    };
    let returned = Returned { code: "the-code".to_owned(), ..Returned::default() };
    Scene { social, fetch: recorded.clone(), returned }
}

fn attempt() -> Attempt {
    Attempt {
        state: "the-state".to_owned(),
        nonce: "the-nonce".to_owned(),
        verifier: VERIFIER.to_owned(),
    }
}

impl Scene {
    pub(super) fn with_secret(mut self, secret: &str) -> Self {
        self.social.client_secret = Some(Secret::new(secret));
        self
    }

    pub(super) async fn identify_now(&self) -> Result<Asserted, ProviderError> {
        let provider = Provider::new(self.social.clone(), self.fetch.clone());
        provider.identify(&attempt(), REDIRECT, &self.returned, NOW).await
    }

    pub(super) async fn question_now(&self) -> Asked {
        let provider = Provider::new(self.social.clone(), self.fetch.clone());
        let url = provider.question(&attempt(), REDIRECT, NOW).await.unwrap();
        Asked::of(&url)
    }
}

/// Where a browser is sent.
pub(super) struct Asked {
    pub(super) place: String,
    fields: Vec<(String, String)>,
}

impl Asked {
    fn of(url: &Url) -> Self {
        let mut place = url.clone();
        place.set_query(None);
        Self { place: place.to_string(), fields: url.query_pairs().into_owned().collect() }
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let mut found = self.fields.iter().filter(|(held, _)| held == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} comes twice");
        value
    }

    /// The answer can only come back to us, in this attempt, for a code that only we can use.
    pub(super) fn assert_is_bound(&self) {
        let hash = digest::digest(&digest::SHA256, VERIFIER.as_bytes());
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", "us"),
            ("redirect_uri", REDIRECT),
            ("state", "the-state"),
            ("code_challenge", &URL_SAFE_NO_PAD.encode(hash.as_ref())),
            ("code_challenge_method", "S256"),
        ] {
            assert_eq!(self.field(name), Some(value), "{name}");
        }
    }
}

/// Why nobody was named.
pub(super) fn rejected(outcome: Result<Asserted, ProviderError>) -> &'static str {
    outcome.unwrap_err().label()
}
