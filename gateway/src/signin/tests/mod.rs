//! The whole app in process, over the real store, with a clock that can be moved. The scene plays the
//! gateway's part: it sets the internal headers, verifies portal tokens and starts hops.

mod account;
mod edges;
mod faulty;
mod hop;
mod mail;
mod outages;
mod renewal;
mod sign_in;
mod sign_up;

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::body::Body;
use axum::extract::Request;
use bitrix_id_auth_core::authenticate::{Authentication, Authenticator};
use bitrix_id_auth_core::clock::{Clock, ManualClock};
use bitrix_id_auth_core::hop::{HOP_COOKIE_PREFIX, HopSealer, HopState, TOKEN_COOKIE, new_nonce};
use bitrix_id_auth_core::issuer::Issuer;
use bitrix_id_auth_core::keys::{KeyRing, plan_rotation};
use bitrix_id_auth_core::password::PasswordPool;
use bitrix_id_auth_core::revocation::Revocations;
use bitrix_id_auth_core::store::sqlite::open_sqlite;
use bitrix_id_auth_core::store::{Account, CreateAccount, Directory, NewAccount, Profile};
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tempfile::TempDir;
use tower::ServiceExt;

use super::app::{App, router};
use crate::hub::Hub;
use crate::snapshot::Snapshot;
use crate::streams::Streams;
use crate::telemetry::{Sink, Telemetry};
use crate::upstreams::Pools;
use faulty::Faulty;

const ID: &str = "id.bitrix24.example";
const ACME: &str = "acme.bitrix24.example";
const INITECH: &str = "portal.initech.example";
const ANNA: &str = "anna@example.com";
const PASSWORD: &str = "a long way to Tipperary";

const CONFIG: &str = r#"
[server]
http = ["127.0.0.1:8080"]

[identity]
url = "https://id.bitrix24.example:8443"

[store]
directory = "sqlite:bitrix-id.db"

[mail]
from = "Bitrix ID <no-reply@bitrix24.example>"
outbox = "outbox"

[[portal]]
id = "acme"
title = "Acme Inc."
hosts = ["acme.bitrix24.example"]
upstreams = ["http://127.0.0.1:9"]

[[portal]]
id = "initech"
title = "Initech"
hosts = ["portal.initech.example"]
upstreams = ["http://127.0.0.1:9"]
"#;

/// A gateway's stores and keys, and the app over them.
struct Scene {
    hub: Arc<Hub>,
    app: Arc<App>,
    clock: Arc<ManualClock>,
    store: Arc<Faulty>,
    directory: TempDir,
}

impl Scene {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config.toml");
        std::fs::write(&file, CONFIG).unwrap();
        let config = Arc::new(bitrix_id_config::load(&file).unwrap());
        let clock = Arc::new(ManualClock::new(1_800_000_000));
        let store = open_sqlite(&directory.path().join("bitrix-id.db")).await.unwrap();
        let store = Arc::new(Faulty::new(Arc::new(store)));
        let hub = hub(config, &clock, store.clone()).await;
        Self { app: App::new(hub.clone()), hub, clock, store, directory }
    }

    /// An app of a new process over the same store.
    fn restart(&mut self) {
        self.app = App::new(self.hub.clone());
    }

    async fn account(&self, email: &str, portals: &[&str]) -> Account {
        let new = NewAccount {
            email: email.into(),
            name: "Anna".into(),
            password_hash: Some(self.hub.passwords.hash(PASSWORD).await.unwrap()),
            language: None,
        };
        let created = self.hub.directory.create_account(new, self.clock.now()).await.unwrap();
        let CreateAccount::Created(account) = created else { panic!("{email} is taken") };
        for portal in portals {
            let profile = Profile {
                portal: (*portal).into(),
                account: account.id,
                local_id: Some("17".into()),
                roles: vec!["employee".into()],
                joined_at: self.clock.now(),
                last_used_at: None,
            };
            self.hub.directory.put_profile(profile).await.unwrap();
        }
        account
    }

    fn browser(&self) -> Browser<'_> {
        Browser { scene: self, jars: HashMap::new(), ip: "192.0.2.7".into() }
    }

    /// A browser of an account that is signed in on the Bitrix ID host.
    async fn signed_in(&self, email: &str) -> Browser<'_> {
        let mut browser = self.browser();
        let answer = browser.sign_in("/sign-in", email, PASSWORD).await;
        assert_eq!(answer.location(), url(ID, "/"));
        browser
    }
}

