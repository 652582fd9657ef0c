//! Specimens of the person's own pages, and what these do.

use super::specimens::{self, CSRF, DAY, HOUR, NOW, Specimen, anna, frame, page};
use crate::pages::*;

const WINDOWS: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1";
/// As long as the real ones.
const KEY: &str = "0123456789abcdef0123456789abcdef0123456789a";

/// Every page of this area in every state, in one language.
pub(super) fn all(lang: Lang) -> Vec<Specimen> {
    [you(lang), zones(lang), names(lang), browsers(lang), strangers(lang), leaving(lang)]
        .into_iter()
        .flatten()
        .collect()
}

fn profile_view(lang: Lang) -> Profile {
    Profile {
        person: anna(),
        phone: "+493012345678".into(),
        language: lang,
        portals: 3,
        by_name: 3,
        csrf: CSRF.into(),
        ..Profile::default()
    }
}

fn you(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/profile");
    let photo = Some("Zm9vYmFy".to_owned());
    let saved = |saved| {
        let (saved, photo) = (Some(saved), photo.clone());
        profile(&f, &Profile { saved, photo, ..profile_view(lang) })
    };
    let failed = |error| profile(&f, &Profile { error: Some(error), ..profile_view(lang) });
    let by_name = |by_name, saved| profile(&f, &Profile { by_name, saved, ..profile_view(lang) });
    vec![
        page("profile", profile(&f, &profile_view(lang))),
        page("profile-name-saved", saved(ProfileSaved::Name)),
        page("profile-name-saved-one", by_name(1, Some(ProfileSaved::Name))),
        page("profile-name-saved-two", by_name(2, Some(ProfileSaved::Name))),
        page("profile-name-saved-none", by_name(0, Some(ProfileSaved::Name))),
        page("profile-saved", saved(ProfileSaved::Details)),
        page("profile-zone-saved", saved(ProfileSaved::TimeZone)),
        page("profile-photo-saved", saved(ProfileSaved::Photo)),
        page("profile-photo-removed", saved(ProfileSaved::PhotoRemoved)),
        page("profile-wrong", failed(ProfileError::NameMissing)),
        page("profile-phone-wrong", failed(ProfileError::PhoneInvalid)),
        page("profile-photo-wrong", failed(ProfileError::PhotoUnreadable)),
        page("profile-photo-large", failed(ProfileError::PhotoTooLarge)),
        page("profile-photo-missing", failed(ProfileError::PhotoMissing)),
        page("profile-expired", failed(ProfileError::Expired)),
        page("profile-too-many", failed(ProfileError::TooMany { minutes: 12 })),
    ]
}

fn zones(lang: Lang) -> Vec<Specimen> {
    let view = |area: &str, error| {
        let frame = frame(lang, &format!("/profile/time-zone?area={area}"));
        let (area, csrf) = (area.to_owned(), CSRF.to_owned());
        time_zone(&frame, &TimeZonePage { person: anna(), area, csrf, error })
    };
    vec![
        page("time-zone", view("", None)),
        page("time-zone-europe", view("Europe", None)),
        page("time-zone-america", view("America A-L", None)),
        page("time-zone-wrong", view("Europe", Some(TimeZoneError::Unknown))),
    ]
}

fn names(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/profile/portal/acme");
    let view = PortalName {
        person: anna(),
        portal: "acme".into(),
        portal_title: "Acme Inc.".into(),
        name: "Anna M.".into(),
        title: "Head of Sales".into(),
        csrf: CSRF.into(),
        ..PortalName::default()
    };
    let failed = |error| portal_name(&f, &PortalName { error: Some(error), ..view.clone() });
    vec![
        page("portal-name", portal_name(&f, &view)),
        page("portal-name-saved", portal_name(&f, &PortalName { saved: true, ..view.clone() })),
        page("portal-name-long", failed(PortalNameError::NameTooLong)),
        page("portal-title-long", failed(PortalNameError::TitleTooLong)),
    ]
}

