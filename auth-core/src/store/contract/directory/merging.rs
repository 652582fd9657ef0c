//! Merging accounts and undoing it.

use std::collections::BTreeSet;

use super::super::{NOW, NOW_MS, at_once};
use super::{Directories, create, named, profile, unknown};
use crate::identity::AccountId;
use crate::store::joining::{ImportedProfile, JoinProof, ProfileKey};
use crate::store::links::NewLink;
use crate::store::merging::{Merge, MergeOutcome, MergeRequest, Moved, Unmerged};
use crate::store::{
    Account, AccountState, AddAddress, AddressProof, CreateAccount, Holder, NewAccount, Profile,
};

const LATER_MS: i64 = NOW_MS + 60_000;

async fn now(nodes: &Directories, id: AccountId) -> Account {
    nodes.other.account(id).await.unwrap().unwrap()
}

async fn request(nodes: &Directories, from: AccountId, into: AccountId) -> MergeRequest {
    let (gone, stays) = (now(nodes, from).await, now(nodes, into).await);
    MergeRequest {
        into,
        into_generation: stays.generation,
        from,
        from_generation: gone.generation,
        from_password_hash: gone.password_hash,
        from_stays_on: Vec::new(),
        actor: "self".to_owned(),
    }
}

async fn import(nodes: &Directories, portal: &str, local_id: &str, email: &str) -> ProfileKey {
    let record = ImportedProfile {
        portal: portal.to_owned(),
        local_id: local_id.to_owned(),
        login: email.to_owned(),
        email: Some(email.to_owned()),
        password_hash: None,
        name: "Somebody".to_owned(),
        active: true,
        roles: vec!["employee".to_owned()],
        imported_at: NOW,
        account: None,
    };
    nodes.one.import_profiles(portal, vec![record.clone()], NOW).await.unwrap();
    record.key()
}

async fn joined(nodes: &Directories, account: &Account, portal: &str, local_id: &str) {
    let key = import(nodes, portal, local_id, &account.email).await;
    let keys = [key];
    let join = nodes.one.join(account.id, &keys, JoinProof::Address, "self", NOW_MS);
    assert_eq!(join.await.unwrap(), keys);
}

async fn link(nodes: &Directories, account: AccountId, subject: &str) {
    let link = NewLink {
        issuer: "https://accounts.example".to_owned(),
        subject: subject.to_owned(),
        provider: "example".to_owned(),
        name: None,
        email: None,
    };
    nodes.one.link(account, u32::MAX, link, NOW).await.unwrap();
}

async fn portals(nodes: &Directories, account: AccountId) -> Vec<(String, Option<String>)> {
    let profiles = nodes.other.profiles(account).await.unwrap();
    profiles.into_iter().map(|profile| (profile.portal, profile.local_id)).collect()
}

async fn open_joins(nodes: &Directories, account: AccountId) -> BTreeSet<(String, String)> {
    let journal = nodes.other.journal(account).await.unwrap();
    let open = journal.into_iter().filter(|entry| entry.undone.is_none());
    open.map(|entry| (entry.key.portal, entry.key.local_id)).collect()
}

async fn held(nodes: &Directories, account: AccountId) -> BTreeSet<String> {
    let held = nodes.other.addresses(account).await.unwrap();
    held.into_iter().map(|address| address.address).collect()
}

fn set<const N: usize>(texts: [&str; N]) -> BTreeSet<String> {
    texts.map(str::to_owned).into()
}

fn at(portal: &str, local_id: &str) -> (String, Option<String>) {
    (portal.to_owned(), Some(local_id.to_owned()))
}

/// Anna on acme as 1 and on globex as 2; Boris on acme as 11 and on initech as 13, with a link, a second
/// address and a password.
async fn two(nodes: &Directories) -> (Account, Account) {
    let anna = create(nodes, "anna@example.com").await;
    let boris = create(nodes, "boris@example.com").await;
    joined(nodes, &anna, "acme", "1").await;
    joined(nodes, &anna, "globex", "2").await;
    joined(nodes, &boris, "acme", "11").await;
    joined(nodes, &boris, "initech", "13").await;
    link(nodes, anna.id, "a").await;
    link(nodes, boris.id, "b").await;
    let store = &nodes.one;
    store.add_address(boris.id, 1, "b@example.org", AddressProof::Mail, NOW).await.unwrap();
    store.replace_password_hash(boris.id, None, "hash").await.unwrap();
    (now(nodes, anna.id).await, now(nodes, boris.id).await)
}