async fn hub(
    config: Arc<bitrix_id_config::Config>,
    clock: &Arc<ManualClock>,
    store: Arc<Faulty>,
) -> Arc<Hub> {
    let telemetry = Telemetry::new(Sink::Null);
    let key = plan_rotation(&[], clock.now(), 600).unwrap().key;
    store.add_signing_key(key, None, None).await.unwrap();
    let ring = KeyRing::new(&store.signing_keys().await.unwrap(), clock.now()).unwrap();
    let keys = Arc::new(ArcSwap::from_pointee(ring));
    let pools = Pools::default();
    let snapshot =
        Snapshot::build(1, clock.now(), config.clone(), Vec::new(), &pools, &telemetry).unwrap();
    Arc::new(Hub {
        snapshot: Arc::new(ArcSwap::from_pointee(snapshot)),
        issuer: Arc::new(Issuer::new(store.clone(), store.clone(), keys.clone())),
        keys,
        revocations: Arc::new(Revocations::new()),
        followed: std::sync::atomic::AtomicU64::new(0),
        streams: Arc::new(Streams::default()),
        authenticator: Authenticator::new(100),
        directory: store.clone(),
        sessions: store.clone(),
        clock: clock.clone(),
        hop: HopSealer::new(store.secret("hop").await.unwrap()),
        csrf_secret: store.secret("csrf").await.unwrap(),
        device_secret: store.secret("device").await.unwrap(),
        telemetry,
        passwords: Arc::new(PasswordPool::new(&config.passwords)),
    })
}

/// A browser behind the gateway: cookies by host, internal headers on every request.
#[derive(Clone)]
struct Browser<'a> {
    scene: &'a Scene,
    jars: HashMap<String, HashMap<String, String>>,
    ip: String,
}

