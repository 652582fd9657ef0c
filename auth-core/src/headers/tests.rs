use super::*;
use crate::testing::{HOST, ISSUER, NOW, identity, ring};

fn lines(preset: &HeaderPreset, identity: &Identity, assertion: Option<&str>) -> Vec<String> {
    let lines = identity_headers(preset, identity, assertion);
    lines.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
}

fn bare() -> Identity {
    Identity { portal_user: None, roles: vec![], name: String::new(), title: None, ..identity() }
}

fn custom(headers: &[(&str, &[TemplatePart])]) -> HeaderPreset {
    let headers = headers.iter();
    let headers = headers.map(|(name, parts)| ((*name).to_owned(), Template(parts.to_vec())));
    HeaderPreset::Custom(headers.collect())
}

fn field(field: IdentityField) -> TemplatePart {
    TemplatePart::Field(field)
}

fn literal(text: &str) -> TemplatePart {
    TemplatePart::Literal(text.to_owned())
}

#[test]
fn the_default_preset_sets_the_contract_s_headers() {
    assert_eq!(
        lines(&HeaderPreset::BitrixId, &identity(), Some("a.b.c")),
        [
            "x-bitrix-id-subject: 01900000-0000-7000-8000-000000000001",
            "x-bitrix-id-email: anna@example.com",
            "x-bitrix-id-name: Anna%20M%C3%BCller",
            "x-bitrix-id-title: Head%20of%20Sales",
            "x-bitrix-id-portal: acme",
            "x-bitrix-id-portal-user: 17",
            "x-bitrix-id-roles: admin,sales",
            "x-bitrix-id-session: 01900000-0000-7000-8000-000000000002",
            "x-bitrix-id-assertion: a.b.c",
        ]
    );
}

#[test]
fn what_is_absent_is_an_absent_header() {
    assert_eq!(
        lines(&HeaderPreset::BitrixId, &bare(), None),
        [
            "x-bitrix-id-subject: 01900000-0000-7000-8000-000000000001",
            "x-bitrix-id-email: anna@example.com",
            "x-bitrix-id-portal: acme",
            "x-bitrix-id-session: 01900000-0000-7000-8000-000000000002",
        ]
    );
    assert_eq!(
        lines(&HeaderPreset::Webauth, &bare(), None),
        ["x-webauth-user: anna@example.com", "x-webauth-email: anna@example.com"]
    );
}

#[test]
fn the_other_presets_name_a_person_their_way() {
    assert_eq!(
        lines(&HeaderPreset::RemoteUser, &identity(), None),
        [
            "remote-user: 17",
            "remote-email: anna@example.com",
            "remote-name: Anna%20M%C3%BCller",
            "remote-groups: admin,sales",
        ]
    );
    assert_eq!(
        lines(&HeaderPreset::Webauth, &identity(), None),
        [
            "x-webauth-user: 17",
            "x-webauth-email: anna@example.com",
            "x-webauth-name: Anna%20M%C3%BCller",
            "x-webauth-fullname: Anna%20M%C3%BCller",
            "x-webauth-role: admin",
            "x-webauth-groups: admin,sales",
        ]
    );
    assert_eq!(
        lines(&HeaderPreset::XForwarded, &identity(), None),
        [
            "x-forwarded-user: 01900000-0000-7000-8000-000000000001",
            "x-forwarded-email: anna@example.com",
            "x-forwarded-groups: admin,sales",
            "x-forwarded-preferred-username: 17",
        ]
    );
    assert_eq!(lines(&HeaderPreset::XRemoteUser, &identity(), None), ["x-remote-user: 17"]);
    assert!(lines(&HeaderPreset::None, &identity(), Some("a.b.c")).is_empty());
}

#[test]
fn a_table_fills_its_templates_and_leaves_out_what_has_no_value() {
    let preset = custom(&[
        ("X-User", &[literal("u:"), field(IdentityField::PortalUser), literal("@acme")]),
        ("X-Token", &[literal("Bearer "), field(IdentityField::Assertion)]),
        ("X-Static", &[literal("yes")]),
        ("x_user", &[literal("second of its folded name")]),
        ("X-Roles", &[field(IdentityField::Roles)]),
    ]);
    assert_eq!(
        lines(&preset, &identity(), Some("a.b.c")),
        ["x-user: u:17@acme", "x-token: Bearer a.b.c", "x-static: yes", "x-roles: admin,sales"]
    );
    // Without a local user the first template has no value, so its header is free for the next.
    assert_eq!(
        lines(&preset, &bare(), None),
        ["x-static: yes", "x_user: second of its folded name"]
    );
}

