//! Undoing merges.

use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::merging::{MergeOutcome, MergeRequest, Merging};
use bitrix_id_auth_core::store::{
    Account, AccountState, AddressProof, CreateAccount, Directory, NewAccount, SqlStore,
};

use super::Desk;

const NOW: i64 = 1_800_000_000;

async fn create(store: &SqlStore, email: &str) -> Account {
    let new = NewAccount {
        proof: AddressProof::Mail,
        email: email.to_owned(),
        name: "Somebody".to_owned(),
        password_hash: None,
        language: None,
    };
    match store.create_account(new, NOW).await.unwrap() {
        CreateAccount::Created(account) => account,
        other => panic!("{other:?}"),
    }
}

/// Boris's account, which is part of Anna's.
fn desk_with_a_merge() -> (Desk, AccountId, AccountId) {
    let desk = Desk::new();
    let (anna, boris) = desk.look(async |store| {
        let anna = create(&store, "anna@example.com").await;
        let boris = create(&store, "boris@example.com").await;
        let request = MergeRequest {
            into: anna.id,
            into_generation: anna.generation,
            from: boris.id,
            from_generation: boris.generation,
            from_password_hash: None,
            from_stays_on: Vec::new(),
            actor: "self".to_owned(),
        };
        let merged = store.merge(request, NOW * 1000).await.unwrap();
        assert!(matches!(merged, MergeOutcome::Merged(_)), "{merged:?}");
        (anna.id, boris.id)
    });
    (desk, anna, boris)
}

#[test]
fn an_operator_undoes_a_merge() {
    let (desk, anna, boris) = desk_with_a_merge();
    let shown = desk.json(&["account", "show", "boris@example.com"]);
    assert_eq!(shown["subject"], anna.to_string(), "the address leads to the other one");
    assert_eq!(shown["merges"][0]["from"], boris.to_string());
    let subject = boris.to_string();
    desk.run(&["account", "unmerge", &subject]);
    let back = desk.look(async |store| store.account(boris).await.unwrap().unwrap());
    assert_eq!((back.state, back.email.as_str()), (AccountState::Active, "boris@example.com"));
    let shown = desk.json(&["account", "show", &subject]);
    assert_eq!(shown["merges"][0]["undone_by"], "operator");
}

#[test]
fn what_is_not_merged_is_not_undone_and_what_is_merged_is_not_disabled() {
    let (desk, anna, boris) = desk_with_a_merge();
    assert!(desk.refuse(&["account", "unmerge", &anna.to_string()]).contains("not merged"));
    for verb in ["disable", "enable", "delete"] {
        let said = desk.refuse(&["account", verb, &boris.to_string()]);
        assert!(said.contains("unmerge"), "{verb}: {said}");
    }
}
