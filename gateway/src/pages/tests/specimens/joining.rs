//! The first sign-in, and the page about portals.

use super::*;

/// Every page of it in every state.
pub(super) fn all(lang: Lang) -> Vec<Specimen> {
    [proving(lang), joining(lang), about_portals(lang)].into_iter().flatten().collect()
}

fn view() -> Prove {
    Prove {
        email: "anna@example.com".into(),
        state: Some(STATE.into()),
        csrf: CSRF.into(),
        reason: ProveReason::Portals(vec!["Acme Inc.".into(), "Initech".into()]),
        mail: ProveMail::Sent,
        later: vec![way("0", "Acme Inc."), way("1", "Initech")],
        resend_in_seconds: 60,
        ..Prove::default()
    }
}

fn way(value: &str, title: &str) -> LaterPortal {
    LaterPortal { value: value.into(), title: title.into() }
}

fn proving(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/welcome");
    let reason = |reason| Prove { reason, later: Vec::new(), ..view() };
    let failed = |error| prove(&f, &Prove { error: Some(error), resend_in_seconds: 0, ..view() });
    let no_mail = |mail| prove(&f, &Prove { mail, resend_in_seconds: 0, ..view() });
    let offered = Prove { stay: true, mail: ProveMail::NotAsked, ..reason(ProveReason::Unproved) };
    let elsewhere = |code: Option<&str>| WelcomeEnd::CodeElsewhere {
        code: code.map(str::to_owned),
        signed_in: code.is_none(),
    };
    let other = ProveReason::OtherPassword(vec!["Initech".into()]);
    vec![
        page("prove", prove(&f, &view())),
        page("prove-code", prove(&f, &Prove { code: "493817".into(), ..view() })),
        page("prove-resent", prove(&f, &Prove { resent: true, ..view() })),
        page("prove-no-match", failed(ProveError::Code(CodeError::NoMatch))),
        page("prove-too-many", failed(ProveError::Code(CodeError::TooMany))),
        page("prove-taken", failed(ProveError::LaterTaken)),
        page("prove-gone", failed(ProveError::LaterGone)),
        page("prove-no-mail", no_mail(ProveMail::Failed)),
        page("prove-impossible", no_mail(ProveMail::Impossible)),
        page("prove-other-password", prove(&f, &reason(other))),
        page("prove-provider", prove(&f, &reason(ProveReason::Provider("Google".into())))),
        page("prove-offered", prove(&f, &offered)),
        page("code-elsewhere", welcome_end(&f, &elsewhere(Some("493817")))),
        page("code-elsewhere-none", welcome_end(&f, &elsewhere(None))),
        page("welcome-refused", welcome_end(&f, &WelcomeEnd::Refused)),
        page("linked-elsewhere", welcome_end(&f, &WelcomeEnd::LinkedElsewhere("Google".into()))),
    ]
}

fn record(local_id: &str, name: &str, login: &str, chosen: bool) -> JoinRecord {
    JoinRecord { local_id: local_id.into(), name: name.into(), login: login.into(), chosen }
}

pub(in crate::pages::tests) fn waiting() -> Vec<JoinPortal> {
    let portal = |id: &str, title: &str, host: &str, records| JoinPortal {
        portal: id.into(),
        title: title.into(),
        address: format!("{host}:8443"),
        records,
    };
    let twice = vec![
        record("9", "Anna Schmidt", "anna.schmidt", false),
        record("71", "", "a.mueller", false),
    ];
    vec![
        portal(
            "acme",
            "Acme Inc.",
            "acme.bitrix24.localhost",
            vec![record("17", "Anna Müller", "anna", true)],
        ),
        portal(
            "globex",
            "Globex",
            "globex.bitrix24.localhost",
            vec![record("4", "A. Müller", "anna@example.com", true)],
        ),
        portal(
            "initech",
            "Initech Donaudampfschifffahrtsgesellschaft",
            "portal.initech.localhost",
            twice,
        ),
    ]
}

/// Once joined and undone.
fn undone() -> Vec<JoinPortal> {
    let mut portals = waiting();
    for record in portals.iter_mut().flat_map(|portal| &mut portal.records) {
        record.chosen = false;
    }
    portals
}

