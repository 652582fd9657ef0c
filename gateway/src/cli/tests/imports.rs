use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::joining::{JoinProof, Joining, ProfileKey};
use bitrix_id_auth_core::store::{
    AddressProof, CreateAccount, Directory, NewAccount, SessionStore,
};

use super::{Desk, Outcome};

const HEADER: &str =
    "local_id,login,email,password_hash,name,last_name,active,external_auth_id,roles";
const ANNA: &str = "17,anna,anna@example.com,5bc19af86c75c8bc1af45b3ef4cd8717,Anna,Müller,Y,,admin";
const NOW_MS: i64 = 1_700_000_000_000;

fn desk_with(rows: &[&str]) -> (Desk, String) {
    let desk = Desk::new();
    let file = desk.path("people.csv").to_str().unwrap().to_owned();
    write(&file, rows);
    (desk, file)
}

fn write(file: &str, rows: &[&str]) {
    std::fs::write(file, format!("{HEADER}\r\n{}\r\n", rows.join("\r\n"))).unwrap();
}

fn free(desk: &Desk) -> Vec<ProfileKey> {
    let emails = ["anna@example.com".to_owned()];
    desk.look(async |store| {
        store.free_profiles(&emails).await.unwrap().iter().map(|record| record.key()).collect()
    })
}

fn acme_17() -> ProfileKey {
    ProfileKey { portal: "acme".to_owned(), local_id: "17".to_owned() }
}

/// Anna has joined 17 on acme.
fn joined(desk: &Desk) -> AccountId {
    desk.look(async |store| {
        let new = NewAccount {
            proof: AddressProof::Mail,
            email: "anna@example.com".to_owned(),
            name: "Anna".to_owned(),
            password_hash: None,
            language: None,
        };
        let created = store.create_account(new, NOW_MS / 1000).await.unwrap();
        let CreateAccount::Created(account) = created else { panic!("{created:?}") };
        let joined =
            store.join(account.id, &[acme_17()], JoinProof::Address, "self", NOW_MS).await.unwrap();
        assert_eq!(joined, [acme_17()]);
        account.id
    })
}

#[test]
fn people_are_imported_once_and_the_same_file_changes_nothing() {
    let bot = "9,bot,,,Helper,,Y,bot,";
    let (desk, file) = desk_with(&[ANNA, bot, "18,boris,,,Boris,,N,LDAP#1,"]);
    let import = ["portal", "import-users", "acme", &file];
    let text = desk.run(&import);
    assert_eq!(text, "acme: 2 added, 0 changed, 0 unchanged, 1 skipped, 0 refused\n");
    assert_eq!(free(&desk), [acme_17()]);
    let summary = desk.json(&import);
    let expected = serde_json::json!({
        "portal": "acme", "added": 0, "changed": 0, "unchanged": 2, "skipped": 1, "refused": 0
    });
    assert_eq!(summary, expected);
    let events = desk.look(async |store| store.audit(None, 10).await.unwrap());
    assert!(events.iter().all(|event| event.action == "portal.imported"));
    assert_eq!(events[1].detail, "2 added, 0 changed, 0 unchanged, 1 skipped, 0 refused");
}

#[test]
fn a_row_that_cannot_be_taken_keeps_no_other_out() {
    let (desk, file) = desk_with(&["16,zoe,not an address,,Zoë,,Y,,", ANNA]);
    let (outcome, text) = desk.try_run(&["portal", "import-users", "acme", &file]).unwrap();
    assert_eq!(outcome, Outcome::Problem);
    assert!(text.contains("1 added") && text.contains("1 refused"), "{text}");
    assert_eq!(free(&desk), [acme_17()]);
}

