//! Notices to portals.

use bitrix_id_config::NoticeEvent::{self, PasswordChanged, SessionsEnded};
use serde_json::json;
use uuid::Uuid;

use super::super::{NOW, NOW_MS, at_once};
use super::{Directories, create, details, profile, unknown};
use crate::identity::{AccountId, SessionId};
use crate::store::access::{CreatePortal, NewPortal};
use crate::store::joining::{ImportedProfile, JoinProof, ProfileKey};
use crate::store::notices::{
    MOST_SESSIONS_TOLD, Notice, NoticeDepth, NoticeFailure, NoticeState, QueuedNotice,
    Subscription, WhichNotices,
};
use crate::store::people::AccountDetails;
use crate::store::{AddressProof, Holder, NewAccount, Profile, StoredPortal};

pub(in crate::store) async fn portals_of_the_account_that_subscribe_are_told(nodes: &Directories) {
    let anna = member(nodes, "anna@example.com", &["acme", "globex", "initech"]).await;
    let boris = member(nodes, "boris@example.com", &["hooli"]).await;
    subscribe(nodes, &[("acme", &NoticeEvent::ALL), ("hooli", &NoticeEvent::ALL)]).await;
    nodes
        .one
        .subscribe(&[to("acme", &NoticeEvent::ALL), to("globex", &[SessionsEnded])])
        .await
        .unwrap();
    nodes.other.notify(anna, Notice::password_changed(anna), NOW_MS).await.unwrap();
    nodes.other.notify(boris, Notice::password_changed(boris), NOW_MS).await.unwrap();
    let taken = nodes.one.take_notices(NOW_MS, 10).await.unwrap();
    assert_eq!(portals(&taken), ["acme"], "one has no subscription, one not to this");
    assert_eq!(taken[0].subject, Some(anna));
    assert_eq!(taken[0].portal_user.as_deref(), Some("7"));
    assert_eq!(taken[0].data, json!({}));
    assert_eq!((taken[0].created_at_ms, taken[0].attempts), (NOW_MS, 0));
    assert_eq!(taken[0].id.get_version_num(), 7);
}

pub(in crate::store) async fn notice_says_what_its_portal_may_know(nodes: &Directories) {
    let anna = member(nodes, "anna@example.com", &["acme", "globex"]).await;
    let details = AccountDetails {
        name: Some("Anna".to_owned()),
        language: Some("de".to_owned()),
        time_zone: Some(Some("Europe/Berlin".to_owned())),
        phone: Some(Some("+49 30 1".to_owned())),
    };
    nodes.one.update_account(anna, details, NOW).await.unwrap();
    nodes.one.set_profile_name(anna, "globex", Some("A."), Some("CEO"), NOW).await.unwrap();
    subscribe(nodes, &[("acme", &NoticeEvent::ALL), ("globex", &NoticeEvent::ALL)]).await;
    nodes.one.notify(anna, Notice::profile_updated(anna), NOW_MS).await.unwrap();
    let taken = nodes.one.take_notices(NOW_MS, 10).await.unwrap();
    let at = |portal: &str| taken.iter().find(|notice| notice.portal == portal).unwrap();
    let whole = json!({
        "name": "Anna", "email": "anna@example.com", "title": null, "language": "de",
        "time_zone": "Europe/Berlin", "roles": ["employee"],
    });
    assert_eq!(at("acme").data, whole);
    assert_eq!(
        (&at("globex").data["name"], &at("globex").data["title"]),
        (&json!("A."), &json!("CEO"))
    );

    // An address that nobody has proved is told to nobody.
    let new = NewAccount {
        email: "eve@example.com".into(),
        proof: AddressProof::None,
        name: "Eve".into(),
        password_hash: None,
        language: None,
    };
    nodes.one.create_account(new, NOW).await.unwrap();
    let Holder::Unproved(eve) = nodes.one.holder("eve@example.com").await.unwrap() else {
        panic!("held without proof")
    };
    nodes.one.put_profile(profile(eve, "acme"), NOW).await.unwrap();
    deliver(nodes, &taken).await;
    let taken = nodes.one.take_notices(NOW_MS, 10).await.unwrap();
    assert_eq!((&taken[0].data["email"], &taken[0].data["name"]), (&json!(null), &json!("Eve")));
}