fn session(id: u32, user_agent: &str, age: i64, portals: &[&str]) -> SessionRow {
    SessionRow {
        id: format!("01989f4e-6a7b-7c11-9d2e-3f5a1b2c4d{id:02x}"),
        user_agent: user_agent.into(),
        address: "203.0.113.7".into(),
        amr: vec![if age > DAY { "otp" } else { "pwd" }.into()],
        portals: portals.iter().map(|title| (*title).to_owned()).collect(),
        created_at: NOW - 4 * age - DAY,
        last_seen_at: NOW - age,
        current: id == 1,
    }
}

fn browsers(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/profile/sessions");
    let view = Sessions {
        person: anna(),
        rows: vec![
            session(1, WINDOWS, 10, &["Acme Inc."]),
            session(2, PHONE, 5 * HOUR, &["Acme Inc.", "Globex"]),
            session(3, "", 12 * DAY, &[]),
        ],
        csrf: CSRF.into(),
        ended: None,
        now: NOW,
    };
    let ended = |count, user_agent: Option<&str>| {
        let user_agent = user_agent.map(str::to_owned);
        let portals = vec!["Acme Inc.".to_owned(), "Globex".to_owned()];
        let ended = Some(EndedSessions { count, user_agent, portals });
        sessions(&f, &Sessions { ended, rows: view.rows[..1].to_vec(), ..view.clone() })
    };
    let out = SignedOut {
        ended: Some(EndedSessions { count: 3, ..EndedSessions::default() }),
        leaving: None,
    };
    vec![
        page("sessions", sessions(&f, &view)),
        page("sessions-ended", ended(2, None)),
        page("sessions-ended-one", ended(1, Some(PHONE))),
        page("signed-out-everywhere", signed_out(&frame(lang, "/signed-out"), &out)),
    ]
}

fn strangers(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/not-me");
    let about = Disowned::Session {
        user_agent: WINDOWS.into(),
        address: "203.0.113.7".into(),
        at: NOW,
        time_zone: Some("Europe/Berlin".into()),
    };
    let view = NotMe { about, key: KEY.into(), csrf: CSRF.into(), expired: false };
    let other = |about| not_me(&f, &NotMe { about, ..view.clone() });
    vec![
        page("not-me", not_me(&f, &view)),
        page("not-me-expired", not_me(&f, &NotMe { expired: true, ..view.clone() })),
        page("not-me-ended", other(Disowned::Ended)),
        page("not-me-gone", other(Disowned::Gone)),
    ]
}

fn leaving(lang: Lang) -> Vec<Specimen> {
    let delete_at = NOW + 14 * DAY;
    let view = Delete {
        person: anna(),
        portals: vec!["Acme Inc.".into(), "Globex".into()],
        alone: Vec::new(),
        delete_at,
        way_back: WayBack::MailOrSignIn,
        csrf: CSRF.into(),
        expired: false,
    };
    let by =
        |way_back| delete(&frame(lang, "/profile/delete"), &Delete { way_back, ..view.clone() });
    let kept = |signed_in| Keeping::Kept { signed_in, onward: "/sign-in".into() };
    let f = frame(lang, "/profile/delete");
    let staying = Keeping::Leaving { delete_at, time_zone: Some("Europe/Berlin".into()) };
    let keeping = |state, key: Option<&str>, expired| {
        let (key, csrf) = (key.map(str::to_owned), CSRF.to_owned());
        keep(&frame(lang, "/profile/keep"), &Keep { state, key, csrf, expired })
    };
    let out = SignedOut { ended: None, leaving: Some((delete_at, None)) };
    let data = YourData { person: anna(), csrf: CSRF.into() };
    vec![
        page("data", your_data(&frame(lang, "/profile/data"), &data)),
        page("delete", delete(&f, &view)),
        page("delete-by-mail", by(WayBack::Mail)),
        page("delete-by-sign-in", by(WayBack::SignIn)),
        page("delete-no-way-back", by(WayBack::Nowhere)),
        page("delete-alone", delete(&f, &Delete { alone: view.portals.clone(), ..view.clone() })),
        page("delete-expired", delete(&f, &Delete { expired: true, ..view.clone() })),
        page("delete-no-portals", delete(&f, &Delete { portals: Vec::new(), ..view.clone() })),
        page("signed-out-leaving", signed_out(&frame(lang, "/signed-out"), &out)),
        page("keep", keeping(staying.clone(), None, false)),
        page("keep-by-link", keeping(staying.clone(), Some(KEY), false)),
        page("keep-expired", keeping(staying, None, true)),
        page("keep-kept", keeping(kept(false), None, false)),
        page("keep-kept-here", keeping(kept(true), None, false)),
        page("keep-nothing", keeping(Keeping::Nothing, None, false)),
    ]
}