pub(in crate::store) async fn merged_account_gives_everything_away(nodes: &Directories) {
    let (anna, boris) = two(nodes).await;
    let request = request(nodes, boris.id, anna.id).await;
    let MergeOutcome::Merged(merge) = nodes.one.merge(request, LATER_MS).await.unwrap() else {
        panic!("not merged");
    };
    assert_eq!((merge.from, merge.into, merge.at_ms), (boris.id, anna.id, LATER_MS));
    let expected = set(["anna@example.com", "boris@example.com", "b@example.org"]);
    assert_eq!(held(nodes, anna.id).await, expected);
    assert_eq!(held(nodes, boris.id).await, set([]));
    let expected = [at("acme", "1"), at("globex", "2"), at("initech", "13")];
    assert_eq!(portals(nodes, anna.id).await, expected);
    assert_eq!(portals(nodes, boris.id).await, []);
    assert_eq!(nodes.other.links(anna.id).await.unwrap().len(), 2);
    let pairs = [("acme", "1"), ("globex", "2"), ("initech", "13")];
    let expected = pairs.map(|(portal, id)| (portal.to_owned(), id.to_owned()));
    assert_eq!(open_joins(nodes, anna.id).await, expected.into());
    assert_eq!(open_joins(nodes, boris.id).await, [].into());
    let (stays, gone) = (now(nodes, anna.id).await, now(nodes, boris.id).await);
    assert_eq!(gone.state, AccountState::Merged { into: anna.id });
    assert!(gone.generation > boris.generation && stays.generation > anna.generation);
    assert_eq!((stays.email, stays.password_hash), (anna.email, anna.password_hash));
    let found = nodes.other.account_by_email("boris@example.com").await.unwrap().unwrap();
    assert_eq!(found.id, anna.id);
    // The record that gave way is free again.
    let free = nodes.other.free_profiles(&["boris@example.com".to_owned()]).await.unwrap();
    let free: Vec<_> = free.iter().map(ImportedProfile::key).collect();
    let way = ProfileKey { portal: "acme".to_owned(), local_id: "11".to_owned() };
    assert_eq!(free, [way]);
    assert_eq!(nodes.other.merges(boris.id).await.unwrap(), [*merge]);
}

pub(in crate::store) async fn merged_address_lives_on_like_any_other(nodes: &Directories) {
    let (anna, boris) = two(nodes).await;
    nodes.one.merge(request(nodes, boris.id, anna.id).await, LATER_MS).await.unwrap();
    assert!(nodes.one.set_primary_address(anna.id, "boris@example.com", NOW).await.unwrap());
    assert!(nodes.one.set_primary_address(anna.id, "anna@example.com", NOW).await.unwrap());
    assert!(nodes.one.remove_address(anna.id, "boris@example.com").await.unwrap());
    // Given up, it is anybody's who proves it.
    create(nodes, "boris@example.com").await;
}

pub(in crate::store) async fn other_profile_stays_where_it_was_chosen(nodes: &Directories) {
    let (anna, boris) = two(nodes).await;
    let request = MergeRequest {
        from_stays_on: vec!["acme".to_owned()],
        ..request(nodes, boris.id, anna.id).await
    };
    nodes.one.merge(request, LATER_MS).await.unwrap();
    let expected = [at("acme", "11"), at("globex", "2"), at("initech", "13")];
    assert_eq!(portals(nodes, anna.id).await, expected);
    let free = nodes.other.free_profiles(&["anna@example.com".to_owned()]).await.unwrap();
    assert_eq!(free[0].key(), ProfileKey { portal: "acme".into(), local_id: "1".into() });
    let undone = nodes.one.unmerge(boris.id, anna.id, "operator", LATER_MS + 1).await.unwrap();
    assert_eq!(undone, Unmerged::Done);
    assert_eq!(portals(nodes, anna.id).await, [at("acme", "1"), at("globex", "2")]);
    assert_eq!(portals(nodes, boris.id).await, [at("acme", "11"), at("initech", "13")]);
}