pub(in crate::store) async fn notice_of_a_profile_that_is_gone_names_its_user(nodes: &Directories) {
    subscribe(nodes, &[("acme", &NoticeEvent::ALL)]).await;
    let gone = Notice::unjoined(unknown(), Some("17".to_owned()));
    nodes.one.notify_portal("acme", gone, NOW_MS).await.unwrap();
    nodes.one.notify_portal("globex", Notice::unjoined(unknown(), None), NOW_MS).await.unwrap();
    let taken = nodes.other.take_notices(NOW_MS, 10).await.unwrap();
    assert_eq!(portals(&taken), ["acme"]);
    assert_eq!((taken[0].subject, taken[0].portal_user.as_deref()), (Some(unknown()), Some("17")));
}

pub(in crate::store) async fn notice_is_taken_by_one_and_one_at_a_time(nodes: &Directories) {
    let anna = member(nodes, "anna@example.com", &["acme", "globex"]).await;
    let boris = member(nodes, "boris@example.com", &["acme"]).await;
    subscribe(nodes, &[("acme", &NoticeEvent::ALL), ("globex", &NoticeEvent::ALL)]).await;
    for who in [anna, boris, anna] {
        nodes.one.notify(who, Notice::password_changed(who), NOW_MS).await.unwrap();
    }
    let taken =
        at_once(nodes, 6, |_, node| async move { node.take_notices(NOW_MS, 10).await.unwrap() });
    let taken: Vec<QueuedNotice> = taken.await.into_iter().flatten().collect();
    assert_eq!(portals(&taken), ["acme", "globex"], "one of each, whoever asks");
    assert!(taken.iter().all(|notice| notice.subject == Some(anna)));
    assert_eq!(nodes.other.take_notices(NOW_MS + 59_999, 10).await.unwrap(), []);
    // A taker that went away: the same one again, and the attempt counts.
    let again = nodes.other.take_notices(NOW_MS + 60_000, 10).await.unwrap();
    assert_eq!(portals(&again), ["acme", "globex"]);
    assert!(again.iter().all(|notice| notice.attempts == 1));
    assert_eq!(ids(&again), ids(&taken));
}

pub(in crate::store) async fn notices_of_an_account_keep_their_order(nodes: &Directories) {
    let anna = member(nodes, "anna@example.com", &["acme"]).await;
    let boris = member(nodes, "boris@example.com", &["acme"]).await;
    subscribe(nodes, &[("acme", &NoticeEvent::ALL)]).await;
    for (n, who) in (0..).zip([anna, anna, boris]) {
        nodes.nth(n).notify(who, Notice::password_changed(who), NOW_MS).await.unwrap();
    }
    let first = take_one(nodes, NOW_MS).await;
    fail(nodes, &first, Some(NOW_MS + 10_000), NOW_MS + 1).await;
    let other = take_one(nodes, NOW_MS + 1).await;
    assert_eq!(other.subject, Some(boris), "another account's is not held back");
    assert_eq!(other.portal_failures, 1);
    nodes.one.notice_delivered(other.id).await.unwrap();
    assert_eq!(nodes.one.take_notices(NOW_MS + 9_999, 10).await.unwrap(), [], "the second waits");
    let again = take_one(nodes, NOW_MS + 10_000).await;
    assert_eq!((again.id, again.attempts, again.portal_failures), (first.id, 1, 0));
    assert_eq!(again.last_error, "told so");
    nodes.one.notice_delivered(again.id).await.unwrap();
    let second = take_one(nodes, NOW_MS + 10_000).await;
    assert_eq!((second.subject, second.attempts), (Some(anna), 0));
}

pub(in crate::store) async fn portal_that_fails_is_left_alone_for_a_while(nodes: &Directories) {
    subscribe(nodes, &[("acme", &NoticeEvent::ALL)]).await;
    for _ in 0..2 {
        nodes.one.notify_portal("acme", created(), NOW_MS).await.unwrap();
    }
    let first = take_one(nodes, NOW_MS).await;
    fail(nodes, &first, Some(NOW_MS + 100_000), NOW_MS + 5_000).await;
    assert_eq!(nodes.other.take_notices(NOW_MS + 4_999, 10).await.unwrap(), []);
    let second = take_one(nodes, NOW_MS + 5_000).await;
    assert_ne!(second.id, first.id);
}