#[test]
fn an_import_goes_to_a_portal_that_is_there_from_a_file_with_its_columns() {
    let (desk, file) = desk_with(&[ANNA]);
    let error = desk.refuse(&["portal", "import-users", "globex", &file]);
    assert_eq!(error, "there is no portal with the id globex; known are acme");
    std::fs::write(&file, "local_id,login\n17,anna\n").unwrap();
    let error = desk.refuse(&["portal", "import-users", "acme", &file]);
    assert!(error.starts_with(&format!("{file}:1: ")) && error.contains("\"email\""), "{error}");
    assert_eq!(free(&desk), []);
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_what_to_do() {
    let (desk, file) = desk_with(&[ANNA]);
    let folder = desk.folder.path().to_str().unwrap();
    let missing = format!("{file}.gz");
    for (given, reason) in [(missing.as_str(), "no such file"), (folder, "a directory")] {
        let error = desk.refuse(&["portal", "import-users", "acme", given]);
        assert!(error.starts_with(&format!("{given}: ")) && error.contains(reason), "{error}");
        assert!(
            error
                .ends_with("name the CSV file that the portal exported, or `-` for standard input"),
            "{error}"
        );
        let error = desk.refuse(&["portal", "add", given]);
        assert!(
            error.starts_with(&format!("{given}: ")) && error.contains("one [[portal]] table"),
            "{error}"
        );
    }
    std::fs::write(&file, b"[[portal]]\ntitle = \"Caf\xe9\"").unwrap();
    assert!(desk.refuse(&["portal", "add", &file]).contains("not UTF-8"));
}

#[test]
fn an_address_that_only_portals_know_is_told_with_those_portals() {
    let (desk, file) = desk_with(&[ANNA]);
    let nobody = desk.refuse(&["account", "show", "anna@example.com"]);
    assert_eq!(nobody, "there is no account anna@example.com");
    desk.run(&["portal", "import-users", "acme", &file]);
    let error = desk.refuse(&["account", "show", "Anna@EXAMPLE.com"]);
    let expected = "there is no account Anna@EXAMPLE.com yet; acme knows the address, and the first \
                    sign-in with it joins that profile";
    assert_eq!(error, expected);
    desk.run(&["portal", "add", &globex(&desk)]);
    for row in [ANNA, &ANNA.replace("17", "18")] {
        write(&file, &[row]);
        desk.run(&["portal", "import-users", "globex", &file]);
    }
    let error = desk.refuse(&["account", "show", "anna@example.com"]);
    assert!(error.contains("acme, globex know the address"), "{error}");
    joined(&desk);
    desk.run(&["account", "show", "anna@example.com"]);
}

/// A second portal.
fn globex(desk: &Desk) -> String {
    let file = desk.path("globex.toml");
    let portal = "[[portal]]\nid = \"globex\"\nhosts = [\"globex.example.localhost\"]\n\
                  upstreams = [\"http://127.0.0.1:8001\"]\n";
    std::fs::write(&file, portal).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn more_than_one_batch_is_taken() {
    let rows: Vec<_> = (0..2_345).map(|n| format!("{n},p{n},,,P,,Y,,")).collect();
    let rows: Vec<_> = rows.iter().map(String::as_str).collect();
    let (desk, file) = desk_with(&rows);
    let text = desk.run(&["portal", "import-users", "acme", &file]);
    assert!(text.contains("2345 added"), "{text}");
}

#[test]
fn a_changed_row_reaches_the_account_and_running_gateways() {
    let (desk, file) = desk_with(&[ANNA]);
    let import = ["portal", "import-users", "acme", &file];
    desk.run(&import);
    let id = joined(&desk);
    write(&file, &[&ANNA.replace("admin", "employee")]);
    assert!(desk.run(&import).contains("1 changed"));
    let shown = desk.json(&["account", "show", "anna@example.com"]);
    assert_eq!(shown["profiles"][0]["roles"][0], "employee");
    let heard = desk.look(async |store| store.revocations_after(0).await.unwrap());
    assert_eq!(heard.len(), 1, "tokens of the old roles are refused");
    let events = desk.look(async |store| store.audit(Some(id), 10).await.unwrap());
    assert_eq!(
        (events[0].action.as_str(), events[0].detail.as_str()),
        ("profile.changed", "import")
    );
    write(&file, &[&ANNA.replace(",Y,", ",N,")]);
    desk.run(&import);
    assert_eq!(
        desk.json(&["account", "show", "anna@example.com"])["profiles"],
        serde_json::json!([])
    );
}

#[test]
fn an_account_is_shown_with_what_it_joined_and_a_join_can_be_undone() {
    let (desk, file) = desk_with(&[ANNA]);
    desk.run(&["portal", "import-users", "acme", &file]);
    let id = joined(&desk);
    let shown = desk.json(&["account", "show", "anna@example.com"]);
    assert_eq!(shown["addresses"][0]["proof"], "mail");
    assert_eq!(shown["profiles"][0]["login"], "anna");
    assert_eq!(shown["profiles"][0]["imported"], true);
    assert_eq!(shown["joins"][0]["proof"], "address");
    assert_eq!(shown["joins"][0]["undone_at"], serde_json::Value::Null);

    desk.run(&["account", "unjoin", "anna@example.com", "--portal", "acme"]);
    assert_eq!(free(&desk), [acme_17()]);
    let text = desk.run(&["account", "show", "anna@example.com"]);
    assert!(
        text.contains("anna@example.com  proved by mail  since 2023-11-14T22:13:20Z  primary\n"),
        "{text}"
    );
    assert!(text.contains("\nportals   0\n"), "{text}");
    let line = "  2023-11-14T22:13:20Z  acme  local id 17  for its address  by self  undone 2";
    assert!(text.contains(line) && text.contains("by operator\n"), "{text}");
    let heard = desk.look(async |store| store.revocations_after(0).await.unwrap());
    assert_eq!(heard.len(), 1);
    let events = desk.look(async |store| store.audit(Some(id), 10).await.unwrap());
    assert_eq!(events[0].action, "profile.unjoined");
    let error = desk.refuse(&["account", "unjoin", "anna@example.com", "--portal", "acme"]);
    assert_eq!(error, "anna@example.com has joined nothing on acme");
}
