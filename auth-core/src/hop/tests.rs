use proptest::prelude::*;
use url::Url;

use super::state::{Fields, decode_state};
use super::*;
use crate::assertion::sign_assertion;
use crate::path::tests::tricky_path;
use crate::testing::{HOST, ISSUER, NOW, identity, key, ring};
use crate::token::{RejectToken, sign_token, verify_token};

fn sealer() -> HopSealer {
    HopSealer::new([7; 32])
}

fn state() -> HopState {
    let (attempt, _, nonce_hash) = new_nonce();
    HopState {
        host: HOST.to_owned(),
        return_to: "/crm/deal/?id=5&x=%2F".to_owned(),
        attempt,
        nonce_hash,
        restarts: 1,
        issued_at: NOW,
    }
}

fn ticket(state: &HopState) -> Ticket {
    Ticket::new(identity().session, state, &sealer().seal(state), NOW)
}

#[test]
fn a_sealed_state_opens_as_it_was() {
    let state = state();
    let text = sealer().seal(&state);
    assert_eq!(sealer().open(&text, NOW + 3599), Ok(state));
    assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "{text}");
    assert!(text.len() < 200, "{} bytes", text.len());
}

#[test]
fn a_state_expires_after_an_hour_and_still_says_where_to_start_over() {
    let state = state();
    let text = sealer().seal(&state);
    let expired = Err(OpenHopError::Expired(Box::new(state)));
    assert_eq!(sealer().open(&text, NOW + 3600), expired);
    assert!(sealer().open(&text, NOW - 30).is_ok());
    assert_eq!(sealer().open(&text, NOW - 31), expired);
}

#[test]
fn a_state_of_another_secret_is_refused() {
    let text = sealer().seal(&state());
    assert_eq!(HopSealer::new([8; 32]).open(&text, NOW), Err(OpenHopError::BadSeal));
}

#[test]
fn what_is_no_state_is_malformed() {
    let text = sealer().seal(&state());
    let (payload, mac) = text.split_once('.').unwrap();
    for text in [
        "",
        "..",
        "a",
        "a.b",
        "ä.ö",
        payload,
        mac,
        &format!("{text}."),
        &format!("{text}="),
        &format!("{payload} .{mac}"),
        &"a".repeat(STATE_LIMIT + 1),
    ] {
        assert_eq!(sealer().open(text, NOW), Err(OpenHopError::Malformed), "{text}");
    }
    for text in [".", &format!(".{mac}"), &format!("{payload}.")] {
        assert_eq!(sealer().open(text, NOW), Err(OpenHopError::BadSeal), "{text}");
    }
}

#[test]
fn a_return_target_that_would_leave_the_host_is_sealed_as_the_front_page() {
    for return_to in ["//evil.example", "https://evil.example/", "/\\evil.example", ""] {
        let text = sealer().seal(&HopState { return_to: return_to.to_owned(), ..state() });
        assert_eq!(sealer().open(&text, NOW).unwrap().return_to, "/", "{return_to}");
    }
}

#[test]
fn the_longest_return_target_fits_in_a_state() {
    let return_to = format!("/{}", "a".repeat(RETURN_TARGET_LIMIT - 1));
    let host = format!("{}.example", "a.".repeat(120));
    let state = HopState { return_to, host, ..state() };
    assert_eq!(sealer().open(&sealer().seal(&state), NOW), Ok(state));
}

#[test]
fn a_ticket_says_what_was_signed() {
    let (ring, ticket) = (ring(), ticket(&state()));
    let text = sign_ticket(&ring, ISSUER, &ticket).unwrap();
    assert_eq!(verify_ticket(&ring, ISSUER, HOST, &text, NOW + 29), Ok(ticket));
    assert!(text.len() < 800, "{} bytes", text.len());
}

#[test]
fn a_ticket_is_for_one_host_one_issuer_and_thirty_seconds() {
    let (ring, ticket) = (ring(), ticket(&state()));
    let text = sign_ticket(&ring, ISSUER, &ticket).unwrap();
    let at = |issuer, host, now| verify_ticket(&ring, issuer, host, &text, now).unwrap_err();
    assert_eq!(at(ISSUER, "globex.example", NOW), RejectToken::WrongAudience.into());
    assert_eq!(at("https://other.example", HOST, NOW), RejectToken::WrongIssuer.into());
    assert_eq!(at(ISSUER, HOST, NOW - 31), RejectToken::NotYetValid.into());
    assert_eq!(at(ISSUER, HOST, NOW + 30), RejectTicket::Expired(Box::new(ticket.clone())));
    let long = Ticket { expires_at: NOW + 31, ..ticket };
    let text = sign_ticket(&ring, ISSUER, &long).unwrap();
    let refused = verify_ticket(&ring, ISSUER, HOST, &text, NOW).unwrap_err();
    assert_eq!(refused, RejectToken::Malformed.into());
}

