//! Accounts.

use std::collections::HashSet;

use super::super::{NOW, at_once};
use super::{Directories, create, details, named, profile, unknown};
use crate::identity::AccountId;
use crate::store::{
    Account, AccountState, AddAddress, AddressProof, CreateAccount, Holder, NewAccount, StoreError,
};

pub(in crate::store) async fn account_is_found_by_id_and_by_address(nodes: &Directories) {
    let new = NewAccount {
        email: "anna@example.com".to_owned(),
        proof: AddressProof::Mail,
        name: "Анна \"A'; DROP TABLE accounts; --".to_owned(),
        password_hash: Some("$argon2id$…".to_owned()),
        language: Some("pt-BR".to_owned()),
    };
    let account = match nodes.one.create_account(new.clone(), NOW).await.unwrap() {
        CreateAccount::Created(account) => account,
        other => panic!("{other:?}"),
    };
    assert_eq!(account.id.0.get_version_num(), 7);
    assert_eq!((&account.email, &account.name), (&new.email, &new.name));
    assert_eq!(account.password_hash, new.password_hash);
    assert_eq!(account.language, new.language);
    assert_eq!((account.state, account.created_at), (AccountState::Active, NOW));
    for node in [&nodes.one, &nodes.other] {
        assert_eq!(node.account(account.id).await.unwrap().as_ref(), Some(&account));
        let found = node.account_by_email("anna@example.com").await.unwrap();
        assert_eq!(found.as_ref(), Some(&account));
    }
    nodes.other.update_account(account.id, details("Anna"), NOW).await.unwrap();
    let renamed = Account { name: "Anna".to_owned(), ..account.clone() };
    assert_eq!(nodes.one.account(account.id).await.unwrap(), Some(renamed));
}

pub(in crate::store) async fn address_has_one_account_however_many_ask_at_once(
    nodes: &Directories,
) {
    let outcomes = at_once(nodes, 20, |_, node| async move {
        node.create_account(named("anna@example.com"), NOW).await.unwrap()
    })
    .await;
    let created: Vec<AccountId> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            CreateAccount::Created(account) => Some(account.id),
            CreateAccount::EmailTaken(_) | CreateAccount::InsteadOf { .. } => None,
        })
        .collect();
    assert_eq!(created.len(), 1);
    for outcome in outcomes {
        if let CreateAccount::EmailTaken(owner) = outcome {
            assert_eq!(owner, created[0]);
        }
    }
    assert_eq!(nodes.one.accounts(None, 10).await.unwrap().len(), 1);
}

pub(in crate::store) async fn addresses_are_compared_as_octets(nodes: &Directories) {
    create(nodes, "anna@example.com").await;
    for other in ["Anna@example.com", "anna@example.com ", "änna@example.com", "a%@example.com"] {
        assert_eq!(nodes.one.account_by_email(other).await.unwrap(), None, "{other}");
        create(nodes, other).await;
    }
}

pub(in crate::store) async fn accounts_come_in_pages(nodes: &Directories) {
    let mut expected = Vec::new();
    for n in 0..7 {
        expected.push(create(nodes, &format!("{n}@example.com")).await.id);
    }
    expected.sort();
    let mut found = Vec::new();
    loop {
        let page = nodes.other.accounts(found.last().copied(), 3).await.unwrap();
        assert!(page.len() <= 3);
        if page.is_empty() {
            break;
        }
        found.extend(page.iter().map(|account| account.id));
    }
    assert_eq!(found, expected);
}

pub(in crate::store) async fn password_hash_is_replaced_only_if_it_is_the_expected_one(
    nodes: &Directories,
) {
    let id = create(nodes, "anna@example.com").await.id;
    let store = &nodes.one;
    assert!(!store.replace_password_hash(id, Some("other"), "first").await.unwrap());
    assert!(store.replace_password_hash(id, None, "first").await.unwrap());
    assert!(!store.replace_password_hash(id, None, "second").await.unwrap());
    assert!(store.replace_password_hash(id, Some("first"), "second").await.unwrap());
    assert!(!store.replace_password_hash(unknown(), None, "third").await.unwrap());
    let account = nodes.other.account(id).await.unwrap().unwrap();
    assert_eq!(account.password_hash.as_deref(), Some("second"));
}

pub(in crate::store) async fn rehash_never_undoes_a_change(nodes: &Directories) {
    let id = create(nodes, "anna@example.com").await.id;
    let outcomes = at_once(nodes, 20, move |n, node| async move {
        (n, node.replace_password_hash(id, None, &format!("hash {n}")).await.unwrap())
    })
    .await;
    let winners: Vec<usize> =
        outcomes.into_iter().filter(|(_, won)| *won).map(|(n, _)| n).collect();
    assert_eq!(winners.len(), 1);
    let account = nodes.one.account(id).await.unwrap().unwrap();
    assert_eq!(account.password_hash, Some(format!("hash {}", winners[0])));
}