fn joining(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/welcome");
    let view = Join {
        email: "anna@example.com".into(),
        csrf: CSRF.into(),
        state: Some(STATE.into()),
        portals: waiting(),
        password: JoinPassword::JustTyped,
        ahead: Some("Acme Inc.".into()),
        error: None,
    };
    let failed = |error| join(&f, &Join { error: Some(error), ..view.clone() });
    let unticked = Join { portals: undone(), error: Some(JoinError::NoneTicked), ..view.clone() };
    let without = Join { password: JoinPassword::None, ..view.clone() };
    let own = JoinPassword::Own;
    let one = Join { portals: waiting()[..1].to_vec(), password: own, ..view.clone() };
    vec![
        page("join", join(&f, &view)),
        page("join-one", join(&f, &one)),
        page("join-no-password", join(&f, &without)),
        page("join-expired", failed(JoinError::Expired)),
        page("join-none-ticked", join(&f, &unticked)),
    ]
}

fn about_portals(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/profile/portals");
    let open = |id: &str, row: PortalRow, record, how| OpenedPortal {
        portal: id.into(),
        title: row.title,
        address: row.address,
        url: row.url,
        name: if id == "globex" { "Dr. Anna Müller".into() } else { anna().name },
        record,
        joined_at: NOW - 3 * DAY,
        how,
    };
    let anna_there = OpenedRecord { login: "anna".into(), name: "Anna Müller".into() };
    let nameless = OpenedRecord { login: "a.mueller".into(), name: String::new() };
    let [acme, globex, initech] = rows()[..].first_chunk().cloned().expect("three portals");
    let joined = |days, how, undone| JournalEntry {
        portal: "Acme Inc.".into(),
        at: NOW - days * DAY,
        how,
        undone,
    };
    let view = ProfilePortals {
        person: anna(),
        csrf: CSRF.into(),
        opened: vec![
            open("acme", acme, Some(anna_there), JoinedHow::Address),
            open("globex", globex, Some(nameless), JoinedHow::Operator),
            open("initech", initech, None, JoinedHow::Added),
        ],
        owned: vec![OwnedPortal {
            title: "Acme Inc.".into(),
            url: "/portals/acme/people".into(),
            requests: 2,
        }],
        waiting: waiting(),
        join_url: format!("/welcome?state={STATE}"),
        journal: vec![
            joined(3, JoinedHow::Address, None),
            joined(9, JoinedHow::Operator, Some((NOW - 4 * DAY, UndoneBy::Operator))),
            joined(90, JoinedHow::PortalPassword, Some((NOW - 80 * DAY, UndoneBy::Person))),
        ],
        done: None,
        now: NOW,
    };
    let unproved = ProfilePortals {
        person: Person { unproved: true, ..anna() },
        waiting: Vec::new(),
        opened: view.opened[..1].to_vec(),
        journal: Vec::new(),
        ..view.clone()
    };
    let let_in = ProfilePortals {
        opened: [JoinedHow::Created, JoinedHow::Invited]
            .into_iter()
            .map(|how| OpenedPortal { how, ..view.opened[2].clone() })
            .collect(),
        ..view.clone()
    };
    let done = |done| profile_portals(&f, &ProfilePortals { done: Some(done), ..view.clone() });
    let ask = UndoJoin {
        person: anna(),
        csrf: CSRF.into(),
        portal: "acme".into(),
        title: "Acme Inc.".into(),
        name: "Anna Müller".into(),
        again: JoinAgain::Yes,
        alone: false,
        expired: false,
    };
    let undo = |again, alone| undo_join(&f, &UndoJoin { again, alone, ..ask.clone() });
    let home = Portals {
        person: anna(),
        portals: rows(),
        csrf: CSRF.into(),
        now: NOW,
        joined: true,
        ..Portals::default()
    };
    vec![
        page("profile-portals", profile_portals(&f, &view)),
        page("profile-portals-joined", done(PortalsDone::Joined)),
        page("profile-portals-unjoined", done(PortalsDone::Unjoined("Acme Inc.".into()))),
        page("profile-portals-unproved", profile_portals(&f, &unproved)),
        page(
            "profile-portals-none",
            profile_portals(
                &f,
                &ProfilePortals { person: anna(), csrf: CSRF.into(), ..ProfilePortals::default() },
            ),
        ),
        page("profile-portals-let-in", profile_portals(&f, &let_in)),
        page("undo-join", undo_join(&f, &ask)),
        page("undo-join-alone", undo(JoinAgain::With("anna@firma.example".into()), true)),
        page("undo-join-for-good", undo(JoinAgain::No, false)),
        page("undo-join-expired", undo_join(&f, &UndoJoin { expired: true, ..ask.clone() })),
        page("portals-joined", portals(&f, &home)),
    ]
}
