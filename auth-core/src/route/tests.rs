use std::time::Duration;

use bitrix_id_config::{Access, PortalPreset};
use proptest::prelude::*;

use super::*;
use crate::authenticate::Authentication;
use crate::path::{self, tests::tricky_path};
use crate::testing::{HOST, bitrix24, identity, limits, portal, route, verified_as};
use crate::token::RejectToken;

fn entry(portal: Portal) -> PortalEntry {
    PortalEntry::new(Arc::new(portal), 0).unwrap()
}

fn with_routes(routes: &[(&str, Access)]) -> Portal {
    portal("acme", &[HOST], routes.iter().map(|(path, access)| route(path, *access)).collect())
}

fn found(router: &Router, host: &str) -> String {
    match router.host(host) {
        HostMatch::Identity => "identity".to_owned(),
        HostMatch::Portal(entry) => entry.portal.id.clone(),
        HostMatch::Unknown => "unknown".to_owned(),
    }
}

#[test]
fn a_host_is_found_exactly_then_by_its_wildcard() {
    let portals = vec![
        Arc::new(portal("acme", &["acme.example", "*.acme.example"], vec![])),
        Arc::new(portal("special", &["special.acme.example", "[::1]", "127.0.0.1"], vec![])),
        Arc::new(portal("deep", &["*.x.acme.example"], vec![])),
    ];
    let router = Router::new(portals, "id.acme.example").unwrap();
    for (host, expected) in [
        ("acme.example", "acme"),
        ("a.acme.example", "acme"),
        ("special.acme.example", "special"),
        ("id.acme.example", "identity"),
        ("x.acme.example", "acme"),
        ("a.x.acme.example", "deep"),
        ("a.b.x.acme.example", "unknown"),
        ("a.b.acme.example", "unknown"),
        ("xacme.example", "unknown"),
        ("example", "unknown"),
        ("", "unknown"),
        (".acme.example", "acme"),
        ("[::1]", "special"),
        ("127.0.0.1", "special"),
        ("ACME.example", "unknown"),
    ] {
        assert_eq!(found(&router, host), expected, "{host}");
    }
    assert_eq!(router.entries().count(), 6);
}

#[test]
fn five_portals_and_fifty_thousand_are_routed_alike() {
    for count in [5_usize, 99, 101, 50_000] {
        let portals = (0..count).map(|n| {
            let (exact, wildcard) = (format!("p{n}.example"), format!("*.w{n}.example"));
            Arc::new(portal(&format!("p{n}"), &[&exact, &wildcard], vec![]))
        });
        let router = Router::new(portals.collect(), "id.example").unwrap();
        for n in [0, 4, count - 1] {
            assert_eq!(found(&router, &format!("p{n}.example")), format!("p{n}"));
            assert_eq!(found(&router, &format!("any.w{n}.example")), format!("p{n}"));
            assert_eq!(found(&router, &format!("w{n}.example")), "unknown");
        }
        assert_eq!(found(&router, &format!("p{count}.example")), "unknown");
        assert_eq!(found(&router, "id.example"), "identity");
    }
}

#[test]
fn a_host_belongs_to_one() {
    let first = Arc::new(portal("first", &["a.example", "*.b.example"], vec![]));
    for (hosts, host, holder) in [
        (&["c.example", "a.example"][..], "a.example", "first"),
        (&["*.b.example"], "b.example", "first"),
        (&["id.example"], "id.example", "identity.url"),
        (&["d.example", "d.example"], "d.example", "second"),
    ] {
        let second = Arc::new(portal("second", hosts, vec![]));
        let error = Router::new(vec![Arc::clone(&first), second], "id.example").unwrap_err();
        let expected = RouterError::HostTaken {
            portal: "second".to_owned(),
            host: host.to_owned(),
            holder: holder.to_owned(),
        };
        assert_eq!(error, expected);
    }
}

