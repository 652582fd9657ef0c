//! One specimen of every page and of every state it knows.

mod addresses;
mod joining;
mod portals;
mod recovery;
mod social;

use super::people;
use crate::pages::*;

/// A page in one of its states.
pub(super) struct Specimen {
    pub(super) name: &'static str,
    pub(super) html: String,
}

/// 2026-03-12T09:30:00Z.
pub(super) const NOW: i64 = 1_773_307_800;
pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;
/// As long as the real ones.
pub(super) const STATE: &str = "eyJoIjoiYWNtZS5iaXRyaXgyNC5sb2NhbGhvc3QiLCJyIjoiL2NybS9kZWFsLzE3LyJ9.c2lnbmF0dXJlLW9mLTQzLWNoYXJhY3RlcnMtaW4tYmFzZTY0dQ";
pub(super) const CSRF: &str = "0123456789abcdef0123456789abcdef0123456789a";

/// A frame of the Bitrix ID host.
pub(super) fn frame(lang: Lang, path: &str) -> Frame {
    Frame {
        lang,
        brand: "Bitrix ID".into(),
        request_id: "01989f4e-6a7b-7c11-9d2e-3f5a1b2c4d5e".into(),
        path: path.into(),
        ..Frame::default()
    }
}

/// A frame of a portal's host.
pub(super) fn portal_frame(lang: Lang) -> Frame {
    Frame { portal: Some("Acme Inc.".into()), ..frame(lang, "") }
}

