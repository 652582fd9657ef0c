//! Behaviours of a [`Directory`].

mod access;
mod accounts;
mod events;
mod joining;
mod keys;
mod links;
mod merging;
mod notices;
mod people;
mod portals;
mod profiles;
mod recovery;

use uuid::Uuid;

use super::{NOW, Nodes};
use crate::identity::AccountId;
use crate::store::people::AccountDetails;
use crate::store::{
    Account, AddressProof, CreateAccount, Directory, KeyRecord, NewAccount, Profile,
};

pub(in crate::store) use access::*;
pub(in crate::store) use accounts::*;
pub(in crate::store) use events::*;
pub(in crate::store) use joining::*;
pub(in crate::store) use keys::*;
pub(in crate::store) use links::*;
pub(in crate::store) use merging::*;
pub(in crate::store) use notices::*;
pub(in crate::store) use people::*;
pub(in crate::store) use portals::*;
pub(in crate::store) use profiles::*;
pub(in crate::store) use recovery::*;

type Directories = Nodes<dyn Directory>;

async fn create(nodes: &Directories, email: &str) -> Account {
    match nodes.one.create_account(named(email), NOW).await.unwrap() {
        CreateAccount::Created(account) => account,
        other => panic!("{email}: {other:?}"),
    }
}

fn named(email: &str) -> NewAccount {
    NewAccount {
        email: email.to_owned(),
        proof: AddressProof::Mail,
        name: "Somebody".to_owned(),
        password_hash: None,
        language: None,
    }
}

fn details(name: &str) -> AccountDetails {
    AccountDetails { name: Some(name.to_owned()), ..AccountDetails::default() }
}

fn unknown() -> AccountId {
    AccountId(Uuid::from_u128(0xdead_beef))
}

fn profile(account: AccountId, portal: &str) -> Profile {
    Profile {
        local_id: Some("7".to_owned()),
        roles: vec!["employee".to_owned()],
        ..Profile::new(account, portal, NOW)
    }
}

fn key(id: &str, created_at: i64) -> KeyRecord {
    KeyRecord {
        id: id.to_owned(),
        pkcs8: (0..=255).collect(),
        created_at,
        active_from: created_at + 300,
        expires_at: None,
    }
}