#[test]
fn routes_that_no_request_can_meet_or_that_meet_twice_are_refused() {
    let refuse = |routes: &[(&str, Access)]| {
        Router::new(vec![Arc::new(with_routes(routes))], "id.example").unwrap_err().to_string()
    };
    for path in ["pub", "", "/a//b", "/a/../b", "/%2f", "/a;b", "/a?b"] {
        let message = refuse(&[(path, Access::Public)]);
        assert!(message.starts_with("portal \"acme\": route "), "{message}");
    }
    for (one, two) in [("/pub", "/pub/"), ("/pub", "/%70ub"), ("/", "/")] {
        let message = refuse(&[(one, Access::Public), (two, Access::Deny)]);
        assert_eq!(message, format!("portal \"acme\": route {two:?} is there twice"));
    }
}

#[test]
fn the_most_specific_prefix_wins_on_whole_segments() {
    let entry = entry(with_routes(&[
        ("/pub/", Access::Public),
        ("/pub/admin", Access::Deny),
        ("/pub/admin/open/er/", Access::Optional),
        ("/api", Access::OwnAuth),
    ]));
    for (path, access, label) in [
        ("/", Access::Members, "default"),
        ("/pub", Access::Public, "/pub/"),
        ("/pub/", Access::Public, "/pub/"),
        ("/pub/x/y", Access::Public, "/pub/"),
        ("/public", Access::Members, "default"),
        ("/pub.html", Access::Members, "default"),
        ("/PUB/", Access::Members, "default"),
        ("/x/pub/", Access::Members, "default"),
        ("/pub/admin", Access::Deny, "/pub/admin"),
        ("/pub/administrator", Access::Public, "/pub/"),
        ("/pub/admin/open", Access::Deny, "/pub/admin"),
        ("/pub/admin/open/er", Access::Optional, "/pub/admin/open/er/"),
        ("/pub/admin/open/er/x", Access::Optional, "/pub/admin/open/er/"),
        ("/api/v1", Access::OwnAuth, "/api"),
        ("/%70ub/x", Access::Public, "/pub/"),
        ("/pub/%61dmin", Access::Deny, "/pub/admin"),
    ] {
        let matched = entry.route(path);
        assert_eq!((matched.access, entry.label(matched.rule)), (access, label), "{path}");
        assert_eq!(matches!(matched.rule, Rule::Own(_)), label != "default", "{path}");
    }
}

#[test]
fn a_route_for_the_root_takes_the_place_of_the_default() {
    let entry = entry(with_routes(&[("/", Access::Public), ("/in", Access::Members)]));
    assert_eq!(entry.route("/x").access, Access::Public);
    assert_eq!(entry.route("/in/x").access, Access::Members);
}

#[test]
fn a_route_brings_its_own_limits() {
    let mut portal = with_routes(&[("/slow", Access::Members)]);
    portal.routes[0].limits.read_timeout = Duration::from_secs(999);
    let entry = entry(portal);
    assert_eq!(entry.route("/slow/x").limits.read_timeout, Duration::from_secs(999));
    assert_eq!(*entry.route("/").limits, limits());
}

// Tomcat reads `/admin;x/y` as `/admin/y`, node reads it as written: both must be kept out.
#[test]
fn path_parameters_never_make_a_rule_less_strict() {
    let mut portal = with_routes(&[("/admin", Access::Deny), ("/pub", Access::Public)]);
    portal.allow_semicolon = true;
    let members = entry(portal.clone());
    portal.access = Access::Public;
    let public = entry(portal);
    for path in ["/admin;x/y", "/admin;x", "/%61dmin%3bx/y", "/admin;/y"] {
        assert_eq!(public.route(path).access, Access::Deny, "{path}");
    }
    for path in ["/pub;x/y", "/pub;x", "/pub%3Bx"] {
        assert_eq!(members.route(path).access, Access::Members, "{path}");
    }
    assert_eq!(members.route("/pub/page;x=1").access, Access::Public);
}

