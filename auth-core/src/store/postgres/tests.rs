//! The contract on PostgreSQL, and what is PostgreSQL's own.

mod conflicts;
mod faults;
mod opening;
mod replicas;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use bitrix_id_test_servers::postgres::{self, TestDatabase};

use sqlx::Row as _;

use super::*;
use crate::identity::AccountId;
use crate::store::contract::versions::{Place, versions_contract};
use crate::store::contract::{Nodes, directory_contract, session_contract};
use crate::store::{
    AddressProof, CreateAccount, Directory, NewAccount, SessionStore, SqlStore, StoreError,
};

mod directory_on_postgres {
    super::directory_contract!(super::directories);
}

mod sessions_on_postgres {
    super::session_contract!(super::sessions);
}

mod versions_on_postgres {
    super::versions_contract!(super::nothing);
}

async fn nothing() -> Place {
    Place::Server(postgres::database().await)
}

async fn directories() -> Nodes<dyn Directory> {
    let (one, other, database) = two_handles().await;
    Nodes { one: Arc::new(one), other: Arc::new(other), _keep: Box::new(database) }
}

async fn sessions() -> Nodes<dyn SessionStore> {
    let (one, other, database) = two_handles().await;
    Nodes { one: Arc::new(one), other: Arc::new(other), _keep: Box::new(database) }
}

async fn two_handles() -> (SqlStore, SqlStore, TestDatabase) {
    let database = database().await;
    (open(&database).await, open(&database).await, database)
}

/// A database that has been opened before.
async fn database() -> TestDatabase {
    let mut schema = DefaultHasher::new();
    for migration in Schema::of_this_program().after(0) {
        migration.sql.hash(&mut schema);
    }
    let make = |url: String| async move {
        open_postgres(options(&url)).await.unwrap().close().await;
    };
    postgres::database_like(&format!("schema_{:x}", schema.finish()), make).await
}

async fn open(database: &TestDatabase) -> SqlStore {
    open_postgres(options(&database.url())).await.unwrap()
}

fn options(url: &str) -> PostgresOptions {
    let url = format!("{url}?sslmode=disable");
    PostgresOptions {
        url: url.parse().unwrap(),
        password: None,
        connections: 10,
        replicas: Vec::new(),
    }
}

fn anna(email: &str) -> NewAccount {
    NewAccount {
        email: email.to_owned(),
        proof: AddressProof::Mail,
        name: "Anna".to_owned(),
        password_hash: None,
        language: None,
    }
}

async fn create(store: &SqlStore, email: &str) -> AccountId {
    match store.create_account(anna(email), NOW).await.unwrap() {
        CreateAccount::Created(account) => account.id,
        other => panic!("{other:?}"),
    }
}

/// One number that the database gives for a query.
async fn number(database: &TestDatabase, query: &'static str) -> i64 {
    let mut connection = database.connect().await;
    sqlx::query(query).fetch_one(&mut connection).await.unwrap().get(0)
}

const NOW: i64 = 1_700_000_000;
