//! Links to accounts at identity providers.

use super::super::{NOW, at_once};
use super::{Directories, create, named, unknown};
use crate::store::links::{CreateLinked, Link, LinkOutcome, NewLink, Unlinked};
use crate::store::{
    Account, AccountState, AddressProof, CreateAccount, Holder, NewAccount, Profile,
};

const ISSUER: &str = "https://accounts.example";

fn new_link(subject: &str) -> NewLink {
    NewLink {
        issuer: ISSUER.to_owned(),
        subject: subject.to_owned(),
        provider: "example".to_owned(),
        name: Some("Anna".to_owned()),
        email: Some("anna@elsewhere.example".to_owned()),
    }
}

async fn subjects(nodes: &Directories, account: &Account) -> Vec<String> {
    let links = nodes.other.links(account.id).await.unwrap();
    links.into_iter().map(|link| link.subject).collect()
}

async fn unproved(nodes: &Directories, email: &str) -> Account {
    let new = NewAccount { proof: AddressProof::None, ..named(email) };
    match nodes.one.create_account(new, NOW).await.unwrap() {
        CreateAccount::Created(account) => account,
        other => panic!("{other:?}"),
    }
}

pub(in crate::store) async fn link_is_found_by_issuer_and_subject(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await;
    assert_eq!(nodes.one.linked(ISSUER, "7").await.unwrap(), None);
    let outcome = nodes.one.link(anna.id, anna.generation, new_link("7"), NOW).await.unwrap();
    assert_eq!(outcome, LinkOutcome::Linked);
    let expected = Link {
        issuer: ISSUER.to_owned(),
        subject: "7".to_owned(),
        account: anna.id,
        provider: "example".to_owned(),
        name: Some("Anna".to_owned()),
        email: Some("anna@elsewhere.example".to_owned()),
        linked_at: NOW,
        last_used_at: None,
    };
    assert_eq!(nodes.other.linked(ISSUER, "7").await.unwrap(), Some(expected.clone()));
    assert_eq!(nodes.other.links(anna.id).await.unwrap(), [expected]);
    for (issuer, subject) in
        [(ISSUER, "77"), ("https://accounts.example/", "7"), ("HTTPS://accounts.example", "7")]
    {
        assert_eq!(nodes.one.linked(issuer, subject).await.unwrap(), None, "{issuer} {subject}");
    }
}

pub(in crate::store) async fn link_never_moves(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await;
    let eve = create(nodes, "eve@example.com").await;
    nodes.one.link(anna.id, anna.generation, new_link("7"), NOW).await.unwrap();
    let outcome = nodes.other.link(eve.id, eve.generation, new_link("7"), NOW).await.unwrap();
    assert_eq!(outcome, LinkOutcome::Elsewhere(anna.id));
    let again = nodes.other.link(anna.id, anna.generation, new_link("7"), NOW + 5).await.unwrap();
    assert_eq!(again, LinkOutcome::Linked);
    assert!(subjects(nodes, &eve).await.is_empty());
    let links = nodes.one.links(anna.id).await.unwrap();
    assert_eq!(links.iter().map(|link| link.linked_at).collect::<Vec<_>>(), [NOW]);
}

pub(in crate::store) async fn link_has_one_account_however_many_ask_at_once(nodes: &Directories) {
    let mut accounts = Vec::new();
    for n in 0..8 {
        accounts.push(create(nodes, &format!("n{n}@example.com")).await);
    }
    let asked = accounts.clone();
    let outcomes = at_once(nodes, 8, move |n, node| {
        let Account { id, generation, .. } = asked[n];
        async move { node.link(id, generation, new_link("7"), NOW).await.unwrap() }
    })
    .await;
    let owner = nodes.one.linked(ISSUER, "7").await.unwrap().unwrap().account;
    let linked = outcomes.iter().filter(|outcome| **outcome == LinkOutcome::Linked).count();
    let elsewhere =
        outcomes.iter().filter(|outcome| **outcome == LinkOutcome::Elsewhere(owner)).count();
    assert_eq!((linked, elsewhere), (1, 7));
}

pub(in crate::store) async fn account_that_may_not_sign_in_gets_no_link(nodes: &Directories) {
    let eve = unproved(nodes, "anna@example.com").await;
    let disabled = create(nodes, "boris@example.com").await;
    nodes.one.set_account_state(disabled.id, AccountState::Disabled).await.unwrap();
    let leaving = create(nodes, "clara@example.com").await;
    let state = AccountState::Leaving { delete_at: NOW + 100 };
    nodes.one.set_account_state(leaving.id, state).await.unwrap();
    for account in [eve.id, disabled.id, leaving.id, unknown()] {
        let outcome = nodes.one.link(account, u32::MAX, new_link("7"), NOW).await.unwrap();
        assert_eq!(outcome, LinkOutcome::Refused, "{account}");
    }
    assert_eq!(nodes.one.linked(ISSUER, "7").await.unwrap(), None);
}

pub(in crate::store) async fn who_was_signed_out_meanwhile_makes_no_link(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await;
    for state in [AccountState::Disabled, AccountState::Active] {
        nodes.one.set_account_state(anna.id, state).await.unwrap();
    }
    let outcome = nodes.other.link(anna.id, anna.generation, new_link("7"), NOW).await.unwrap();
    assert_eq!(outcome, LinkOutcome::Outdated);
    assert_eq!(nodes.one.linked(ISSUER, "7").await.unwrap(), None);
    let since = nodes.one.account(anna.id).await.unwrap().unwrap();
    let outcome = nodes.other.link(anna.id, since.generation, new_link("7"), NOW).await.unwrap();
    assert_eq!(outcome, LinkOutcome::Linked);
    // Changes that sign nobody out keep nobody from it.
    nodes.one.put_profile(Profile::new(anna.id, "acme", NOW), NOW).await.unwrap();
    let outcome = nodes.other.link(anna.id, since.generation, new_link("8"), NOW).await.unwrap();
    assert_eq!(outcome, LinkOutcome::Linked);
}