// A seed of the fuzz target `path_route` (`dav-parameter`): equally strict readings, of which one was a DAV share.
#[test]
fn a_path_parameter_opens_no_closed_route_to_a_dav_client() {
    let mut portal = portal("acme", &[HOST], vec![route("/docs/own", Access::Members)]);
    portal.preset = Some(PortalPreset::Bitrix24);
    portal.allow_semicolon = true;
    let entry = entry(portal);
    let none = &Authentication::NotPresented;
    for (path, access) in [
        ("/docs/own", Access::Members),
        ("/docs/own;x", Access::Members),
        ("/docs/own%3bx/y", Access::Members),
        ("/docs/own/y;x", Access::Members),
        ("/docs/other;x", Access::OwnAuth),
    ] {
        let rule = entry.route(path);
        assert_eq!(rule.effective_access("PROPFIND", Some(b"Basic dTpw"), none), access, "{path}");
        assert_eq!(rule.wants_basic_challenge("PROPFIND", None), access == Access::OwnAuth);
    }
}

#[test]
fn the_bitrix24_preset_maps_its_classes() {
    let entry = PortalEntry::new(bitrix24(vec![]), 0).unwrap();
    for (path, access, label) in [
        ("/bitrix/pub/", Access::Deny, "preset:deny"),
        ("/pub/imbot.php", Access::OwnAuth, "preset:callback"),
        ("/bitrix/js/a.js", Access::Public, "preset:public"),
        ("/pub/form/", Access::Public, "preset:public"),
        ("/rest/1/x", Access::OwnAuth, "preset:own-auth"),
        ("/mobile/", Access::Optional, "preset:app"),
        ("/bitrix/subws/", Access::OwnAuth, "preset:push"),
        ("/bitrix/services/main/ajax.php", Access::Optional, "preset:ajax"),
        ("/docs/", Access::Members, "preset:dav"),
        ("/crm/", Access::Members, "default"),
    ] {
        let matched = entry.route(path);
        assert_eq!((matched.access, entry.label(matched.rule)), (access, label), "{path}");
        assert!(matches!(matched.rule, Rule::BuiltIn(_)));
        assert_eq!((matched.app, matched.dav), (label == "preset:app", label == "preset:dav"));
    }
}

#[test]
fn push_channels_may_be_silent_for_twelve_hours() {
    let entry = PortalEntry::new(bitrix24(vec![]), 0).unwrap();
    let push = entry.route("/bitrix/subws/").limits;
    assert_eq!(push.read_timeout, Duration::from_secs(43_800));
    assert_eq!(push.stream_idle_timeout, Duration::from_secs(43_800));
    assert_eq!(push.write_timeout, limits().write_timeout);
    assert_eq!(*entry.route("/rest/").limits, limits());
}

#[test]
fn own_routes_come_before_the_preset_but_do_not_reach_into_its_denials() {
    let routes = vec![
        route("/", Access::Public),
        route("/pub/", Access::Members),
        route("/bitrix/pub/status", Access::Public),
    ];
    let entry = PortalEntry::new(bitrix24(routes), 0).unwrap();
    for (path, access, label) in [
        ("/crm/", Access::Public, "/"),
        ("/rest/", Access::Public, "/"),
        ("/pub/imconnector/", Access::Members, "/pub/"),
        ("/bitrix/modules/x", Access::Deny, "preset:deny"),
        ("/pub/.git/config", Access::Deny, "preset:deny"),
        ("/bitrix/pub/x", Access::Deny, "preset:deny"),
        ("/bitrix/pub/status/x", Access::Public, "/bitrix/pub/status"),
        ("/BITRIX/PUB/status", Access::Deny, "preset:deny"),
    ] {
        let matched = entry.route(path);
        assert_eq!((matched.access, entry.label(matched.rule)), (access, label), "{path}");
    }
}

#[test]
fn an_app_signs_in_by_itself_unless_it_brings_a_session() {
    let entry = PortalEntry::new(bitrix24(vec![]), 0).unwrap();
    let verified = Authentication::Verified(Arc::new(verified_as(&identity())));
    let rejected = Authentication::Rejected(RejectToken::Expired);
    let app = |path, authorization: Option<&str>, authentication| {
        let authorization = authorization.map(str::as_bytes);
        entry.route(path).effective_access("GET", authorization, authentication)
    };
    let none = &Authentication::NotPresented;
    assert_eq!(app("/mobile/", None, none), Access::OwnAuth);
    assert_eq!(app("/mobile/", None, &rejected), Access::OwnAuth);
    assert_eq!(app("/mobile/", None, &verified), Access::Optional);
    assert_eq!(app("/mobile/", Some("Basic dTpw"), &verified), Access::OwnAuth);
    assert_eq!(app("/mobile/", Some("bAsIc dTpw"), &verified), Access::OwnAuth);
    assert_eq!(app("/mobile/", Some("Bearer x"), &verified), Access::Optional);
    // Never by a header alone on another path.
    assert_eq!(app("/crm/", Some("Basic dTpw"), none), Access::Members);
}

