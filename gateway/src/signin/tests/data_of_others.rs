//! The file of one's own data says what others did, and neither where they were nor who they are.

use bitrix_id_auth_core::audit;
use serde_json::Value;

use super::data::{file_of, joined_record};
use super::*;

const BORIS: &str = "boris@example.com";
const PEOPLE: &str = "/portals/acme/people";
/// Where Anna is.
const ELSEWHERE: &str = "198.51.100.9";
const OWN: &str = "192.0.2.7";

async fn anna_elsewhere(scene: &Scene) -> Browser<'_> {
    let mut browser = scene.browser();
    browser.ip = ELSEWHERE.into();
    let answer = browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    assert_eq!(answer.location(), url(ID, "/"));
    browser
}

/// What the file says of the newest event of this name.
fn event<'a>(file: &'a Value, action: &str) -> &'a Value {
    let mut events = file["events"].as_array().unwrap().iter();
    events.find(|event| event["action"] == action).unwrap_or_else(|| panic!("{action}: {file:#}"))
}

fn assert_has_none_of(file: &Value, foreign: &[&str]) {
    let text = file.to_string();
    for foreign in foreign {
        assert!(!text.contains(foreign), "{foreign} in {file:#}");
    }
}

#[tokio::test]
async fn what_an_owner_did_is_told_without_where_the_owner_was_and_who() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let now = scene.clock.now();
    let owner = Profile { roles: vec!["owner".into()], ..Profile::new(anna.id, "acme", now) };
    let directory = &scene.hub.directory;
    directory.put_profile(owner, now).await.unwrap();
    let boris = scene.account(BORIS, &["acme"]).await;
    let mut owner = anna_elsewhere(&scene).await;
    let id = boris.id.to_string();
    owner.fill(PEOPLE, PEOPLE, &[("remove", &id)]).await;
    for button in ["decline", "approve"] {
        directory.ask_for_access("acme", boris.id, now, now + 60).await.unwrap();
        let open = directory.access_requests("acme", now, 1).await.unwrap();
        owner.fill(PEOPLE, PEOPLE, &[(button, &open[0].id.to_string())]).await;
    }
    let kept = directory.audit(Some(boris.id), 10).await.unwrap();
    assert_eq!(kept.len(), 3);
    for event in &kept {
        assert_eq!(event.actor, anna.id.to_string(), "{event:?}");
        assert_eq!(event.client_ip, Some(ELSEWHERE.parse().unwrap()), "operators see it");
    }

    let file = file_of(&mut scene.signed_in(BORIS).await).await;
    assert_has_none_of(&file, &[ELSEWHERE, &anna.id.to_string(), ANNA]);
    for action in [audit::PROFILE_REMOVED, audit::ACCESS_DECLINED, audit::ACCESS_GRANTED] {
        let told = event(&file, action);
        assert_eq!(told["by"], "somebody_else");
        assert_eq!((&told["address"], &told["portal"]), (&Value::Null, &"acme".into()));
    }
    let own = event(&file, audit::SIGN_IN_SUCCEEDED);
    assert_eq!((&own["by"], &own["address"]), (&"self".into(), &OWN.into()));
}

#[tokio::test]
async fn whose_invitation_was_taken_is_not_told() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let now = scene.clock.now();
    let owner = Profile { roles: vec!["owner".into()], ..Profile::new(anna.id, "acme", now) };
    scene.hub.directory.put_profile(owner, now).await.unwrap();
    scene.account(BORIS, &[]).await;
    let mut owner = anna_elsewhere(&scene).await;
    owner.fill(PEOPLE, PEOPLE, &[("invite", "1"), ("emails", BORIS)]).await;
    let mail = super::sign_up::mails(&scene).await.remove(0);
    let link = mail.text.lines().find(|line| line.starts_with("https://")).unwrap();
    let mut guest = scene.signed_in(BORIS).await;
    let path = split(link).1;
    let token = path.split_once("token=").unwrap().1.to_owned();
    guest.fill(&path, "/invitation", &[("token", &token)]).await;
    let file = file_of(&mut guest).await;
    assert_eq!(event(&file, audit::INVITATION_ACCEPTED)["address"], OWN);
    assert_has_none_of(&file, &[ELSEWHERE, &anna.id.to_string(), ANNA]);
}