fn html(name: &str) -> String {
    all(Lang::En).into_iter().find(|specimen| specimen.name == name).unwrap().html
}

#[test]
fn a_session_says_browser_address_method_portals_and_time_in_the_persons_zone() {
    let html = html("sessions");
    for part in [
        "Firefox on Windows",
        "203.0.113.7",
        "with the password",
        "with a code from a mail",
        "Opened Acme Inc., Globex",
        "11 March 2026, 10:29 (Europe/Berlin)",
        "this browser",
    ] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn signing_out_shows_what_was_ended() {
    let one = html("sessions-ended-one");
    assert!(
        one.contains("Done. Safari on iPhone was signed out. It had opened Acme Inc., Globex.")
    );
    assert!(html("signed-out-everywhere").contains("3 browsers were signed out"));
}

#[test]
fn the_page_of_a_link_changes_nothing_without_its_form() {
    for name in ["not-me", "keep-by-link"] {
        let html = html(name);
        assert_eq!(html.matches(KEY).count(), 2, "{name}: the value and the anti-forgery value");
        assert!(!html.contains(&format!("href=\"/profile/keep?key={KEY}\"")));
        assert!(html.contains("<form method=\"post\""));
    }
}

#[test]
fn an_error_stands_at_its_field() {
    for (name, field) in [
        ("profile-wrong", "name"),
        ("profile-phone-wrong", "phone"),
        ("profile-photo-wrong", "photo"),
        ("portal-title-long", "title"),
    ] {
        let html = html(name);
        let input = html.split(&format!("id=\"{field}\"")).nth(1).unwrap();
        let input = input.split('>').next().unwrap();
        assert!(input.contains("aria-invalid") && input.contains("autofocus"), "{name}: {input}");
        assert_eq!(html.matches(" autofocus").count(), 1, "{name}");
    }
}

#[test]
fn the_zone_they_have_is_preselected() {
    let html = html("time-zone-europe");
    assert!(html.contains("<option selected>Berlin"), "{html}");
    assert!(html.contains("<option value=\"Europe\" selected>Europe"));
}

#[test]
fn what_was_done_takes_the_focus() {
    let pages = specimens::all(Lang::En);
    for name in [
        "profile-saved",
        "profile-name-saved",
        "profile-zone-saved",
        "profile-photo-saved",
        "profile-photo-removed",
        "portal-name-saved",
        "sessions-ended",
        "security-changed",
        "links-linked",
        "links-elsewhere",
    ] {
        let html = &pages.iter().find(|page| page.name == name).unwrap().html;
        let note = html.split("id=\"done\"").nth(1).unwrap_or_else(|| panic!("{name}"));
        let note = note.split('>').next().unwrap();
        assert!(note.contains("tabindex=\"-1\"") && note.contains(" autofocus"), "{name}: {note}");
        assert_eq!(html.matches(" autofocus").count(), 1, "{name}");
    }
}

#[test]
fn deleting_is_asked_in_a_heading_and_told_with_the_way_back_there_is() {
    let headed = |html: &str| html.contains("<h1>Delete your Bitrix ID?</h1>");
    for (name, mail, sign_in) in [
        ("delete", true, true),
        ("delete-by-mail", true, false),
        ("delete-by-sign-in", false, true),
        ("delete-no-way-back", false, false),
    ] {
        let html = html(name);
        assert!(headed(&html), "{name}");
        assert_eq!(html.contains("the link in the mail we send you"), mail, "{name}");
        assert_eq!(html.contains("keep it: sign in"), sign_in, "{name}");
        let form = html.contains("action=\"/profile/delete\"");
        assert_eq!(form, mail || sign_in, "{name}");
    }
}