pub(in crate::store) async fn undone_merge_gives_everything_back(nodes: &Directories) {
    let (anna, boris) = two(nodes).await;
    nodes.one.merge(request(nodes, boris.id, anna.id).await, LATER_MS).await.unwrap();
    let merged = now(nodes, anna.id).await;
    let undone = nodes.other.unmerge(boris.id, anna.id, "self", LATER_MS + 1).await.unwrap();
    assert_eq!(undone, Unmerged::Done);
    assert_eq!(held(nodes, anna.id).await, set(["anna@example.com"]));
    assert_eq!(held(nodes, boris.id).await, set(["boris@example.com", "b@example.org"]));
    assert_eq!(portals(nodes, anna.id).await, [at("acme", "1"), at("globex", "2")]);
    assert_eq!(portals(nodes, boris.id).await, [at("acme", "11"), at("initech", "13")]);
    assert_eq!(nodes.one.links(boris.id).await.unwrap()[0].subject, "b");
    let expected = [("acme", "11"), ("initech", "13")];
    let expected = expected.map(|(portal, id)| (portal.to_owned(), id.to_owned()));
    assert_eq!(open_joins(nodes, boris.id).await, expected.into());
    let back = now(nodes, boris.id).await;
    assert_eq!((back.state, back.email.as_str()), (AccountState::Active, "boris@example.com"));
    assert_eq!(back.password_hash.as_deref(), Some("hash"));
    assert!(back.generation > boris.generation + 1);
    assert!(now(nodes, anna.id).await.generation > merged.generation);
    let again = nodes.one.unmerge(boris.id, anna.id, "self", LATER_MS + 2).await.unwrap();
    assert_eq!(again, Unmerged::NotMerged);
    let written = nodes.one.merges(anna.id).await.unwrap();
    assert_eq!(written[0].undone, Some((LATER_MS + 1, "self".to_owned())));
    // And once more, with what it has now.
    nodes.one.merge(request(nodes, boris.id, anna.id).await, LATER_MS + 3).await.unwrap();
    assert_eq!(nodes.one.merges(boris.id).await.unwrap().len(), 2);
}

pub(in crate::store) async fn undo_takes_only_what_is_still_there(nodes: &Directories) {
    let (anna, boris) = two(nodes).await;
    let store = &nodes.one;
    store.merge(request(nodes, boris.id, anna.id).await, LATER_MS).await.unwrap();
    // Anna lives on with what she got: a new primary address, one given up, a profile undone.
    assert!(store.set_primary_address(anna.id, "b@example.org", NOW).await.unwrap());
    assert!(store.remove_address(anna.id, "boris@example.com").await.unwrap());
    assert!(store.unjoin(anna.id, "initech", "self", LATER_MS).await.unwrap());
    let carl = create(nodes, "carl@example.com").await;
    store.put_profile(profile(carl.id, "initech"), NOW).await.unwrap();
    let undone = store.unmerge(boris.id, anna.id, "self", LATER_MS + 1).await.unwrap();
    assert_eq!(undone, Unmerged::Done);
    assert_eq!(held(nodes, boris.id).await, set(["b@example.org"]));
    assert_eq!(now(nodes, boris.id).await.email, "b@example.org");
    assert_eq!(now(nodes, anna.id).await.email, "anna@example.com");
    assert_eq!(portals(nodes, boris.id).await, [at("acme", "11")]);
}

