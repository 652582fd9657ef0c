use bitrix_id_config::{Template, TemplatePart};
use proptest::prelude::*;

use super::*;

fn names() -> ReservedNames {
    let value = Template(vec![TemplatePart::Literal("x".to_owned())]);
    let long = format!("X-{}", "Long".repeat(100));
    let headers =
        ["X-My.User", "Proxy", long.as_str()].map(|name| (name.to_owned(), value.clone()));
    ReservedNames::new([&HeaderPreset::None, &HeaderPreset::Custom(headers.to_vec())])
}

#[test]
fn identity_names_are_reserved_in_every_spelling() {
    let names = names();
    for name in [
        "X-Bitrix-Id-Subject",
        "x_bitrix_id_subject",
        "X-Bitrix_Id-Subject",
        "x_bitrix-id_subject",
        "X.Bitrix.Id.Roles",
        "x~bitrix!id|name",
        "X-BITRIX-ID-INTERNAL-HOST",
        "X-Bitrix-Id",
        "X-Bitrix-Id-Whatever-Comes",
        "X-Bitrix-Identity",
        "Remote-User",
        "remote_user",
        "REMOTE.GROUPS",
        "X-WEBAUTH-USER",
        "x_webauth_role",
        "X-Forwarded-User",
        "x_forwarded_email",
        "X-Forwarded_Groups",
        "x-forwarded-preferred-username",
        "X-Forwarded-Access-Token",
        "X-Remote-User",
        "x_remote_user",
        "X-Auth-Request-User",
        "x_auth_request_email",
        "Client-Cert",
        "Client-Cert-Chain",
        "X-My.User",
        "x-my-user",
        "X_MY_USER",
        "proxy",
    ] {
        assert!(names.is_reserved(name.as_bytes()), "{name}");
    }
}

#[test]
fn names_that_say_how_a_request_came_are_reserved() {
    let names = names();
    for name in [
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "X_Forwarded_Port",
        "X-Forwarded-Prefix",
        "X-Forwarded-Uri",
        "X-Forwarded-Method",
        "X-Forwarded-Server",
        "X-Real-IP",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Client-IP",
        "True-Client-IP",
        "CF-Connecting-IP",
        "cf_connecting_ip",
        "X.Real.Ip",
        "X-Host",
        "X-Request-Id",
        "x_request_id",
    ] {
        assert!(names.is_reserved(name.as_bytes()), "{name}");
    }
    let built_in = ReservedNames::new([]);
    assert!(built_in.is_reserved(b"Proxy"));
}

#[test]
fn what_requests_usually_carry_is_not_reserved() {
    let names = names();
    for name in [
        "",
        "Host",
        "Cookie",
        "Authorization",
        "Content-Type",
        "Content-Length",
        "Accept",
        "Origin",
        "User-Agent",
        "Referer",
        "Sec-Fetch-Mode",
        "X-Requested-With",
        "X-Bitrix-Csrf-Token",
        "BX-Ajax",
        "X-Bitrix-I",
        "X-Forwardedfor",
        "Remote",
        "If-Match",
        "traceparent",
        "Upgrade",
        "X-My-Use",
        "X-My-User2",
        "X-Xsrf-Token",
        "Range",
        "X-Auth-Token",
    ] {
        assert!(!names.is_reserved(name.as_bytes()), "{name}");
    }
}

#[test]
fn names_of_any_length_are_judged() {
    let names = names();
    let long = format!("x-{}", "long".repeat(100));
    assert!(names.is_reserved(long.as_bytes()));
    assert!(!names.is_reserved(format!("{long}2").as_bytes()));
    assert!(!names.is_reserved(&long.as_bytes()[..401]));
    let family = format!("X_Bitrix-Id{}", "-x".repeat(10_000));
    assert!(names.is_reserved(family.as_bytes()));
    assert!(!names.is_reserved("a".repeat(100_000).as_bytes()));
    for length in 120..140 {
        let name = format!("remote-{}", "x".repeat(length));
        assert!(names.is_reserved(name.as_bytes()), "{length}");
    }
}

proptest! {
    #[test]
    fn no_spelling_of_a_reserved_name_gets_through(
        name in prop::sample::select(vec![
            "x-bitrix-id-roles", "remote-user", "x-webauth-user", "x-forwarded-for", "x-my-user", "forwarded",
        ]),
        upper: u64,
        separators in "[-_.~!|*+^]{8}",
    ) {
        let separators = separators.as_bytes();
        let spelt: Vec<u8> = name.bytes().enumerate().map(|(at, byte)| match byte {
            b'-' => separators[at % separators.len()],
            _ if upper >> at & 1 == 1 => byte.to_ascii_uppercase(),
            _ => byte,
        }).collect();
        prop_assert!(names().is_reserved(&spelt));
        prop_assert_eq!(fold(&spelt), name.replace('-', "_"));
    }

    #[test]
    fn folding_twice_changes_nothing_and_decides_the_same(name: Vec<u8>) {
        let folded = fold(&name);
        prop_assert_eq!(&fold(folded.as_bytes()), &folded);
        prop_assert_eq!(names().is_reserved(folded.as_bytes()), names().is_reserved(&name));
    }
}
