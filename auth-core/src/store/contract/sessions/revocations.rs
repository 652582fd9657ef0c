//! The log of revocations, and the sweep.

use std::collections::HashSet;

use super::super::{NOW, NOW_MS, at_once};
use super::{LIMITS, Sessions, anna, create, is_live, new_session};
use crate::store::{NewSession, Revocation, Revoked};

pub(in crate::store) async fn revocations_are_numbered_in_their_order(nodes: &Sessions) {
    assert_eq!(nodes.one.revocations_after(0).await.unwrap(), Vec::new());
    let mut given = at_once(nodes, 20, |n, node| async move {
        let generation = u32::try_from(n).unwrap();
        node.revoke_account(anna(), generation, NOW + 900, NOW_MS).await.unwrap()
    })
    .await;
    given.sort_by_key(|revocation| revocation.sequence);
    assert!(given[0].sequence > 0);
    assert!(given.windows(2).all(|pair| pair[0].sequence < pair[1].sequence));
    for node in [&nodes.one, &nodes.other] {
        assert_eq!(node.revocations_after(0).await.unwrap(), given);
        assert_eq!(node.revocations_after(given[11].sequence).await.unwrap(), given[12..]);
        assert_eq!(node.revocations_after(given[19].sequence).await.unwrap(), Vec::new());
    }
    let next = nodes.other.revoke_account(anna(), u32::MAX, NOW + 900, NOW_MS).await.unwrap();
    assert!(next.sequence > given[19].sequence);
    assert_eq!(nodes.one.revocations_after(given[19].sequence).await.unwrap(), [next]);
}

pub(in crate::store) async fn revocations_are_kept_until_they_no_longer_matter(nodes: &Sessions) {
    let short = nodes.one.revoke_account(anna(), 2, NOW + 60, NOW_MS).await.unwrap();
    let long = nodes.one.revoke_account(anna(), 3, NOW + 900, NOW_MS).await.unwrap();
    nodes.one.sweep(LIMITS, NOW + 999, (NOW + 59) * 1000).await.unwrap();
    assert_eq!(nodes.other.revocations_after(0).await.unwrap(), [short, long]);
    nodes.one.sweep(LIMITS, NOW + 999, (NOW + 60) * 1000).await.unwrap();
    assert_eq!(nodes.other.revocations_after(0).await.unwrap(), [long]);
    nodes.one.sweep(LIMITS, NOW + 1999, (NOW + 900) * 1000).await.unwrap();
    assert_eq!(nodes.other.revocations_after(0).await.unwrap(), Vec::new());
    // Numbers are not given again.
    let next = nodes.other.revoke_account(anna(), 4, NOW + 9000, NOW_MS).await.unwrap();
    assert!(next.sequence > long.sequence);
}

pub(in crate::store) async fn sweep_ends_what_is_past_a_limit(nodes: &Sessions) {
    let idle = create(nodes, 1, NOW).await;
    let used_up = create(nodes, 2, NOW + LIMITS.idle - LIMITS.absolute).await;
    nodes.one.touch_session(used_up.id, NOW + LIMITS.idle - 1).await.unwrap();
    let live = create(nodes, 3, NOW + 1).await;
    let early = (NOW + LIMITS.idle - 1) * 1000 + 999;
    assert_eq!(nodes.one.sweep(LIMITS, NOW + 9999, early).await.unwrap(), Vec::new());

    let at_ms = (NOW + LIMITS.idle) * 1000;
    let until = NOW + LIMITS.idle + 600;
    let revocations = nodes.one.sweep(LIMITS, until, at_ms).await.unwrap();
    let ended: HashSet<Revoked> = revocations.iter().map(|revocation| revocation.what).collect();
    assert_eq!(ended, HashSet::from([Revoked::Session(idle.id), Revoked::Session(used_up.id)]));
    assert!(revocations.iter().all(|entry| entry.at_ms == at_ms && entry.until == until));
    assert_eq!(nodes.other.revocations_after(0).await.unwrap(), revocations);
    assert!(is_live(nodes, &live, NOW + LIMITS.idle).await);
    assert_eq!(nodes.other.count_sessions().await.unwrap(), 1);
    assert_eq!(nodes.other.sweep(LIMITS, until, at_ms).await.unwrap(), Vec::new());
}

pub(in crate::store) async fn sweep_on_two_nodes_ends_each_session_once(nodes: &Sessions) {
    for n in 0..30 {
        create(nodes, n, NOW).await;
    }
    let later_ms = (NOW + LIMITS.idle) * 1000;
    let swept = at_once(nodes, 6, move |_, node| async move {
        node.sweep(LIMITS, NOW + 99_999, later_ms).await.unwrap()
    })
    .await;
    let swept: Vec<Revocation> = swept.into_iter().flatten().collect();
    let distinct: HashSet<Revoked> = swept.iter().map(|revocation| revocation.what).collect();
    assert_eq!((swept.len(), distinct.len()), (30, 30));
    assert_eq!(nodes.one.revocations_after(0).await.unwrap().len(), 30);
}

pub(in crate::store) async fn sweep_gets_through_many_sessions(nodes: &Sessions) {
    let (many, at_most) = (1200_usize, 20);
    at_once(nodes, 4, move |part, node| async move {
        for n in (part..many).step_by(4) {
            let new = NewSession { cookie_hash: hash(n), ..new_session(0) };
            node.create_session(new, NOW).await.unwrap();
        }
    })
    .await;
    let later_ms = (NOW + LIMITS.idle) * 1000;
    let mut ended = 0;
    for _ in 0..at_most {
        ended += nodes.one.sweep(LIMITS, NOW + 99_999, later_ms).await.unwrap().len();
    }
    assert_eq!((ended, nodes.one.count_sessions().await.unwrap()), (many, 0));
}

fn hash(n: usize) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&n.to_be_bytes());
    hash
}
