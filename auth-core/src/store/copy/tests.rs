//! A directory with something in every corner goes from a file to PostgreSQL and to another file.

use bitrix_id_test_servers::postgres;
use sqlx::{Row as _, raw_sql};
use tempfile::TempDir;

use super::*;
use crate::identity::AccountId;
use crate::store::{
    AddressProof, CreateAccount, Directory, NewAccount, NewSession, PostgresOptions, Profile,
    SessionStore, StoredPortal, open_postgres, open_sqlite,
};

async fn a_file(folder: &TempDir, people: usize) -> (PathBuf, AccountId) {
    let path = folder.path().join("store.db");
    let store = open_sqlite(&path).await.unwrap();
    store.secret("hop").await.unwrap();
    let mut last = None;
    for person in 0..people {
        let new = NewAccount {
            email: format!("person{person}@example.com"),
            proof: AddressProof::Mail,
            name: format!("Åsa Б {person} '\"\\"),
            password_hash: (person % 2 == 0).then(|| "$argon2id$".to_owned()),
            language: None,
        };
        match store.create_account(new, NOW).await.unwrap() {
            CreateAccount::Created(account) => last = Some(account.id),
            other => panic!("{other:?}"),
        }
    }
    let account = last.unwrap();
    let portal = |id: &str| StoredPortal {
        id: id.to_owned(),
        toml: "line\nline".to_owned(),
        created_at: NOW,
        created_by: Some(account),
    };
    for id in ["b", "a-b", "ab"] {
        assert!(store.add_portal(portal(id)).await.unwrap());
        store.put_profile(Profile::new(account, id, NOW), NOW).await.unwrap();
    }
    let new = NewSession {
        account,
        generation: 1,
        cookie_hash: [9; 32],
        amr: vec!["pwd".to_owned()],
        user_agent: String::new(),
        auth_time: NOW,
        client_ip: None,
        device: None,
    };
    let session = store.create_session(new, NOW).await.unwrap();
    store.note_portal(session.id, "ab", NOW).await.unwrap();
    store.revoke_account(account, 1, NOW + 900, NOW * 1000).await.unwrap();
    store.close().await;
    (path, account)
}

