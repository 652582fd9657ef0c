//! Behaviours of a database that programs of several versions open: this one (*old*), one of the next version
//! (*next*), and one of the version after that, which old cannot work beside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};
use tempfile::TempDir;
use tokio::task::JoinSet;

use bitrix_id_test_servers::postgres::TestDatabase;

use super::NOW;
use crate::identity::AccountId;
use crate::store::migrations::Schema;
use crate::store::{
    AddressProof, CreateAccount, Directory as _, NewAccount, PostgresOptions, SqlStore, StoreError,
    postgres, sqlite,
};

/// Where the database is, with nothing in it.
pub(in crate::store) enum Place {
    File(TempDir),
    Server(TestDatabase),
}

const OLD: fn() -> Schema = Schema::of_this_program;
const NEXT: fn() -> Schema = Schema::of_the_next_program;
const AFTER: fn() -> Schema = Schema::of_the_program_after;

impl Place {
    async fn open(&self, schema: fn() -> Schema) -> Result<SqlStore, String> {
        match self {
            Self::File(folder) => {
                let opened = sqlite::open_as(&folder.path().join("store.db"), schema()).await;
                opened.map_err(|error| error.to_string())
            }
            Self::Server(database) => {
                let options = PostgresOptions {
                    url: format!("{}?sslmode=disable", database.url()).parse().unwrap(),
                    password: None,
                    connections: 4,
                    replicas: Vec::new(),
                };
                postgres::open_as(options, schema()).await.map_err(|error| error.to_string())
            }
        }
    }

    async fn execute(&self, sql: &'static str) {
        match self {
            Self::File(folder) => {
                let mut file = raw(folder).await;
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut file).await.unwrap();
            }
            Self::Server(database) => database.execute(sql).await,
        }
    }

    async fn number(&self, query: &'static str) -> i64 {
        match self {
            Self::File(folder) => {
                sqlx::query(query).fetch_one(&mut raw(folder).await).await.unwrap().get(0)
            }
            Self::Server(database) => {
                sqlx::query(query).fetch_one(&mut database.connect().await).await.unwrap().get(0)
            }
        }
    }

    async fn version(&self) -> i64 {
        self.number("SELECT max(version) FROM schema_versions").await
    }
}

async fn raw(folder: &TempDir) -> sqlx::SqliteConnection {
    let file = SqliteConnectOptions::new().filename(folder.path().join("store.db"));
    file.busy_timeout(super::super::sql::CALL_DEADLINE).connect().await.unwrap()
}

async fn create(store: &SqlStore, email: &str) -> AccountId {
    let new = NewAccount {
        email: email.to_owned(),
        proof: AddressProof::Mail,
        name: "Ännä".to_owned(),
        password_hash: None,
        language: None,
    };
    match store.create_account(new, NOW).await.unwrap() {
        CreateAccount::Created(account) => account.id,
        other => panic!("{email}: {other:?}"),
    }
}

async fn has(store: &SqlStore, id: AccountId) -> bool {
    store.account(id).await.unwrap().is_some()
}

pub(in crate::store) async fn old_goes_on_and_opens_again_beside_the_next(place: &Place) {
    let old = place.open(OLD).await.unwrap();
    let before = create(&old, "before@example.com").await;
    let next = place.open(NEXT).await.unwrap();
    assert_eq!(place.version().await, NEXT().version());
    let during = create(&old, "during@example.com").await;
    old.check().await.unwrap();
    next.check().await.unwrap();
    for id in [before, during] {
        assert!(has(&old, id).await && has(&next, id).await);
    }
    old.close().await;
    let old = place.open(OLD).await.unwrap();
    old.check().await.unwrap();
    let again = create(&old, "again@example.com").await;
    assert!(has(&old, before).await && has(&next, again).await);
    assert_eq!(place.version().await, NEXT().version(), "nothing was applied, and nothing undone");
}

/// Statements that were prepared before, locks that are waited for: none of it is an error.
pub(in crate::store) async fn nobody_who_writes_notices_the_raising(place: &Place) {
    let old = place.open(OLD).await.unwrap();
    let raised = Arc::new(AtomicBool::new(false));
    let mut writers = JoinSet::new();
    for writer in 0..3 {
        let (old, raised) = (old.clone(), raised.clone());
        writers.spawn(async move {
            let mut left = 20;
            for n in 0.. {
                left -= i32::from(raised.load(Ordering::Relaxed));
                if left == 0 {
                    return n;
                }
                let id = create(&old, &format!("{writer}-{n}@example.com")).await;
                assert!(has(&old, id).await);
            }
            unreachable!("so many accounts")
        });
    }
    while place.number("SELECT count(*) FROM accounts").await < 20 {
        tokio::task::yield_now().await;
    }
    let next = place.open(NEXT).await.unwrap();
    raised.store(true, Ordering::Relaxed);
    let made: i32 = writers.join_all().await.into_iter().sum();
    let there = place.number("SELECT count(*) FROM accounts").await;
    assert_eq!(there, i64::from(made));
    next.check().await.unwrap();
}

