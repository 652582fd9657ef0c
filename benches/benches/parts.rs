//! The parts of a signed-in request, each by itself: `make bench-parts`. What they add up to is measured from
//! outside, by `make bench`; these say which part a change has touched.
#![allow(clippy::expect_used, missing_docs, reason = "a benchmark panics when it cannot measure")]

use std::hint::black_box;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bitrix_id_auth_core::assertion::sign_assertion;
use bitrix_id_auth_core::authenticate::{Authentication, Authenticator, Criteria, Verified};
use bitrix_id_auth_core::headers::{self, ReservedNames, write_line};
use bitrix_id_auth_core::identity::{AccountId, Identity, SessionId};
use bitrix_id_auth_core::keys::{KeyRing, generate};
use bitrix_id_auth_core::path::canonical_path;
use bitrix_id_auth_core::revocation::Revocations;
use bitrix_id_auth_core::route::{HostMatch, Router};
use bitrix_id_auth_core::scheme::cookie;
use bitrix_id_auth_core::store::{Revocation, Revoked};
use bitrix_id_auth_core::token::{sign_token, verify_token};
use bitrix_id_config::{
    Access, HeaderPreset, HostPattern, Limits, Place, Portal, Upstream, UpstreamHost,
    UpstreamScheme,
};
use divan::Bencher;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://id.example";
const HOST: &str = "p500.example";
const PORTALS: usize = 1_000;
const REVOCATIONS: u64 = 10_000;

fn main() {
    divan::main();
}

static RING: LazyLock<KeyRing> = LazyLock::new(|| {
    let key = generate(NOW - 1000, NOW - 1000).expect("a key");
    KeyRing::new(&[key], NOW).expect("a ring")
});

static REVOKED: LazyLock<Revocations> = LazyLock::new(|| {
    let revocations = Revocations::new();
    for sequence in 1..=REVOCATIONS {
        revocations.apply(&Revocation {
            sequence,
            what: Revoked::Session(SessionId(Uuid::now_v7())),
            at_ms: NOW * 1000,
            until: NOW + 1000,
        });
    }
    revocations
});

static COOKIES: LazyLock<String> = LazyLock::new(|| {
    let token = sign_token(&RING, ISSUER, HOST, &identity()).expect("a token");
    format!("BITRIX_SM_LOGIN=anna; qmb=0.3; __Host-bitrix-id={token}; BITRIX_SM_SALE_UID=7")
});

fn identity() -> Identity {
    Identity {
        subject: AccountId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001)),
        session: SessionId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002)),
        email: "anna@example.com".to_owned(),
        name: "Anna Åström".to_owned(),
        title: None,
        portal: "p500".to_owned(),
        portal_user: Some("42".to_owned()),
        roles: vec!["employee".to_owned()],
        member: true,
        generation: 1,
        issued_at: NOW,
        expires_at: NOW + 600,
        auth_time: NOW,
        amr: vec!["pwd".to_owned()],
    }
}

fn portal(number: usize) -> Arc<Portal> {
    let limits = Limits {
        connect_timeout: Duration::from_secs(3),
        read_timeout: Duration::from_secs(60),
        write_timeout: Duration::from_secs(30),
        stream_idle_timeout: Duration::from_secs(60),
        body_limit: None,
        min_body_rate: 500,
    };
    Arc::new(Portal {
        id: format!("p{number}"),
        title: format!("Portal {number}"),
        hosts: vec![HostPattern::Exact(format!("p{number}.example"))],
        upstreams: vec![Upstream {
            scheme: UpstreamScheme::Http,
            host: UpstreamHost::Address([127, 0, 0, 1].into()),
            port: 8000,
            sni: None,
        }],
        access: Access::Members,
        headers: HeaderPreset::BitrixId,
        preset: Some(bitrix_id_config::PortalPreset::Bitrix24),
        allow_semicolon: false,
        routes: Vec::new(),
        limits,
        webhook: None,
        place: Place::whole_file("portals.toml".as_ref()),
    })
}

fn router() -> Router {
    Router::new((0..PORTALS).map(portal).collect(), "id.example").expect("different hosts")
}

