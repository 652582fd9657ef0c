//! Profiles, and what they do to the account's generation.

use super::super::NOW;
use super::{Directories, create, details, profile};
use crate::store::{AccountState, Profile};

pub(in crate::store) async fn what_tokens_say_raises_the_generation(nodes: &Directories) {
    let account = create(nodes, "anna@example.com").await;
    let id = account.id;
    let store = &nodes.one;
    let mut last = account.generation;
    let mut rose = async |what: &str, expected: bool| {
        let now = nodes.other.account(id).await.unwrap().unwrap().generation;
        assert_eq!(now > last, expected, "{what}: {last} -> {now}");
        last = now;
    };

    store.set_account_state(id, AccountState::Disabled).await.unwrap();
    rose("disabling", true).await;
    store.set_account_state(id, AccountState::Active).await.unwrap();
    rose("enabling", false).await;
    store.put_profile(profile(id, "acme"), NOW).await.unwrap();
    rose("a new profile", true).await;
    store.put_profile(profile(id, "acme"), NOW).await.unwrap();
    rose("the same profile", false).await;
    let promoted = Profile { roles: vec!["admin".to_owned()], ..profile(id, "acme") };
    store.put_profile(promoted.clone(), NOW).await.unwrap();
    rose("other roles", true).await;
    store.put_profile(Profile { local_id: None, ..promoted }, NOW).await.unwrap();
    rose("no local id", true).await;
    store.touch_profile(id, "acme", NOW + 5).await.unwrap();
    rose("a use", false).await;
    assert!(store.remove_profile(id, "acme", NOW).await.unwrap());
    rose("a profile removed", true).await;
    assert!(!store.remove_profile(id, "acme", NOW).await.unwrap());
    rose("no profile removed", false).await;
    store.update_account(id, details("Anna"), NOW).await.unwrap();
    rose("another name", false).await;
}

pub(in crate::store) async fn profiles_are_kept_per_portal(nodes: &Directories) {
    let id = create(nodes, "anna@example.com").await.id;
    let odd = vec!["a,b".to_owned(), "\"quoted\"".to_owned(), "роль".to_owned(), String::new()];
    let globex = Profile { roles: odd, local_id: Some("0042".to_owned()), ..profile(id, "globex") };
    let acme = Profile { roles: Vec::new(), local_id: None, ..profile(id, "acme") };
    nodes.one.put_profile(globex.clone(), NOW).await.unwrap();
    nodes.one.put_profile(acme.clone(), NOW).await.unwrap();
    let found = nodes.other.profiles(id).await.unwrap();
    assert_eq!(found, [acme, globex.clone()]);
    assert_eq!(nodes.other.profile(id, "globex").await.unwrap(), Some(globex));
    assert_eq!(nodes.other.profile(id, "GLOBEX").await.unwrap(), None);
}

pub(in crate::store) async fn second_import_of_a_profile_changes_nothing(nodes: &Directories) {
    let id = create(nodes, "anna@example.com").await.id;
    nodes.one.put_profile(profile(id, "acme"), NOW).await.unwrap();
    nodes.one.touch_profile(id, "acme", NOW + 60).await.unwrap();
    let before = nodes.one.profile(id, "acme").await.unwrap();
    let again = Profile { joined_at: NOW + 3600, ..profile(id, "acme") };
    nodes.other.put_profile(again, NOW).await.unwrap();
    assert_eq!(nodes.one.profile(id, "acme").await.unwrap(), before);
}

pub(in crate::store) async fn use_of_a_profile_moves_forward_only(nodes: &Directories) {
    let id = create(nodes, "anna@example.com").await.id;
    nodes.one.put_profile(profile(id, "acme"), NOW).await.unwrap();
    for (used_at, expected) in [(NOW + 10, NOW + 10), (NOW + 5, NOW + 10), (NOW + 11, NOW + 11)] {
        nodes.one.touch_profile(id, "acme", used_at).await.unwrap();
        let profile = nodes.other.profile(id, "acme").await.unwrap().unwrap();
        assert_eq!(profile.last_used_at, Some(expected));
    }
}