#[test]
fn a_ticket_whose_attempt_could_spoil_a_cookie_name_is_refused() {
    let ring = ring();
    for attempt in ["", "short", "has space..", "twelve-chars", "a;b=c;d=e;f", "ääääää"] {
        let ticket = Ticket { attempt: attempt.to_owned(), ..ticket(&state()) };
        let text = sign_ticket(&ring, ISSUER, &ticket).unwrap();
        let refused = verify_ticket(&ring, ISSUER, HOST, &text, NOW).unwrap_err();
        assert_eq!(refused, RejectToken::Malformed.into(), "{attempt}");
    }
}

#[test]
fn a_ticket_of_a_key_that_is_gone_is_refused() {
    let text = sign_ticket(&ring(), ISSUER, &ticket(&state())).unwrap();
    let later = crate::keys::KeyRing::new(&[key(NOW - 7)], NOW).unwrap();
    let refused = verify_ticket(&later, ISSUER, HOST, &text, NOW).unwrap_err();
    assert_eq!(refused, RejectToken::UnknownKey.into());
}

// Every value of ours in every other's place.
#[test]
fn no_value_stands_in_for_another() {
    let (ring, state) = (ring(), state());
    // The hosts of tickets and assertions are chosen so that even equal audiences do not help.
    let identity = crate::identity::Identity { portal: HOST.to_owned(), ..identity() };
    let token = sign_token(&ring, ISSUER, HOST, &identity).unwrap();
    let (assertion, _) = sign_assertion(&ring, ISSUER, &identity, NOW).unwrap();
    let sealed = sealer().seal(&state);
    let ticket = sign_ticket(&ring, ISSUER, &ticket(&state)).unwrap();
    let values =
        [("token", token), ("assertion", assertion), ("ticket", ticket), ("state", sealed)];
    for (kind, value) in &values {
        let as_token = verify_token(&ring, ISSUER, HOST, value, NOW).is_ok();
        let as_ticket = verify_ticket(&ring, ISSUER, HOST, value, NOW).is_ok();
        let as_state = sealer().open(value, NOW).is_ok();
        assert_eq!(as_token, *kind == "token", "{kind} as token");
        assert_eq!(as_ticket, *kind == "ticket", "{kind} as ticket");
        assert_eq!(as_state, *kind == "state", "{kind} as state");
    }
}

#[test]
fn nonces_have_the_promised_form_and_never_repeat() {
    let (attempt, nonce, hash) = new_nonce();
    assert!(is_attempt(&attempt));
    assert_eq!(nonce.len(), 43);
    assert_eq!(hash, sha256(&nonce));
    assert_ne!(nonce, new_nonce().1);
    assert_ne!(attempt, new_nonce().0);
}

#[test]
fn a_visitor_returns_to_the_very_address() {
    for target in [
        "/",
        "/crm/",
        "/crm/deal/?id=5",
        "/?",
        "/?a=b&c=%2F%2e%2E//..\\x|{}^`\"<>'[]",
        "/a?b?c",
        "/a;b/c",
        "/%D0%BF?q=%D0%BF",
        "/a%20b?x=//evil.example",
        "/?https://evil.example/\\@x",
    ] {
        assert_eq!(return_target(target).as_deref(), Some(target));
    }
    assert_eq!(return_target("/?q=ü").as_deref(), Some("/?q=%C3%BC"));
}

#[test]
fn no_other_place_is_returned_to() {
    let long = format!("/{}", "a".repeat(RETURN_TARGET_LIMIT));
    // Grows beyond the limit only when it is encoded.
    let grows = format!("/?{}", "ü".repeat(RETURN_TARGET_LIMIT / 2 - 2));
    for target in [
        "",
        "a",
        "?a",
        "#a",
        "*",
        "//",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil",
        "/\tevil",
        "\t/x",
        " /x",
        "/x ",
        "/x\r\nSet-Cookie: a=b",
        "/x?a\r\nb",
        "/x?a b",
        "/x?a\tb",
        "/x\0",
        "/x?\0",
        "/x?\u{7f}",
        "/./x",
        "/../x",
        "/.//evil.example",
        "/%2e%2e//evil",
        "/x/..//evil.example",
        "/%2fevil.example",
        "/%5cevil.example",
        "/x#y",
        "/x?y#z",
        "https://evil.example",
        "javascript:x",
        "https:/x",
        "//acme.example/x",
        "/ü",
        "/.bitrix-id/callback",
        "/.bitrix-id/callback?ticket=x",
        &long,
        &grows,
    ] {
        assert_eq!(return_target(target), None, "{target:?}");
    }
}

