//! People by the thousand: rows as the product writes them, made by the database itself.

use std::path::Path;

use bitrix_id_auth_core::clock::{Clock as _, SystemClock};
use bitrix_id_auth_core::identity::AccountId;
use sqlx::any::install_default_drivers;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use uuid::Uuid;

use super::place::Place;
use super::servers::Pairing;

/// A connection to the directory that makes people. Person N is `personN@example.com`, has Anna's password, and
/// a profile on two portals that have two thousand people each.
pub(crate) struct People {
    connection: AnyConnection,
    pairing: Pairing,
}

impl People {
    pub(crate) async fn of(place: &Place, pairing: &Pairing) -> Self {
        install_default_drivers();
        let file = format!("sqlite:{}?mode=rw", place.gateway.database().display());
        let url = place.servers.directory_url().unwrap_or(file);
        let connection = AnyConnection::connect(&url).await.expect("the directory");
        let mut people = Self { connection, pairing: *pairing };
        if pairing.is_sqlite() {
            // Hashes come in no order: with a small cache each row would write a page.
            people.execute("PRAGMA cache_size = -800000; PRAGMA synchronous = OFF").await;
        }
        people
    }

    /// Makes those from one number up to another.
    pub(crate) async fn make(&mut self, from: u64, to: u64) {
        if from >= to {
            return;
        }
        let texts = match self.pairing.is_embedded() {
            true => [DIRECTORY, SESSIONS].concat(),
            false => DIRECTORY.to_vec(),
        };
        self.execute("BEGIN").await;
        for text in texts {
            let numbers = format!(
                "WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {to})"
            );
            let text = text
                .replace("{numbers}", &numbers)
                .replace("{account}", &self.id(ACCOUNTS))
                .replace("{session}", &self.id(SESSION_IDS))
                .replace("{event}", &self.id(EVENTS))
                .replace("{chance}", self.chance())
                .replace("{now}", &SystemClock.now().to_string());
            self.execute(&text).await;
        }
        self.execute("COMMIT").await;
        // What an operator's autovacuum has done by the time there are so many.
        self.execute(if self.pairing.is_sqlite() { "ANALYZE" } else { "VACUUM ANALYZE" }).await;
        if self.pairing.is_sqlite() {
            self.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
        } else {
            self.execute("CHECKPOINT").await;
        }
    }

    /// Bytes of the directory on disk.
    pub(crate) async fn bytes(&mut self) -> u64 {
        let text = match self.pairing.is_sqlite() {
            true => "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
            false => "SELECT pg_database_size(current_database())",
        };
        self.number(text).await
    }

    /// Bytes that a row of a table takes, with its share of the indexes; `None` where the database does not
    /// say.
    pub(crate) async fn bytes_of_row(&mut self, table: &str) -> Option<f64> {
        if self.pairing.is_sqlite() {
            return None;
        }
        let all = self.number(&format!("SELECT pg_total_relation_size('{table}')")).await;
        let rows = self.number(&format!("SELECT count(*) FROM {table}")).await;
        Some(all as f64 / rows.max(1) as f64)
    }

    async fn number(&mut self, text: &str) -> u64 {
        let query = sqlx::query_scalar::<_, i64>(AssertSqlSafe(text.to_owned()));
        let number = query.fetch_one(&mut self.connection).await.expect("an answer");
        number.unsigned_abs()
    }

    async fn execute(&mut self, text: &str) {
        let text = AssertSqlSafe(text.to_owned());
        sqlx::raw_sql(text).execute(&mut self.connection).await.expect("SQL that works");
    }

    /// An id of the number `i`: in order, as the product's are.
    fn id(&self, space: &str) -> String {
        let digits = match self.pairing.is_sqlite() {
            true => "printf('%012x', i)",
            false => "lpad(to_hex(i), 12, '0')",
        };
        format!("'{space}' || {digits}")
    }

    /// 43 characters in no order, as hashes are.
    fn chance(&self) -> &'static str {
        match self.pairing.is_sqlite() {
            true => "substr(hex(randomblob(22)), 1, 43)",
            false => "substr(md5(i::text) || md5((-i)::text), 1, 43)",
        }
    }
}

/// Person N.
pub(crate) fn account(number: u64) -> AccountId {
    let text = format!("{ACCOUNTS}{number:012x}");
    AccountId(Uuid::try_parse(&text).expect("an id"))
}

/// The number of the first of the two portals that person N belongs to; the other one is the next.
pub(crate) fn first_portal(number: u64) -> u64 {
    number / PEOPLE_OF_A_PORTAL
}

/// How many portals so many people belong to.
pub(crate) fn portals_of(people: u64) -> u64 {
    first_portal(people.saturating_sub(1)) + 2
}

/// Bytes of a SQLite file's log, which belongs to what is on disk.
pub(crate) fn log_bytes(database: &Path) -> u64 {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).map_or(0, |file| file.len())
}

/// Of a portal by its first profile; with the second there are twice as many.
const PEOPLE_OF_A_PORTAL: u64 = 1_000;

const ACCOUNTS: &str = "01989f4e-6a7b-7c11-9d2e-";
const SESSION_IDS: &str = "01989f4e-6a7c-7c11-9d2e-";
const EVENTS: &str = "01989f4e-6a7d-7c11-9d2e-";

/// An account with its address and two profiles, and an event: not a sign-in, or each one from here
/// on would be told of by mail.
const DIRECTORY: &[&str] = &[
    "INSERT INTO accounts (id, email, name, name_key, password_hash, state, generation, language, created_at)
     {numbers} SELECT {account}, 'person' || i || '@example.com', 'Person Number ' || i, 'person number ' || i,
            (SELECT password_hash FROM accounts WHERE email = 'anna@example.com'), 'active', 1, 'en',
            {now} - 7200 FROM n",
    "INSERT INTO addresses (address, account, proof, added_at)
     {numbers} SELECT 'person' || i || '@example.com', {account}, 'mail', {now} - 7200 FROM n",
    "INSERT INTO profiles (account, portal, local_id, roles, joined_at, last_used_at)
     {numbers} SELECT {account}, 'p' || (i / 1000), '' || i, '[\"employee\"]', {now} - 7200, {now} - 3600 FROM n",
    "INSERT INTO profiles (account, portal, local_id, roles, joined_at, last_used_at)
     {numbers} SELECT {account}, 'p' || (i / 1000 + 1), '' || i, '[\"employee\"]', {now} - 7200, {now} - 3600 FROM n",
    "INSERT INTO audit_events (id, at_ms, action, account, session, actor, client_ip, request_id, detail)
     {numbers} SELECT {event}, ({now} - 3600) * CAST(1000 AS BIGINT), 'session.ended', {account}, {session}, 'self', '203.0.113.7',
            substr({chance}, 1, 32), 'password' FROM n",
];

/// A session of each person, in which one portal was opened.
const SESSIONS: &[&str] = &[
    "INSERT INTO sessions (id, cookie_hash, account, generation, created_at, last_seen_at, auth_time, amr, user_agent,
                           client_ip, device)
     {numbers} SELECT {session}, {chance}, {account}, 1, {now} - 3600, {now} - 3600, {now} - 3600, '[\"pwd\"]',
            'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
            '203.0.113.7', {chance} FROM n",
    "INSERT INTO session_portals (session, portal, last_used_at)
     {numbers} SELECT {session}, 'p' || (i / 1000), {now} - 3600 FROM n",
];
