//! The rules that other tests hold a directory against find what they are there to find.

use bitrix_id_test_servers::postgres;
use bitrix_id_tests::consistency::{self, RULES};
use bitrix_id_tests::fleet::{database, directory_in};
use bitrix_id_tests::gateway::{Person, Setup, TestGateway};
use bitrix_id_tests::import::HEADER;
use bitrix_id_tests::stage::{ACME, ANNA, BORIS, EVE, ID, portal};
use sqlx::AnyConnection;

/// What breaks a directory, each by itself, and the beginning of the rule that finds it.
const FAULTS: &[(&str, &str)] = &[
    ("INSERT INTO counters (name, value) VALUES ('unfinished-copy', 1)", "a directory in use"),
    ("DELETE FROM addresses WHERE address = 'boris@example.com'", "an account holds its primary"),
    (
        "UPDATE addresses SET proof = 'none'; INSERT INTO addresses (address, account, proof, added_at)
         SELECT 'another@example.com', max(id), 'none', 1 FROM accounts",
        "an account that has proved no address",
    ),
    ("UPDATE accounts SET sessions_from = 99", "sessions are counted from"),
    ("UPDATE accounts SET state = 'disabled', delete_at = 5", "only an active account"),
    ("UPDATE imported_profiles SET joined_at = NULL", "a joined record says"),
    ("DELETE FROM profiles WHERE local_id = '17'", "a joined record that is in use"),
    ("UPDATE imported_profiles SET withdrawn_at = 5", "a withdrawn record"),
    (
        "UPDATE profiles SET account = (SELECT id FROM accounts WHERE email = 'boris@example.com')
         WHERE local_id = '17'",
        "nobody has a profile by somebody else's",
    ),
    ("UPDATE profiles SET local_id = '17'", "a local id is one person's"),
    ("DELETE FROM joins", "the journal has one join"),
    ("UPDATE imported_profiles SET account = NULL", "a join in force"),
    ("UPDATE joins SET undone_at_ms = 5", "who has undone"),
    (
        "UPDATE accounts SET merged_into =
             (SELECT id FROM accounts WHERE email = 'boris@example.com')
         WHERE email = 'anna@example.com'",
        "a merged account has nothing",
    ),
    ("UPDATE accounts SET email = id || '@merged.invalid'", "a merged account has the address"),
    ("UPDATE accounts SET merged_into = id", "a merged account is part of"),
    ("UPDATE accounts SET merged_into = id", "a merged account has one merge"),
    (
        "INSERT INTO merges (id, at_ms, from_account, into_account, actor, moved)
         SELECT 'm', 5, id, 'x', 'self', '{}' FROM accounts WHERE email = 'anna@example.com'",
        "a merge in force",
    ),
    (
        "INSERT INTO checkwords (hash, address, language, sent_at, expires_at, finished)
         VALUES ('a', 'x', 'en', 1, 2, 1), ('b', 'x', 'en', 1, 2, 1)",
        "of the checkwords of an address",
    ),
    (
        "INSERT INTO checkwords (hash, account, address, language, sent_at, expires_at, finished)
         SELECT address, (SELECT max(id) FROM accounts), address, 'en', 1, 2, 1 FROM addresses",
        "of the checkwords of an account",
    ),
    (
        "INSERT INTO checkwords (hash, address, language, sent_at, expires_at, finished)
         VALUES ('a', 'x', 'en', 1, 2, 0)",
        "a checkword that is not finished",
    ),
    (
        "INSERT INTO invitations (id, portal, token_hash, roles, invited_by, created_at, expires_at,
                                  most_uses, uses)
         SELECT 'i', 'acme', 'h', '[]', max(id), 1, 2, 1, 2 FROM accounts",
        "an invitation is used",
    ),
    (
        "INSERT INTO signing_keys (id, position, pkcs8, created_at, active_from)
         VALUES ('k', 1, '', 1, 1), ('l', 2, '', 1, 1)",
        "where there are signing keys",
    ),
    (
        "INSERT INTO signing_keys (id, position, pkcs8, created_at, active_from)
         VALUES ('k', 99, '', 1, 1)",
        "no counter is behind",
    ),
    ("DELETE FROM counters", "every counter"),
    (
        "INSERT INTO sessions (id, cookie_hash, account, created_at, last_seen_at, auth_time, amr,
                               user_agent, generation)
         SELECT 's', 'h', max(id), 1, 1, 1, '[]', '', 99 FROM accounts",
        "no session is younger",
    ),
    (
        "INSERT INTO sessions (id, cookie_hash, account, created_at, last_seen_at, auth_time, amr,
                               user_agent)
         VALUES ('s', 'h', 'x', 1, 1, 1, '[]', '');
         INSERT INTO revocations (sequence, session, at_ms, until) VALUES (99, 's', 1, 2)",
        "a session that was revoked",
    ),
    (
        "INSERT INTO revocations (sequence, account, at_ms, until) VALUES (99, 'x', 1, 2)",
        "a revocation is of one thing",
    ),
];

