use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::{
    AddressProof, CreateAccount, Directory, NewAccount, NewSession, Revoked, SessionStore,
};

use super::Desk;

/// An account with one session, as signing in makes it. Returns its subject.
fn desk_with_anna() -> (Desk, AccountId) {
    let desk = Desk::new();
    let id = desk.look(async |store| {
        let new = NewAccount {
            proof: AddressProof::Mail,
            email: "anna@example.com".to_owned(),
            name: "Anna\x1b[2J".to_owned(),
            password_hash: None,
            language: None,
        };
        let created = store.create_account(new, now()).await.unwrap();
        let CreateAccount::Created(account) = created else { panic!("{created:?}") };
        let session = NewSession {
            account: account.id,
            generation: 1,
            cookie_hash: [7; 32],
            amr: vec!["pwd".to_owned()],
            user_agent: "Firefox".to_owned(),
            auth_time: now(),
            client_ip: None,
            device: None,
        };
        store.create_session(session, now()).await.unwrap();
        account.id
    });
    (desk, id)
}

fn now() -> i64 {
    use bitrix_id_auth_core::clock::{Clock, SystemClock};
    SystemClock.now()
}

/// What a running gateway would learn: ended sessions, and the generation below which tokens are refused.
fn revoked(desk: &Desk) -> (usize, Option<u32>) {
    let revocations = desk.look(async |store| store.revocations_after(0).await.unwrap());
    let sessions = revocations.iter().filter(|one| matches!(one.what, Revoked::Session(_))).count();
    let generation = revocations.iter().find_map(|one| match one.what {
        Revoked::Account { minimum_generation, .. } => Some(minimum_generation),
        Revoked::Session(_) => None,
    });
    (sessions, generation)
}

#[test]
fn accounts_are_listed_without_control_characters() {
    let (desk, id) = desk_with_anna();
    let text = desk.run(&["account", "list"]);
    assert_eq!(text, format!("{id}  active    anna@example.com  Anna\u{fffd}[2J\n"));
    let accounts = desk.json(&["account", "list"]);
    assert_eq!(accounts[0]["subject"], id.to_string());
    assert_eq!(accounts[0]["name"], "Anna\x1b[2J");
}

#[test]
fn an_empty_directory_lists_nothing() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["account", "list"]), "");
    assert_eq!(desk.json(&["account", "list"]), serde_json::json!([]));
}

#[test]
fn an_account_is_shown_by_address_in_any_spelling_and_by_subject() {
    let (desk, id) = desk_with_anna();
    for which in ["anna@example.com", " Anna@EXAMPLE.com", &id.to_string()] {
        let account = desk.json(&["account", "show", which.trim()]);
        assert_eq!(account["email"], "anna@example.com");
        assert_eq!(account["has_password"], false);
        assert_eq!(account["sessions"][0]["user_agent"], "Firefox");
        assert_eq!(account["profiles"], serde_json::json!([]));
    }
    let text = desk.run(&["account", "show", "anna@example.com"]);
    assert!(text.contains("sessions  1\n") && text.contains("Firefox"), "{text}");
}

#[test]
fn an_account_that_is_not_there_is_a_problem() {
    let (desk, _) = desk_with_anna();
    let error = desk.refuse(&["account", "show", "nobody@example.com"]);
    assert!(error.contains("there is no account nobody@example.com"), "{error}");
    let error = desk.refuse(&["account", "delete", "nonsense"]);
    assert!(error.contains("neither an e-mail address nor a subject"), "{error}");
}

#[test]
fn a_disabled_account_loses_its_sessions_and_tokens() {
    let (desk, id) = desk_with_anna();
    desk.run(&["account", "disable", "anna@example.com"]);
    let account = desk.look(async |store| store.account(id).await.unwrap().unwrap());
    let (sessions, generation) = revoked(&desk);
    assert_eq!(sessions, 1);
    assert_eq!(generation, Some(account.generation));
    assert_eq!(desk.json(&["account", "show", "anna@example.com"])["state"], "disabled");
    desk.run(&["account", "enable", "anna@example.com"]);
    let shown = desk.json(&["account", "show", "anna@example.com"]);
    assert_eq!(shown["state"], "active");
    assert_eq!(shown["sessions"], serde_json::json!([]));
    let actions: Vec<_> =
        shown["events"].as_array().unwrap().iter().map(|event| event["action"].clone()).collect();
    assert_eq!(actions, ["account.enabled", "account.disabled"]);
}

#[test]
fn revoking_sessions_raises_the_generation() {
    let (desk, id) = desk_with_anna();
    let before = desk.look(async |store| store.account(id).await.unwrap().unwrap().generation);
    desk.run(&["account", "revoke-sessions", "anna@example.com"]);
    let (sessions, generation) = revoked(&desk);
    assert_eq!(sessions, 1);
    assert_eq!(generation, Some(before + 1));
}

#[test]
fn a_deleted_account_is_gone_and_its_tokens_are_refused() {
    let (desk, id) = desk_with_anna();
    desk.run(&["account", "delete", &id.to_string()]);
    assert_eq!(desk.look(async |store| store.account(id).await.unwrap()), None);
    let (sessions, generation) = revoked(&desk);
    assert_eq!(sessions, 1);
    assert!(generation.is_some_and(|generation| generation > 0));
    let events = desk.look(async |store| store.audit(Some(id), 1).await.unwrap());
    assert_eq!(events[0].action, "account.deleted");
}

#[test]
fn a_password_never_comes_from_the_command_line() {
    let desk = Desk::new();
    let error = desk.refuse(&["account", "create", "a@example.com", "--password", "x"]);
    assert!(error.contains("unexpected argument"), "{error}");
    let error = desk.refuse(&["account", "create", "a@example.com"]);
    assert!(error.contains("--password-stdin"), "{error}");
}