pub(in crate::store) async fn account_is_created_with_its_link_or_not_at_all(nodes: &Directories) {
    let by_provider = |email: &str| NewAccount { proof: AddressProof::Provider, ..named(email) };
    let create_with = async |email: &str, subject: &str| {
        let new = by_provider(email);
        nodes.one.create_linked_account(new, new_link(subject), NOW).await.unwrap()
    };
    let made = create_with("anna@example.com", "7").await;
    let CreateLinked::Created(anna) = made else { panic!("{made:?}") };
    assert_eq!(anna.proof, AddressProof::Provider);
    assert_eq!(subjects(nodes, &anna).await, ["7"]);

    let eve = unproved(nodes, "boris@example.com").await;
    let outcome = create_with("boris@example.com", "8").await;
    assert!(matches!(outcome, CreateLinked::Held(Holder::Unproved(id)) if id == eve.id));
    assert_eq!(nodes.one.account(eve.id).await.unwrap(), Some(eve), "it does not give way");
    let outcome = create_with("anna@example.com", "9").await;
    assert!(matches!(outcome, CreateLinked::Held(Holder::Proved(id)) if id == anna.id));
    let outcome = create_with("clara@example.com", "7").await;
    assert!(matches!(outcome, CreateLinked::Elsewhere(id) if id == anna.id));
    assert_eq!(nodes.one.holder("clara@example.com").await.unwrap(), Holder::None);
    for subject in ["8", "9"] {
        assert_eq!(nodes.one.linked(ISSUER, subject).await.unwrap(), None);
    }
}

pub(in crate::store) async fn last_way_in_is_not_unlinked(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await;
    let usable = ["example".to_owned()];
    nodes.one.link(anna.id, anna.generation, new_link("7"), NOW).await.unwrap();
    let unlink = async |subject: &str, usable: &[String]| {
        nodes.one.unlink(anna.id, ISSUER, subject, usable).await.unwrap()
    };
    assert_eq!(unlink("7", &usable).await, Unlinked::LastWayIn);
    nodes.one.link(anna.id, anna.generation, new_link("8"), NOW + 1).await.unwrap();
    assert_eq!(unlink("7", &[]).await, Unlinked::LastWayIn, "of a provider that is gone");
    assert_eq!(unlink("7", &usable).await, Unlinked::Done);
    assert_eq!(unlink("7", &usable).await, Unlinked::NotThere);
    assert_eq!(unlink("8", &usable).await, Unlinked::LastWayIn);
    assert_eq!(subjects(nodes, &anna).await, ["8"]);
    assert!(nodes.one.replace_password_hash(anna.id, None, "$argon2id$x").await.unwrap());
    let boris = create(nodes, "boris@example.com").await;
    let of_another = nodes.one.unlink(boris.id, ISSUER, "8", &usable).await.unwrap();
    assert_eq!(of_another, Unlinked::NotThere);
    assert_eq!(unlink("8", &[]).await, Unlinked::Done);
}

pub(in crate::store) async fn two_last_links_do_not_both_go(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await;
    for subject in ["0", "1"] {
        nodes.one.link(anna.id, anna.generation, new_link(subject), NOW).await.unwrap();
    }
    let outcomes = at_once(nodes, 2, move |n, node| async move {
        let usable = ["example".to_owned()];
        node.unlink(anna.id, ISSUER, &n.to_string(), &usable).await.unwrap()
    })
    .await;
    assert!(outcomes.contains(&Unlinked::Done), "{outcomes:?}");
    assert!(outcomes.contains(&Unlinked::LastWayIn), "{outcomes:?}");
}

pub(in crate::store) async fn links_go_with_their_account(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await;
    nodes.one.link(anna.id, anna.generation, new_link("7"), NOW).await.unwrap();
    assert!(nodes.one.delete_account(anna.id, NOW).await.unwrap());
    assert_eq!(nodes.other.linked(ISSUER, "7").await.unwrap(), None);
    let boris = create(nodes, "boris@example.com").await;
    let outcome = nodes.one.link(boris.id, boris.generation, new_link("7"), NOW).await.unwrap();
    assert_eq!(outcome, LinkOutcome::Linked);
}

pub(in crate::store) async fn use_of_a_link_is_remembered(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await;
    nodes.one.link(anna.id, anna.generation, new_link("7"), NOW).await.unwrap();
    let told = NewLink { name: Some("Anna B.".to_owned()), email: None, ..new_link("7") };
    nodes.one.touch_link(&told, NOW + 9).await.unwrap();
    let link = nodes.other.linked(ISSUER, "7").await.unwrap().unwrap();
    assert_eq!((link.last_used_at, link.linked_at), (Some(NOW + 9), NOW));
    assert_eq!(link.name.as_deref(), Some("Anna B."));
    assert_eq!(link.email.as_deref(), Some("anna@elsewhere.example"), "what is not told stays");
    nodes.one.touch_link(&new_link("8"), NOW).await.unwrap();
    assert_eq!(nodes.one.linked(ISSUER, "8").await.unwrap(), None);
}