async fn target() -> (SqlStore, postgres::TestDatabase) {
    let icu = "ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en' TEMPLATE template0";
    let database = postgres::database_with(icu).await;
    let options = PostgresOptions {
        url: format!("{}?sslmode=disable", database.url()).parse().unwrap(),
        password: None,
        connections: 4,
        replicas: Vec::new(),
    };
    (open_postgres(options).await.unwrap(), database)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_has_all_that_the_file_has() {
    let folder = TempDir::new().unwrap();
    let (path, account) = a_file(&folder, 450).await;
    let (to, database) = target().await;
    let (mut all, mut copied, mut compared) = (0, 0, 0);
    let done = copy_directory(&path, &to, &mut |progress| match progress {
        CopyProgress::Rows(rows) => all = rows,
        CopyProgress::Copied(rows) => copied += rows,
        CopyProgress::Compared(rows) => compared += rows,
    })
    .await
    .unwrap();
    assert!(done.contains(&("accounts", 450)) && done.contains(&("sessions", 1)), "{done:?}");
    assert!(all > 900 && copied == all && compared == all, "{all} {copied} {compared}");
    assert!(!to.is_unfinished_copy().await.unwrap());

    let file = open_sqlite(&path).await.unwrap();
    assert_eq!(to.account(account).await.unwrap(), file.account(account).await.unwrap());
    assert_eq!(to.portals().await.unwrap(), file.portals().await.unwrap());
    assert_eq!(to.secret("hop").await.unwrap(), file.secret("hop").await.unwrap());
    assert_eq!(to.version().await.unwrap(), file.version().await.unwrap());
    let (here, there) = (file.revocations_after(0).await, to.revocations_after(0).await);
    assert_eq!(here.unwrap(), there.unwrap());
    let next = to.revoke_account(account, 2, NOW + 900, NOW * 1000).await.unwrap();
    assert_eq!(next.sequence, 2, "numbers go on where they were");

    let again = copy_directory(&path, &to, &mut |_| {}).await.unwrap_err();
    assert!(matches!(again, CopyError::NotEmpty("accounts")), "{again}");
    drop(database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_copy_goes_on() {
    let folder = TempDir::new().unwrap();
    let (path, account) = a_file(&folder, 450).await;
    let (to, _database) = target().await;
    let (from, target) = (path.clone(), to.clone());
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let copying = tokio::spawn(async move {
        copy_directory(&from, &target, &mut |progress| told.send(progress).unwrap()).await
    });
    // In the middle of the second table.
    let mut copied = 0;
    while copied < 600 {
        if let CopyProgress::Copied(rows) = heard.recv().await.unwrap() {
            copied += rows;
        }
    }
    copying.abort();
    let _ = copying.await;
    assert!(to.is_unfinished_copy().await.unwrap());

    let mut first = None;
    copy_directory(&path, &to, &mut |progress| {
        if let CopyProgress::Copied(rows) = progress {
            first.get_or_insert(rows);
        }
    })
    .await
    .unwrap();
    assert_eq!(first, Some(450), "the first table was there");
    assert!(!to.is_unfinished_copy().await.unwrap());
    assert!(to.account(account).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_changes_during_the_copy_is_not_taken_for_whole() {
    let folder = TempDir::new().unwrap();
    let (path, _) = a_file(&folder, 3).await;
    let (to, _database) = target().await;
    let file = open_sqlite(&path).await.unwrap();
    let handle = tokio::runtime::Handle::current();
    let mut written = false;
    let outcome = copy_directory(&path, &to, &mut |progress| {
        if matches!(progress, CopyProgress::Compared(_)) && !written {
            written = true;
            tokio::task::block_in_place(|| handle.block_on(file.check())).unwrap();
        }
    })
    .await;
    assert!(matches!(outcome, Err(CopyError::Changed)), "{outcome:?}");
    assert!(to.is_unfinished_copy().await.unwrap());
    file.close().await;
    copy_directory(&path, &to, &mut |_| {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_was_changed_between_two_runs_is_noticed() {
    let folder = TempDir::new().unwrap();
    let (path, _) = a_file(&folder, 3).await;
    let (to, database) = target().await;
    copy_directory(&path, &to, &mut |_| {}).await.unwrap();
    let damage = "INSERT INTO counters VALUES ('unfinished-copy', 1);
                  UPDATE accounts SET name = 'x' WHERE email = 'person1@example.com'";
    database.execute(damage).await;
    let outcome = copy_directory(&path, &to, &mut |_| {}).await;
    assert!(matches!(outcome, Err(CopyError::Different("accounts"))), "{outcome:?}");
}

#[tokio::test]
async fn what_is_not_a_directory_of_this_version_is_not_copied() {
    let folder = TempDir::new().unwrap();
    let (path, _) = a_file(&folder, 1).await;
    let to = open_sqlite(&folder.path().join("other.db")).await.unwrap();
    let nothing = folder.path().join("nothing.db");
    let outcome = copy_directory(&nothing, &to, &mut |_| {}).await;
    assert!(matches!(outcome, Err(CopyError::Source { .. })), "{outcome:?}");
    let mut connection = super::open(&path).await.unwrap();
    raw_sql("PRAGMA query_only = OFF; INSERT INTO schema_versions (version) VALUES (99)")
        .execute(&mut connection)
        .await
        .unwrap();
    let outcome = copy_directory(&path, &to, &mut |_| {}).await;
    assert!(matches!(outcome, Err(CopyError::NewerVersion { found: 99, .. })), "{outcome:?}");
    raw_sql("DELETE FROM schema_versions WHERE version > 9")
        .execute(&mut connection)
        .await
        .unwrap();
    let outcome = copy_directory(&path, &to, &mut |_| {}).await;
    let older = matches!(outcome, Err(CopyError::OlderVersion { found: Some(9), .. }));
    assert!(older, "{outcome:?}");
    assert!(!to.is_unfinished_copy().await.unwrap());
}

#[tokio::test]
async fn no_table_is_forgotten() {
    let folder = TempDir::new().unwrap();
    let (path, _) = a_file(&folder, 1).await;
    let mut connection = super::open(&path).await.unwrap();
    let rows = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let there: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let mut known = TABLES.to_vec();
    known.extend([COUNTERS, "schema_versions"]);
    known.sort_unstable();
    assert_eq!(there, known);
}

const NOW: i64 = 1_700_000_000;
