//! Moving everything into another database.

use bitrix_id_auth_core::store::{AddressProof, CreateAccount, Directory as _, NewAccount};

use super::*;

fn with_anna() -> Desk {
    let desk = Desk::new();
    let anna = NewAccount {
        email: "anna@example.com".to_owned(),
        proof: AddressProof::Mail,
        name: "Anna".to_owned(),
        password_hash: None,
        language: None,
    };
    let made = desk.look(async |store| {
        let made = store.create_account(anna, 1_700_000_000).await.unwrap();
        store.close().await;
        made
    });
    assert!(matches!(made, CreateAccount::Created(_)));
    desk
}

fn file_of(desk: &Desk) -> String {
    format!("sqlite:{}", desk.path("data/bitrix-id.db").display())
}

#[test]
fn a_file_is_copied_into_an_empty_directory_and_into_no_other() {
    let (old, new) = (with_anna(), Desk::new());
    let elsewhere = ["directory", "copy", "--from", &file_of(&old), "--to", &file_of(&old)];
    assert!(new.refuse(&elsewhere).contains("--to is not what store.directory says"));
    let out = new.run(&["directory", "copy", "--from", &file_of(&old), "--to", &file_of(&new)]);
    assert!(out.lines().any(|line| line.split_whitespace().eq(["accounts", "1"])), "{out}");
    assert!(new.run(&["account", "list"]).contains("anna@example.com"));
    let again = new.refuse(&["directory", "copy", "--from", &file_of(&old)]);
    assert!(again.contains("the target has data of its own"), "{again}");
}

#[test]
fn what_is_no_file_is_refused() {
    let desk = Desk::new();
    let url = desk.refuse(&["directory", "copy", "--from", "postgres://db.example/id"]);
    assert!(url.contains("--from takes sqlite:"), "{url}");
    let nowhere = desk.refuse(&["directory", "copy", "--from", "sqlite:nowhere.db"]);
    assert!(nowhere.contains("nowhere.db: there is no such file"), "{nowhere}");
}

#[test]
fn no_command_works_on_half_a_copy() {
    let (old, new) = (with_anna(), Desk::new());
    // Into itself: the file changes while it is copied, by the copy.
    let outcome = old.refuse(&["directory", "copy", "--from", &file_of(&old)]);
    assert!(outcome.contains("data of its own"), "{outcome}");
    assert!(old.run(&["account", "list"]).contains("anna@example.com"), "no mark was left");
    let mut interrupted = false;
    new.look(async |store| {
        let from = old.path("data/bitrix-id.db");
        let mut stop = |_| panic!("the copy is interrupted here");
        let copy = bitrix_id_auth_core::store::copy::copy_directory(&from, &store, &mut stop);
        let copy = futures_util::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(copy));
        interrupted = copy.await.is_err();
    });
    assert!(interrupted);
    let refused = new.refuse(&["account", "list"]);
    assert!(refused.contains("holds an unfinished copy"), "{refused}");
    new.run(&["directory", "copy", "--from", &file_of(&old)]);
    assert!(new.run(&["account", "list"]).contains("anna@example.com"));
}
