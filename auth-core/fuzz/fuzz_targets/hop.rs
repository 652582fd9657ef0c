//! Hop states and tickets: only what was sealed or signed opens, as it was.
//!
//! An input is a state, a ticket, an alteration of a good one, the parts of a state that is then sealed,
//! and (a JSON header, line feed, a payload) a ticket of a correct signature and whatever content.
#![no_main]

use std::sync::LazyLock;

use bitrix_id_auth_core::authority::canonical_host;
use bitrix_id_auth_core::hop::{
    HopState, OpenHopError, RejectTicket, TICKET_LIFETIME, Ticket, return_target, sign_ticket,
    verify_ticket,
};
use bitrix_id_fuzz::{HOST, ISSUER, NOW, RING, SEALER, altered, identity, signed};
use libfuzzer_sys::fuzz_target;

static GOOD_STATE: LazyLock<String> = LazyLock::new(|| {
    let text = SEALER.seal(&state());
    assert_eq!(genuine_state(&text), Some(state()));
    text
});
static GOOD_TICKET: LazyLock<String> = LazyLock::new(|| {
    let ticket = Ticket::new(identity().session, &state(), &GOOD_STATE, NOW);
    let text = sign_ticket(&RING, ISSUER, &ticket).expect("it fits");
    assert_eq!(genuine_ticket(&text), Some(ticket));
    text
});

fuzz_target!(|data: &[u8]| {
    if let Some(ticket) = signed(data).and_then(|text| genuine_ticket(&text)) {
        assert!(ticket.expires_at <= ticket.issued_at.saturating_add(TICKET_LIFETIME));
        assert_eq!((ticket.host.as_str(), ticket.attempt.len()), (HOST, 11));
        let again = sign_ticket(&RING, ISSUER, &ticket).expect("it is shorter than what was read");
        assert_eq!(genuine_ticket(&again), Some(ticket));
    }
    if let Some(text) = altered(&GOOD_STATE, data) {
        assert_eq!(genuine_state(&text), None, "an altered state opens: {text}");
    }
    if let Some(text) = altered(&GOOD_TICKET, data) {
        assert_eq!(genuine_ticket(&text), None, "an altered ticket counts: {text}");
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(state) = genuine_state(text) {
        assert_eq!(SEALER.seal(&state), text, "a state has one text");
    }
    if let Some(ticket) = genuine_ticket(text) {
        assert_eq!(sign_ticket(&RING, ISSUER, &ticket).as_deref().ok(), Some(text));
    }
    check_sealing(text);
});

/// Host and return target, a line each.
fn check_sealing(text: &str) {
    let (host, return_to) = text.split_once('\n').unwrap_or((HOST, text));
    let Ok((host, _)) = canonical_host(host.as_bytes()) else { return };
    let expected = return_target(return_to).unwrap_or_else(|| "/".to_owned());
    let sealed = HopState { host, return_to: return_to.to_owned(), ..state() };
    let opened = HopState { return_to: expected, ..sealed.clone() };
    assert_eq!(SEALER.open(&SEALER.seal(&sealed), NOW), Ok(opened));
    // What no caller seals (an attempt of any form) is at worst refused.
    let odd = SEALER.seal(&HopState { attempt: text.to_owned(), ..sealed });
    if let Some(state) = genuine_state(&odd) {
        assert_eq!(SEALER.open(&SEALER.seal(&state), NOW), Ok(state));
    }
}

/// What is ours, expired or not.
fn genuine_state(text: &str) -> Option<HopState> {
    match SEALER.open(text, NOW) {
        Ok(state) => Some(state),
        Err(OpenHopError::Expired(state)) => Some(*state),
        Err(OpenHopError::Malformed | OpenHopError::BadSeal) => None,
    }
}

fn genuine_ticket(text: &str) -> Option<Ticket> {
    match verify_ticket(&RING, ISSUER, HOST, text, NOW) {
        Ok(ticket) => Some(ticket),
        Err(RejectTicket::Expired(ticket)) => Some(*ticket),
        Err(RejectTicket::Refused(_)) => None,
    }
}

fn state() -> HopState {
    HopState {
        host: HOST.to_owned(),
        return_to: "/crm/deal/?id=5&x=%2F".to_owned(),
        attempt: "AbCdEfGhI-_".to_owned(),
        nonce_hash: [9; 32],
        restarts: 1,
        issued_at: NOW,
    }
}