pub(in crate::store) async fn dead_notice_stays_until_an_operator_decides(nodes: &Directories) {
    let anna = member(nodes, "anna@example.com", &["acme"]).await;
    subscribe(nodes, &[("acme", &NoticeEvent::ALL)]).await;
    for _ in 0..3 {
        nodes.one.notify(anna, Notice::password_changed(anna), NOW_MS).await.unwrap();
    }
    let mut dead = Vec::new();
    for _ in 0..2 {
        let notice = take_one(nodes, NOW_MS + 7).await;
        fail(nodes, &notice, None, NOW_MS).await;
        dead.push(notice.id);
    }
    let kept = nodes.other.notices(NoticeState::Dead, 10).await.unwrap();
    assert_eq!(ids(&kept), dead);
    assert!(kept.iter().all(|notice| notice.due_at_ms == NOW_MS && notice.last_error == "told so"));
    let depth = NoticeDepth { portal: "acme".into(), queued: 1, dead: 2 };
    assert_eq!(nodes.other.notice_depths().await.unwrap(), [depth]);
    // Somebody else's late answer does not bring one back.
    fail(nodes, &kept[0], Some(NOW_MS), NOW_MS).await;
    assert_eq!(nodes.one.notices(NoticeState::Dead, 10).await.unwrap().len(), 2);

    let later = NOW_MS + 1_000_000;
    let one = WhichNotices::Id(dead[1]);
    assert_eq!(nodes.one.retry_notices(&one, later).await.unwrap(), 1);
    let again = take_one(nodes, later).await;
    assert_eq!((again.id, again.attempts, again.since_ms), (dead[1], 0, later), "a fresh start");
    assert_eq!(again.created_at_ms, NOW_MS);
    nodes.one.notice_delivered(again.id).await.unwrap();
    let of_acme = WhichNotices::DeadOf("acme".to_owned());
    assert_eq!(nodes.one.drop_notices(&of_acme).await.unwrap(), 1, "what waits stays");
    assert_eq!(nodes.one.drop_notices(&of_acme).await.unwrap(), 0);
    assert_eq!(take_one(nodes, later).await.attempts, 0);
}

pub(in crate::store) async fn retried_notices_of_a_portal_are_due_at_once(nodes: &Directories) {
    subscribe(nodes, &[("acme", &NoticeEvent::ALL)]).await;
    nodes.one.notify_portal("acme", created(), NOW_MS).await.unwrap();
    let notice = take_one(nodes, NOW_MS).await;
    fail(nodes, &notice, None, NOW_MS + 300_000).await;
    let of_acme = WhichNotices::DeadOf("acme".to_owned());
    assert_eq!(nodes.one.retry_notices(&of_acme, NOW_MS + 1).await.unwrap(), 1);
    assert_eq!(take_one(nodes, NOW_MS + 1).await.id, notice.id, "also while the portal is paused");
    let unknown = WhichNotices::Id(Uuid::from_u128(1));
    assert_eq!(nodes.one.retry_notices(&unknown, NOW_MS).await.unwrap(), 0);
}

pub(in crate::store) async fn dead_notices_are_forgotten_after_thirty_days(nodes: &Directories) {
    const DAYS_MS: i64 = 24 * 60 * 60 * 1000;
    subscribe(nodes, &[("acme", &NoticeEvent::ALL)]).await;
    for _ in 0..3 {
        nodes.one.notify_portal("acme", created(), NOW_MS).await.unwrap();
    }
    let notice = take_one(nodes, NOW_MS).await;
    fail(nodes, &notice, None, 0).await;
    for (day, dead) in [(29, 1), (30, 0)] {
        let taken = take_one(nodes, NOW_MS + day * DAYS_MS).await;
        nodes.one.notice_delivered(taken.id).await.unwrap();
        assert_eq!(nodes.one.notices(NoticeState::Dead, 10).await.unwrap().len(), dead);
    }
}

pub(in crate::store) async fn portal_that_subscribes_no_more_is_forgotten(nodes: &Directories) {
    subscribe(nodes, &[("acme", &NoticeEvent::ALL), ("globex", &NoticeEvent::ALL)]).await;
    for portal in ["acme", "acme", "globex"] {
        nodes.one.notify_portal(portal, created(), NOW_MS).await.unwrap();
    }
    let fewer = [to("globex", &[PasswordChanged])];
    let dropped = nodes.other.subscribe(&fewer).await.unwrap();
    assert_eq!(dropped, [("acme".to_owned(), 2)]);
    assert_eq!(nodes.one.subscribe(&fewer).await.unwrap(), []);
    nodes.one.notify_portal("acme", created(), NOW_MS).await.unwrap();
    nodes.one.notify_portal("globex", created(), NOW_MS).await.unwrap();
    let waiting = nodes.one.notices(NoticeState::Queued, 10).await.unwrap();
    assert_eq!(portals(&waiting), ["globex"], "what was queued is still told");
}

