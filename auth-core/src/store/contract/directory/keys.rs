//! Signing keys and secrets.

use super::super::{NOW, at_once};
use super::{Directories, key};
use crate::store::KeyRecord;

pub(in crate::store) async fn keys_come_oldest_first_and_end_when_told(nodes: &Directories) {
    let store = &nodes.one;
    assert_eq!(store.signing_keys().await.unwrap(), Vec::new());
    // Ids and times against the order in which the keys are added.
    assert!(store.add_signing_key(key("zz", NOW + 9), None, None).await.unwrap());
    assert!(store.add_signing_key(key("mm", NOW + 5), Some("zz"), Some(NOW + 100)).await.unwrap());
    assert!(store.add_signing_key(key("aa", NOW + 1), Some("mm"), Some(NOW + 200)).await.unwrap());
    let ends = |record: KeyRecord| (record.id, record.expires_at);
    let found: Vec<_> = nodes.other.signing_keys().await.unwrap().into_iter().map(ends).collect();
    // A key that was to go earlier still does.
    let expected = [("zz", Some(NOW + 100)), ("mm", Some(NOW + 200)), ("aa", None)];
    assert_eq!(found, expected.map(|(id, end)| (id.to_owned(), end)));
    assert_eq!(nodes.other.signing_keys().await.unwrap()[2], key("aa", NOW + 1));
    // An emergency: the others go at once.
    assert!(store.add_signing_key(key("bb", NOW + 2), Some("aa"), Some(NOW)).await.unwrap());
    let found: Vec<_> = nodes.other.signing_keys().await.unwrap().into_iter().map(ends).collect();
    assert_eq!(
        found.iter().map(|(_, end)| *end).collect::<Vec<_>>(),
        [Some(NOW), Some(NOW), Some(NOW), None]
    );
}

pub(in crate::store) async fn rotation_happens_once_however_many_rotate(nodes: &Directories) {
    for newest in [None, Some("first")] {
        let outcomes = at_once(nodes, 10, move |n, node| async move {
            let id = if newest.is_none() { "first".to_owned() } else { format!("second {n}") };
            node.add_signing_key(key(&id, NOW), newest, Some(NOW + 60)).await.unwrap()
        })
        .await;
        assert_eq!(outcomes.into_iter().filter(|added| *added).count(), 1, "{newest:?}");
    }
    let keys = nodes.one.signing_keys().await.unwrap();
    assert_eq!(keys.len(), 2);
    let refused = nodes.one.add_signing_key(key("x", NOW), Some("first"), Some(NOW)).await.unwrap();
    assert!(!refused);
    assert_eq!(nodes.other.signing_keys().await.unwrap(), keys, "a refusal changes nothing");
}

pub(in crate::store) async fn expired_keys_are_removed_on_their_second(nodes: &Directories) {
    nodes.one.add_signing_key(key("k1", NOW), None, None).await.unwrap();
    nodes.one.add_signing_key(key("k2", NOW), Some("k1"), Some(NOW + 60)).await.unwrap();
    assert_eq!(nodes.one.remove_expired_keys(NOW + 59).await.unwrap(), 0);
    assert_eq!(nodes.one.remove_expired_keys(NOW + 60).await.unwrap(), 1);
    assert_eq!(nodes.other.remove_expired_keys(NOW + 60).await.unwrap(), 0);
    assert_eq!(nodes.other.signing_keys().await.unwrap(), [key("k2", NOW)]);
}

pub(in crate::store) async fn secret_is_made_once(nodes: &Directories) {
    let secrets =
        at_once(nodes, 10, |_, node| async move { node.secret("hop").await.unwrap() }).await;
    assert!(secrets.iter().all(|secret| *secret == secrets[0]));
    assert_ne!(secrets[0], [0; 32]);
    assert_ne!(nodes.one.secret("csrf").await.unwrap(), secrets[0]);
}
