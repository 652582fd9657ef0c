//! Somebody stops halfway.

use super::*;
use crate::store::sessions::redis::ending::{PATIENCE_SECONDS, mark};
use crate::store::sessions::redis::log::{Entry, append};

async fn left_half_ended(store: &RedisStore) -> Session {
    let session = store.create_session(new_session(1), NOW).await.unwrap();
    let partition = keys::partition_of(session.id);
    let marked =
        mark(store, partition, &[session.id], Meant::All, NOW + 900, NOW_MS + 7).await.unwrap();
    assert_eq!(marked.len(), 1);
    session
}

#[tokio::test]
async fn a_session_whose_end_has_begun_is_no_session() {
    let server = servers::shared().await;
    let store = open(&single(server.port()), &servers::namespace()).await;
    let id = left_half_ended(&store).await.id;
    assert_eq!(store.session(id, LIMITS, NOW).await.unwrap(), None);
    assert_eq!(store.session_by_cookie(&[1; 32], LIMITS, NOW).await.unwrap(), None);
    assert_eq!(store.sessions_of(anna(), LIMITS, NOW).await.unwrap(), []);
    assert!(!store.confirm_session(id, NOW + 1).await.unwrap());
    assert!(!store.keep_session(id, 9).await.unwrap());
    store.note_portal(id, "acme", NOW + 1).await.unwrap();
    assert_eq!(store.portals_of_sessions(anna()).await.unwrap(), []);
    assert_eq!(store.count_sessions().await.unwrap(), 0);
}

#[tokio::test]
async fn the_sweep_does_what_whoever_ended_it_did_not_get_to() {
    let server = servers::shared().await;
    let store = open(&single(server.port()), &servers::namespace()).await;
    let id = left_half_ended(&store).await.id;
    let sweep =
        async |seconds: i64| store.sweep(LIMITS, NOW + 9999, (NOW + seconds) * 1000).await.unwrap();
    assert_eq!(sweep(PATIENCE_SECONDS - 1).await, [], "whoever began it may still be at it");
    assert_eq!(store.revocations_after(0).await.unwrap(), []);
    let completed = sweep(PATIENCE_SECONDS).await;
    assert_eq!(completed.len(), 1);
    assert_eq!(completed[0].what, Revoked::Session(id));
    assert_eq!(
        (completed[0].at_ms, completed[0].until),
        (NOW_MS + 7, NOW + 900),
        "as it was begun"
    );
    assert_eq!(store.revocations_after(0).await.unwrap(), completed);
    assert_eq!(sweep(PATIENCE_SECONDS + 1).await, []);
}

#[tokio::test]
async fn who_ends_it_again_completes_it() {
    let server = servers::shared().await;
    let store = open(&single(server.port()), &servers::namespace()).await;
    let id = left_half_ended(&store).await.id;
    // It had got as far as the log.
    let entry = Entry { what: Revoked::Session(id), at_ms: NOW_MS + 7, until: NOW + 900 };
    let appended = append(&store, &[entry]).await.unwrap();
    let ended = store.end_session(id, NOW + 999, NOW_MS + 99).await.unwrap();
    assert_eq!(ended, Some(appended[0]), "the entry that is there");
    assert_eq!(store.revocations_after(0).await.unwrap(), appended);
    assert_eq!(store.end_session(id, NOW + 999, NOW_MS + 99).await.unwrap(), None);
}

#[tokio::test]
async fn a_cookie_leads_to_its_own_session_only() {
    let server = servers::shared().await;
    let store = open(&single(server.port()), &servers::namespace()).await;
    let session = store.create_session(new_session(1), NOW).await.unwrap();
    // Begun and not got further: the cookie is there, the session is not.
    let nobody = keys::in_partition_of(anna(), Uuid::from_u128(7)).to_string();
    command(&store, &["SET", &store.keys.cookie(&[2; 32]), &nobody, "EX", "60"]).await;
    assert_eq!(store.session_by_cookie(&[2; 32], LIMITS, NOW).await.unwrap(), None);
    // Another's.
    let id = session.id.to_string();
    command(&store, &["SET", &store.keys.cookie(&[3; 32]), &id, "EX", "60"]).await;
    assert_eq!(store.session_by_cookie(&[3; 32], LIMITS, NOW).await.unwrap(), None);
    assert_eq!(store.session_by_cookie(&[1; 32], LIMITS, NOW).await.unwrap(), Some(session));
}
