//! An import and a copy of a directory, killed and given again.

use bitrix_id_test_servers::postgres::{self, TestDatabase};
use bitrix_id_tests::config_text::quoted;
use bitrix_id_tests::consistency;
use bitrix_id_tests::fleet::{database, directory_in};
use bitrix_id_tests::gateway::{Setup, TestGateway};
use bitrix_id_tests::import;
use bitrix_id_tests::stage::{ACME, ANNA, BORIS, ID, portal};
use serde_json::Value;
use sqlx::AssertSqlSafe;

use super::desk::kill;
use super::moments::Moments;
use super::scene::run;

/// A directory that no gateway is running on, with a file of a portal's people beside it.
struct Desk {
    gateway: TestGateway,
    directory: String,
    file: String,
    _database: Option<TestDatabase>,
}

impl Desk {
    async fn of(directory: Option<TestDatabase>, people: u64) -> Self {
        let mut setup = Setup::new(ID);
        setup.names = vec!["*.bitrix24.localhost".to_owned()];
        for (id, host) in [("acme", ACME), ("globex", "globex.bitrix24.localhost")] {
            setup.config.portal(portal(id, host, "http://127.0.0.1:9"));
        }
        if let Some(database) = &directory {
            directory_in(&mut setup, database);
        }
        let gateway = setup.prepare();
        let own = || format!("sqlite:{}", gateway.database().display());
        let url = directory.as_ref().map_or_else(own, TestDatabase::url);
        let file = gateway.folder().join("people.csv");
        std::fs::write(&file, import::people(people)).expect("the folder is ours");
        let file = file.display().to_string();
        gateway
            .create_account(&bitrix_id_tests::gateway::Person { portals: &["acme"], ..ANNA })
            .await;
        gateway.create_account(&BORIS).await;
        Self { gateway, directory: url, file, _database: directory }
    }

    async fn number(&self, query: &'static str) -> i64 {
        let mut database = consistency::connect(&self.directory).await;
        sqlx::query_scalar(query).fetch_one(&mut database).await.expect("a number")
    }
}

#[tokio::test]
async fn an_import_into_a_file_that_was_killed_is_completed_by_another() {
    imports(Moments::of("import, SQLite", 6), Desk::of(None, PEOPLE).await).await;
}

#[tokio::test]
async fn an_import_into_a_server_that_was_killed_is_completed_by_another() {
    let database = database(&postgres::own().await).await;
    imports(Moments::of("import, PostgreSQL", 5), Desk::of(Some(database), PEOPLE).await).await;
}

async fn imports(mut moments: Moments, desk: Desk) {
    let command = ["portal", "import-users", "acme", &desk.file, "--json"];
    let all = i64::try_from(PEOPLE).expect("a few");
    let mut told = 0;
    while moments.left() {
        let mut database = consistency::connect(&desk.directory).await;
        for statement in BEFORE {
            run(&mut database, statement, &[ANNA.email]).await;
        }
        let outcome = kill(&mut moments, &desk.gateway, &command).await;
        consistency::assert_holds(&desk.directory).await;
        let there = desk.number(TAKEN).await;
        assert!(there % BATCH == 0 || there == all, "batches are taken as a whole");
        // What has begun has happened in part, which is what another run goes on from.
        moments.count(outcome.is_some(), there > 0);
        assert!(outcome.is_none() || there == all);
        assert_eq!(desk.number(DIFFERENT).await, 0, "a profile says what its record does");

        let again = desk.gateway.cli(&command, "").await.expect_success();
        let said: Value = serde_json::from_str(&again.stdout).expect("JSON on stdout");
        assert_eq!(said["refused"], 0, "{said}");
        let sum =
            |names: &[&str]| names.iter().filter_map(|name| said[*name].as_i64()).sum::<i64>();
        assert_eq!(sum(&["unchanged"]), there, "what was taken is not taken again: {said}");
        assert_eq!(sum(&["added", "changed", "unchanged"]), all);
        consistency::assert_holds(&desk.directory).await;
        assert_eq!(desk.number(DIFFERENT).await, 0, "a profile says what its record does");
        told += 1 + i64::from(outcome.is_some());
        let events = desk.number(IMPORTS).await;
        // One that was killed after its end, and before it could say so, is told of as well.
        assert!(events >= told, "{events} imports are told of, {told} have ended well");
        told = events;
    }
    moments.finish();
}

