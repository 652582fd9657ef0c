//! What people say about themselves, and leaving.

use super::super::NOW;
use super::{Directories, create, profile, unknown};
use crate::store::people::{AccountDetails, Photo};
use crate::store::{AccountState, Profile, StoreError};

fn photo(byte: u8) -> Photo {
    let jpeg: Vec<u8> = (0..=255).map(|n: u8| n ^ byte).collect();
    Photo { jpeg, hash: format!("hash-{byte}"), updated_at: NOW }
}

pub(in crate::store) async fn details_that_are_not_given_stay_as_they_are(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await;
    let now = async || nodes.other.account(anna.id).await.unwrap().unwrap();
    let given = |text: &str| Some(text.to_owned());
    let details = AccountDetails {
        name: given("Anna Müller"),
        language: given("de"),
        time_zone: Some(given("Europe/Berlin")),
        phone: Some(given("+493012345678")),
    };
    nodes.one.update_account(anna.id, details, NOW).await.unwrap();
    nodes.one.update_account(anna.id, AccountDetails::default(), NOW).await.unwrap();
    let all = now().await;
    assert_eq!((all.name.as_str(), all.language), ("Anna Müller", given("de")));
    assert_eq!((all.time_zone, all.phone), (given("Europe/Berlin"), given("+493012345678")));
    let zone = AccountDetails { time_zone: Some(None), ..AccountDetails::default() };
    let phone = AccountDetails { phone: Some(None), ..AccountDetails::default() };
    nodes.one.update_account(anna.id, zone, NOW).await.unwrap();
    assert_eq!((now().await.time_zone, now().await.phone), (None, given("+493012345678")));
    nodes.one.update_account(anna.id, phone, NOW).await.unwrap();
    assert_eq!((now().await.phone, now().await.language), (None, given("de")));
}

pub(in crate::store) async fn name_on_a_portal_is_that_portal_s_alone(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await.id;
    for portal in ["acme", "globex"] {
        nodes.one.put_profile(profile(anna, portal)).await.unwrap();
    }
    let mut last = nodes.one.account(anna).await.unwrap().unwrap().generation;
    for (name, title, rises) in [
        (Some("Ann"), Some("Head of Sales"), true),
        (Some("Ann"), Some("Head of Sales"), false),
        (None, Some("Head of Sales"), true),
        (None, None, true),
        (None, None, false),
    ] {
        assert!(nodes.one.set_profile_name(anna, "acme", name, title, NOW).await.unwrap());
        let found = nodes.other.profile(anna, "acme").await.unwrap().unwrap();
        assert_eq!((found.display_name.as_deref(), found.title.as_deref()), (name, title));
        assert_eq!(found.local_id, profile(anna, "acme").local_id);
        let now = nodes.other.account(anna).await.unwrap().unwrap().generation;
        assert_eq!(now > last, rises, "{name:?}, {title:?}");
        last = now;
    }
    nodes.one.set_profile_name(anna, "acme", Some("Ann"), None, NOW).await.unwrap();
    let promoted = Profile { roles: vec!["admin".to_owned()], ..profile(anna, "acme") };
    nodes.one.put_profile(promoted).await.unwrap();
    let acme = nodes.other.profile(anna, "acme").await.unwrap().unwrap();
    assert_eq!(acme.display_name.as_deref(), Some("Ann"), "an import leaves it alone");
    let globex = nodes.other.profile(anna, "globex").await.unwrap().unwrap();
    assert_eq!((globex.display_name, globex.title), (None, None));
    assert!(!nodes.one.set_profile_name(anna, "initech", Some("A"), None, NOW).await.unwrap());
    assert!(!nodes.one.set_profile_name(unknown(), "acme", Some("A"), None, NOW).await.unwrap());
}

pub(in crate::store) async fn person_has_one_photo(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await.id;
    let boris = create(nodes, "boris@example.com").await.id;
    assert_eq!(nodes.one.photo(anna).await.unwrap(), None);
    assert!(!nodes.one.remove_photo(anna).await.unwrap());
    for byte in [1, 2] {
        nodes.one.put_photo(anna, photo(byte)).await.unwrap();
        assert_eq!(nodes.other.photo(anna).await.unwrap(), Some(photo(byte)));
        assert_eq!(nodes.other.photo_hash(anna).await.unwrap(), Some(photo(byte).hash));
    }
    assert_eq!(nodes.other.photo(boris).await.unwrap(), None);
    assert!(nodes.other.remove_photo(anna).await.unwrap());
    assert_eq!(nodes.one.photo_hash(anna).await.unwrap(), None);
    let nobody = nodes.one.put_photo(unknown(), photo(1)).await;
    assert!(matches!(nobody, Err(StoreError::Corrupt(_))), "{nobody:?}");
    nodes.one.put_photo(anna, photo(3)).await.unwrap();
    assert!(nodes.one.delete_account(anna, NOW).await.unwrap());
    assert_eq!(nodes.other.photo(anna).await.unwrap(), None, "it goes with the account");
}

pub(in crate::store) async fn leaver_is_deleted_on_the_second_and_not_before(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await;
    let boris = create(nodes, "boris@example.com").await;
    let state = AccountState::Leaving { delete_at: NOW + 100 };
    nodes.one.set_account_state(anna.id, state).await.unwrap();
    let leaving = nodes.other.account(anna.id).await.unwrap().unwrap();
    assert_eq!(leaving.state, state);
    assert!(leaving.generation > anna.generation, "its tokens count no longer");
    assert_eq!(nodes.other.leavers_due(NOW + 99, 10).await.unwrap(), []);
    assert!(!nodes.other.delete_leaver(anna.id, NOW + 99).await.unwrap());
    assert_eq!(nodes.other.leavers_due(NOW + 100, 10).await.unwrap(), [anna.id]);
    assert!(!nodes.other.delete_leaver(boris.id, NOW + 100).await.unwrap(), "Boris stays");
    assert!(nodes.other.delete_leaver(anna.id, NOW + 100).await.unwrap());
    assert!(!nodes.one.delete_leaver(anna.id, NOW + 100).await.unwrap());
    assert_eq!(nodes.one.account(anna.id).await.unwrap(), None);
    assert!(nodes.one.account(boris.id).await.unwrap().is_some());
}

pub(in crate::store) async fn leaver_who_is_kept_stays(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await.id;
    assert!(!nodes.one.keep_leaver(anna).await.unwrap(), "not leaving");
    for disabled in [false, true] {
        let state = AccountState::Leaving { delete_at: NOW };
        nodes.one.set_account_state(anna, state).await.unwrap();
        if disabled {
            nodes.one.set_account_state(anna, AccountState::Disabled).await.unwrap();
            assert!(!nodes.other.keep_leaver(anna).await.unwrap(), "the operator's word stands");
        } else {
            assert!(nodes.other.keep_leaver(anna).await.unwrap());
            assert!(!nodes.other.keep_leaver(anna).await.unwrap());
        }
        assert_eq!(nodes.other.leavers_due(NOW + 9, 10).await.unwrap(), []);
        assert!(!nodes.other.delete_leaver(anna, NOW + 9).await.unwrap());
    }
}