#[tokio::test]
async fn every_fault_in_a_file_is_found() {
    let url = |gateway: &TestGateway| format!("sqlite:{}", gateway.database().display());
    let gateway = directory(url, |_| {}).await;
    faults_are_found(&url(&gateway)).await;
}

#[tokio::test]
async fn every_fault_in_a_server_s_database_is_found() {
    let server = postgres::own().await;
    let database = database(&server).await;
    let _gateway = directory(|_| database.url(), |setup| directory_in(setup, &database)).await;
    faults_are_found(&database.url()).await;
}

/// A directory with Anna, who has joined a record, Boris, who has nothing, and Eve.
async fn directory(
    url: impl Fn(&TestGateway) -> String,
    change: impl FnOnce(&mut Setup),
) -> TestGateway {
    let mut setup = Setup::new(ID);
    setup.names = vec!["*.bitrix24.localhost".to_owned()];
    setup.config.portal(portal("acme", ACME, "http://127.0.0.1:9"));
    change(&mut setup);
    let gateway = setup.prepare();
    for person in [Person { portals: &[], ..ANNA }, Person { portals: &[], ..BORIS }, EVE] {
        gateway.create_account(&person).await;
    }
    let file = gateway.folder().join("acme.csv");
    let people = format!("{HEADER}\r\n17,anna,{},,Anna,,Y,,employee\r\n", ANNA.email);
    std::fs::write(&file, people).unwrap();
    let file = file.display().to_string();
    let _ = gateway.cli(&["portal", "import-users", "acme", &file], "").await.expect_success();
    let mut connection = consistency::connect(&url(&gateway)).await;
    run(&mut connection, JOIN).await;
    gateway
}

/// As the gateway does it.
const JOIN: &str = "UPDATE imported_profiles SET joined_at = 1, password_kept = 1,
        account = (SELECT id FROM accounts WHERE email = 'anna@example.com');
    INSERT INTO profiles (account, portal, local_id, roles, joined_at)
        SELECT account, portal, local_id, roles, 1 FROM imported_profiles;
    INSERT INTO joins (id, at_ms, account, portal, local_id, proof, actor)
        SELECT 'j', 1, account, portal, local_id, 'address', 'self' FROM imported_profiles";

async fn faults_are_found(url: &str) {
    consistency::assert_holds(url).await;
    let mut connection = consistency::connect(url).await;
    for (fault, rule) in FAULTS {
        run(&mut connection, "BEGIN").await;
        run(&mut connection, fault).await;
        let broken = consistency::look_within(&mut connection).await;
        assert!(broken.iter().any(|found| found.says.starts_with(rule)), "{fault}: {broken:?}");
        run(&mut connection, "ROLLBACK").await;
    }
    let untried: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.says)
        .filter(|says| !FAULTS.iter().any(|(_, rule)| says.starts_with(rule)))
        .collect();
    // Foreign keys keep these from being broken here.
    assert_eq!(untried.len(), 2, "{untried:?}");
    consistency::assert_holds(url).await;
}

async fn run(connection: &mut AnyConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(connection).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}
