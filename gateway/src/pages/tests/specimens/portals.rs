//! Creating portals, asking for access, inviting.

use super::{CSRF, DAY, HOUR, NOW, Specimen, anna, frame, page, portal_frame, rows};
use crate::pages::*;

/// Every page of this kind in every state.
pub(super) fn all(lang: Lang) -> Vec<Specimen> {
    [home(lang), creation(lang), owners(lang), invitations(lang), no_entry(lang)]
        .into_iter()
        .flatten()
        .collect()
}

fn home(lang: Lang) -> Vec<Specimen> {
    let owned = |title: &str, requests| OwnedPortal {
        title: title.into(),
        url: "/portals/acme/people".into(),
        requests,
    };
    let view = Portals {
        person: anna(),
        portals: rows(),
        owned: vec![owned("Acme Inc.", 3), owned("Globex", 0)],
        can_create: true,
        csrf: CSRF.into(),
        now: NOW,
        ..Portals::default()
    };
    let soon = Portals { soon: true, owned: Vec::new(), ..view.clone() };
    let found = |titles: &[&str]| {
        let waiting = titles.iter().map(|title| (*title).to_owned()).collect();
        portals(&frame(lang, "/"), &Portals { waiting, ..view.clone() })
    };
    let many = ["Acme", "Globex", "Initech", "Umbrella", "Hooli", "Stark", "Wayne"];
    let provable =
        Portals { portals: Vec::new(), provable: Some("anna@example.com".into()), ..view.clone() };
    vec![
        page("portals-owned", portals(&frame(lang, "/"), &view)),
        page("portals-soon", portals(&frame(lang, "/"), &soon)),
        page("portals-waiting", found(&["Globex", "Initech"])),
        page("portals-waiting-many", found(&many)),
        page("portals-provable", portals(&frame(lang, "/"), &provable)),
    ]
}

fn creation(lang: Lang) -> Vec<Specimen> {
    use NewPortalError::{
        AddressCharacters, AddressMissing, AddressReserved, AddressTaken, AddressTooLong,
        AddressTooShort, Expired, NoneLeft, Suggested, TitleMissing, TitleTooLong, TooMany,
    };
    let show = |name, errors: &[NewPortalError], left| {
        let view = NewPortal {
            person: anna(),
            csrf: CSRF.into(),
            title: if errors.is_empty() { String::new() } else { "Ромашка & Söhne".into() },
            address: if errors.is_empty() { String::new() } else { "romashka-soehne".into() },
            domain: "bitrix24.localhost".into(),
            left,
            errors: errors.to_vec(),
        };
        page(name, new_portal(&frame(lang, "/portals/new"), &view))
    };
    vec![
        show("new-portal", &[], 7),
        show("new-portal-suggested", &[Suggested], 7),
        show("new-portal-taken", &[AddressTaken], 7),
        show("new-portal-reserved", &[AddressReserved], 7),
        show("new-portal-wrong", &[TitleMissing, AddressCharacters], 7),
        show("new-portal-short", &[TitleTooLong, AddressTooShort], 7),
        show("new-portal-long", &[AddressTooLong], 7),
        show("new-portal-no-address", &[AddressMissing], 7),
        show("new-portal-none-left", &[], 0),
        show("new-portal-just-full", &[NoneLeft], 0),
        show("new-portal-too-many", &[TooMany { minutes: 3 }], 7),
        show("new-portal-expired", &[Expired], 7),
    ]
}

/// The page of a portal's owners, with something of everything.
fn people_view() -> People {
    let id = |n: u8| format!("01989f4e-6a7b-7c11-9d2e-3f5a1b2c4d{n:02x}");
    let request = |n, name: &str, email: &str, age| RequestRow {
        id: id(n),
        name: name.into(),
        email: email.into(),
        asked_at: NOW - age,
    };
    let member = |n, name: &str, email: Option<&str>, role: &str, own| MemberRow {
        id: id(n),
        name: name.into(),
        email: email.map(str::to_owned),
        roles: vec![role.into(), "crm-manager".into()],
        joined_at: NOW - 40 * DAY,
        own,
    };
    let invitation = |n, email: Option<&str>, most_uses| InvitationRow {
        id: id(n),
        email: email.map(str::to_owned),
        uses: 2,
        most_uses,
        expires_at: NOW + 3 * DAY,
    };
    People {
        person: anna(),
        csrf: CSRF.into(),
        path: "/portals/acme/people".into(),
        portal: "Acme Inc.".into(),
        portal_url: "https://acme.bitrix24.localhost:8443/".into(),
        requests: vec![
            request(1, "Boris", "boris@example.com", 2 * HOUR),
            request(2, "Wilhelmine von Donaudampfschifffahrt", "w.v.donau@example.org", 3 * DAY),
        ],
        members: vec![
            member(3, "Anna Müller", Some("anna@example.com"), "owner", true),
            member(4, "Carol", None, "admin", false),
        ],
        invitations: vec![invitation(6, Some("eve@example.com"), 1), invitation(7, None, 10)],
        mail: true,
        uses: "1".into(),
        now: NOW,
        ..People::default()
    }
}