pub(in crate::store) async fn what_old_leaves_undone_is_completed_by_the_next(place: &Place) {
    const INITIALS: &str = "SELECT count(*) FROM accounts WHERE initial = 'Ä'";
    const NAMES: &str = "SELECT count(*) FROM accounts WHERE name_key = 'ännä'";
    let old = place.open(OLD).await.unwrap();
    create(&old, "before@example.com").await;
    let next = place.open(NEXT).await.unwrap();
    assert_eq!(place.number(INITIALS).await, 1, "when it starts");
    create(&old, "beside@example.com").await;
    assert_eq!(place.number(INITIALS).await, 1, "old does not know of initials");
    assert_eq!(next.complete_rows().await.unwrap(), 1, "while it runs");
    assert_eq!(next.complete_rows().await.unwrap(), 0);
    assert_eq!(place.number(INITIALS).await, 2);

    place.execute("UPDATE accounts SET name_key = NULL").await;
    old.close().await;
    let old = place.open(OLD).await.unwrap();
    assert_eq!(old.complete_rows().await.unwrap(), 0, "that is for the newest program to do");
    assert_eq!(place.number(NAMES).await, 0);
    assert_eq!(next.complete_rows().await.unwrap(), 2);
    assert_eq!(place.number(NAMES).await, 2);
}

pub(in crate::store) async fn many_rows_are_completed_in_pieces(place: &Place) {
    let old = place.open(OLD).await.unwrap();
    place
        .execute(
            "INSERT INTO accounts (id, email, name, state, generation, created_at)
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 450)
             SELECT CAST(n AS TEXT), CAST(n AS TEXT), 'ÅSA', 'active', 1, 0 FROM numbers",
        )
        .await;
    assert_eq!(old.complete_rows().await.unwrap(), 450);
    let folded = place.number("SELECT count(*) FROM accounts WHERE name_key = 'åsa'").await;
    assert_eq!(folded, 450);
}

pub(in crate::store) async fn two_versions_on_old_is_refused_and_ends(place: &Place) {
    let old = place.open(OLD).await.unwrap();
    let next = place.open(NEXT).await.unwrap();
    drop(place.open(AFTER).await.unwrap());
    let version = AFTER().version();
    assert_eq!(place.version().await, version);

    let refused = place.open(OLD).await.unwrap_err();
    let text = format!(
        "schema version {version} is too new: this program knows versions up to {}, and only one that knows \
         version {} or later may use it; start the program that was here last, or go back to a backup from \
         before its upgrade",
        OLD().version(),
        NEXT().version(),
    );
    assert!(refused.ends_with(&text), "{refused}");
    assert_eq!(place.version().await, version, "it has not been changed");
    // One that still runs says so where a balancer looks.
    let told = old.check().await.unwrap_err();
    assert!(matches!(&told, StoreError::Unavailable(why) if *why == text), "{told}");
    old.complete_rows().await.unwrap_err();

    next.check().await.unwrap();
    place.open(NEXT).await.unwrap().check().await.unwrap();
}

/// As every migration of a program up to version 9 did.
pub(in crate::store) async fn a_version_that_names_no_program_is_for_its_own(place: &Place) {
    drop(place.open(OLD).await.unwrap());
    place.execute("INSERT INTO schema_versions (version) VALUES (99)").await;
    let refused = place.open(OLD).await.unwrap_err();
    assert!(refused.contains("schema version 99 is too new"), "{refused}");
    assert!(refused.contains("one that knows version 99 or later"), "{refused}");
}

pub(in crate::store) async fn both_open_a_new_database_at_once(place: &Place) {
    let schemas = [OLD, NEXT, OLD, NEXT, OLD, NEXT];
    let opened = futures_util::future::join_all(schemas.map(|schema| place.open(schema))).await;
    for (n, store) in opened.into_iter().enumerate() {
        let store = store.unwrap();
        store.check().await.unwrap();
        create(&store, &format!("{n}@example.com")).await;
    }
    assert_eq!(place.number("SELECT count(*) FROM schema_versions").await, NEXT().version());
    assert_eq!(place.version().await, NEXT().version());
}

pub(in crate::store) async fn old_does_not_copy_what_it_does_not_know(place: &Place) {
    use crate::store::copy::{CopyError, copy_directory};
    let folder = TempDir::new().unwrap();
    let (newer, ours) = (folder.path().join("newer.db"), folder.path().join("ours.db"));
    drop(sqlite::open_as(&newer, NEXT()).await.unwrap());
    drop(sqlite::open_as(&ours, OLD()).await.unwrap());
    let to = place.open(OLD).await.unwrap();
    let refused = copy_directory(&newer, &to, &mut |_| {}).await.unwrap_err();
    assert!(matches!(refused, CopyError::NewerVersion { side: "the file", .. }), "{refused}");
    drop(place.open(NEXT).await.unwrap());
    let refused = copy_directory(&ours, &to, &mut |_| {}).await.unwrap_err();
    assert!(matches!(refused, CopyError::NewerVersion { side: "the target", .. }), "{refused}");
    assert!(!to.is_unfinished_copy().await.unwrap(), "it may be asked, and nothing was begun");
}

macro_rules! versions_contract {
    ($open:path) => {
        $crate::store::contract::behaviours! { $open, versions,
            old_goes_on_and_opens_again_beside_the_next
            nobody_who_writes_notices_the_raising
            what_old_leaves_undone_is_completed_by_the_next
            many_rows_are_completed_in_pieces
            two_versions_on_old_is_refused_and_ends
            a_version_that_names_no_program_is_for_its_own
            both_open_a_new_database_at_once
            old_does_not_copy_what_it_does_not_know
        }
    };
}

pub(in crate::store) use versions_contract;