pub(in crate::store) async fn portals_are_told_of_profiles_that_come_and_go(nodes: &Directories) {
    subscribe(nodes, &[("acme", &NoticeEvent::ALL)]).await;
    let anna = member(nodes, "anna@example.com", &["acme", "globex"]).await;
    nodes.one.put_profile(profile(anna, "acme"), NOW).await.unwrap();
    let record = ImportedProfile {
        portal: String::new(),
        local_id: "17".to_owned(),
        login: "boris".to_owned(),
        email: Some("boris@example.com".to_owned()),
        password_hash: None,
        name: "Boris".to_owned(),
        active: true,
        roles: Vec::new(),
        imported_at: 0,
        account: None,
    };
    nodes.one.import_profiles("acme", vec![record], NOW).await.unwrap();
    let boris = create(nodes, "boris@example.com").await.id;
    let key = ProfileKey { portal: "acme".to_owned(), local_id: "17".to_owned() };
    nodes.one.join(boris, &[key], JoinProof::Address, "self", NOW_MS + 1).await.unwrap();
    nodes.one.unjoin(boris, "acme", "self", NOW_MS + 2).await.unwrap();
    assert!(!nodes.one.unjoin(boris, "acme", "self", NOW_MS + 3).await.unwrap());
    assert!(nodes.one.delete_account(anna, NOW + 1).await.unwrap());
    let told = nodes.other.notices(NoticeState::Queued, 10).await.unwrap();
    let told: Vec<_> = told
        .iter()
        .map(|notice| (notice.event, notice.subject, notice.portal_user.as_deref()))
        .collect();
    let expected = [
        (NoticeEvent::AccountJoined, Some(anna), Some("7")),
        (NoticeEvent::AccountJoined, Some(boris), Some("17")),
        (NoticeEvent::AccountUnjoined, Some(boris), Some("17")),
        (NoticeEvent::AccountUnjoined, Some(anna), Some("7")),
    ];
    assert_eq!(told, expected);
}

pub(in crate::store) async fn portals_are_told_of_what_changes_about_a_person(nodes: &Directories) {
    let anna = member(nodes, "anna@example.com", &["acme", "globex"]).await;
    subscribe(nodes, &[("acme", &NoticeEvent::ALL), ("globex", &NoticeEvent::ALL)]).await;
    let (store, second) = (&nodes.one, "a.k@example.com");
    let told = async || {
        let waiting = nodes.other.notices(NoticeState::Queued, 100).await.unwrap();
        for notice in &waiting {
            nodes.other.drop_notices(&WhichNotices::Id(notice.id)).await.unwrap();
        }
        let named = |told: QueuedNotice| (told.portal, told.event);
        waiting.into_iter().map(named).collect::<Vec<_>>()
    };
    let updated = |portal: &str| (portal.to_owned(), NoticeEvent::ProfileUpdated);
    store.update_account(anna, details("Ann"), NOW).await.unwrap();
    assert_eq!(told().await, [updated("acme"), updated("globex")]);
    for _ in 0..2 {
        store.set_profile_name(anna, "acme", Some("A."), None, NOW).await.unwrap();
    }
    assert_eq!(told().await, [updated("acme")], "once: the second time nothing changed");
    let promoted = Profile { roles: vec!["admin".to_owned()], ..profile(anna, "acme") };
    for _ in 0..2 {
        store.put_profile(promoted.clone(), NOW).await.unwrap();
    }
    assert_eq!(told().await, [updated("acme")]);
    store.add_address(anna, 1, second, AddressProof::Mail, NOW).await.unwrap();
    assert!(store.set_primary_address(anna, second, NOW).await.unwrap());
    assert_eq!(told().await, [updated("acme"), updated("globex")]);
    assert!(store.remove_profile(anna, "globex", NOW).await.unwrap());
    assert!(!store.remove_profile(anna, "globex", NOW).await.unwrap());
    assert_eq!(told().await, [("globex".to_owned(), NoticeEvent::AccountUnjoined)]);
}

pub(in crate::store) async fn notice_of_a_profile_has_the_moment_of_its_change(
    nodes: &Directories,
) {
    let anna = member(nodes, "anna@example.com", &["acme"]).await;
    subscribe(nodes, &[("acme", &NoticeEvent::ALL)]).await;
    let long_after = NOW + 1_000_000;
    let promoted = Profile { roles: vec!["admin".to_owned()], ..profile(anna, "acme") };
    assert_eq!(promoted.joined_at, NOW);
    nodes.one.put_profile(promoted, long_after).await.unwrap();
    let told = nodes.other.notices(NoticeState::Queued, 10).await.unwrap();
    assert_eq!((told[0].created_at_ms, told[0].since_ms), (long_after * 1000, long_after * 1000));
    let kept = nodes.other.profile(anna, "acme").await.unwrap().unwrap();
    assert_eq!(kept.joined_at, NOW, "when the person joined stays as it was");
}