fn criteria() -> Criteria<'static> {
    Criteria { ring: &RING, revocations: &REVOKED, issuer: ISSUER, host: HOST, now: NOW }
}

fn verified(authenticator: &Authenticator) -> Arc<Verified> {
    match authenticator.authenticate([COOKIES.as_bytes()].into_iter(), None, criteria()) {
        Authentication::Verified(verified) => verified,
        other => panic!("a good token is {other:?}"),
    }
}

#[divan::bench]
fn route_among_1000_portals(bencher: Bencher<'_, '_>) {
    let router = router();
    bencher.bench_local(|| {
        let HostMatch::Portal(entry) = router.host(black_box(HOST)) else { panic!("it is there") };
        black_box(entry.route(black_box("/crm/deal/list/")).rule);
    });
}

#[divan::bench]
fn path_in_its_one_spelling() -> bool {
    canonical_path(black_box(b"/bitrix/services/main/ajax.php"), false).is_ok()
}

#[divan::bench]
fn cookie_scan() -> bool {
    let fields = [black_box(COOKIES.as_bytes())].into_iter();
    matches!(cookie::find(fields, "__Host-bitrix-id"), cookie::Found::One(_))
}

#[divan::bench]
fn token_of_the_same_connection(bencher: Bencher<'_, '_>) {
    let authenticator = Authenticator::new(1000);
    let last = verified(&authenticator);
    bencher.bench_local(|| {
        let fields = [COOKIES.as_bytes()].into_iter();
        authenticator.authenticate(fields, Some(last.clone()), criteria())
    });
}

#[divan::bench]
fn token_remembered(bencher: Bencher<'_, '_>) {
    let authenticator = Authenticator::new(1000);
    verified(&authenticator);
    bencher.bench_local(|| {
        authenticator.authenticate([COOKIES.as_bytes()].into_iter(), None, criteria())
    });
}

#[divan::bench]
fn token_seen_for_the_first_time(bencher: Bencher<'_, '_>) {
    let token = sign_token(&RING, ISSUER, HOST, &identity()).expect("a token");
    bencher.bench_local(|| verify_token(&RING, ISSUER, HOST, black_box(&token), NOW));
}

#[divan::bench]
fn revocation_among_10_000() -> bool {
    let Identity { session, subject, generation, .. } = identity();
    REVOKED.is_revoked(black_box(session), subject, generation)
}

#[divan::bench]
fn strip_and_set(bencher: Bencher<'_, '_>) {
    let reserved = ReservedNames::new([&HeaderPreset::BitrixId]);
    let fields = browser_fields();
    let place = [(HeaderName::from_static("host"), HeaderValue::from_static(HOST))];
    let preset = HeaderPreset::BitrixId;
    let made = headers::prepare(&RING, ISSUER, &preset, &identity(), place, 1, NOW);
    let prepared = made.expect("it can be signed");
    bencher.bench_local(|| {
        let mut head = Vec::with_capacity(4096);
        head.extend_from_slice(&prepared.block);
        for (name, value) in &fields {
            if !reserved.is_reserved(name.as_str().as_bytes()) {
                write_line(&mut head, name.as_str().as_bytes(), value.as_bytes());
            }
        }
        head
    });
}

#[divan::bench]
fn assertion() -> usize {
    let signed = sign_assertion(&RING, ISSUER, &identity(), black_box(NOW));
    signed.map_or(0, |(text, _)| text.len())
}

/// What Chromium sends with a page's request, cookies aside.
fn browser_fields() -> HeaderMap {
    let fields = [
        ("sec-ch-ua", "\"Chromium\";v=\"142\", \"Not A(Brand\";v=\"99\""),
        ("sec-ch-ua-mobile", "?0"),
        ("sec-ch-ua-platform", "\"Linux\""),
        ("upgrade-insecure-requests", "1"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0"),
        ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-user", "?1"),
        ("sec-fetch-dest", "document"),
        ("referer", "https://p500.example/crm/"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
        ("accept-language", "en-US,en;q=0.9"),
    ];
    fields
        .into_iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect()
}
