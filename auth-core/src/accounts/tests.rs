//! Changes, and what they leave valid.

use uuid::Uuid;

use super::*;
use crate::revocation::Revocations;
use crate::store::recovery::{NewCheckword, Recovery as _, RecoveryRequest};
use crate::store::{AddressProof, CreateAccount, NewAccount, NewSession, Profile, QueuedMail};
use crate::store::{SqlStore, open_sqlite};

const NOW: i64 = 1_700_000_000;

async fn store() -> (SqlStore, AccountId, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = open_sqlite(&folder.path().join("store.db")).await.unwrap();
    let new = NewAccount {
        email: "anna@example.com".into(),
        proof: AddressProof::Mail,
        name: "Anna".into(),
        password_hash: None,
        language: None,
    };
    let created = store.create_account(new, NOW).await.unwrap();
    let CreateAccount::Created(account) = created else { panic!("{created:?}") };
    (store, account.id, folder)
}

fn change(store: &SqlStore) -> AccountChange<'_> {
    AccountChange { directory: store, sessions: store, now_ms: NOW * 1000 }
}

fn profile(account: AccountId, role: &str) -> Profile {
    Profile { roles: vec![role.into()], ..Profile::new(account, "acme", NOW) }
}

/// Whether tokens of this generation are refused by a node that has just read the log.
async fn refuses(store: &SqlStore, account: AccountId, generation: u32) -> bool {
    let set = Revocations::new();
    for revocation in store.revocations_after(0).await.unwrap() {
        assert_eq!(revocation.until, remembered_until(NOW));
        set.apply(&revocation);
    }
    set.is_revoked(crate::testing::identity().session, account, generation)
}

async fn generation(store: &SqlStore, account: AccountId) -> u32 {
    store.account(account).await.unwrap().unwrap().generation
}

#[tokio::test]
async fn a_changed_profile_refuses_the_tokens_made_before_it() {
    let (store, anna, _folder) = store().await;
    change(&store).put_profile(profile(anna, "employee")).await.unwrap();
    let before = generation(&store, anna).await;
    change(&store).put_profile(profile(anna, "admin")).await.unwrap();
    assert!(refuses(&store, anna, before).await);
    let now = generation(&store, anna).await;
    assert!(!refuses(&store, anna, now).await, "tokens of the new profile count");
    change(&store).put_profile(profile(anna, "admin")).await.unwrap();
    assert!(!refuses(&store, anna, now).await, "the same again changes nothing");
}

#[tokio::test]
async fn a_removed_profile_refuses_the_tokens_that_know_of_it() {
    let (store, anna, _folder) = store().await;
    change(&store).put_profile(profile(anna, "employee")).await.unwrap();
    let before = generation(&store, anna).await;
    assert!(!refuses(&store, anna, before).await);
    assert!(change(&store).remove_profile(anna, "acme").await.unwrap());
    assert!(refuses(&store, anna, before).await);
    let now = generation(&store, anna).await;
    assert!(!refuses(&store, anna, now).await, "tokens without the profile count");
    assert!(!change(&store).remove_profile(anna, "acme").await.unwrap());
    assert!(!refuses(&store, anna, now).await, "the same again changes nothing");
}

#[tokio::test]
async fn a_removal_that_failed_half_way_is_completed_by_the_next() {
    let (store, anna, _folder) = store().await;
    change(&store).put_profile(profile(anna, "employee")).await.unwrap();
    let before = generation(&store, anna).await;
    assert!(store.remove_profile(anna, "acme", 0).await.unwrap(), "the directory alone");
    assert!(!refuses(&store, anna, before).await);
    assert!(!change(&store).remove_profile(anna, "acme").await.unwrap());
    assert!(refuses(&store, anna, before).await);
}

#[tokio::test]
async fn ending_everything_ends_sessions_and_refuses_every_token() {
    let (store, anna, _folder) = store().await;
    let session = NewSession {
        account: anna,
        generation: 1,
        cookie_hash: [7; 32],
        amr: vec!["pwd".into()],
        user_agent: String::new(),
        auth_time: NOW,
        client_ip: None,
        device: None,
    };
    store.create_session(session, NOW).await.unwrap();
    let before = generation(&store, anna).await;
    assert_eq!(change(&store).end_everything(anna).await.unwrap(), 1);
    assert!(refuses(&store, anna, before).await);
    assert_eq!(store.count_sessions().await.unwrap(), 0);
    assert_eq!(change(&store).end_everything(anna).await.unwrap(), 0, "it can be repeated");
}

#[tokio::test]
async fn a_new_password_refuses_the_tokens_made_before_it() {
    let (store, anna, _folder) = store().await;
    let request = RecoveryRequest {
        id: Uuid::now_v7(),
        address: "anna@example.com".into(),
        language: "en".into(),
        asked_at: NOW,
    };
    store.queue_recovery(request.clone()).await.unwrap();
    let checkword = NewCheckword { hash: [7; 32], account: Some(anna), expires_at: NOW + 60 };
    let mail = QueuedMail {
        id: Uuid::now_v7(),
        to: "anna@example.com".into(),
        subject: String::new(),
        text: String::new(),
        html: String::new(),
        attempts: 0,
    };
    assert!(store.answer_recovery(&request, Some((checkword, mail)), NOW).await.unwrap());
    let before = generation(&store, anna).await;
    assert!(!refuses(&store, anna, before).await);
    let outcome = change(&store).reset_password(&[7; 32], "new").await.unwrap();
    assert!(matches!(outcome, ResetPassword::Done(_)), "{outcome:?}");
    assert!(refuses(&store, anna, before).await);
    let now = generation(&store, anna).await;
    assert!(!refuses(&store, anna, now).await, "tokens made since count");
}

#[tokio::test]
async fn nobody_s_account_is_an_error() {
    let (store, _, _folder) = store().await;
    let nobody = AccountId(uuid::Uuid::from_u128(1));
    assert!(change(&store).end_everything(nobody).await.is_err());
    assert!(change(&store).put_profile(profile(nobody, "x")).await.is_err());
    assert!(change(&store).remove_profile(nobody, "acme").await.is_err());
}