pub(in crate::store) async fn portal_that_was_just_made_is_told_at_once(nodes: &Directories) {
    subscribe(nodes, &[("acme", &NoticeEvent::ALL)]).await;
    let maker = create(nodes, "anna@example.com").await.id;
    let make = async |name: &str, events: &[NoticeEvent]| {
        let portal = StoredPortal {
            id: name.to_owned(),
            toml: "x".to_owned(),
            created_at: NOW,
            created_by: Some(maker),
        };
        let (webhook, notice) = (Some(events.to_vec()), created());
        let new = NewPortal { portal, name_key: name.to_owned(), most: 9, webhook, notice };
        nodes.one.create_portal(new, NOW).await.unwrap()
    };
    assert_eq!(make("nova", &[NoticeEvent::PortalCreated]).await, CreatePortal::Created);
    assert_eq!(make("nova", &NoticeEvent::ALL).await, CreatePortal::NameTaken, "and nothing else");
    assert_eq!(make("hooli", &NoticeEvent::ALL).await, CreatePortal::Created);
    nodes.other.notify_portal("nova", Notice::joined(unknown()), NOW_MS).await.unwrap();
    let waiting = nodes.other.notices(NoticeState::Queued, 10).await.unwrap();
    let told: Vec<_> = waiting.iter().map(|told| (told.portal.as_str(), told.event)).collect();
    assert_eq!(
        told,
        [
            ("nova", NoticeEvent::PortalCreated),
            ("hooli", NoticeEvent::AccountJoined),
            ("hooli", NoticeEvent::PortalCreated)
        ]
    );
}

pub(in crate::store) async fn notice_names_a_bounded_number_of_sessions(_: &Directories) {
    let sessions: Vec<SessionId> = (0..2_000).map(|n| SessionId(Uuid::from_u128(n))).collect();
    let notice = Notice::sessions_ended(unknown(), &sessions, true);
    assert_eq!(notice.data["sessions"].as_array().unwrap().len(), MOST_SESSIONS_TOLD);
    assert_eq!(notice.data["all"], true);
}

async fn member(nodes: &Directories, email: &str, portals: &[&str]) -> AccountId {
    let account = create(nodes, email).await.id;
    for portal in portals {
        nodes.one.put_profile(profile(account, portal), NOW).await.unwrap();
    }
    account
}

fn to(portal: &str, events: &[NoticeEvent]) -> Subscription {
    Subscription { portal: portal.to_owned(), events: events.to_vec() }
}

async fn subscribe(nodes: &Directories, portals: &[(&str, &[NoticeEvent])]) {
    let wanted: Vec<Subscription> =
        portals.iter().map(|(portal, events)| to(portal, events)).collect();
    nodes.one.subscribe(&wanted).await.unwrap();
}

fn created() -> Notice {
    Notice { subject: None, ..Notice::portal_created(unknown(), "Acme", "acme.example") }
}

async fn take_one(nodes: &Directories, now_ms: i64) -> QueuedNotice {
    let mut taken = nodes.other.take_notices(now_ms, 10).await.unwrap();
    assert_eq!(taken.len(), 1, "{taken:?}");
    taken.remove(0)
}

async fn fail(nodes: &Directories, notice: &QueuedNotice, retry_at_ms: Option<i64>, pause: i64) {
    let failure = NoticeFailure { retry_at_ms, pause_until_ms: pause, error: "told so".to_owned() };
    nodes.one.notice_failed(notice.id, failure, NOW_MS).await.unwrap();
}

async fn deliver(nodes: &Directories, taken: &[QueuedNotice]) {
    for notice in taken {
        nodes.one.notice_delivered(notice.id).await.unwrap();
    }
}

fn portals(notices: &[QueuedNotice]) -> Vec<&str> {
    let mut portals: Vec<&str> = notices.iter().map(|notice| notice.portal.as_str()).collect();
    portals.sort_unstable();
    portals
}

fn ids(notices: &[QueuedNotice]) -> Vec<Uuid> {
    notices.iter().map(|notice| notice.id).collect()
}