pub(in crate::store) async fn nobody_loses_the_last_address_by_an_undo(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await;
    let boris = create(nodes, "boris@example.com").await;
    let store = &nodes.one;
    store.merge(request(nodes, boris.id, anna.id).await, LATER_MS).await.unwrap();
    assert!(store.set_primary_address(anna.id, "boris@example.com", NOW).await.unwrap());
    assert!(store.remove_address(anna.id, "anna@example.com").await.unwrap());
    let undone = store.unmerge(boris.id, anna.id, "self", LATER_MS + 1).await.unwrap();
    assert_eq!(undone, Unmerged::Impossible);
    assert_eq!(now(nodes, boris.id).await.state, AccountState::Merged { into: anna.id });
    assert_eq!(held(nodes, anna.id).await, set(["boris@example.com"]));
}

pub(in crate::store) async fn merge_is_undone_from_the_outside_in(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await;
    let boris = create(nodes, "boris@example.com").await;
    let carl = create(nodes, "carl@example.com").await;
    let store = &nodes.one;
    store.merge(request(nodes, boris.id, anna.id).await, LATER_MS).await.unwrap();
    store.merge(request(nodes, anna.id, carl.id).await, LATER_MS + 1).await.unwrap();
    assert_eq!(held(nodes, carl.id).await.len(), 3);
    let inner = store.unmerge(boris.id, anna.id, "self", LATER_MS + 2).await.unwrap();
    assert_eq!(inner, Unmerged::Impossible);
    let outer = store.unmerge(anna.id, carl.id, "self", LATER_MS + 2).await.unwrap();
    assert_eq!(outer, Unmerged::Done);
    let inner = store.unmerge(boris.id, anna.id, "self", LATER_MS + 3).await.unwrap();
    assert_eq!(inner, Unmerged::Done);
    for (id, address) in [(anna.id, "anna@"), (boris.id, "boris@"), (carl.id, "carl@")] {
        assert_eq!(held(nodes, id).await, set([&format!("{address}example.com")]));
    }
}

pub(in crate::store) async fn account_that_changed_is_not_merged(nodes: &Directories) {
    let (anna, boris) = two(nodes).await;
    let asked = request(nodes, boris.id, anna.id).await;
    let store = &nodes.one;
    for stale in [
        MergeRequest { from_generation: asked.from_generation - 1, ..asked.clone() },
        MergeRequest { into_generation: asked.into_generation - 1, ..asked.clone() },
        MergeRequest { from_password_hash: Some("older".to_owned()), ..asked.clone() },
        MergeRequest { from_password_hash: None, ..asked.clone() },
    ] {
        assert_eq!(store.merge(stale, LATER_MS).await.unwrap(), MergeOutcome::Changed);
    }
    for never in [
        MergeRequest { from: unknown(), ..asked.clone() },
        MergeRequest { into: unknown(), ..asked.clone() },
        MergeRequest { from: anna.id, ..asked.clone() },
    ] {
        assert_eq!(store.merge(never, LATER_MS).await.unwrap(), MergeOutcome::Refused);
    }
    for id in [anna.id, boris.id] {
        store.set_account_state(id, AccountState::Disabled).await.unwrap();
        let asked = request(nodes, boris.id, anna.id).await;
        assert_eq!(store.merge(asked, LATER_MS).await.unwrap(), MergeOutcome::Refused);
        store.set_account_state(id, AccountState::Active).await.unwrap();
    }
    let new = NewAccount { proof: AddressProof::None, ..named("eve@example.com") };
    let CreateAccount::Created(eve) = store.create_account(new, NOW).await.unwrap() else {
        panic!("nobody held it");
    };
    for (from, into) in [(eve.id, anna.id), (anna.id, eve.id)] {
        let asked = request(nodes, from, into).await;
        assert_eq!(store.merge(asked, LATER_MS).await.unwrap(), MergeOutcome::Refused);
    }
    assert_eq!(store.merges(anna.id).await.unwrap(), []);
    assert_eq!(held(nodes, boris.id).await.len(), 2);
}

