//! Tickets and one-time values.

use uuid::Uuid;

use super::super::{NOW, at_once};
use super::{LIMITS, Sessions};

pub(in crate::store) async fn ticket_is_spent_exactly_once(nodes: &Sessions) {
    for n in 0..5 {
        let id = Uuid::from_u128(n);
        let spent = at_once(nodes, 50, move |_, node| async move {
            node.spend_ticket(id, NOW + 30).await.unwrap()
        })
        .await;
        assert_eq!(spent.into_iter().filter(|spent| *spent).count(), 1);
    }
}

pub(in crate::store) async fn spent_ticket_stays_spent_while_it_is_good(nodes: &Sessions) {
    let id = Uuid::from_u128(5);
    assert!(nodes.one.spend_ticket(id, NOW + 30).await.unwrap());
    // Another node's clock may be half a minute behind the one that sweeps.
    for now in [NOW, NOW + 29, NOW + 60] {
        nodes.one.sweep(LIMITS, NOW + 900, now * 1000).await.unwrap();
        assert!(!nodes.other.spend_ticket(id, NOW + 30).await.unwrap());
    }
}

pub(in crate::store) async fn one_time_value_is_taken_exactly_once(nodes: &Sessions) {
    let payload = r#"{"email":"anna@example.com","note":"ж'\""}"#;
    nodes.one.put_one_time("code", &[1; 32], payload, NOW + 60).await.unwrap();
    for _ in 0..3 {
        let peeked = nodes.other.peek_one_time("code", &[1; 32], NOW).await.unwrap();
        assert_eq!(peeked.as_deref(), Some(payload));
    }
    let taken = at_once(nodes, 50, |_, node| async move {
        node.take_one_time("code", &[1; 32], NOW).await.unwrap()
    })
    .await;
    let taken: Vec<String> = taken.into_iter().flatten().collect();
    assert_eq!(taken, [payload]);
    assert_eq!(nodes.one.peek_one_time("code", &[1; 32], NOW).await.unwrap(), None);
}

pub(in crate::store) async fn one_time_value_expires_on_its_second(nodes: &Sessions) {
    nodes.one.put_one_time("code", &[1; 32], "{}", NOW + 60).await.unwrap();
    assert!(nodes.one.peek_one_time("code", &[1; 32], NOW + 59).await.unwrap().is_some());
    assert_eq!(nodes.one.peek_one_time("code", &[1; 32], NOW + 60).await.unwrap(), None);
    assert_eq!(nodes.one.take_one_time("code", &[1; 32], NOW + 60).await.unwrap(), None);
    nodes.one.sweep(LIMITS, NOW + 900, (NOW + 60) * 1000).await.unwrap();
    // Swept: a clock that is set back does not revive it.
    assert_eq!(nodes.other.take_one_time("code", &[1; 32], NOW).await.unwrap(), None);
}

pub(in crate::store) async fn one_time_values_are_kept_apart(nodes: &Sessions) {
    nodes.one.put_one_time("code", &[1; 32], "1", NOW + 60).await.unwrap();
    nodes.one.put_one_time("checkword", &[1; 32], "2", NOW + 60).await.unwrap();
    nodes.one.put_one_time("code", &[2; 32], "3", NOW + 60).await.unwrap();
    nodes.other.put_one_time("code", &[1; 32], "4", NOW + 90).await.unwrap();
    let take =
        async |kind: &str, n: u8| nodes.one.take_one_time(kind, &[n; 32], NOW + 70).await.unwrap();
    assert_eq!(take("code", 1).await.as_deref(), Some("4"), "replaced, with its end");
    assert_eq!(take("code", 1).await, None);
    assert_eq!(take("code", 2).await, None, "expired");
    let left = nodes.one.take_one_time("checkword", &[1; 32], NOW).await.unwrap();
    assert_eq!(left.as_deref(), Some("2"));
}