pub(in crate::store) async fn generations_are_never_given_twice(nodes: &Directories) {
    let account = create(nodes, "anna@example.com").await;
    let id = account.id;
    let given =
        at_once(nodes, 20, move |_, node| async move { node.raise_generation(id).await.unwrap() })
            .await;
    let distinct: HashSet<u32> = given.iter().copied().collect();
    assert_eq!(distinct.len(), 20);
    assert!(given.iter().all(|generation| *generation > account.generation));
    let now = nodes.one.account(id).await.unwrap().unwrap().generation;
    assert_eq!(Some(now), given.into_iter().max());
}

pub(in crate::store) async fn sessions_end_with_the_generation_and_not_with_every_change(
    nodes: &Directories,
) {
    let id = create(nodes, "anna@example.com").await.id;
    let store = &nodes.one;
    let now = async || nodes.other.account(id).await.unwrap().unwrap();
    let begun = now().await;
    store.put_profile(profile(id, "acme"), NOW).await.unwrap();
    assert_eq!(now().await.sessions_from, begun.sessions_from, "a new profile signs nobody out");
    assert!(now().await.generation > begun.generation);
    let given = store.raise_generation(id).await.unwrap();
    assert_eq!(now().await.sessions_from, given);
    for state in [AccountState::Disabled, AccountState::Leaving { delete_at: NOW }] {
        let before = now().await;
        store.set_account_state(id, state).await.unwrap();
        let stopped = now().await;
        assert_eq!(stopped.sessions_from, stopped.generation);
        assert!(stopped.sessions_from > before.generation, "{state:?}");
        store.set_account_state(id, AccountState::Active).await.unwrap();
        assert_eq!(now().await.sessions_from, stopped.sessions_from, "they do not come back");
    }
}

pub(in crate::store) async fn address_is_added_only_by_who_is_still_signed_in(nodes: &Directories) {
    let (store, mail) = (&nodes.one, AddressProof::Mail);
    let anna = create(nodes, "anna@example.com").await;
    let add = async |generation| {
        store.add_address(anna.id, generation, "a.k@example.com", mail, NOW).await.unwrap()
    };
    let given = nodes.other.raise_generation(anna.id).await.unwrap();
    assert_eq!(add(anna.generation).await, AddAddress::Outdated);
    nodes.other.set_account_state(anna.id, AccountState::Disabled).await.unwrap();
    assert_eq!(add(given + 5).await, AddAddress::Outdated, "a stopped account gets none");
    assert_eq!(store.addresses(anna.id).await.unwrap().len(), 1);
    nodes.other.set_account_state(anna.id, AccountState::Active).await.unwrap();
    assert_eq!(add(given).await, AddAddress::Outdated, "stopping it has signed everybody out");
    let generation = store.account(anna.id).await.unwrap().unwrap().generation;
    assert_eq!(add(generation).await, AddAddress::Added);
}

pub(in crate::store) async fn unknown_account_is_no_success(nodes: &Directories) {
    let (store, id) = (&nodes.one, unknown());
    assert_eq!(store.account(id).await.unwrap(), None);
    assert_eq!(store.account_by_email("nobody@example.com").await.unwrap(), None);
    assert_eq!(store.profiles(id).await.unwrap(), Vec::new());
    assert_eq!(store.profile(id, "acme").await.unwrap(), None);
    assert!(!store.delete_account(id, NOW).await.unwrap());
    assert!(!store.remove_profile(id, "acme", NOW).await.unwrap());
    store.touch_profile(id, "acme", NOW).await.unwrap();
    for outcome in [
        store.raise_generation(id).await.map(drop),
        store.update_account(id, details("Nobody"), NOW).await,
        store.set_account_state(id, AccountState::Disabled).await,
        store.put_profile(profile(id, "acme"), NOW).await,
    ] {
        assert!(matches!(outcome, Err(StoreError::Corrupt(_))), "{outcome:?}");
    }
    assert_eq!(store.profiles(id).await.unwrap(), Vec::new());
}

pub(in crate::store) async fn deleted_account_takes_its_profiles_along(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await.id;
    let boris = create(nodes, "boris@example.com").await.id;
    for id in [anna, boris] {
        nodes.one.put_profile(profile(id, "acme"), NOW).await.unwrap();
    }
    assert!(nodes.one.delete_account(anna, NOW).await.unwrap());
    assert!(!nodes.other.delete_account(anna, NOW).await.unwrap());
    assert_eq!(nodes.other.account(anna).await.unwrap(), None);
    assert_eq!(nodes.other.profile(anna, "acme").await.unwrap(), None);
    assert!(nodes.other.profile(boris, "acme").await.unwrap().is_some());
    // The address is free again, the id is not.
    assert_ne!(create(nodes, "anna@example.com").await.id, anna);
}

