//! The reference files load, and say what they seem to say.

#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bitrix_id_config::model::*;
use bitrix_id_config::{Config, NoticeEvent, load};

/// A copy of `examples/` in a directory of its own, with the files that the examples name.
struct Workplace(tempfile::TempDir);

impl Workplace {
    fn new() -> Self {
        let workplace = Self(tempfile::tempdir().unwrap());
        for name in ["minimal.toml", "full.toml", "docker.toml", "portals.d/initech.toml"] {
            let text = fs::read_to_string(Path::new("examples").join(name)).unwrap();
            // Absolute paths are the container's; here they lead into the copy.
            let root = workplace.path("");
            let text = ["/etc/bitrix-id/", "/run/secrets/"]
                .iter()
                .fold(text, |text, path| text.replace(path, root.to_str().unwrap()));
            workplace.write(name, &text);
        }
        for name in ["fullchain.pem", "key.pem", "initech/fullchain.pem", "initech/key.pem"] {
            workplace.write(name, "PEM");
        }
        for name in [
            "secrets/smtp",
            "secrets/redis",
            "secrets/sentinel",
            "secrets/google",
            "secrets/staff",
            "secrets/microsoft",
        ] {
            workplace.write(name, "open sesame\n");
        }
        for name in ["secrets/acme-webhook", "secrets/new-webhook"] {
            workplace.write(name, "a secret of at least thirty-two characters\n");
        }
        workplace.write("secrets/apple.p8", "-----BEGIN PRIVATE KEY-----\n");
        for name in ["smtp-ca.pem", "internal-ca.pem", "staff-ca.pem", "redis-ca.pem"] {
            let name = &format!("secrets/{name}");
            workplace.write(name, "-----BEGIN CERTIFICATE-----\n");
        }
        for name in ["tls_chain", "tls_key", "smtp_password"] {
            workplace.write(name, "open sesame");
        }
        workplace
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn load(&self, name: &str) -> Config {
        load(&self.path(name)).unwrap_or_else(|error| panic!("{error}"))
    }
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

#[test]
fn the_minimal_example_has_the_documented_defaults() {
    let workplace = Workplace::new();
    let config = workplace.load("minimal.toml");
    let Server { admin, drain, keepalive, header_timeout, max_connections, .. } = config.server;
    assert_eq!(admin.to_string(), "127.0.0.1:9090");
    assert_eq!((drain.as_secs(), keepalive.as_secs(), header_timeout.as_secs()), (20, 60, 10));
    assert_eq!(max_connections, 100_000);
    assert_eq!(config.server.max_connections_per_address, 10_000);
    assert_eq!(config.server.readiness_delay, Duration::ZERO);
    assert_eq!(config.server.runtime_directory, workplace.path("data/run"));
    assert!(config.server.threads >= 1);
    assert!(config.server.http.is_empty() && config.server.trusted_proxies.is_empty());

    let identity = config.identity;
    assert_eq!(identity.url.to_string(), "https://id.example.com");
    assert_eq!((identity.name.as_str(), identity.accent), ("Bitrix ID", None));
    assert_eq!((identity.token_lifetime, identity.max_silence), (minutes(10), minutes(10)));
    assert_eq!(
        (identity.session_idle, identity.session_lifetime),
        (minutes(1440), minutes(43_200))
    );
    assert_eq!(
        (identity.checkword_lifetime, identity.key_rotation),
        (minutes(60), minutes(43_200))
    );

    let Passwords { memory_kib, iterations, parallelism, min_length, queue, workers } =
        config.passwords;
    assert_eq!((memory_kib, iterations, parallelism, min_length, queue), (19 * 1024, 2, 1, 8, 64));
    assert!((1..=8).contains(&workers));
    assert!(config.mail.is_none() && config.provisioning.is_none() && config.social.is_empty());
    assert!(matches!(config.store.sessions, SessionsStore::Embedded));

    let [portal] = config.portals.as_slice() else { panic!("one portal") };
    assert_eq!((portal.access, &portal.headers), (Access::Members, &HeaderPreset::BitrixId));
    assert_eq!((portal.preset, portal.allow_semicolon, portal.routes.len()), (None, false, 0));
    let expected = Limits {
        connect_timeout: Duration::from_secs(3),
        read_timeout: Duration::from_secs(60),
        write_timeout: Duration::from_secs(30),
        stream_idle_timeout: minutes(13 * 60),
        body_limit: None,
        min_body_rate: 500,
    };
    assert_eq!(portal.limits, expected);
}

#[test]
fn the_full_example_arrives_value_by_value() {
    let workplace = Workplace::new();
    let config = workplace.load("full.toml");
    assert_eq!(config.server.https.len(), 2);
    assert_eq!(config.server.threads, 4);
    assert_eq!(config.server.trusted_proxies[0].to_string(), "10.0.0.0/8");
    assert_eq!(config.tls.unwrap().certificates[1].key, workplace.path("initech/key.pem"));
    assert_eq!(config.identity.url.authority(), "id.bitrix24.example:8443");
    assert_eq!(config.identity.accent.as_deref(), Some("#0a5cd8"));
    let DirectoryStore::Sqlite(database) = config.store.directory else { panic!() };
    assert_eq!(database, workplace.path("data/bitrix-id.db"));
    let SessionsStore::Redis(redis) = config.store.sessions else { panic!() };
    let sentinel = |host: &str| RedisAddress { host: host.to_owned(), port: 26379 };
    let expected = RedisServers::Sentinel {
        sentinels: ["10.0.0.20", "10.0.0.21", "10.0.0.22"].map(sentinel).to_vec(),
        service: "bitrix-id".to_owned(),
        database: 2,
    };
    assert_eq!((redis.servers, redis.tls), (expected, true));
    assert_eq!(redis.user.as_deref(), Some("bitrix-id"));
    assert_eq!(redis.password.unwrap().expose(), "open sesame");
    assert!(redis.ca.unwrap().contains("CERTIFICATE"));

    let MailTransport::Smtp { url, password, ca } = config.mail.unwrap().transport else {
        panic!()
    };
    assert_eq!(url, "smtp://bitrix-id@mail.example:587");
    assert_eq!(password.unwrap().expose(), "open sesame");
    assert!(ca.unwrap().contains("CERTIFICATE"));

    let [google, staff, microsoft, apple] = config.social.as_slice() else {
        panic!("four buttons")
    };
    assert_eq!((google.id.as_str(), &google.preset), ("google", &SocialPreset::Google));
    let oidc = SocialPreset::Oidc {
        issuer: "https://login.bitrix24.example/realms/staff".to_owned(),
        title: Some("Staff account".to_owned()),
        email_trust: EmailTrust::Domains(vec!["bitrix24.example".to_owned()]),
        scopes: ["openid", "email", "profile"].map(str::to_owned).to_vec(),
        ca: Some("-----BEGIN CERTIFICATE-----\n".to_owned()),
    };
    assert_eq!(staff.preset, oidc);
    assert_eq!(
        (staff.portals.as_slice(), staff.languages.as_slice()),
        (&["acme".to_owned()][..], &[][..])
    );
    assert_eq!(microsoft.preset, SocialPreset::Microsoft { tenant: Tenant::Organizations });
    let (team_id, key_id) = ("ABCDE12345".to_owned(), "FGHIJ67890".to_owned());
    assert_eq!(apple.preset, SocialPreset::Apple { team_id, key_id });
    assert_eq!(apple.languages, ["en", "de"]);
    let provisioning = config.provisioning.unwrap();
    let webhook = provisioning.webhook.unwrap();
    assert_eq!(webhook.url, "http://10.0.0.9:8000/hooks/bitrix-id");
    assert_eq!((webhook.events, webhook.ca), (NoticeEvent::ALL.to_vec(), None));
    let upstream = provisioning.upstream;
    assert_eq!((upstream.scheme, upstream.port), (UpstreamScheme::Https, 8443));
    assert_eq!(upstream.sni.as_deref(), Some("new.bitrix24.internal"));
}

#[test]
fn the_full_examples_portals_arrive_with_their_routes_and_headers() {
    let workplace = Workplace::new();
    let config = workplace.load("full.toml");
    let [acme, initech] = config.portals.as_slice() else { panic!("two portals") };
    assert_eq!(acme.first_host(), Some("acme.bitrix24.example"));
    assert_eq!(acme.hosts[2], HostPattern::Wildcard("acme.bitrix24.example".to_owned()));
    assert_eq!((acme.upstreams[0].sni.as_deref(), acme.upstreams[0].port), (None, 8000));
    assert_eq!(acme.upstreams[1].sni.as_deref(), Some("acme.bitrix24.internal"));
    assert_eq!(
        (acme.preset, acme.limits.body_limit),
        (Some(PortalPreset::Bitrix24), Some(2 << 30))
    );
    let text = fs::read_to_string("examples/full.toml").unwrap();
    let line = text.lines().position(|line| line.starts_with("[[portal]]")).unwrap() + 1;
    assert_eq!((acme.place.line as usize, acme.place.column), (line, 1));

    let webhook = acme.webhook.clone().unwrap();
    assert_eq!(webhook.secrets[0].expose(), "a secret of at least thirty-two characters");
    let events: Vec<&str> = webhook.events.iter().map(|event| event.name()).collect();
    assert_eq!(events, ["account.joined", "account.unjoined", "sessions.ended"]);
    assert!(webhook.ca.is_some());

    let [public, push] = acme.routes.as_slice() else { panic!("two routes") };
    assert_eq!((public.path.as_str(), public.access), ("/pub/", Access::Public));
    assert!(public.upstreams.is_empty());
    assert_eq!(public.limits, acme.limits);
    assert_eq!((push.access, push.upstreams.len()), (Access::Members, 1));
    assert_eq!(push.limits.read_timeout, minutes(12 * 60));
    assert_eq!(push.limits.body_limit, Some(64 << 10));

    assert_eq!(initech.place.file, workplace.path("portals.d/initech.toml"));
    assert_eq!(initech.upstreams[0].scheme, UpstreamScheme::H2c);
    assert_eq!(initech.upstreams[0].host, UpstreamHost::Name("initech".to_owned()));
    let HeaderPreset::Custom(headers) = &initech.headers else { panic!("a table of headers") };
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["X-User", "X-Display-Name", "X-Token"]);
    let bearer = TemplatePart::Literal("Bearer ".to_owned());
    assert_eq!(headers[2].1.0, [bearer, TemplatePart::Field(IdentityField::Assertion)]);
}

#[test]
fn the_container_example_loads() {
    let config = Workplace::new().load("docker.toml");
    assert_eq!(config.server.admin.to_string(), "0.0.0.0:9090");
    assert_eq!(config.server.runtime_directory, Path::new("/run/bitrix-id"));
    assert_eq!(config.portals[0].upstreams[0].host, UpstreamHost::Name("acme_app".to_owned()));
    assert_eq!(config.portals.len(), 2);
}

#[test]
fn every_file_read_is_listed_once_in_the_order_read() {
    let workplace = Workplace::new();
    let config = workplace.load("full.toml");
    let expected = [
        "full.toml",
        "portals.d/initech.toml",
        "fullchain.pem",
        "key.pem",
        "initech/fullchain.pem",
        "initech/key.pem",
        "secrets/redis",
        "secrets/sentinel",
        "secrets/redis-ca.pem",
        "secrets/smtp",
        "secrets/smtp-ca.pem",
        "secrets/google",
        "secrets/staff-ca.pem",
        "secrets/staff",
        "secrets/microsoft",
        "secrets/apple.p8",
        "secrets/new-webhook",
        "secrets/acme-webhook",
        "secrets/internal-ca.pem",
    ];
    assert_eq!(config.files, expected.map(|name| workplace.path(name)));
    assert_eq!(config.include_directories, [workplace.path("portals.d")]);
}

#[test]
fn the_hash_changes_with_every_file_and_not_by_itself() {
    let workplace = Workplace::new();
    let hash = workplace.load("full.toml").hash;
    assert!(hash.len() == 64 && hash.bytes().all(|b| b"0123456789abcdef".contains(&b)));
    assert_eq!(workplace.load("full.toml").hash, hash);
    let mut hashes = vec![hash];
    for file in workplace.load("full.toml").files {
        let mut bytes = fs::read(&file).unwrap();
        // Long enough for a key, where the file holds keys.
        bytes.extend_from_slice(b"\n# more, for what that is worth here\n");
        fs::write(&file, bytes).unwrap();
        hashes.push(workplace.load("full.toml").hash);
    }
    let new_portal =
        "[[portal]]\nid = \"new\"\nhosts = [\"new.example\"]\nupstreams = [\"http://new\"]\n";
    workplace.write("portals.d/new.toml", new_portal);
    hashes.push(workplace.load("full.toml").hash);
    let count = hashes.len();
    hashes.sort();
    hashes.dedup();
    assert_eq!((hashes.len(), count), (21, 21));
}
