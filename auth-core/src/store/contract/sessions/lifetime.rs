//! Sessions from sign-in to their end.

use std::collections::HashSet;

use uuid::Uuid;

use super::super::{NOW, NOW_MS, at_once};
use super::{LIMITS, Sessions, anna, create, is_live, new_session};
use crate::identity::{AccountId, SessionId};
use crate::store::{NewSession, Revocation, Revoked};

pub(in crate::store) async fn session_is_found_by_cookie_and_by_id(nodes: &Sessions) {
    let new = NewSession {
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        user_agent: "ü".repeat(500),
        client_ip: Some("2001:db8::7".parse().unwrap()),
        ..new_session(1)
    };
    let session = nodes.one.create_session(new.clone(), NOW).await.unwrap();
    assert_eq!(session.id.0.get_version_num(), 7);
    assert_eq!((session.account, &session.amr), (new.account, &new.amr));
    assert_eq!((session.created_at, session.last_seen_at, session.auth_time), (NOW, NOW, NOW));
    assert_eq!(session.user_agent, "ü".repeat(400));
    assert_eq!(session.client_ip, new.client_ip);
    for node in [&nodes.one, &nodes.other] {
        let by_cookie = node.session_by_cookie(&[1; 32], LIMITS, NOW).await.unwrap();
        assert_eq!(by_cookie.as_ref(), Some(&session));
        let by_id = node.session(session.id, LIMITS, NOW).await.unwrap();
        assert_eq!(by_id.as_ref(), Some(&session));
        assert_eq!(node.session_by_cookie(&[2; 32], LIMITS, NOW).await.unwrap(), None);
        let unknown = SessionId(Uuid::from_u128(1));
        assert_eq!(node.session(unknown, LIMITS, NOW).await.unwrap(), None);
        assert_eq!(node.count_sessions().await.unwrap(), 1);
    }
}

pub(in crate::store) async fn idle_session_ends_on_its_second(nodes: &Sessions) {
    let session = create(nodes, 1, NOW).await;
    assert!(is_live(nodes, &session, NOW + LIMITS.idle - 1).await);
    assert!(!is_live(nodes, &session, NOW + LIMITS.idle).await);
    nodes.one.touch_session(session.id, NOW + LIMITS.idle - 1).await.unwrap();
    assert!(is_live(nodes, &session, NOW + 2 * LIMITS.idle - 2).await);
    assert!(!is_live(nodes, &session, NOW + 2 * LIMITS.idle - 1).await);
}

pub(in crate::store) async fn used_session_ends_at_its_absolute_limit(nodes: &Sessions) {
    let session = create(nodes, 1, NOW).await;
    let end = NOW + LIMITS.absolute;
    nodes.one.touch_session(session.id, end - 1).await.unwrap();
    assert!(is_live(nodes, &session, end - 1).await);
    nodes.one.touch_session(session.id, end).await.unwrap();
    assert!(!is_live(nodes, &session, end).await);
}

pub(in crate::store) async fn last_use_moves_forward_only(nodes: &Sessions) {
    let session = create(nodes, 1, NOW).await;
    for (used_at, expected) in [(NOW + 10, NOW + 10), (NOW + 5, NOW + 10), (NOW + 11, NOW + 11)] {
        nodes.one.touch_session(session.id, used_at).await.unwrap();
        let found = nodes.other.session(session.id, LIMITS, NOW + 12).await.unwrap().unwrap();
        assert_eq!(found.last_seen_at, expected);
        assert_eq!(found.created_at, NOW);
    }
    nodes.one.end_session(session.id, NOW + 900, NOW_MS).await.unwrap();
    nodes.one.touch_session(session.id, NOW + 20).await.unwrap();
    assert!(!is_live(nodes, &session, NOW + 20).await);
}

