use super::*;
use crate::store::Directory;
use crate::store::sqlite::open_sqlite;
use crate::testing::{NOW, key};

fn ids(ring: &KeyRing) -> Vec<String> {
    ring.ids().map(str::to_owned).collect()
}

#[test]
fn an_empty_ring_and_one_of_expired_keys_are_refused() {
    assert!(matches!(KeyRing::new(&[], NOW), Err(KeyRingError::NoKey)));
    let expired = KeyRecord { expires_at: Some(NOW), ..key(NOW - 10) };
    assert!(matches!(KeyRing::new(&[expired], NOW), Err(KeyRingError::NoKey)));
}

#[test]
fn a_damaged_record_is_named() {
    let good = key(NOW);
    for damaged in [
        KeyRecord { pkcs8: vec![1, 2, 3], ..good.clone() },
        KeyRecord { id: "another".to_owned(), ..good.clone() },
    ] {
        let id = damaged.id.clone();
        let error = KeyRing::new(&[good.clone(), damaged], NOW).unwrap_err();
        assert_eq!(error.to_string(), format!("the signing key {id} cannot be read"));
    }
}

#[test]
fn the_newest_active_key_signs_and_the_next_one_takes_over_in_time() {
    let (old, current, next) = (key(NOW - 500), key(NOW - 100), key(NOW + 300));
    let records = [next.clone(), old.clone(), current.clone()];
    let ring = KeyRing::new(&records, NOW).unwrap();
    let signs_at = |now| ring.signing_key(now).map(|key| key.id().to_owned());
    assert_eq!(signs_at(NOW), Some(current.id.clone()));
    assert_eq!(signs_at(NOW + 299), Some(current.id.clone()));
    assert_eq!(signs_at(NOW + 300), Some(next.id.clone()));
    assert_eq!(ids(&ring), [old.id.clone(), current.id, next.id]);
    // The clock stepped back to before all of them: still one answer, the same on every node.
    assert_eq!(signs_at(NOW - 10_000), Some(old.id));
}

#[test]
fn an_expired_key_neither_signs_nor_verifies_nor_is_published() {
    let old = KeyRecord { expires_at: Some(NOW + 10), ..key(NOW - 500) };
    let current = key(NOW - 100);
    let records = [old.clone(), current.clone()];
    let ring = KeyRing::new(&records, NOW).unwrap();
    assert!(ring.verifying_key(&old.id, NOW + 9).is_some());
    assert!(ring.verifying_key(&old.id, NOW + 10).is_none());
    assert!(ring.verifying_key("unheard-of", NOW).is_none());
    assert_eq!(ids(&KeyRing::new(&records, NOW + 10).unwrap()), [current.id.as_str()]);
    let last = KeyRecord { expires_at: Some(NOW + 10), ..current };
    assert!(KeyRing::new(&[last], NOW).unwrap().signing_key(NOW + 10).is_none());
}

#[test]
fn the_key_set_lists_public_parts_only_newest_first() {
    let (old, new) = (key(NOW - 500), key(NOW + 300));
    let ring = KeyRing::new(&[old.clone(), new.clone()], NOW).unwrap();
    let set: serde_json::Value = serde_json::from_slice(ring.jwks()).unwrap();
    assert_eq!(set["keys"][0]["kid"], new.id);
    assert_eq!(set["keys"][1]["kid"], old.id);
    let members: Vec<_> = set["keys"][0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"]);
}

// RFC 8037 appendix A.3.
#[test]
fn the_key_id_is_the_thumbprint_of_rfc_7638() {
    let public = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
    assert_eq!(thumbprint(&public), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn rotation_is_due_without_a_key_and_when_the_newest_is_old() {
    let every = Duration::from_secs(1000);
    assert!(rotation_due(&[], NOW, every));
    let records = [key(NOW - 5000), key(NOW - 999)];
    assert!(!rotation_due(&records, NOW, every));
    assert!(rotation_due(&records, NOW + 1, every));
    assert!(!rotation_due(&records, NOW, Duration::MAX));
}

#[test]
fn the_first_key_signs_at_once_and_a_successor_is_published_first() {
    let first = plan_rotation(&[], NOW, 600).unwrap();
    assert_eq!((first.key.active_from, first.if_newest), (NOW, None));
    assert_eq!(first.others_expire_at, None);
    let second = plan_rotation(std::slice::from_ref(&first.key), NOW + 50, 600).unwrap();
    assert_eq!(second.key.created_at, NOW + 50);
    assert_eq!(second.key.active_from, NOW + 50 + PUBLISH_BEFORE_USE);
    assert_eq!(second.if_newest, Some(first.key.id));
}

#[tokio::test]
async fn the_store_takes_one_rotation_after_another_within_a_second() {
    let directory = tempfile::tempdir().unwrap();
    let store = open_sqlite(&directory.path().join("test.db")).await.unwrap();
    for expected in 1..=5 {
        let plan = plan_rotation(&store.signing_keys().await.unwrap(), NOW, 600).unwrap();
        let newest = plan.if_newest.as_deref();
        let added = store.add_signing_key(plan.key, newest, plan.others_expire_at).await;
        assert!(added.unwrap());
        let records = store.signing_keys().await.unwrap();
        assert_eq!(KeyRing::new(&records, NOW).unwrap().ids().count(), expected);
    }
}

#[test]
fn a_key_outlives_the_last_token_and_assertion_it_signed() {
    for token_lifetime in [1, 60, 600, 86_400] {
        let plan = plan_rotation(&[key(NOW - 5000)], NOW, token_lifetime).unwrap();
        let last_second = plan.key.active_from - 1;
        let gone_at = plan.others_expire_at.unwrap();
        assert!(gone_at > last_second + token_lifetime);
        assert!(gone_at > last_second + ASSERTION_LIFETIME);
    }
}

#[test]
fn a_ring_shows_no_private_key_in_its_debug_form() {
    let record = key(NOW);
    let ring = KeyRing::new(std::slice::from_ref(&record), NOW).unwrap();
    assert_eq!(format!("{ring:?}"), format!("KeyRing {{ ids: [{:?}] }}", record.id));
}