#[tokio::test]
async fn whoever_tried_a_password_is_not_taken_for_the_person() {
    let scene = Scene::new().await;
    let boris = scene.account(BORIS, &[]).await;
    let mut stranger = scene.browser();
    stranger.ip = ELSEWHERE.into();
    stranger.sign_in("/sign-in", BORIS, "wrong").await;
    let kept = scene.hub.directory.audit(Some(boris.id), 1).await.unwrap();
    assert_eq!(
        (kept[0].action.as_str(), kept[0].actor.as_str()),
        (audit::SIGN_IN_FAILED, "unknown")
    );
    let file = file_of(&mut scene.signed_in(BORIS).await).await;
    assert_eq!(event(&file, audit::SIGN_IN_FAILED)["by"], "unknown");
    assert_has_none_of(&file, &[ELSEWHERE]);
}

/// Boris with a record of Globex that became his, merged into Anna's account by her.
async fn merged<'a>(scene: &'a Scene, boris: &Account) -> Browser<'a> {
    joined_record(scene, boris, "boris-9").await;
    scene.clock.advance(1);
    let mut browser = anna_elsewhere(scene).await;
    let fields = [("email", BORIS), ("password", PASSWORD)];
    browser.fill("/profile/merge", "/profile/merge", &fields).await;
    let page = browser.get(ID, "/profile/merge/review").await;
    let seen = page.hidden("seen").unwrap();
    let fields = [("csrf", &*page.csrf()), ("seen", &*seen)];
    assert!(browser.post(ID, "/profile/merge/review", &fields).await.status.is_redirection());
    browser
}

#[tokio::test]
async fn a_merge_in_force_is_the_persons_own() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let boris = scene.account(BORIS, &[]).await;
    let file = file_of(&mut merged(&scene, &boris).await).await;
    let merge = &file["merges"][0];
    assert_eq!((&merge["from"], &merge["by"]), (&boris.id.to_string().into(), &"self".into()));
    assert_eq!(merge["moved"]["primary"], BORIS);
    assert_eq!(file["joins"][0]["local_id"], "boris-9");
    let told = event(&file["merged_accounts"][0], audit::ACCOUNT_MERGED);
    assert_eq!((&told["by"], &told["address"]), (&"self".into(), &ELSEWHERE.into()));
}

#[tokio::test]
async fn after_an_undone_merge_neither_file_has_anything_of_the_others() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &["acme"]).await;
    let boris = scene.account(BORIS, &["initech"]).await;
    let mut hers = merged(&scene, &boris).await;
    scene.clock.advance(1);
    let page = hers.get(ID, "/profile/merge").await;
    let merge = page.hidden("merge").unwrap();
    hers.fill("/profile/merge", "/profile/merge/undo", &[("merge", &merge)]).await;
    let state = scene.hub.directory.account(boris.id).await.unwrap().unwrap().state;
    assert_eq!(state, bitrix_id_auth_core::store::AccountState::Active);

    let file = file_of(&mut hers).await;
    let id = boris.id.to_string();
    assert_has_none_of(&file, &[&id, BORIS, "initech", "globex", "boris-9"]);
    let merge = &file["merges"][0];
    assert_eq!((&merge["into"], &merge["from"]), (&anna.id.to_string().into(), &Value::Null));
    assert_eq!((&merge["by"], &merge["undone"]["by"]), (&"self".into(), &"self".into()));
    assert_eq!(event(&file, audit::ACCOUNT_UNMERGED)["address"], ELSEWHERE);

    let file = file_of(&mut scene.signed_in(BORIS).await).await;
    assert_has_none_of(&file, &[&anna.id.to_string(), ANNA, ELSEWHERE, "acme"]);
    let merge = &file["merges"][0];
    assert_eq!((&merge["from"], &merge["into"]), (&id.into(), &Value::Null));
    assert_eq!(
        (&merge["by"], &merge["undone"]["by"]),
        (&"somebody_else".into(), &"somebody_else".into())
    );
    for action in [audit::ACCOUNT_MERGED, audit::ACCOUNT_UNMERGED] {
        assert_eq!(event(&file, action)["by"], "somebody_else");
    }
    assert!(file["joins"].as_array().unwrap().iter().all(|join| join["local_id"] == "boris-9"));
}