pub(in crate::store) async fn session_can_begin_after_its_credential_was_shown(nodes: &Sessions) {
    let new = NewSession { auth_time: NOW - 500, ..new_session(1) };
    let session = nodes.one.create_session(new, NOW).await.unwrap();
    assert_eq!((session.created_at, session.auth_time), (NOW, NOW - 500));
    let found = nodes.other.session(session.id, LIMITS, NOW).await.unwrap();
    assert_eq!(found, Some(session));
}

pub(in crate::store) async fn confirmation_moves_forward_only_and_prolongs_nothing(
    nodes: &Sessions,
) {
    let session = create(nodes, 1, NOW).await;
    for (confirmed_at, expected) in [(NOW + 10, NOW + 10), (NOW + 5, NOW + 10)] {
        assert!(nodes.one.confirm_session(session.id, confirmed_at).await.unwrap());
        let found = nodes.other.session(session.id, LIMITS, NOW + 12).await.unwrap().unwrap();
        assert_eq!(found.auth_time, expected);
        assert_eq!((found.created_at, found.last_seen_at), (NOW, NOW));
    }
    nodes.one.end_session(session.id, NOW + 900, NOW_MS).await.unwrap();
    assert!(!nodes.other.confirm_session(session.id, NOW + 20).await.unwrap());
    assert!(!is_live(nodes, &session, NOW + 20).await);
}

pub(in crate::store) async fn kept_session_belongs_to_the_later_generation(nodes: &Sessions) {
    let session = create(nodes, 1, NOW).await;
    for (kept, expected) in [(5, 5), (3, 5), (6, 6)] {
        assert!(nodes.one.keep_session(session.id, kept).await.unwrap());
        let found = nodes.other.session(session.id, LIMITS, NOW).await.unwrap().unwrap();
        assert_eq!(found.generation, expected);
        assert_eq!(found.auth_time, NOW, "nobody has shown who they are");
    }
    nodes.one.end_session(session.id, NOW + 900, NOW_MS).await.unwrap();
    assert!(!nodes.other.keep_session(session.id, 7).await.unwrap());
}

pub(in crate::store) async fn portals_that_a_session_opened_are_remembered(nodes: &Sessions) {
    let (first, second) = (create(nodes, 1, NOW - 5).await, create(nodes, 2, NOW).await);
    for (session, portal, at) in [
        (&first, "globex", NOW + 2),
        (&first, "acme", NOW + 3),
        (&first, "acme", NOW + 1),
        (&second, "acme", NOW + 4),
    ] {
        nodes.one.note_portal(session.id, portal, at).await.unwrap();
    }
    let opened = nodes.other.portals_of_sessions(anna()).await.unwrap();
    let named: Vec<_> =
        opened.iter().map(|o| (o.session, o.portal.as_str(), o.last_used_at)).collect();
    assert_eq!(
        named,
        [(first.id, "acme", NOW + 3), (first.id, "globex", NOW + 2), (second.id, "acme", NOW + 4)]
    );
    let used = nodes.other.session(first.id, LIMITS, NOW + 5).await.unwrap().unwrap();
    assert_eq!(used.last_seen_at, NOW + 3, "it counts as a use");
    assert_eq!(nodes.one.portals_of_sessions(AccountId(Uuid::from_u128(77))).await.unwrap(), []);
    nodes.one.end_session(first.id, NOW + 900, NOW_MS).await.unwrap();
    nodes.one.note_portal(first.id, "initech", NOW + 6).await.unwrap();
    let left = nodes.other.portals_of_sessions(anna()).await.unwrap();
    assert_eq!(left.iter().map(|o| o.session).collect::<Vec<_>>(), [second.id]);
}

pub(in crate::store) async fn sessions_of_an_account_are_listed_newest_first(nodes: &Sessions) {
    let old = create(nodes, 1, NOW - LIMITS.idle).await;
    let first = create(nodes, 2, NOW - 10).await;
    let second = create(nodes, 3, NOW).await;
    let foreign = NewSession { account: AccountId(Uuid::from_u128(77)), ..new_session(4) };
    nodes.one.create_session(foreign, NOW).await.unwrap();
    let listed = nodes.other.sessions_of(anna(), LIMITS, NOW).await.unwrap();
    assert_eq!(listed, [second, first]);
    assert!(!is_live(nodes, &old, NOW).await);
}