fn owners(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/portals/acme/people");
    let news = |news| People { news: Some(news), ..people_view() };
    let wrong = |error| People {
        error: Some(error),
        emails: "anna@example.com, boris".into(),
        ..people_view()
    };
    let link = "https://id.bitrix24.localhost:8443/invitation?token=Zm9ydHktdGhyZWUtY2hhcmFjdGVycy1vZi1zZWNyZXQ";
    let quiet =
        People { requests: Vec::new(), invitations: Vec::new(), mail: false, ..people_view() };
    let search = People { query: "zzz".into(), members: Vec::new(), ..quiet.clone() };
    let many = People { more: true, ..quiet.clone() };
    let remove = RemoveMember {
        person: anna(),
        csrf: CSRF.into(),
        path: "/portals/acme/people".into(),
        portal: "Acme Inc.".into(),
        id: "0192f3a4-5b6c-7d8e-9f01-23456789abcd".into(),
        name: "Boris Ivanov".into(),
    };
    vec![
        page("people", people(&f, &people_view())),
        page("people-remove", remove_member(&f, &remove)),
        page("people-quiet", people(&f, &quiet)),
        page("people-nobody", people(&f, &search)),
        page("people-many", people(&f, &many)),
        page("people-approved", people(&f, &news(PeopleNews::Approved))),
        page("people-declined", people(&f, &news(PeopleNews::Declined("Boris Ivanov".into())))),
        page("people-answered", people(&f, &news(PeopleNews::AnsweredBefore))),
        page("people-invited", people(&f, &news(PeopleNews::Invited(3)))),
        page("people-link", people(&f, &news(PeopleNews::Link(link.into())))),
        page("people-revoked", people(&f, &news(PeopleNews::Revoked))),
        page("people-removed", people(&f, &news(PeopleNews::Removed("Boris Ivanov".into())))),
        page("people-no-emails", people(&f, &wrong(PeopleError::EmailsMissing))),
        page("people-email", people(&f, &wrong(PeopleError::EmailInvalid("boris".into())))),
        page("people-emails", people(&f, &wrong(PeopleError::EmailsTooMany))),
        page("people-uses", people(&f, &wrong(PeopleError::UsesWrong))),
        page("people-full", people(&f, &wrong(PeopleError::InvitationsTooMany))),
        page("people-mail", people(&f, &wrong(PeopleError::MailFailed))),
        page("people-limited", people(&f, &wrong(PeopleError::TooMany { minutes: 9 }))),
        page("people-expired", people(&f, &wrong(PeopleError::Expired))),
    ]
}

fn invitations(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/invitation?token=Zm9ydHktdGhyZWUtY2hhcmFjdGVycy1vZi1zZWNyZXQ");
    let view = |standing| InvitationPage {
        invitation: Some(InvitationView {
            portal: "Acme Inc.".into(),
            address: "acme.bitrix24.localhost:8443".into(),
            url: "https://acme.bitrix24.localhost:8443/".into(),
            by_name: "Anna Müller".into(),
            by_email: "anna@example.com".into(),
            standing,
        }),
        email: Some("boris@example.com".into()),
        csrf: CSRF.into(),
        token: "Zm9ydHktdGhyZWUtY2hhcmFjdGVycy1vZi1zZWNyZXQ".into(),
        sign_in_url: "/sign-in?state=x".into(),
        sign_up_url: Some("/sign-up?state=x".into()),
        path: "/invitation?token=x".into(),
        expired: false,
    };
    let open = view(InvitationStanding::Open);
    let stale = InvitationPage { expired: true, ..open.clone() };
    let stranger = InvitationPage { email: None, ..open.clone() };
    let unknown = InvitationPage { invitation: None, ..open.clone() };
    vec![
        page("invitation", invitation(&f, &open)),
        page("invitation-stale", invitation(&f, &stale)),
        page("invitation-stranger", invitation(&f, &stranger)),
        page("invitation-member", invitation(&f, &view(InvitationStanding::Member))),
        page("invitation-used", invitation(&f, &view(InvitationStanding::Used))),
        page("invitation-used-before", invitation(&f, &view(InvitationStanding::UsedBefore))),
        page("invitation-expired", invitation(&f, &view(InvitationStanding::Expired))),
        page("invitation-revoked", invitation(&f, &view(InvitationStanding::Revoked))),
        page("invitation-unknown", invitation(&f, &unknown)),
    ]
}

fn no_entry(lang: Lang) -> Vec<Specimen> {
    let f = portal_frame(lang);
    let view = |ask| NoAccess {
        portal_title: "Acme Inc.".into(),
        email: "boris@example.com".into(),
        portals: rows()[1..].to_vec(),
        ask,
        return_to: "/crm/deal/17/".into(),
        portals_url: "https://id.bitrix24.localhost:8443/".into(),
        way_in: None,
        new: false,
        time_zone: Some("Europe/Berlin".into()),
        now: NOW,
    };
    let declined = AskState::Declined { declined_at: NOW - 2 * DAY };
    let asked = |owners| AskState::Asked { asked_at: NOW - 2 * HOUR, owners };
    let welcome = "https://id.bitrix24.localhost:8443/welcome?state=x";
    let own = |way| NoAccess { way_in: Some(way), ..view(asked(true)) };
    vec![
        page("no-access-ask", no_access(&f, &view(AskState::Offered))),
        page("no-access-new", no_access(&f, &NoAccess { new: true, ..view(AskState::Offered) })),
        page("no-access-declined", no_access(&f, &view(declined))),
        page("no-access-asked", no_access(&f, &view(asked(true)))),
        page("no-access-nobody", no_access(&f, &view(asked(false)))),
        page("no-access-limited", no_access(&f, &view(AskState::TooMany { minutes: 12 }))),
        page("no-access-join", no_access(&f, &own(WayIn::Join(welcome.into())))),
        page("no-access-prove", no_access(&f, &own(WayIn::Prove(welcome.into())))),
    ]
}
