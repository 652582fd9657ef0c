//! Paths and the rules they meet: one reading, one rule, whatever the spelling.
#![no_main]

use std::sync::{Arc, LazyLock};

use bitrix_id_auth_core::authenticate::Authentication;
use bitrix_id_auth_core::path::{PATH_LIMIT, canonical_path, segments, without_parameters};
use bitrix_id_auth_core::route::{HostMatch, PortalEntry, RouteMatch, Router};
use bitrix_id_config::{Access, portal_from_toml};
use libfuzzer_sys::fuzz_target;
use url::Url;

static PLAIN: LazyLock<Arc<PortalEntry>> = LazyLock::new(|| entry(""));
static BITRIX24: LazyLock<Arc<PortalEntry>> = LazyLock::new(|| entry("preset = \"bitrix24\""));
static WITH_PARAMETERS: LazyLock<Arc<PortalEntry>> =
    LazyLock::new(|| entry("preset = \"bitrix24\"\nallow_semicolon = true"));

fuzz_target!(|data: &[u8]| {
    let strict = canonical_path(data, false);
    if let Ok(path) = strict {
        assert_eq!(canonical_path(data, true), Ok(path), "opting in makes no good path bad");
        check_spellings(path);
    }
    let Ok(path) = canonical_path(data, true) else { return };
    assert_eq!(path.as_bytes(), data, "a path is never rewritten");
    assert_eq!(canonical_path(path.as_bytes(), true), Ok(path));
    for segment in segments(path) {
        assert!(!segment.contains(['/', '\\', '\0']), "{path}");
        assert!(!matches!(without_parameters(&segment), "" | "." | ".."), "{path}");
    }
    let url = Url::parse("https://portal.test/x/").and_then(|base| base.join(path));
    assert_eq!(url.expect("it is a reference").path(), path, "a browser leaves it alone");
    check_parameters(path);
});

/// Decisions do not depend on which of its letters are percent-encoded.
fn check_spellings(path: &str) {
    for every in 1..4 {
        let other = spelt_otherwise(path, every);
        let Ok(other) = canonical_path(other.as_bytes(), false) else {
            // Encoding makes it longer, which is the only reason left.
            assert!(other.len() > PATH_LIMIT, "{path} {other}");
            continue;
        };
        for entry in [&PLAIN, &BITRIX24, &WITH_PARAMETERS] {
            let (one, two) = (entry.route(path), entry.route(other));
            let of =
                |rule: &RouteMatch<'_>| (rule.access, rule.label.to_owned(), rule.app, rule.dav);
            assert_eq!(of(&one), of(&two), "{path} {other}");
        }
    }
}

/// A path with parameters is no easier to reach than the place that an upstream which cuts them off
/// reads into it.
fn check_parameters(path: &str) {
    let cut: Vec<&str> = path.split('/').map(without_encoded_parameters).collect();
    let cut = cut.join("/");
    if canonical_path(cut.as_bytes(), true).is_err() {
        panic!("{path} is accepted and {cut} is not");
    }
    let (with, without) = (WITH_PARAMETERS.route(path), WITH_PARAMETERS.route(&cut));
    for method in ["GET", "PROPFIND"] {
        for authorization in [None, Some(&b"Basic dTpw"[..])] {
            let nobody = &Authentication::NotPresented;
            let with = with.effective_access(method, authorization, nobody);
            let without = without.effective_access(method, authorization, nobody);
            assert!(
                strictness(with) >= strictness(without),
                "{method} {path}: {with:?}, but {cut}: {without:?}"
            );
        }
    }
}

fn without_encoded_parameters(segment: &str) -> &str {
    let lower = segment.to_ascii_lowercase();
    let end = [";", "%3b"].iter().filter_map(|mark| lower.find(mark)).min();
    &segment[..end.unwrap_or(segment.len())]
}

// Nobody has to sign in for the first three.
fn strictness(access: Access) -> u8 {
    match access {
        Access::Public | Access::OwnAuth | Access::Optional => 0,
        Access::Authenticated => 1,
        Access::Members => 2,
        Access::Deny => 3,
    }
}

/// The same path with some of its letters and digits percent-encoded.
fn spelt_otherwise(path: &str, every: usize) -> String {
    let mut text = String::new();
    let mut plain_until = 0;
    for (at, byte) in path.bytes().enumerate() {
        if byte == b'%' {
            plain_until = at + 3;
        }
        if at >= plain_until && byte.is_ascii_alphanumeric() && at % every == 0 {
            text.push_str(&format!("%{byte:02x}"));
        } else {
            text.push(char::from(byte));
        }
    }
    text
}

fn entry(settings: &str) -> Arc<PortalEntry> {
    let portal = portal_from_toml(&PORTAL.replace("#settings", settings)).expect("it is valid");
    let router = Router::new(vec![Arc::new(portal)], "id.test").expect("it can be routed");
    match router.host("portal.test") {
        HostMatch::Portal(entry) => entry,
        HostMatch::Identity | HostMatch::Unknown => unreachable!("it is the only portal"),
    }
}

const PORTAL: &str = r#"
[[portal]]
id = "acme"
hosts = ["portal.test"]
upstreams = ["http://127.0.0.1:8000"]
#settings
route = [
    { path = "/open", access = "public" },
    { path = "/open/not", access = "members" },
    { path = "/admin/", access = "deny" },
    { path = "/mobile/own", access = "members" },
    { path = "/docs/own", access = "members" },
    { path = "/%C3%BC/a%20b", access = "optional" },
]
"#;
