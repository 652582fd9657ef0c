//! Portals, and the version that tells of changes.

use super::super::{NOW, at_once};
use super::{Directories, create, key};
use crate::store::StoredPortal;

pub(in crate::store) async fn portal_is_added_once_and_removed_once(nodes: &Directories) {
    let added = at_once(nodes, 10, |n, node| async move {
        node.add_portal(portal("acme", &n.to_string())).await.unwrap()
    })
    .await;
    assert_eq!(added.into_iter().filter(|added| *added).count(), 1);
    assert!(nodes.one.add_portal(portal("aardvark", "x")).await.unwrap());
    let ids = async || -> Vec<String> {
        nodes.other.portals().await.unwrap().into_iter().map(|portal| portal.id).collect()
    };
    assert_eq!(ids().await, ["aardvark", "acme"]);
    assert!(nodes.one.remove_portal("acme").await.unwrap());
    assert!(!nodes.other.remove_portal("acme").await.unwrap());
    assert_eq!(ids().await, ["aardvark"]);
    let kept = nodes.other.portals().await.unwrap();
    assert_eq!(kept, [portal("aardvark", "x")]);
}

pub(in crate::store) async fn version_rises_with_portals_and_keys(nodes: &Directories) {
    let mut last = nodes.other.version().await.unwrap();
    let mut rose = async |what: &str| {
        let now = nodes.other.version().await.unwrap();
        assert!(now > last, "{what}: {last} -> {now}");
        last = now;
    };
    nodes.one.add_portal(portal("acme", "x")).await.unwrap();
    rose("a portal added").await;
    nodes.one.remove_portal("acme").await.unwrap();
    rose("a portal removed").await;
    nodes.one.add_signing_key(key("k1", NOW), None, None).await.unwrap();
    rose("the first key").await;
    nodes.one.add_signing_key(key("k2", NOW), Some("k1"), Some(NOW + 9)).await.unwrap();
    rose("a rotation").await;
    nodes.one.remove_expired_keys(NOW + 9).await.unwrap();
    rose("a key removed").await;

    create(nodes, "anna@example.com").await;
    nodes.one.remove_expired_keys(NOW + 9).await.unwrap();
    nodes.one.check().await.unwrap();
    assert_eq!(nodes.other.version().await.unwrap(), last, "nothing that matters changed");
}

fn portal(id: &str, toml: &str) -> StoredPortal {
    StoredPortal { id: id.to_owned(), toml: toml.to_owned(), created_at: NOW, created_by: None }
}
