use bitrix_id_auth_core::audit::KEY_ROTATED;
use bitrix_id_auth_core::store::Directory;

use super::Desk;

#[test]
fn the_first_key_signs_at_once() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["keys", "list"]), "");
    let id = desk.run(&["keys", "rotate"]).trim().to_owned();
    let keys = desk.json(&["keys", "list"]);
    assert_eq!(keys.as_array().unwrap().len(), 1);
    assert_eq!(keys[0]["id"], id.as_str());
    assert_eq!(keys[0]["state"], "signing");
}

#[test]
fn a_new_key_is_published_before_it_signs_and_the_old_one_stays_for_a_while() {
    let desk = Desk::new();
    let old = desk.run(&["keys", "rotate"]).trim().to_owned();
    let new = desk.run(&["keys", "rotate"]).trim().to_owned();
    let keys = desk.json(&["keys", "list"]);
    assert_eq!(keys[0]["id"], old.as_str());
    assert_eq!(keys[0]["state"], "signing");
    assert!(keys[0]["expires_at"].is_string());
    assert_eq!(keys[1]["id"], new.as_str());
    assert_eq!(keys[1]["state"], "published");
    assert!(keys[1]["expires_at"].is_null());
    let text = desk.run(&["keys", "list"]);
    assert!(text.contains("signing") && text.contains("published"), "{text}");
}

#[test]
fn in_an_emergency_the_new_key_signs_at_once_and_the_others_are_refused() {
    let desk = Desk::new();
    desk.run(&["keys", "rotate"]);
    desk.run(&["keys", "rotate"]);
    let new = desk.run(&["keys", "rotate", "--now"]).trim().to_owned();
    let keys = desk.json(&["keys", "list"]);
    for key in keys.as_array().unwrap() {
        let expected = if key["id"] == new.as_str() { "signing" } else { "expired" };
        assert_eq!(key["state"], expected, "{keys}");
    }
}

#[test]
fn a_rotation_is_kept_in_the_audit_table() {
    let desk = Desk::new();
    let id = desk.run(&["keys", "rotate"]).trim().to_owned();
    let events = desk.look(async |store| store.audit(None, 10).await.unwrap());
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].action, KEY_ROTATED);
    assert_eq!(events[0].actor, "operator");
    assert!(events[0].detail.contains(&id));
}
