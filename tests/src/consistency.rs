//! What holds in a directory at every moment, whatever was killed, cut off or done at the same time.
//!
//! Each [`Rule`] is a query of a SQLite file or a PostgreSQL database that finds what must not be there: an
//! account without its address, a record joined to two people, a merge half done. All are asked within one
//! transaction that only reads, so gateways may go on working meanwhile.
//!
//! ```no_run
//! # async fn test() {
//! use bitrix_id_tests::consistency;
//!
//! consistency::assert_holds("postgres://postgres@127.0.0.1:5432/test").await;
//! let found = consistency::look("sqlite:/tmp/data/bitrix-id.db").await;
//! assert!(found.is_empty(), "{found:?}");
//! # }
//! ```

mod rules;

use std::fmt;

use sqlx::any::{AnyConnectOptions, install_default_drivers};
use sqlx::{AnyConnection, ConnectOptions as _, Connection as _};

pub use rules::RULES;

/// Something that holds, and the query that finds where it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What holds.
    pub says: &'static str,
    /// One text for each place where it does not. Written for both databases.
    pub query: &'static str,
}

/// A rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// What should hold.
    pub says: &'static str,
    /// Where it does not: ids, at most [`MOST`].
    pub places: Vec<String>,
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: not so for {}", self.says, self.places.join(", "))
    }
}

/// The rules that do not hold in the directory at `url`: `sqlite:PATH`, or `postgres://…` with the password in it
/// if one is asked for. Panics when it cannot be read.
pub async fn look(url: &str) -> Vec<Broken> {
    let mut connection = connect(url).await;
    let broken = look_by(&mut connection).await;
    connection.close().await.expect("a connection closes");
    broken
}

/// The same by a connection of the caller's, which has no transaction open.
pub async fn look_by(connection: &mut AnyConnection) -> Vec<Broken> {
    let begin = match connection.backend_name() {
        "PostgreSQL" => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        _ => "BEGIN",
    };
    sqlx::raw_sql(begin).execute(&mut *connection).await.expect("a transaction");
    let broken = look_within(connection).await;
    sqlx::raw_sql("COMMIT").execute(connection).await.expect("the end of a transaction");
    broken
}

/// The same within a transaction of the caller's.
pub async fn look_within(connection: &mut AnyConnection) -> Vec<Broken> {
    let mut broken = Vec::new();
    for rule in RULES {
        let found = sqlx::query_scalar(rule.query).fetch_all(&mut *connection).await;
        let mut places: Vec<String> =
            found.unwrap_or_else(|error| panic!("{}: {error}", rule.says));
        places.truncate(MOST);
        if !places.is_empty() {
            broken.push(Broken { says: rule.says, places });
        }
    }
    broken
}

/// Panics with every rule that does not hold.
pub async fn assert_holds(url: &str) {
    let broken: Vec<String> = look(url).await.iter().map(Broken::to_string).collect();
    assert!(broken.is_empty(), "{url}:\n{}", broken.join("\n"));
}

/// A connection to a directory that gateways use at the same time.
pub async fn connect(url: &str) -> AnyConnection {
    install_default_drivers();
    let options: AnyConnectOptions = url.parse().expect("the address of a database");
    options.disable_statement_logging().connect().await.expect("the gateway's database")
}

/// Places that are told of one rule.
pub const MOST: usize = 10;