#[test]
fn a_dav_client_needs_place_method_and_basic_credentials_together() {
    let entry = PortalEntry::new(bitrix24(vec![]), 0).unwrap();
    let none = &Authentication::NotPresented;
    let basic = Some(&b"Basic dTpw"[..]);
    for (path, method, authorization, access, challenge) in [
        ("/docs/x", "PROPFIND", basic, Access::OwnAuth, false),
        ("/docs/x", "PROPFIND", None, Access::Members, true),
        ("/docs/x", "PROPFIND", Some(&b"Bearer x"[..]), Access::Members, true),
        ("/docs/x", "GET", basic, Access::Members, false),
        ("/docs/x", "POST", basic, Access::Members, false),
        ("/docs/x", "propfind", basic, Access::Members, false),
        ("/crm/x", "PROPFIND", basic, Access::Members, false),
        ("/crm/x", "PROPFIND", None, Access::Members, false),
        ("/company/personal/user/1/disk/", "PUT", basic, Access::OwnAuth, false),
        ("/docs/x", "PROPFIND", Some(&b"Basic"[..]), Access::Members, true),
    ] {
        let matched = entry.route(path);
        let got = matched.effective_access(method, authorization, none);
        assert_eq!(got, access, "{method} {path}");
        assert_eq!(matched.wants_basic_challenge(method, authorization), challenge);
    }
}

/// The same path with some of its letters percent-encoded: another spelling of the same segments.
fn spelt_otherwise(path: &str, encode: u64) -> String {
    let encoded = path.bytes().enumerate().map(|(at, byte)| {
        let plain = byte == b'%' || path.as_bytes()[at.saturating_sub(2)..at].contains(&b'%');
        if byte.is_ascii_alphanumeric() && !plain && encode >> (at % 64) & 1 == 1 {
            format!("%{byte:02x}")
        } else {
            char::from(byte).to_string()
        }
    });
    encoded.collect()
}

proptest! {
    #[test]
    fn every_spelling_of_a_path_meets_the_same_rule(path in tricky_path(), encode: u64) {
        let Ok(path) = path::canonical_path(path.as_bytes(), false) else { return Ok(()) };
        let other = spelt_otherwise(path, encode);
        prop_assert_eq!(path::canonical_path(other.as_bytes(), false), Ok(other.as_str()));
        let routes = vec![route("/pub", Access::Public), route("/a/b", Access::Deny), route("/admin/A", Access::Optional)];
        for portal in [Arc::new(portal("acme", &[HOST], routes.clone())), bitrix24(routes)] {
            let entry = PortalEntry::new(portal, 0).unwrap();
            let (one, two) = (entry.route(path), entry.route(&other));
            prop_assert_eq!((one.access, one.rule), (two.access, two.rule));
        }
    }

    #[test]
    fn the_rule_is_the_longest_route_that_is_a_prefix(
        routes in prop::collection::hash_set("(/[ab]{1}){0,4}", 0..8),
        path in "(/[abc]{1,2}){1,6}/?",
    ) {
        let routes: Vec<_> = routes.iter().map(|path| route(&format!("{path}/"), Access::Public)).collect();
        let entry = PortalEntry::new(Arc::new(portal("acme", &[HOST], routes.clone())), 0).unwrap();
        let asked = format!("{}/", path.trim_end_matches('/'));
        let longest = routes.iter().enumerate().filter(|(_, route)| asked.starts_with(&route.path))
            .max_by_key(|(_, route)| route.path.len());
        let rule = longest.map_or(Rule::BuiltIn("default"), |(index, _)| Rule::Own(index));
        prop_assert_eq!(entry.route(&path).rule, rule);
    }
}