#[tokio::test]
async fn a_copy_that_was_killed_is_used_by_nobody_and_completed_by_another() {
    let mut desk = Desk::of(None, 1000).await;
    let command = ["portal", "import-users", "acme", &desk.file];
    let _ = desk.gateway.cli(&command, "").await.expect_success();
    let from = desk.directory.clone();
    let server = postgres::own().await;
    let mut moments = Moments::of("directory copy", 6);
    while moments.left() {
        let target = server.database("").await;
        let mut config = desk.gateway.config();
        config.set("store", "directory", quoted(&format!("{}?sslmode=disable", target.url())));
        desk.gateway.write_config(config);
        let command = ["directory", "copy", "--from", &from, "--json"];
        let outcome = kill(&mut moments, &desk.gateway, &command).await;
        let listed = desk.gateway.cli(&["account", "list", "--json"], "").await;
        let accounts = (listed.code == 0).then(|| {
            let list: Value = serde_json::from_str(&listed.stdout).expect("JSON on stdout");
            list.as_array().map_or(0, Vec::len)
        });
        match accounts {
            Some(0) => assert!(outcome.is_none(), "it was said to be done"),
            Some(all) => assert_eq!(all, 2, "{}", listed.stdout),
            None => assert!(listed.stderr.contains("unfinished copy"), "{}", listed.stderr),
        }
        moments.count(outcome.is_some(), accounts != Some(0));
        if accounts != Some(2) {
            let _ = desk.gateway.cli(&command, "").await.expect_success();
        }
        consistency::assert_holds(&target.url()).await;
        for table in ["accounts", "addresses", "profiles", "imported_profiles", "audit_events"] {
            assert_eq!(rows(&target.url(), table).await, rows(&from, table).await, "{table}");
        }
    }
    moments.finish();
}

async fn rows(directory: &str, table: &str) -> i64 {
    let query = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    let mut database = consistency::connect(directory).await;
    sqlx::query_scalar(query).fetch_one(&mut database).await.expect("a number")
}

const PEOPLE: u64 = 2400;
/// Rows of one transaction of an import.
const BATCH: i64 = 1000;
/// Nobody but Anna, who has joined a record that says something else than the file.
const BEFORE: [&str; 5] = [
    "DELETE FROM joins WHERE account = (SELECT id FROM accounts WHERE email = $1)",
    "DELETE FROM imported_profiles WHERE $1 = $1",
    "INSERT INTO imported_profiles
         (portal, local_id, login, email, name, active, roles, imported_at, account, joined_at)
     SELECT 'acme', '7', 'x', email, 'x', 1, '[\"before\"]', 0, id, 1 FROM accounts WHERE email = $1",
    "UPDATE profiles SET local_id = '7', roles = '[\"before\"]'
     WHERE portal = 'acme' AND account = (SELECT id FROM accounts WHERE email = $1)",
    "INSERT INTO joins (id, at_ms, account, portal, local_id, proof, actor)
     SELECT 'j', 1, id, 'acme', '7', 'operator', 'operator' FROM accounts WHERE email = $1",
];
const TAKEN: &str = "SELECT count(*) FROM imported_profiles WHERE imported_at > 0";
const DIFFERENT: &str = "SELECT count(*) FROM imported_profiles AS record
    JOIN profiles ON profiles.account = record.account AND profiles.portal = record.portal
    WHERE profiles.roles <> record.roles";
const IMPORTS: &str = "SELECT count(*) FROM audit_events WHERE action = 'portal.imported'";