pub(in crate::store) async fn unproved_address_gives_way_to_a_proved_one(nodes: &Directories) {
    let unproved = NewAccount { proof: AddressProof::None, ..named("anna@example.com") };
    let CreateAccount::Created(eve) =
        nodes.one.create_account(unproved.clone(), NOW).await.unwrap()
    else {
        panic!("nobody held it");
    };
    nodes.one.put_profile(profile(eve.id, "acme"), NOW).await.unwrap();
    assert_eq!(nodes.other.holder(&eve.email).await.unwrap(), Holder::Unproved(eve.id));
    assert_eq!(nodes.other.account_by_email(&eve.email).await.unwrap(), None, "not proved");
    let again = nodes.other.create_account(unproved.clone(), NOW).await.unwrap();
    assert!(matches!(again, CreateAccount::EmailTaken(owner) if owner == eve.id));
    let CreateAccount::InsteadOf { account: anna, displaced } =
        nodes.other.create_account(named("anna@example.com"), NOW).await.unwrap()
    else {
        panic!("the proof did not count");
    };
    assert_eq!(displaced, eve.id);
    assert_eq!(nodes.one.account(eve.id).await.unwrap(), None);
    assert_eq!(nodes.one.holder(&anna.email).await.unwrap(), Holder::Proved(anna.id));
    assert_eq!(nodes.one.profiles(anna.id).await.unwrap(), []);
    let late = nodes.one.create_account(unproved, NOW).await.unwrap();
    assert!(matches!(late, CreateAccount::EmailTaken(owner) if owner == anna.id));
}

pub(in crate::store) async fn account_holds_several_addresses(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await;
    let boris = create(nodes, "boris@example.com").await;
    let (store, mail) = (&nodes.one, AddressProof::Mail);
    let second = "a.mueller@example.org";
    assert_eq!(
        store.add_address(anna.id, 1, second, mail, NOW + 1).await.unwrap(),
        AddAddress::Added
    );
    assert_eq!(
        store.add_address(anna.id, 1, second, mail, NOW + 2).await.unwrap(),
        AddAddress::Added
    );
    let taken = store.add_address(boris.id, 1, second, mail, NOW + 3).await.unwrap();
    assert_eq!(taken, AddAddress::Taken(anna.id));
    let by_second = nodes.other.account_by_email(second).await.unwrap().unwrap();
    assert_eq!((by_second.id, by_second.email.as_str()), (anna.id, "anna@example.com"));
    assert!(!store.remove_address(anna.id, "anna@example.com").await.unwrap(), "the primary one");
    assert!(!store.set_primary_address(anna.id, "boris@example.com", NOW).await.unwrap());
    assert!(store.set_primary_address(anna.id, second, NOW).await.unwrap());
    let now = nodes.other.account(anna.id).await.unwrap().unwrap();
    assert_eq!(now.email, second);
    assert!(now.generation > anna.generation, "tokens name the old one");
    let held = nodes.other.addresses(anna.id).await.unwrap();
    let held: Vec<(&str, bool)> = held.iter().map(|a| (a.address.as_str(), a.primary)).collect();
    assert_eq!(held, [(second, true), ("anna@example.com", false)]);
    assert!(!store.remove_address(boris.id, "anna@example.com").await.unwrap(), "not Boris's");
    assert!(store.remove_address(anna.id, "anna@example.com").await.unwrap());
    assert_eq!(nodes.other.holder("anna@example.com").await.unwrap(), Holder::None);
    let (unproved, none) = ("a.mueller@example.net", AddressProof::None);
    let added = store.add_address(anna.id, 1, unproved, none, NOW + 4).await.unwrap();
    assert_eq!(added, AddAddress::Added);
    assert!(!store.set_primary_address(anna.id, unproved, NOW).await.unwrap(), "nobody proved it");
    assert_eq!(nodes.other.account(anna.id).await.unwrap().unwrap().email, second);
    store.add_address(anna.id, 1, unproved, mail, NOW + 5).await.unwrap();
    assert!(store.set_primary_address(anna.id, unproved, NOW).await.unwrap(), "now it is");
}

pub(in crate::store) async fn proof_is_strengthened_and_never_weakened(nodes: &Directories) {
    let provider = NewAccount { proof: AddressProof::Provider, ..named("anna@example.com") };
    let CreateAccount::Created(anna) = nodes.one.create_account(provider, NOW).await.unwrap()
    else {
        panic!("nobody held it");
    };
    for (given, expected) in [
        (AddressProof::Mail, AddressProof::Mail),
        (AddressProof::Provider, AddressProof::Mail),
        (AddressProof::None, AddressProof::Mail),
        (AddressProof::Operator, AddressProof::Operator),
    ] {
        nodes.one.add_address(anna.id, 1, &anna.email, given, NOW).await.unwrap();
        assert_eq!(nodes.other.account(anna.id).await.unwrap().unwrap().proof, expected);
    }
}