pub(in crate::store) async fn session_ends_once_however_many_end_it(nodes: &Sessions) {
    let session = create(nodes, 1, NOW).await;
    let id = session.id;
    let outcomes = at_once(nodes, 20, move |_, node| async move {
        node.end_session(id, NOW + 900, NOW_MS + 7).await.unwrap()
    })
    .await;
    let revocations: Vec<Revocation> = outcomes.into_iter().flatten().collect();
    assert_eq!(revocations.len(), 1);
    assert_eq!(revocations[0].what, Revoked::Session(id));
    assert_eq!((revocations[0].at_ms, revocations[0].until), (NOW_MS + 7, NOW + 900));
    assert_eq!(nodes.other.revocations_after(0).await.unwrap(), revocations);
    assert!(!is_live(nodes, &session, NOW).await);
    assert_eq!(nodes.other.count_sessions().await.unwrap(), 0);
}

pub(in crate::store) async fn all_sessions_but_one_end(nodes: &Sessions) {
    let kept = create(nodes, 1, NOW).await;
    let ended = [create(nodes, 2, NOW).await, create(nodes, 3, NOW).await];
    let foreign = NewSession { account: AccountId(Uuid::from_u128(77)), ..new_session(4) };
    let foreign = nodes.one.create_session(foreign, NOW).await.unwrap();

    let revocations =
        nodes.one.end_sessions_of(anna(), Some(kept.id), NOW + 900, NOW_MS).await.unwrap();
    let revoked: HashSet<Revoked> = revocations.iter().map(|revocation| revocation.what).collect();
    assert_eq!(revoked, ended.iter().map(|session| Revoked::Session(session.id)).collect());
    assert!(is_live(nodes, &kept, NOW).await && is_live(nodes, &foreign, NOW).await);
    for session in &ended {
        assert!(!is_live(nodes, session, NOW).await);
    }
    let rest = nodes.other.end_sessions_of(anna(), None, NOW + 900, NOW_MS).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].what, Revoked::Session(kept.id));
    let nothing = nodes.one.end_sessions_of(anna(), None, NOW + 900, NOW_MS).await.unwrap();
    assert_eq!(nothing, Vec::new());
    assert_eq!(nodes.one.revocations_after(0).await.unwrap().len(), 3);
}

pub(in crate::store) async fn all_sessions_in_one_browser_end(nodes: &Sessions) {
    let there = |n, device: Option<&str>| NewSession {
        device: device.map(str::to_owned),
        ..new_session(n)
    };
    let begin = async |new| nodes.one.create_session(new, NOW).await.unwrap();
    let ended = [begin(there(1, Some("a"))).await, begin(there(2, Some("a"))).await];
    let foreign = NewSession { account: AccountId(Uuid::from_u128(77)), ..there(3, Some("a")) };
    let kept =
        [begin(there(4, Some("b"))).await, begin(there(5, None)).await, begin(foreign).await];

    for unknown in ["", "c"] {
        let revocations =
            nodes.other.end_sessions_on(anna(), unknown, NOW + 900, NOW_MS).await.unwrap();
        assert_eq!(revocations, [], "{unknown}");
    }
    let revocations = nodes.other.end_sessions_on(anna(), "a", NOW + 900, NOW_MS).await.unwrap();
    let revoked: HashSet<Revoked> = revocations.iter().map(|revocation| revocation.what).collect();
    assert_eq!(revoked, ended.iter().map(|session| Revoked::Session(session.id)).collect());
    assert_eq!(nodes.one.revocations_after(0).await.unwrap(), revocations);
    for session in &ended {
        assert!(!is_live(nodes, session, NOW).await);
    }
    for session in &kept {
        assert!(is_live(nodes, session, NOW).await);
    }
}
