//! Opening files: ours, new ones, and those to keep away from.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use sqlx::Connection;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

use super::*;
use crate::store::{Attempt, StoredPortal};

#[tokio::test]
async fn reopening_keeps_everything() {
    let (store, folder) = one_handle().await;
    let anna = create(&store, "anna@example.com").await;
    let portal =
        StoredPortal { id: "acme".into(), toml: "x".into(), created_at: NOW, created_by: None };
    assert!(store.add_portal(portal.clone()).await.unwrap());
    let secret = store.secret("hop").await.unwrap();
    let session = store.create_session(new_session(anna), NOW).await.unwrap();
    let revocation = store.revoke_account(anna, 2, NOW + 900, NOW * 1000).await.unwrap();
    assert!(store.spend_ticket(Uuid::from_u128(1), NOW + 30).await.unwrap());
    store.put_one_time("sign-up", &[1; 32], "{}", NOW + 60).await.unwrap();
    store.count_attempt(&[1; 32], ONCE_A_MINUTE, NOW * 1000).await.unwrap();
    store.queue_mail(mail(), NOW).await.unwrap();
    let version = store.version().await.unwrap();
    store.close().await;

    let store = open_sqlite(&folder.path().join("store.db")).await.unwrap();
    assert_eq!(store.account(anna).await.unwrap().unwrap().email, "anna@example.com");
    assert_eq!(store.portals().await.unwrap(), [portal]);
    assert_eq!(store.secret("hop").await.unwrap(), secret);
    assert_eq!(store.session_by_cookie(&[9; 32], LIMITS, NOW).await.unwrap(), Some(session));
    assert_eq!(store.revocations_after(0).await.unwrap(), [revocation]);
    assert!(!store.spend_ticket(Uuid::from_u128(1), NOW + 30).await.unwrap());
    assert!(store.take_one_time("sign-up", &[1; 32], NOW).await.unwrap().is_some());
    let attempt = store.count_attempt(&[1; 32], ONCE_A_MINUTE, NOW * 1000).await.unwrap();
    assert_ne!(attempt, Attempt::Allowed);
    assert_eq!(store.take_mail(NOW, 9).await.unwrap(), [mail()]);
    assert_eq!(store.version().await.unwrap(), version);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_open_a_new_file_at_once() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let mut opening = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let path = path.clone();
        opening.spawn(async move {
            let store = open_sqlite(&path).await.unwrap();
            (store.secret("hop").await.unwrap(), store)
        });
    }
    let opened = opening.join_all().await;
    assert!(opened.iter().all(|(secret, _)| *secret == opened[0].0));
    let mut connection = raw(&folder).await;
    let versions: Vec<i64> = sqlx::query_scalar("SELECT version FROM schema_versions ORDER BY 1")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert_eq!(versions, (1..=Schema::of_this_program().version()).collect::<Vec<_>>());
}

#[test]
fn store_outlives_the_runtime_that_opened_it() {
    let run = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = run().block_on(async {
        let store = open_sqlite(&path).await.unwrap();
        store.check().await.unwrap();
        store
    });
    for _ in 0..3 {
        run().block_on(store.check()).unwrap();
        run().block_on(store.version()).unwrap();
    }
}

#[tokio::test]
async fn files_are_private() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a/b/store.db");
    let store = open_sqlite(&path).await.unwrap();
    store.check().await.unwrap();
    let mode =
        |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    for directory in ["a", "a/b"] {
        assert_eq!(mode(directory), 0o700, "{directory}");
    }
    for file in ["a/b/store.db", "a/b/store.db-wal", "a/b/store.db-shm"] {
        assert_eq!(mode(file), 0o600, "{file}");
    }
    store.close().await;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let _store = open_sqlite(&path).await.unwrap();
    assert_eq!(mode("a/b/store.db"), 0o600);
}

#[tokio::test]
async fn what_is_not_our_database_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let refusal = async |path: &std::path::Path| open_sqlite(path).await.unwrap_err().to_string();

    let text = folder.path().join("notes.txt");
    fs::write(&text, "dear diary").unwrap();
    assert!(refusal(&text).await.ends_with("notes.txt is not a SQLite database"));
    assert_eq!(fs::read_to_string(&text).unwrap(), "dear diary");

    let torn = folder.path().join("torn.db");
    fs::write(&torn, [b"SQLite format 3\0".as_slice(), &[0xff; 4096]].concat()).unwrap();
    assert!(refusal(&torn).await.ends_with("torn.db is not a SQLite database"));

    let other = folder.path().join("other.db");
    let options = SqliteConnectOptions::new().filename(&other).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    sqlx::query("CREATE TABLE accounts (x)").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    assert!(refusal(&other).await.ends_with("other.db is a database of another program"));

    let directory = folder.path().join("folder.db");
    fs::create_dir(&directory).unwrap();
    assert!(matches!(open_sqlite(&directory).await, Err(OpenStoreError::File { .. })));
}
