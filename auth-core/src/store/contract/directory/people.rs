//! What people say about themselves, and leaving.

use super::super::NOW;
use super::{Directories, create, profile, unknown};
use crate::store::access::{Invitation, NewInvitation};
use crate::store::people::{Accepted, AccountDetails, Asked, Dealings, Made, Photo};
use crate::store::{AccountState, Profile, StoreError, StoredPortal};

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
        nodes.one.put_profile(profile(anna, portal), NOW).await.unwrap();
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
    nodes.one.put_profile(promoted, NOW).await.unwrap();
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

pub(in crate::store) async fn dealings_with_portals_are_known_to_whoever_had_them(
    nodes: &Directories,
) {
    let store = &nodes.one;
    let anna = create(nodes, "anna@example.com").await.id;
    let boris = create(nodes, "boris@example.com").await.id;
    assert_eq!(nodes.other.dealings(anna).await.unwrap(), Dealings::default());
    store.ask_for_access("globex", boris, NOW, NOW + 60).await.unwrap();
    let nova = StoredPortal {
        id: "nova".to_owned(),
        toml: "x".to_owned(),
        created_at: NOW,
        created_by: Some(anna),
    };
    assert!(store.add_portal(nova).await.unwrap());
    let owner = Profile { roles: vec!["owner".to_owned()], ..profile(anna, "nova") };
    store.put_profile(owner, NOW).await.unwrap();
    let new = NewInvitation {
        token_hash: [7; 32],
        email: Some("boris@example.com".to_owned()),
        roles: vec!["employee".to_owned()],
        invited_by: anna,
        expires_at: NOW + 60,
        most_uses: 1,
    };
    let made = store.invite("nova", vec![new], Vec::new(), NOW).await.unwrap().unwrap();
    store.accept_invitation(&[7; 32], boris, NOW + 5).await.unwrap();

    let hers = nodes.other.dealings(anna).await.unwrap();
    assert_eq!(hers.portals, [Made { portal: "nova".to_owned(), created_at: NOW }]);
    assert_eq!(hers.invitations, [Invitation { uses: 1, ..made[0].clone() }]);
    assert_eq!((hers.requests.len(), hers.accepted.len()), (0, 0));
    let his = nodes.other.dealings(boris).await.unwrap();
    let asked = Asked { portal: "globex".to_owned(), asked_at: NOW, expires_at: NOW + 60 };
    assert_eq!(his.requests, [asked]);
    let (portal, roles) = ("nova".to_owned(), vec!["employee".to_owned()]);
    assert_eq!(his.accepted, [Accepted { portal, roles, used_at: NOW + 5 }]);
    assert_eq!((his.invitations.len(), his.portals.len()), (0, 0));
}
