//! The whole app in process, over the real store, with a clock that can be moved. The scene plays the
//! gateway's part: it sets the internal headers, verifies portal tokens and starts hops.

mod access;
mod account;
mod addresses;
mod bindings;
mod browser;
mod confirm_identity;
mod data;
mod data_of_others;
mod device_mail;
mod edges;
mod faulty;
mod hop;
mod invitation_limits;
mod invited;
mod joining;
mod leaving;
mod look_ups;
mod mail;
mod merge;
mod new_portals;
mod notices;
mod outages;
mod people;
mod photo;
mod portal_lists;
mod pre_hijacking;
mod recovery;
mod removing;
mod renewal;
mod sign_in;
mod sign_up;
mod social;
mod standing;
mod ticking;
mod unproved;
mod welcome;
mod withdrawn;

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::body::Body;
use axum::extract::Request;
use bitrix_id_auth_core::authenticate::Authenticator;
use bitrix_id_auth_core::clock::{Clock, ManualClock};
use bitrix_id_auth_core::hop::HopSealer;
use bitrix_id_auth_core::issuer::Issuer;
use bitrix_id_auth_core::keys::{KeyRing, plan_rotation};
use bitrix_id_auth_core::password::PasswordPool;
use bitrix_id_auth_core::revocation::Revocations;
use bitrix_id_auth_core::store::open_sqlite;
use bitrix_id_auth_core::store::{
    Account, AddressProof, CreateAccount, Directory, NewAccount, Profile,
};
use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tempfile::TempDir;
use tower::ServiceExt;

use super::app::{App, router};
use crate::hub::Hub;
use crate::snapshot::Snapshot;
use crate::streams::Streams;
use crate::telemetry::{Sink, Telemetry};
use crate::upstreams::Pools;
use browser::{Answer, Browser};
use faulty::Faulty;

const ID: &str = "id.bitrix24.example";
const ACME: &str = "acme.bitrix24.example";
const GLOBEX: &str = "globex.bitrix24.example";
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

[provisioning]
domain = "bitrix24.example"
upstream = "http://127.0.0.1:8099"
max_per_account = 2

[[portal]]
id = "acme"
title = "Acme Inc."
hosts = ["acme.bitrix24.example"]
upstreams = ["http://127.0.0.1:9"]

[[portal]]
id = "globex"
title = "Globex"
hosts = ["globex.bitrix24.example"]
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

    /// Takes in a configuration with this behind the usual one.
    fn configure(&self, more: &str) {
        self.configure_instead(&format!("{CONFIG}{more}"));
    }

    /// Takes in another configuration.
    fn configure_instead(&self, text: &str) {
        let file = self.directory.path().join("changed.toml");
        std::fs::write(&file, text).unwrap();
        let config = Arc::new(bitrix_id_config::load(&file).unwrap());
        let (pools, telemetry) = (Pools::default(), &self.hub.telemetry);
        let now = self.clock.now();
        let snapshot = Snapshot::build(2, now, config, Vec::new(), &pools, telemetry).unwrap();
        self.hub.snapshot.store(Arc::new(snapshot));
    }

    async fn account(&self, email: &str, portals: &[&str]) -> Account {
        let new = NewAccount {
            proof: AddressProof::Mail,
            email: email.into(),
            name: "Anna".into(),
            password_hash: Some(self.hub.passwords.load_full().hash(PASSWORD).await.unwrap()),
            language: None,
        };
        let created = self.hub.directory.create_account(new, self.clock.now()).await.unwrap();
        let CreateAccount::Created(account) = created else { panic!("{email} is taken") };
        for portal in portals {
            let profile = Profile {
                local_id: Some("17".into()),
                roles: vec!["employee".into()],
                ..Profile::new(account.id, portal, self.clock.now())
            };
            self.hub.directory.put_profile(profile, self.clock.now()).await.unwrap();
        }
        account
    }

    fn browser(&self) -> Browser<'_> {
        Browser { scene: self, jars: Default::default(), ip: "192.0.2.7".into() }
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
        hearing: Default::default(),
        kept: None,
        streams: Arc::new(Streams::default()),
        authenticator: Authenticator::new(100),
        directory: store.clone(),
        sessions: store.clone(),
        clock: clock.clone(),
        hop: HopSealer::new(store.secret("hop").await.unwrap()),
        csrf_secret: store.secret("csrf").await.unwrap(),
        device_secret: store.secret("device").await.unwrap(),
        telemetry,
        passwords: arc_swap::ArcSwap::from_pointee(PasswordPool::new(&config.passwords)),
        portal_bells: Default::default(),
    })
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