fn assert_stays_on_the_host(target: &str) -> Result<(), TestCaseError> {
    for base in ["https://acme.example:8443/", "https://acme.example:8443/a/b?c#d"] {
        let url = Url::parse(base).unwrap().join(target).unwrap();
        prop_assert_eq!(url.origin().ascii_serialization(), "https://acme.example:8443");
        prop_assert!(
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
        );
        prop_assert_eq!(url.path(), target.split('?').next().unwrap());
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_return_target_never_leaves_the_host(
        target in prop_oneof![
            (tricky_path(), "(\\?\\PC{0,12})?").prop_map(|(path, query)| path + &query),
            "[/\\\\a.@:?#%2eEfF5cC\\t\\r\\n ]{0,12}",
            "\\PC{0,20}",
        ],
    ) {
        if let Some(target) = return_target(&target) {
            assert_stays_on_the_host(&target)?;
            prop_assert!(target.bytes().all(|byte| byte.is_ascii_graphic()));
            let again = return_target(&target);
            prop_assert_eq!(again, Some(target), "it is its own target");
        }
    }

    #[test]
    fn a_state_altered_by_one_byte_is_refused(at: prop::sample::Index, byte in 0_u8..128) {
        let mut altered = sealer().seal(&state()).into_bytes();
        let at = at.index(altered.len());
        prop_assume!(altered[at] != byte);
        altered[at] = byte;
        prop_assert!(sealer().open(&String::from_utf8(altered).unwrap(), NOW).is_err());
    }

    #[test]
    fn any_text_is_opened_without_a_panic(text in "\\PC{0,100}|[A-Za-z0-9_.-]{0,100}") {
        prop_assert!(sealer().open(&text, NOW).is_err());
    }

    #[test]
    fn any_state_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
        if let Some(state) = decode_state(&bytes) {
            let again = Fields::of(&state, &state.return_to).encode();
            prop_assert_eq!(decode_state(&again), Some(state));
        }
    }

    #[test]
    fn every_state_round_trips(
        host in "[a-z0-9-]{1,20}(\\.[a-z0-9-]{1,10}){0,3}|\\[::1\\]",
        query in "[!-~&&[^#]]{0,60}",
        restarts: u8,
        nonce_hash: [u8; 32],
    ) {
        let state = HopState { host, return_to: format!("/?{query}"), restarts, nonce_hash, ..state() };
        prop_assert_eq!(sealer().open(&sealer().seal(&state), NOW), Ok(state));
    }
}

#[test]
fn a_departure_comes_back_with_its_own_nonce_to_where_it_left() {
    let sealer = HopSealer::new([7; 32]);
    for (target, back) in [
        ("/crm/?id=1", "/crm/?id=1"),
        ("/crm/?id=\u{1}", "/crm/"),
        ("//evil.example/", "/"),
        ("", "/"),
    ] {
        let departure = depart(&sealer, "acme.example", target, 2, 1000);
        let state = sealer.open(&departure.state, 1000).unwrap();
        assert_eq!((state.return_to.as_str(), state.restarts), (back, 2), "{target:?}");
        assert_eq!(state.host, "acme.example");
        assert_eq!(departure.cookie_name, format!("{HOP_COOKIE_PREFIX}{}", state.attempt));
        assert_eq!(sha256(&departure.cookie_value), state.nonce_hash);
    }
}

#[test]
fn a_departure_without_a_cookie_leads_to_the_same_place_and_no_browser_can_finish_it() {
    let sealer = HopSealer::new([7; 32]);
    for (target, back) in [
        ("/crm/?id=1", "/crm/?id=1"),
        ("/?q=\u{fc}", "/?q=%C3%BC"),
        ("/crm/?id=\u{1}", "/crm/"),
        ("//evil.example/", "/"),
        ("", "/"),
    ] {
        let text = depart_without_cookie(&sealer, HOST, target, NOW);
        let state = sealer.open(&text, NOW).unwrap();
        assert_eq!((state.host.as_str(), state.return_to.as_str()), (HOST, back), "{target:?}");
        assert_eq!((state.restarts, state.issued_at), (0, NOW));
        // What a browser without a cookie and one with any other have.
        for value in ["", "AAAAAAAAAAA", &new_nonce().1] {
            assert_ne!(sha256(value), state.nonce_hash, "{value:?}");
        }
    }
}

#[test]
fn a_state_is_as_long_as_was_reckoned() {
    for length in 1..200 {
        let return_to = format!("/{}", "a".repeat(length));
        let text = sealer().seal(&HopState { return_to, ..state() });
        assert!(sealer().open(&text, NOW).is_ok(), "{text}");
        assert_eq!(text.capacity(), text.len(), "{length}");
    }
}

#[test]
fn a_hop_without_a_cookie_is_sealed_for_its_own_host_target_second_and_secret() {
    let (one, other) = (HopSealer::new([7; 32]), HopSealer::new([8; 32]));
    let same = || depart_without_cookie(&one, HOST, "/a", NOW);
    assert_eq!(same(), same());
    for (sealer, host, target, now) in [
        (&one, "globex.example", "/a", NOW),
        (&one, HOST, "/b", NOW),
        (&one, HOST, "/a", NOW + 1),
        (&other, HOST, "/a", NOW),
    ] {
        let before = same();
        let text = depart_without_cookie(sealer, host, target, now);
        assert_ne!(text, before, "{host} {target} {now}");
        let state = sealer.open(&text, now).unwrap();
        let said = (state.host.as_str(), state.return_to.as_str(), state.issued_at);
        assert_eq!(said, (host, target, now));
    }
}
