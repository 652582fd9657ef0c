//! The pages of a recovery, and the one that changes a password.

use bitrix_id_auth_core::password::WeakPassword;

use super::{CSRF, NOW, STATE, Specimen, frame, page};
use crate::pages::*;

const CHECKWORD: &str = "7QK4-M0ZD-3H8V-XW2N-C5TR-91BG-YEFA";
const ANNA: &str = "anna@example.com";

pub(super) fn all(lang: Lang) -> Vec<Specimen> {
    [forgotten(lang), checkwords(lang), new_passwords(lang), securities(lang)]
        .into_iter()
        .flatten()
        .collect()
}

fn forgotten(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/forgot-password");
    let shown = |error| {
        let state = Some(STATE.into());
        let view = ForgotPassword { email: ANNA.into(), state, csrf: CSRF.into(), error };
        forgot_password(&f, &view)
    };
    vec![
        page("forgot", shown(None)),
        page("forgot-invalid", shown(Some(ForgotError::EmailInvalid))),
        page("forgot-too-many", shown(Some(ForgotError::TooMany { minutes: 12 }))),
        page("forgot-expired", shown(Some(ForgotError::Expired))),
    ]
}

fn checkwords(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/reset-password");
    let asked = EnterCheckword {
        email: ANNA.into(),
        csrf: CSRF.into(),
        resend_in_seconds: 60,
        ..EnterCheckword::default()
    };
    let failed = |error| {
        let resend_in_seconds = 0;
        enter_checkword(
            &f,
            &EnterCheckword { error: Some(error), resend_in_seconds, ..asked.clone() },
        )
    };
    let old = |why| {
        let (email, checkword) = (ANNA.into(), CHECKWORD.into());
        old_checkword(&f, &OldCheckword { why, email, checkword, csrf: CSRF.into() })
    };
    let zone = Some("Europe/Berlin".to_owned());
    let unknown = OldCheckword {
        why: WhyOld::Unknown,
        email: String::new(),
        checkword: String::new(),
        csrf: CSRF.into(),
    };
    vec![
        page("checkword", enter_checkword(&f, &asked)),
        page(
            "checkword-resent",
            enter_checkword(&f, &EnterCheckword { resent: true, ..asked.clone() }),
        ),
        page("checkword-no-match", failed(CheckwordError::NoMatch)),
        page("checkword-too-many", failed(CheckwordError::TooMany { minutes: 1 })),
        page("checkword-outdated", old(WhyOld::Outdated { newer_sent_at: NOW, zone })),
        page("checkword-used", old(WhyOld::Used)),
        page("checkword-expired", old(WhyOld::Expired { minutes: 60 })),
        page("checkword-unknown", old_checkword(&f, &unknown)),
    ]
}

fn new_passwords(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, &format!("/reset-password?checkword={CHECKWORD}"));
    let shown = |error| {
        let view = NewPassword {
            email: ANNA.into(),
            checkword: CHECKWORD.into(),
            csrf: CSRF.into(),
            min_length: 8,
            error,
        };
        new_password(&f, &view)
    };
    let weak = |weak| shown(Some(NewPasswordError::Weak(weak)));
    let set = |portals, to_portal: Option<&str>| {
        let to_portal = to_portal.map(str::to_owned);
        let onward = format!("/sign-in?state={STATE}");
        // Who knows several portals is the one with other ways in.
        let ways = ["Google".to_owned(), "anna@home.example".to_owned()];
        let also = if portals > 1 { ways.to_vec() } else { Vec::new() };
        password_set(&f, &PasswordSet { email: ANNA.into(), portals, also, to_portal, onward })
    };
    vec![
        page("new-password", shown(None)),
        page("new-password-short", weak(WeakPassword::TooShort { minimum: 8 })),
        page("new-password-guessable", weak(WeakPassword::Guessable)),
        page("new-password-differs", shown(Some(NewPasswordError::Differs))),
        page("new-password-busy", shown(Some(NewPasswordError::Busy))),
        page("new-password-expired", shown(Some(NewPasswordError::Expired))),
        page("password-set", set(3, Some("Acme Inc."))),
        page("password-set-alone", set(0, None)),
    ]
}

fn securities(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/profile/security");
    let own = Security {
        person: Person { name: "Anna Müller".into(), email: ANNA.into(), ..Person::default() },
        csrf: CSRF.into(),
        min_length: 8,
        portals: 3,
        has_password: true,
        recovery: true,
        ..Security::default()
    };
    let failed = |error| security(&f, &Security { error: Some(error), ..own.clone() });
    vec![
        page("security", security(&f, &own)),
        page("security-changed", security(&f, &Security { changed: true, ..own.clone() })),
        page(
            "security-no-password",
            security(&f, &Security { has_password: false, ..own.clone() }),
        ),
        page("security-wrong", failed(SecurityError::CurrentNoMatch)),
        page("security-guessable", failed(SecurityError::NewGuessable)),
        page("security-differs", failed(SecurityError::NewDiffers)),
        page("security-busy", failed(SecurityError::Busy)),
    ]
}