impl Browser<'_> {
    /// A navigation, one step.
    async fn get(&mut self, host: &str, target: &str) -> Answer {
        self.send(Method::GET, host, target, &[("sec-fetch-mode", "navigate")], "").await
    }

    /// A navigation to an absolute address.
    async fn open(&mut self, address: &str) -> Answer {
        let (host, target) = split(address);
        self.get(&host, &target).await
    }

    /// A form sent by a page of the same host.
    async fn post(&mut self, host: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = url(host, "");
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-site", "same-origin"),
            ("origin", origin.as_str()),
        ];
        self.send(Method::POST, host, path, &headers, &encode(fields)).await
    }

    /// Opens a page with a form and sends the form with its hidden values and these.
    async fn fill(&mut self, form_at: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(ID, form_at).await;
        let csrf = page.csrf();
        let state = page.hidden("state").unwrap_or_default();
        let mut all = vec![("csrf", csrf.as_str()), ("state", state.as_str())];
        all.extend_from_slice(fields);
        self.post(ID, action, &all).await
    }

    async fn sign_in(&mut self, form_at: &str, email: &str, password: &str) -> Answer {
        self.fill(form_at, "/sign-in", &[("email", email), ("password", password)]).await
    }

    /// What the gateway does with a navigation to a portal without a token: the nonce cookie is set, the
    /// path of the sign-in page comes back.
    fn leave(&mut self, host: &str, return_to: &str) -> String {
        let (attempt, nonce, nonce_hash) = new_nonce();
        self.jar(host).insert(format!("{HOP_COOKIE_PREFIX}{attempt}"), nonce);
        let state = self.scene.hub.hop.seal(&HopState {
            host: host.into(),
            return_to: return_to.into(),
            attempt,
            nonce_hash,
            restarts: 0,
            issued_at: self.scene.clock.now(),
        });
        format!("/sign-in?state={state}")
    }

    /// Leaves a portal and comes back up to the callback's address, which holds the ticket.
    async fn callback_of(&mut self, host: &str, return_to: &str) -> String {
        let sign_in = self.leave(host, return_to);
        let answer = self.get(ID, &sign_in).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        let callback = answer.location();
        assert!(callback.starts_with(&url(host, "/.bitrix-id/callback?ticket=")), "{callback}");
        callback
    }

    /// Signed in on a portal host.
    async fn arrive(&mut self, host: &str) {
        let callback = self.callback_of(host, "/").await;
        let answer = self.open(&callback).await;
        assert_eq!(answer.location(), url(host, "/"));
        assert!(self.jar(host).contains_key(TOKEN_COOKIE));
    }

    async fn send(
        &mut self,
        method: Method,
        host: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header("x-bitrix-id-internal-host", format!("{host}:8443"))
            .header("x-bitrix-id-internal-client-ip", &self.ip)
            .header("x-bitrix-id-internal-request-id", "r-1")
            .header("cookie", self.cookie_line(host))
            .header("accept", "text/html");
        if let Some(portal) = self.scene.hub.snapshot.load().portal_by_host(host) {
            request = request.header("x-bitrix-id-internal-portal", &portal.id);
        }
        if let Some(verified) = self.verified(host) {
            let identity = &verified.identity;
            request = request
                .header("x-bitrix-id-internal-subject", identity.subject.to_string())
                .header("x-bitrix-id-internal-session", identity.session.to_string());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let answer =
            Answer::read(router(self.scene.app.clone()).oneshot(request).await.unwrap()).await;
        self.keep_cookies(host, &answer.headers);
        answer
    }

    /// The token of a host as the gateway judges it now.
    fn verified(&self, host: &str) -> Option<Arc<bitrix_id_auth_core::authenticate::Verified>> {
        let hub = &self.scene.hub;
        let line = self.cookie_line(host);
        let issuer = hub.snapshot.load().issuer.clone();
        let now = self.scene.clock.now();
        let cookies = std::iter::once(line.as_bytes());
        let keys = hub.keys.load();
        let found =
            hub.authenticator.authenticate(cookies, &keys, &hub.revocations, &issuer, host, now);
        match found {
            Authentication::Verified(verified) => Some(verified),
            Authentication::NotPresented | Authentication::Rejected(_) => None,
        }
    }

    fn jar(&mut self, host: &str) -> &mut HashMap<String, String> {
        self.jars.entry(host.to_owned()).or_default()
    }

    fn cookie_line(&self, host: &str) -> String {
        let pairs = self.jars.get(host).into_iter().flatten();
        pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&mut self, host: &str, headers: &HeaderMap) {
        for field in headers.get_all("set-cookie") {
            let field = field.to_str().unwrap();
            for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
                assert!(field.split("; ").any(|part| part == attribute), "{attribute} in {field}");
            }
            let (name, value) = field.split(';').next().unwrap().split_once('=').unwrap();
            assert!(name.starts_with("__Host-"), "{field}");
            if field.contains("Max-Age=0") {
                self.jar(host).remove(name);
            } else {
                self.jar(host).insert(name.into(), value.into());
            }
        }
    }
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    async fn read(response: axum::response::Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Self { status: parts.status, headers: parts.headers, text }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn location(&self) -> String {
        assert!(self.status.is_redirection(), "{}: {}", self.status, self.text);
        self.header("location").to_owned()
    }

    /// A hidden field of the page's first form that has it.
    fn hidden(&self, name: &str) -> Option<String> {
        let rest = self.text.split_once(&format!("name=\"{name}\" value=\""))?.1;
        Some(rest.split_once('"')?.0.to_owned())
    }

    fn csrf(&self) -> String {
        self.hidden("csrf").unwrap_or_else(|| panic!("{}: no form: {}", self.status, self.text))
    }

    fn sets(&self, cookie: &str) -> bool {
        let fields = self.headers.get_all("set-cookie").iter();
        let prefix = format!("{cookie}=");
        fields
            .filter_map(|field| field.to_str().ok())
            .any(|field| field.strip_prefix(&prefix).is_some_and(|rest| !rest.starts_with(';')))
    }
}

fn url(host: &str, target: &str) -> String {
    format!("https://{host}:8443{target}")
}

fn split(address: &str) -> (String, String) {
    let rest = address.strip_prefix("https://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    (authority.strip_suffix(":8443").unwrap().to_owned(), format!("/{path}"))
}

fn encode(fields: &[(&str, &str)]) -> String {
    let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}