/// Every page in every state, in one language.
pub(super) fn all(lang: Lang) -> Vec<Specimen> {
    [
        entry(lang),
        sign_up_and_code(lang),
        account(lang),
        people::all(lang),
        addresses::all(lang),
        recovery::all(lang),
        joining::all(lang),
        portals::all(lang),
        social::all(lang),
        refusals(lang),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(super) fn page(name: &'static str, html: String) -> Specimen {
    Specimen { name, html }
}

pub(super) fn sign_in_view() -> SignIn {
    SignIn {
        to_portal: Some("Acme Inc.".into()),
        state: Some(STATE.into()),
        csrf: CSRF.into(),
        sign_up: true,
        ..SignIn::default()
    }
}

fn entry(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, &format!("/sign-in?state={STATE}"));
    let portal = portal_frame(lang);
    let failed = |error| {
        let error = Some(error);
        sign_in(&f, &SignIn { email: "anna@example.com".into(), error, ..sign_in_view() })
    };
    let ask = SignOutAsk {
        action: "/.bitrix-id/sign-out".into(),
        email: Some("anna@example.com".into()),
        csrf: None,
    };
    vec![
        page("sign-in", sign_in(&f, &sign_in_view())),
        page("sign-in-no-match", failed(SignInError::NoMatch)),
        page("sign-in-incomplete", failed(SignInError::Incomplete)),
        page("sign-in-too-many", failed(SignInError::TooMany { minutes: 5 })),
        page("sign-in-busy", failed(SignInError::Busy)),
        page("sign-in-expired", failed(SignInError::Expired)),
        page("sign-out", sign_out_ask(&portal, &ask)),
        page("signed-out", signed_out(&frame(lang, "/signed-out"), &SignedOut::default())),
    ]
}

/// A sign-up with everything wrong that can be at once.
pub(super) fn sign_up_view() -> SignUp {
    use SignUpError::{EmailInvalid, NameMissing, PasswordTooShort};
    SignUp {
        email: "anna@example".into(),
        state: Some(STATE.into()),
        csrf: CSRF.into(),
        min_length: 8,
        errors: vec![NameMissing, EmailInvalid, PasswordTooShort],
        ..SignUp::default()
    }
}

fn sign_up_and_code(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/sign-up");
    let confirm = ConfirmCode {
        email: "anna@example.com".into(),
        state: Some(STATE.into()),
        csrf: CSRF.into(),
        resend_in_seconds: 60,
        ..ConfirmCode::default()
    };
    let failed = |error| {
        let resend_in_seconds = 0;
        confirm_code(&f, &ConfirmCode { error: Some(error), resend_in_seconds, ..confirm.clone() })
    };
    let general = vec![SignUpError::TooMany { minutes: 1 }, SignUpError::Expired];
    let to_join = Some("Acme Inc.".into());
    let invited = SignUp { errors: Vec::new(), to_join, ..sign_up_view() };
    let to_portal = Some("Acme Inc.".into());
    let ahead = SignUp { errors: Vec::new(), to_portal, ..sign_up_view() };
    vec![
        page("sign-up", sign_up(&f, &SignUp { errors: Vec::new(), ..sign_up_view() })),
        page("sign-up-ahead", sign_up(&f, &ahead)),
        page("sign-up-invited", sign_up(&f, &invited)),
        page("sign-up-wrong", sign_up(&f, &sign_up_view())),
        page("sign-up-later", sign_up(&f, &SignUp { errors: general, ..sign_up_view() })),
        page("code", confirm_code(&f, &confirm)),
        page("code-resent", confirm_code(&f, &ConfirmCode { resent: true, ..confirm.clone() })),
        page("code-no-match", failed(CodeError::NoMatch)),
        page("code-too-many", failed(CodeError::TooMany)),
    ]
}

fn row(title: &str, host: &str, last_used: Option<i64>, current: bool) -> PortalRow {
    PortalRow {
        title: title.into(),
        address: format!("{host}:8443"),
        url: format!("https://{host}:8443/"),
        last_used,
        current,
    }
}

pub(super) fn rows() -> Vec<PortalRow> {
    vec![
        row("Acme Inc.", "acme.bitrix24.localhost", Some(NOW - 20), true),
        row("Globex", "globex.bitrix24.localhost", Some(NOW - 3 * DAY), false),
        row("Initech Donaudampfschifffahrtsgesellschaft", "portal.initech.localhost", None, false),
    ]
}

pub(super) fn anna() -> Person {
    Person {
        name: "Anna Müller".into(),
        email: "anna@example.com".into(),
        time_zone: Some("Europe/Berlin".into()),
        unproved: false,
        social: true,
    }
}

fn account(lang: Lang) -> Vec<Specimen> {
    let person = anna();
    let list = |portals: Vec<PortalRow>, query: &str| {
        let (person, csrf, query) = (person.clone(), CSRF.into(), query.into());
        portals_page(
            lang,
            &Portals { person, portals, query, csrf, now: NOW, ..Portals::default() },
        )
    };
    let many: Vec<_> = (0..9).map(|i| rows().swap_remove(i % 3)).collect();
    vec![
        page("portals", list(rows(), "")),
        page("portals-none", list(Vec::new(), "")),
        page("portals-many", list(many.clone(), "")),
        page("portals-not-found", list(many, "umbrella")),
    ]
}

fn portals_page(lang: Lang, view: &Portals) -> String {
    portals(&frame(lang, "/"), view)
}

fn refusals(lang: Lang) -> Vec<Specimen> {
    let f = portal_frame(lang);
    let refused = NoAccess {
        portal_title: "Acme Inc.".into(),
        email: "boris@example.com".into(),
        portals: rows()[1..].to_vec(),
        ask: AskState::Hidden,
        return_to: "/crm/".into(),
        now: NOW,
        portals_url: "https://id.bitrix24.localhost:8443/".into(),
        way_in: None,
        new: false,
        time_zone: None,
    };
    let mut pages = vec![
        page("no-access", no_access(&f, &refused)),
        page("cookies-blocked", cookies_blocked(&f, &CookiesBlocked {})),
        page("error-unknown-host", error(&frame(lang, ""), ErrorKind::NotFound)),
    ];
    pages.extend(ERRORS.map(|(name, kind)| page(name, error(&f, kind))));
    pages
}

/// Every kind of error.
pub(super) const ERRORS: [(&str, ErrorKind); 13] = [
    ("error-bad-request", ErrorKind::BadRequest),
    ("error-not-found", ErrorKind::NotFound),
    ("error-misdirected", ErrorKind::Misdirected),
    ("error-forbidden", ErrorKind::Forbidden),
    ("error-method", ErrorKind::MethodNotAllowed),
    ("error-too-slow", ErrorKind::TooSlow),
    ("error-too-large", ErrorKind::TooLarge),
    ("error-uri-too-long", ErrorKind::UriTooLong),
    ("error-headers-too-large", ErrorKind::HeadersTooLarge),
    ("error-upstream-down", ErrorKind::UpstreamDown),
    ("error-upstream-slow", ErrorKind::UpstreamSlow),
    ("error-unavailable", ErrorKind::Unavailable),
    ("error-internal", ErrorKind::Internal),
];
