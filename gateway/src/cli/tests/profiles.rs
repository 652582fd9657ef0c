use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::{
    AddressProof, CreateAccount, Directory, NewAccount, Profile, SessionStore,
};

use super::Desk;

const EMAIL: &str = "anna@example.com";
const GLOBEX: &str = r#"
[[portal]]
id = "globex"
hosts = ["globex.example.localhost"]
upstreams = ["http://127.0.0.1:8001"]
"#;

fn desk_with_anna() -> (Desk, AccountId) {
    let desk = Desk::new();
    let id = desk.look(async |store| {
        let new = NewAccount {
            proof: AddressProof::Mail,
            email: EMAIL.to_owned(),
            name: "Anna".to_owned(),
            password_hash: None,
            language: None,
        };
        let created = store.create_account(new, 1_700_000_000).await.unwrap();
        let CreateAccount::Created(account) = created else { panic!("{created:?}") };
        account.id
    });
    (desk, id)
}

fn profiles(desk: &Desk, id: AccountId) -> Vec<Profile> {
    desk.look(async |store| store.profiles(id).await.unwrap())
}

/// What was audited, oldest first.
fn actions(desk: &Desk, id: AccountId) -> Vec<String> {
    let events = desk.look(async |store| store.audit(Some(id), 10).await.unwrap());
    assert!(events.iter().all(|event| event.actor == "operator"));
    assert!(events.iter().all(|event| event.portal.as_deref() == Some("acme")));
    events.into_iter().rev().map(|event| event.action).collect()
}

#[test]
fn a_grant_adds_a_profile_and_prints_it() {
    let (desk, id) = desk_with_anna();
    let grant = ["account", "grant", EMAIL, "--portal", "acme", "--local-id", "17"];
    let roles = ["--role", "admin", "--role", "employee", "--role", "admin"];
    let text = desk.run(&[&grant[..], &roles].concat());
    assert_eq!(text, "acme  local id 17  roles admin,employee  last used -\n");
    let [profile] = profiles(&desk, id).try_into().unwrap();
    assert_eq!(profile.local_id.as_deref(), Some("17"));
    assert_eq!(profile.roles, ["admin", "employee"]);
    assert_eq!(actions(&desk, id), ["profile.added"]);
}

#[test]
fn a_second_grant_replaces_what_the_profile_says_and_keeps_its_times() {
    let (desk, id) = desk_with_anna();
    desk.run(&["account", "grant", EMAIL, "--portal", "acme", "--local-id", "17", "--role", "a"]);
    let joined_at = profiles(&desk, id)[0].joined_at;
    desk.look(async |store| store.touch_profile(id, "acme", joined_at + 60).await.unwrap());
    let subject = id.to_string();
    let text = desk.run(&["account", "grant", &subject, "--portal", "acme", "--role", "b"]);
    assert!(text.starts_with("acme  local id -  roles b  last used 2"), "{text}");
    let [profile] = profiles(&desk, id).try_into().unwrap();
    assert_eq!((profile.local_id, profile.roles), (None, vec!["b".to_owned()]));
    assert_eq!((profile.joined_at, profile.last_used_at), (joined_at, Some(joined_at + 60)));
    assert_eq!(actions(&desk, id), ["profile.added", "profile.changed"]);
}

#[test]
fn a_grant_on_an_unknown_portal_names_those_of_files_and_directory() {
    let (desk, id) = desk_with_anna();
    let file = desk.path("globex.toml");
    std::fs::write(&file, GLOBEX).unwrap();
    desk.run(&["portal", "add", file.to_str().unwrap()]);
    let error = desk.refuse(&["account", "grant", EMAIL, "--portal", "acmee"]);
    assert_eq!(error, "there is no portal with the id acmee; known are acme, globex");
    assert_eq!(profiles(&desk, id), []);
    desk.run(&["account", "grant", EMAIL, "--portal", "globex"]);
    assert_eq!(profiles(&desk, id)[0].portal, "globex");
}

#[test]
fn a_grant_takes_no_list_for_a_role_and_no_unknown_account() {
    let (desk, id) = desk_with_anna();
    let grant = ["account", "grant", EMAIL, "--portal", "acme", "--role", "admin,employee"];
    let error = desk.refuse(&grant);
    assert!(error.contains("--role once for each"), "{error}");
    let error = desk.refuse(&["account", "grant", "boris@example.com", "--portal", "acme"]);
    assert!(error.contains("there is no account boris@example.com"), "{error}");
    let error = desk.refuse(&["account", "grant", EMAIL]);
    assert!(error.contains("--portal <ID>"), "{error}");
    assert_eq!(profiles(&desk, id), []);
}

#[test]
fn a_withdrawal_removes_the_profile_and_tells_running_gateways() {
    let (desk, id) = desk_with_anna();
    desk.run(&["account", "grant", EMAIL, "--portal", "acme"]);
    let heard = desk.look(async |store| store.revocations_after(0).await.unwrap().len());
    desk.run(&["account", "withdraw", EMAIL, "--portal", "acme"]);
    assert_eq!(profiles(&desk, id), []);
    assert!(desk.look(async |store| store.revocations_after(0).await.unwrap().len()) > heard);
    assert_eq!(actions(&desk, id), ["profile.added", "profile.removed"]);
    let error = desk.refuse(&["account", "withdraw", EMAIL, "--portal", "acme"]);
    assert_eq!(error, "anna@example.com has no profile on acme");
    assert_eq!(actions(&desk, id).len(), 2, "nothing happened, so nothing is kept");
}

#[test]
fn a_profile_on_a_portal_that_is_gone_can_be_withdrawn() {
    let (desk, id) = desk_with_anna();
    let file = desk.path("globex.toml");
    std::fs::write(&file, GLOBEX).unwrap();
    desk.run(&["portal", "add", file.to_str().unwrap()]);
    desk.run(&["account", "grant", EMAIL, "--portal", "globex"]);
    desk.run(&["portal", "remove", "globex"]);
    desk.run(&["account", "withdraw", EMAIL, "--portal", "globex"]);
    assert_eq!(profiles(&desk, id), []);
}

#[test]
fn a_new_account_s_local_id_and_roles_belong_to_exactly_one_portal() {
    let desk = Desk::new();
    for portals in [&[][..], &["--portal", "acme", "--portal", "globex"]] {
        for attribute in [["--local-id", "17"], ["--role", "admin"]] {
            let create = ["account", "create", EMAIL, "--password-stdin"];
            let error = desk.try_run(&[&create[..], portals, &attribute].concat()).unwrap_err();
            let usage = error.downcast::<clap::Error>().expect("a usage error");
            assert_eq!(usage.exit_code(), 2);
            assert!(usage.to_string().contains("exactly one --portal"), "{usage}");
        }
    }
}