pub(in crate::store) async fn two_merge_once_however_often_at_once(nodes: &Directories) {
    let (anna, boris) = two(nodes).await;
    let asked = request(nodes, boris.id, anna.id).await;
    let outcomes = at_once(nodes, 8, move |_, node| {
        let asked = asked.clone();
        async move { node.merge(asked, LATER_MS).await.unwrap() }
    })
    .await;
    let ids: BTreeSet<_> = outcomes
        .into_iter()
        .map(|outcome| match outcome {
            MergeOutcome::Merged(merge) => merge.id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(nodes.one.merges(anna.id).await.unwrap().len(), 1);
}

pub(in crate::store) async fn two_that_merge_into_each_other_do_not_both_vanish(
    nodes: &Directories,
) {
    let (anna, boris) = two(nodes).await;
    let asked = [request(nodes, boris.id, anna.id).await, request(nodes, anna.id, boris.id).await];
    let outcomes = at_once(nodes, 6, move |n, node| {
        let asked = asked[n % 2].clone();
        async move { node.merge(asked, LATER_MS).await.unwrap() }
    })
    .await;
    let merged: BTreeSet<_> = outcomes
        .into_iter()
        .filter_map(|outcome| match outcome {
            MergeOutcome::Merged(merge) => Some(merge.from),
            MergeOutcome::Changed | MergeOutcome::Refused => None,
        })
        .collect();
    assert_eq!(merged.len(), 1);
    let states = [now(nodes, anna.id).await.state, now(nodes, boris.id).await.state];
    assert_eq!(states.iter().filter(|state| **state == AccountState::Active).count(), 1);
}

pub(in crate::store) async fn shell_of_a_merged_account_goes_with_the_other(nodes: &Directories) {
    let (anna, boris) = two(nodes).await;
    let store = &nodes.one;
    store.merge(request(nodes, boris.id, anna.id).await, LATER_MS).await.unwrap();
    assert!(store.delete_account(anna.id, NOW).await.unwrap());
    assert_eq!(store.account(boris.id).await.unwrap(), None);
    assert_eq!(store.holder("boris@example.com").await.unwrap(), Holder::None);
    let carl = create(nodes, "carl@example.com").await;
    let added = store.add_address(carl.id, 1, "boris@example.com", AddressProof::Mail, NOW).await;
    assert_eq!(added.unwrap(), AddAddress::Added);
}

pub(in crate::store) async fn nothing_personal_is_left_of_a_merge_without_its_people(
    nodes: &Directories,
) {
    let (anna, boris) = two(nodes).await;
    let store = &nodes.one;
    let MergeOutcome::Merged(merge) =
        store.merge(request(nodes, boris.id, anna.id).await, LATER_MS).await.unwrap()
    else {
        panic!("not merged");
    };
    assert!(store.delete_account(anna.id, NOW).await.unwrap());
    let kept = nodes.other.merges(anna.id).await.unwrap();
    assert_eq!(kept, [Merge { moved: Moved::default(), ..*merge }], "that it happened, no more");
}

pub(in crate::store) async fn merge_is_remembered_while_one_of_the_two_is_left(
    nodes: &Directories,
) {
    let (anna, boris) = two(nodes).await;
    let store = &nodes.one;
    store.merge(request(nodes, boris.id, anna.id).await, LATER_MS).await.unwrap();
    let undone = store.unmerge(boris.id, anna.id, "self", LATER_MS).await.unwrap();
    assert_eq!(undone, Unmerged::Done);
    assert!(store.delete_account(boris.id, NOW).await.unwrap());
    let moved = async || nodes.other.merges(anna.id).await.unwrap()[0].moved.clone();
    assert_eq!(moved().await.primary, "boris@example.com", "Anna sees what it was");
    assert!(store.delete_account(anna.id, NOW).await.unwrap());
    assert_eq!(moved().await, Moved::default());
}

/// Says of the record whether the portal lets the person in.
async fn set_active(nodes: &Directories, account: AccountId, local_id: &str, active: bool) {
    let known = nodes.one.joined_profiles(account).await.unwrap();
    let record = known.into_iter().find(|record| record.local_id == local_id).unwrap();
    let record = ImportedProfile { active, ..record };
    nodes.one.import_profiles(&record.portal.clone(), vec![record], NOW).await.unwrap();
}

pub(in crate::store) async fn records_out_of_use_move_in_a_merge_and_back(nodes: &Directories) {
    let (anna, boris) = two(nodes).await;
    let store = &nodes.one;
    joined(nodes, &boris, "umbrella", "14").await;
    joined(nodes, &boris, "globex", "12").await;
    for id in ["12", "13", "14"] {
        set_active(nodes, boris.id, id, false).await;
    }
    assert_eq!(portals(nodes, boris.id).await, [at("acme", "11")]);
    store.merge(request(nodes, boris.id, anna.id).await, LATER_MS).await.unwrap();
    assert_eq!(store.joined_profiles(boris.id).await.unwrap(), []);
    for id in ["12", "13"] {
        set_active(nodes, anna.id, id, true).await;
    }
    assert_eq!(portals(nodes, boris.id).await, [], "a shell opens nothing");
    let expected = [at("acme", "1"), at("globex", "2"), at("initech", "13")];
    assert_eq!(portals(nodes, anna.id).await, expected, "globex has Anna's own");
    let undone = store.unmerge(boris.id, anna.id, "self", LATER_MS + 1).await.unwrap();
    assert_eq!(undone, Unmerged::Done);
    assert_eq!(portals(nodes, anna.id).await, [at("acme", "1"), at("globex", "2")]);
    assert_eq!(portals(nodes, boris.id).await, [at("acme", "11"), at("initech", "13")]);
    let ids = async |id| {
        let joined = nodes.other.joined_profiles(id).await.unwrap();
        joined.into_iter().map(|record| record.local_id).collect::<Vec<_>>()
    };
    assert_eq!(ids(anna.id).await, ["1", "2"]);
    assert_eq!(ids(boris.id).await, ["11", "12", "13", "14"]);
    set_active(nodes, boris.id, "14", true).await;
    assert_eq!(portals(nodes, boris.id).await.last(), Some(&at("umbrella", "14")));
}

pub(in crate::store) async fn undo_meets_a_profile_that_the_shell_was_given(nodes: &Directories) {
    let (anna, boris) = two(nodes).await;
    let store = &nodes.one;
    store.merge(request(nodes, boris.id, anna.id).await, LATER_MS).await.unwrap();
    store.put_profile(profile(boris.id, "initech"), NOW).await.unwrap();
    let undone = store.unmerge(boris.id, anna.id, "operator", LATER_MS + 1).await.unwrap();
    assert_eq!(undone, Unmerged::Done);
    assert_eq!(portals(nodes, boris.id).await, [at("acme", "11"), at("initech", "7")]);
}

pub(in crate::store) async fn a_merge_brings_no_withdrawn_person_back(nodes: &Directories) {
    let (anna, boris) = two(nodes).await;
    let store = &nodes.one;
    assert!(store.remove_profile(boris.id, "initech", NOW).await.unwrap());
    store.merge(request(nodes, boris.id, anna.id).await, LATER_MS).await.unwrap();
    for id in [anna.id, boris.id] {
        assert!(!store.unjoin(id, "initech", "self", LATER_MS).await.unwrap());
    }
    store.unmerge(boris.id, anna.id, "self", LATER_MS + 1).await.unwrap();
    assert!(!store.unjoin(boris.id, "initech", "self", LATER_MS + 2).await.unwrap());
    assert_eq!(portals(nodes, boris.id).await, [at("acme", "11")]);
}

/// Members of acme with these roles, and one account in the end; who of the first two stays there is `stays`.
async fn members_merged(
    nodes: &Directories,
    name: &str,
    roles: [&[&str]; 2],
    stays: &[&str],
) -> (AccountId, AccountId) {
    let mut ids = Vec::new();
    for (who, roles) in ["into", "from"].into_iter().zip(roles) {
        let account = create(nodes, &format!("{who}-{name}@example.com")).await.id;
        put_as(nodes, account, roles).await;
        ids.push(account);
    }
    let (into, from) = (ids[0], ids[1]);
    let from_stays_on = stays.iter().map(|&portal| portal.to_owned()).collect();
    let request = MergeRequest { from_stays_on, ..request(nodes, from, into).await };
    let merged = nodes.one.merge(request, LATER_MS).await.unwrap();
    assert!(matches!(merged, MergeOutcome::Merged(_)), "{merged:?}");
    (into, from)
}

async fn put_as(nodes: &Directories, account: AccountId, roles: &[&str]) {
    let roles = roles.iter().map(|&role| role.to_owned()).collect();
    nodes.one.put_profile(Profile { roles, ..profile(account, "acme") }, NOW).await.unwrap();
}

async fn roles_of(nodes: &Directories, account: AccountId) -> Option<Vec<String>> {
    nodes.other.profile(account, "acme").await.unwrap().map(|profile| profile.roles)
}

pub(in crate::store) async fn undo_brings_nobody_back_whom_a_portal_has_put_out(
    nodes: &Directories,
) {
    let store = &nodes.one;
    let both: [&[&str]; 2] = [&["employee"], &["owner"]];
    for (name, stays) in [("own", &[][..]), ("other", &["acme"])] {
        let (into, from) = members_merged(nodes, name, both, stays).await;
        assert!(store.remove_profile(into, "acme", NOW).await.unwrap());
        let undone = store.unmerge(from, into, "self", LATER_MS + 1).await.unwrap();
        assert_eq!(undone, Unmerged::Done);
        for account in [into, from] {
            assert_eq!(roles_of(nodes, account).await, None, "{name}");
        }
    }
    // Let in again, it is the account that was let in, and no other.
    for (name, stays) in [("own-again", &[][..]), ("other-again", &["acme"])] {
        let (into, from) = members_merged(nodes, name, both, stays).await;
        assert!(store.remove_profile(into, "acme", NOW).await.unwrap());
        put_as(nodes, into, &["guest"]).await;
        store.unmerge(from, into, "self", LATER_MS + 1).await.unwrap();
        assert_eq!(roles_of(nodes, into).await, Some(vec!["guest".to_owned()]), "{name}");
        assert_eq!(roles_of(nodes, from).await, None, "{name}");
    }
    // By way of a third account, and with records of the portal.
    let (anna, boris) = two(nodes).await;
    store.merge(request(nodes, boris.id, anna.id).await, LATER_MS).await.unwrap();
    let carl = create(nodes, "carl@example.com").await.id;
    store.merge(request(nodes, anna.id, carl).await, LATER_MS + 1).await.unwrap();
    assert!(store.remove_profile(carl, "acme", NOW).await.unwrap());
    for (from, into) in [(anna.id, carl), (boris.id, anna.id)] {
        let undone = store.unmerge(from, into, "self", LATER_MS + 2).await.unwrap();
        assert_eq!(undone, Unmerged::Done);
    }
    assert_eq!(portals(nodes, anna.id).await, [at("globex", "2")]);
    assert_eq!(portals(nodes, boris.id).await, [at("initech", "13")]);
    let keys = [ProfileKey { portal: "acme".to_owned(), local_id: "11".to_owned() }];
    let join = store.join(boris.id, &keys, JoinProof::Address, "self", LATER_MS + 3);
    assert_eq!(join.await.unwrap(), []);
}

pub(in crate::store) async fn undo_gives_no_role_back_that_a_portal_has_taken(nodes: &Directories) {
    let store = &nodes.one;
    for (name, gave_way, expected) in [
        ("all", &["owner"][..], &["employee"][..]),
        ("some", &["auditor", "owner"], &["auditor"]),
        ("none", &["auditor"], &["auditor"]),
    ] {
        let roles: [&[&str]; 2] = [&["employee", "owner"], gave_way];
        let (into, from) = members_merged(nodes, name, roles, &[]).await;
        put_as(nodes, into, &["employee"]).await;
        store.unmerge(from, into, "self", LATER_MS + 1).await.unwrap();
        assert_eq!(roles_of(nodes, from).await.unwrap(), expected, "{name}");
        assert_eq!(roles_of(nodes, into).await.unwrap(), ["employee"], "{name}");
    }
}