#[test]
fn no_value_can_break_out_of_its_header_or_list() {
    let hostile = Identity {
        email: "ü\r\nX-Admin: 1@example.com".to_owned(),
        name: "a\r\nb\0, \"c\" 100% п".to_owned(),
        title: Some("П,\r\n".to_owned()),
        portal_user: Some(" 5%20\t ".to_owned()),
        roles: ["a,b", "a%2Cb", "Sales Team", "", "ä", "\u{7f}"].map(str::to_owned).to_vec(),
        ..identity()
    };
    let lines = lines(&HeaderPreset::BitrixId, &hostile, None);
    assert_eq!(lines[1], "x-bitrix-id-email: %C3%BC%0D%0AX-Admin: 1@example.com");
    assert_eq!(lines[2], "x-bitrix-id-name: a%0D%0Ab%00%2C%20%22c%22%20100%25%20%D0%BF");
    assert_eq!(lines[3], "x-bitrix-id-title: %D0%9F%2C%0D%0A");
    assert_eq!(lines[5], "x-bitrix-id-portal-user: %205%2520%09%20");
    assert_eq!(lines[6], "x-bitrix-id-roles: a%2Cb,a%252Cb,Sales Team,%C3%A4,%7F");
}

#[test]
fn every_name_set_by_a_preset_is_reserved() {
    let custom = custom(&[("X-User", &[literal("x")])]);
    let reserved = ReservedNames::new([&custom]);
    for preset in [
        HeaderPreset::BitrixId,
        HeaderPreset::RemoteUser,
        HeaderPreset::Webauth,
        HeaderPreset::XForwarded,
        HeaderPreset::XRemoteUser,
        custom,
    ] {
        let lines = identity_headers(&preset, &identity(), Some("a.b.c"));
        assert!(!lines.is_empty());
        for (name, _) in lines {
            assert!(reserved.is_reserved(name.as_ref()), "{name}");
        }
    }
}

#[test]
fn prepared_lines_hold_a_fresh_assertion_and_are_made_anew_at_half_its_life() {
    let ring = ring();
    let prepare = |preset| prepare(&ring, ISSUER, preset, &identity(), [], 7, NOW).unwrap();
    let prepared = prepare(&HeaderPreset::BitrixId);
    assert!(prepared.lines().any(|(name, _)| name == "x-bitrix-id-assertion"));
    assert!(prepared.is_fresh(7, NOW + 149));
    assert!(!prepared.is_fresh(7, NOW + 150));
    assert!(!prepared.is_fresh(8, NOW));
    let without = prepare(&HeaderPreset::RemoteUser);
    assert!(without.is_fresh(7, NOW + 1_000_000));
    let template = custom(&[("X-Token", &[field(IdentityField::Assertion)])]);
    assert_eq!(prepare(&template).refresh_at, NOW + 150);
}

#[test]
fn prepared_lines_and_their_bytes_say_the_same() {
    let further = [(HeaderName::from_static("host"), HeaderValue::from_static(HOST))];
    let preset = HeaderPreset::BitrixId;
    let prepared = prepare(&ring(), ISSUER, &preset, &identity(), further, 7, NOW).unwrap();
    let mut written = Vec::new();
    for (name, value) in prepared.lines() {
        write_line(&mut written, name.as_str().as_bytes(), value.as_bytes());
    }
    assert_eq!(prepared.block, written);
    assert!(written.ends_with(b"\r\nhost: acme.example\r\n"));
}

#[test]
fn what_a_page_may_read_holds_neither_session_nor_local_id_nor_assertion() {
    let names: Vec<String> =
        open_identity(&identity()).iter().map(|(name, _)| name.to_string()).collect();
    let open = ["subject", "email", "name", "title", "portal", "roles"];
    assert_eq!(names, open.map(|name| format!("x-bitrix-id-{name}")));
}
