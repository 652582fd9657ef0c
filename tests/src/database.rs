//! A look into the gateway's SQLite file, for what no interface shows.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Row as _};

use crate::jwt::{self, SigningKey};

/// A connection to a database that a gateway uses at the same time.
pub async fn open(file: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(file).busy_timeout(Duration::from_secs(5));
    options.connect().await.expect("the gateway's database")
}

/// The signing key of the first start, to make tokens that are wrong in one respect only.
pub async fn signing_key(file: &Path) -> SigningKey {
    let mut database = open(file).await;
    let row = sqlx::query("SELECT id, pkcs8 FROM signing_keys ORDER BY position LIMIT 1")
        .fetch_one(&mut database)
        .await
        .expect("a signing key");
    SigningKey::new(&row.get::<String, _>(0), &jwt::decode(&row.get::<String, _>(1)))
}

/// The actions in the audit table, oldest first.
pub async fn audit_actions(file: &Path) -> Vec<String> {
    let mut database = open(file).await;
    let rows = sqlx::query("SELECT action FROM audit_events ORDER BY at_ms, id")
        .fetch_all(&mut database)
        .await;
    rows.expect("the audit table").iter().map(|row| row.get(0)).collect()
}

/// Everything in every table as text, for a search.
pub async fn dump(file: &Path) -> String {
    let mut bytes = std::fs::read(file).unwrap_or_default();
    let mut wal = file.as_os_str().to_owned();
    wal.push("-wal");
    bytes.extend(std::fs::read(wal).unwrap_or_default());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An account's stored password hash.
pub async fn password_hash(file: &Path, email: &str) -> String {
    let mut database = open(file).await;
    let row = sqlx::query("SELECT password_hash FROM accounts WHERE email = ?")
        .bind(email.to_owned())
        .fetch_one(&mut database)
        .await
        .expect("an account of that address");
    row.get(0)
}

/// Makes every signing key older than it is.
pub async fn age_signing_keys(file: &Path, age: Duration) {
    let seconds = i64::try_from(age.as_secs()).expect("a sensible age");
    let mut database = open(file).await;
    let text = "UPDATE signing_keys SET created_at = created_at - ?, active_from = active_from - ?";
    let done = sqlx::query(text).bind(seconds).bind(seconds).execute(&mut database).await;
    assert_eq!(done.expect("the keys' table").rows_affected(), 1);
}

/// Gives so many people an account that is like that of `email`: their addresses are `<prefix>0@example.com`
/// and on.
pub async fn copy_account(file: &Path, email: &str, prefix: &str, people: u32) {
    let mut database = open(file).await;
    for person in 0..people {
        let id = format!("01989f4e-6a7b-7c11-9d2e-{person:012x}");
        let address = format!("{prefix}{person}@example.com");
        let account = "INSERT INTO accounts (id, email, name, password_hash, state, generation, created_at)
            SELECT ?, ?, name, password_hash, state, generation, created_at FROM accounts WHERE email = ?";
        let held =
            "INSERT INTO addresses (address, account, proof, added_at) VALUES (?, ?, 'mail', 0)";
        let made = sqlx::query(account).bind(&id).bind(&address).bind(email.to_owned());
        made.execute(&mut database).await.expect("an account");
        let made = sqlx::query(held).bind(&address).bind(&id).execute(&mut database).await;
        made.expect("its address");
    }
}
