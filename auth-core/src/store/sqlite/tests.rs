//! The contract on SQLite, and what is SQLite's own.

mod faults;
mod opening;
mod processes;
mod upkeep;

use std::sync::Arc;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::identity::AccountId;
use crate::store::contract::versions::{Place, versions_contract};
use crate::store::contract::{Nodes, directory_contract, session_contract};
use crate::store::{
    AddressProof, CreateAccount, Directory, NewAccount, NewSession, QueuedMail, Quota,
    SessionLimits, SessionStore, SqlStore,
};

mod directory_on_sqlite {
    super::directory_contract!(super::directories);
}

mod sessions_in_sqlite {
    super::session_contract!(super::sessions);
}

mod directory_beside_the_next_version {
    super::directory_contract!(super::directories_of_two_versions);
}

mod sessions_beside_the_next_version {
    super::session_contract!(super::sessions_of_two_versions);
}

mod versions_on_sqlite {
    super::versions_contract!(super::nothing);
}

async fn nothing() -> Place {
    Place::File(TempDir::new().unwrap())
}

async fn directories() -> Nodes<dyn Directory> {
    let (one, other, folder) = two_handles().await;
    Nodes { one: Arc::new(one), other: Arc::new(other), _keep: Box::new(folder) }
}

async fn sessions() -> Nodes<dyn SessionStore> {
    let (one, other, folder) = two_handles().await;
    Nodes { one: Arc::new(one), other: Arc::new(other), _keep: Box::new(folder) }
}

async fn directories_of_two_versions() -> Nodes<dyn Directory> {
    let (one, other, folder) = two_versions().await;
    Nodes { one: Arc::new(one), other: Arc::new(other), _keep: Box::new(folder) }
}

async fn sessions_of_two_versions() -> Nodes<dyn SessionStore> {
    let (one, other, folder) = two_versions().await;
    Nodes { one: Arc::new(one), other: Arc::new(other), _keep: Box::new(folder) }
}

/// A handle of this version, and one of the next, which has raised the schema.
async fn two_versions() -> (SqlStore, SqlStore, TempDir) {
    let (one, folder) = one_handle().await;
    let path = folder.path().join("store.db");
    (one, open_as(&path, Schema::of_the_next_program()).await.unwrap(), folder)
}

async fn two_handles() -> (SqlStore, SqlStore, TempDir) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    (open_sqlite(&path).await.unwrap(), open_sqlite(&path).await.unwrap(), folder)
}

async fn one_handle() -> (SqlStore, TempDir) {
    let folder = TempDir::new().unwrap();
    (open_sqlite(&folder.path().join("store.db")).await.unwrap(), folder)
}

/// The connections behind a handle.
fn file(store: &SqlStore) -> &SqliteStore {
    match store {
        SqlStore::Sqlite(file) => file,
        SqlStore::Postgres(_) => panic!("a file was opened"),
    }
}

async fn raw(folder: &TempDir) -> SqliteConnection {
    SqliteConnectOptions::new().filename(folder.path().join("store.db")).connect().await.unwrap()
}

async fn create(store: &SqlStore, email: &str) -> AccountId {
    let new = NewAccount {
        email: email.to_owned(),
        proof: AddressProof::Mail,
        name: "Anna".to_owned(),
        password_hash: None,
        language: None,
    };
    match store.create_account(new, NOW).await.unwrap() {
        CreateAccount::Created(account) => account.id,
        other => panic!("{other:?}"),
    }
}

fn new_session(account: AccountId) -> NewSession {
    NewSession {
        account,
        generation: 1,
        cookie_hash: [9; 32],
        amr: vec!["pwd".to_owned()],
        user_agent: String::new(),
        auth_time: NOW,
        client_ip: None,
        device: None,
    }
}

fn mail() -> QueuedMail {
    QueuedMail {
        id: Uuid::from_u128(1),
        to: "anna@example.com".to_owned(),
        subject: "Your code".to_owned(),
        text: "123456".to_owned(),
        html: "<b>123456</b>".to_owned(),
        attempts: 0,
    }
}

const NOW: i64 = 1_700_000_000;

const LIMITS: SessionLimits = SessionLimits { idle: 3600, absolute: 24 * 3600 };

const ONCE_A_MINUTE: Quota = Quota { limit: 1, window: 60 };
