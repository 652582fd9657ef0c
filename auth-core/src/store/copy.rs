//! Copying a directory out of a SQLite file, sessions and all, into another database.
//!
//! Table by table, in the order of their keys and some rows at a time, each in a transaction of its own: what is
//! there already is the beginning of the table, and a copy that was interrupted goes on after it. A *mark* in the
//! target says that it is not whole; it goes with the last transaction, after both sides were read through and
//! found the same, and the source had not been written to meanwhile.

mod table;

use std::path::{Path, PathBuf};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::any::{AnyConnectOptions, install_default_drivers};
use sqlx::{AnyConnection, ConnectOptions, Connection as _};

use super::sql::{Connection, SqlStore, reading, writing};
use super::{Result, StoreError};
use table::Table;

/// Why a copy was not made, or not finished.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Source {
        /// The file.
        path: PathBuf,
        /// Why.
        source: sqlx::Error,
    },
    /// The file is of an older version.
    #[error(
        "the file has schema version {found:?}, expected {known}: run any command of this version on it first"
    )]
    OlderVersion {
        /// In the file; `None`: it has none.
        found: Option<i64>,
        /// In this program.
        known: i64,
    },
    /// One side is of a newer version, so that this one does not know all there is to copy.
    #[error(
        "{side} has schema version {found}, and this program knows {known}: copy with the newer program"
    )]
    NewerVersion {
        /// Which.
        side: &'static str,
        /// There.
        found: i64,
        /// In this program.
        known: i64,
    },
    /// The target is in use.
    #[error("the target has data of its own, in the table {0}: copy into an empty database")]
    NotEmpty(&'static str),
    /// Somebody wrote to the source.
    #[error(
        "the file was written to during the copy: stop every gateway on it and run the copy again"
    )]
    Changed,
    /// The two are not the same.
    #[error(
        "the table {0} is not the same on both sides: the file was changed between two runs of the copy, or \
         the target was; begin again with an empty database"
    )]
    Different(&'static str),
    /// The target does not answer.
    #[error("the target: {0}")]
    Target(#[from] StoreError),
}

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyProgress {
    /// There are so many rows in all.
    Rows(u64),
    /// So many more are in the target, those that were there before among them.
    Copied(u64),
    /// So many more are the same on both sides.
    Compared(u64),
}

/// Copies the file at `from` into `to`, which is empty or has an unfinished copy of it; says how many rows each
/// table has.
///
/// # Errors
/// [`CopyError`]; the target is then marked as unfinished, if anything was written, and another run goes on.
pub async fn copy_directory(
    from: &Path,
    to: &SqlStore,
    tell: &mut (dyn FnMut(CopyProgress) + Send),
) -> std::result::Result<Vec<(&'static str, u64)>, CopyError> {
    let failed = |source| CopyError::Source { path: from.to_owned(), source };
    let mut source = open(from).await.map_err(failed)?;
    let done = Copy { source: &mut source, to, tell }.run().await;
    let closed = source.close().await;
    let done = done.map_err(|error| match error {
        Failed::Source(source) => failed(source),
        Failed::Copy(error) => error,
    })?;
    closed.map_err(failed)?;
    Ok(done)
}

impl SqlStore {
    /// Whether this is the target of a copy that was not finished. Nobody should work with it then.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn is_unfinished_copy(&self) -> Result<bool> {
        reading!(self, c => is_marked(c))
    }
}

struct Copy<'a> {
    source: &'a mut AnyConnection,
    to: &'a SqlStore,
    tell: &'a mut (dyn FnMut(CopyProgress) + Send),
}

/// What went wrong, and on which side.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Source(#[from] sqlx::Error),
    #[error(transparent)]
    Copy(#[from] CopyError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Copy(error.into())
    }
}

impl Copy<'_> {
    async fn run(&mut self) -> std::result::Result<Vec<(&'static str, u64)>, Failed> {
        let to = self.to;
        same_version(self.source, to).await?;
        let unchanged = changes(self.source).await?;
        if let Some(table) = writing!(to, c => mark(c))? {
            return Err(CopyError::NotEmpty(table).into());
        }
        let mut tables = Vec::with_capacity(TABLES.len());
        let mut rows = 0;
        for name in TABLES {
            let table = Table::read(self.source, name).await?;
            let count = table.count(self.source).await?;
            rows += count;
            tables.push((table, count));
        }
        (self.tell)(CopyProgress::Rows(rows));
        for (table, _) in &tables {
            self.copy(table).await?;
        }
        for (table, count) in &tables {
            self.compare(table, *count).await?;
        }
        let counters = Table::read(self.source, COUNTERS).await?;
        let counters = counters.rows_after(self.source, None, u32::MAX).await?;
        if changes(self.source).await? != unchanged {
            return Err(CopyError::Changed.into());
        }
        writing!(to, c => finish(c, &counters))?;
        Ok(tables.into_iter().map(|(table, count)| (table.name, count)).collect())
    }

    async fn copy(&mut self, table: &Table) -> std::result::Result<(), Failed> {
        let to = self.to;
        (self.tell)(CopyProgress::Copied(reading!(to, c => table.count_stored(c))?));
        let mut last = reading!(to, c => table.last_key(c))?;
        loop {
            let rows = table.rows_after(self.source, last.as_deref(), BATCH).await?;
            let Some(newest) = rows.last() else { return Ok(()) };
            last = Some(table.key_of(newest));
            writing!(to, c => table.insert(c, &rows))?;
            (self.tell)(CopyProgress::Copied(rows.len() as u64));
        }
    }

    /// Reads both sides through.
    async fn compare(&mut self, table: &Table, count: u64) -> std::result::Result<(), Failed> {
        let to = self.to;
        let (mut here, mut there) = (table.digest(), table.digest());
        let mut last = None;
        let mut compared = 0;
        loop {
            let source = table.rows_after(self.source, last.as_deref(), BATCH).await?;
            let target = reading!(to, c => table.stored_rows_after(c, last.as_deref(), BATCH))?;
            here.take(&source);
            there.take(&target);
            compared += source.len() as u64;
            (self.tell)(CopyProgress::Compared(source.len() as u64));
            let Some(newest) = source.last() else { break };
            last = Some(table.key_of(newest));
        }
        if compared != count || here.value() != there.value() {
            return Err(CopyError::Different(table.name).into());
        }
        Ok(())
    }
}

async fn open(path: &Path) -> sqlx::Result<AnyConnection> {
    install_default_drivers();
    let path =
        path.to_str().ok_or_else(|| sqlx::Error::Configuration("the path is not UTF-8".into()))?;
    let url = format!("sqlite:{}?mode=rw", utf8_percent_encode(path, NON_ALPHANUMERIC));
    let options: AnyConnectOptions = url.parse()?;
    let mut connection = options.disable_statement_logging().connect().await?;
    // Not `mode=ro`: who reads a file in WAL mode takes part in its locks.
    sqlx::raw_sql("PRAGMA query_only = ON").execute(&mut connection).await?;
    Ok(connection)
}

/// An older program may use a newer database, but knows neither its tables nor their columns.
async fn same_version(
    source: &mut AnyConnection,
    to: &SqlStore,
) -> std::result::Result<(), Failed> {
    let schema = to.schema();
    let known = schema.version();
    let newer = |side, found| CopyError::NewerVersion { side, found, known };
    match version(source).await? {
        Some(found) if found == known => {}
        Some(found) if found > known => return Err(newer("the file", found).into()),
        found => return Err(CopyError::OlderVersion { found, known }.into()),
    }
    let found = reading!(to, c => schema.still_fits(c))?;
    if found > known { Err(newer("the target", found).into()) } else { Ok(()) }
}

async fn version(source: &mut AnyConnection) -> sqlx::Result<Option<i64>> {
    let ours: Option<i64> = sqlx::query_scalar(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_versions'",
    )
    .fetch_optional(&mut *source)
    .await?;
    if ours.is_none() {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT max(version) FROM schema_versions").fetch_one(source).await
}

/// A number that is another one after somebody else has written to the file.
async fn changes(source: &mut AnyConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("PRAGMA data_version").fetch_one(source).await
}

/// Marks the target, if it is empty or marked; otherwise gives the table that is not.
async fn mark(connection: &mut Connection) -> Result<Option<&'static str>> {
    if is_marked(&mut *connection).await? {
        return Ok(None);
    }
    for name in TABLES {
        if table::has_rows(&mut *connection, name).await? {
            return Ok(Some(name));
        }
    }
    sqlx::query("INSERT INTO counters (name, value) VALUES ($1, 1)")
        .bind(MARK)
        .execute(connection)
        .await?;
    Ok(None)
}

async fn is_marked(connection: &mut Connection) -> Result<bool> {
    let found: Option<i64> = sqlx::query_scalar("SELECT value FROM counters WHERE name = $1")
        .bind(MARK)
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// The counters come last, for the target has some from its beginning; with them the mark goes.
async fn finish(connection: &mut Connection, counters: &[Vec<table::Cell>]) -> Result<()> {
    for row in counters {
        let mut query = sqlx::query(
            "INSERT INTO counters (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        );
        for cell in row {
            query = cell.bound_to(query);
        }
        query.execute(&mut *connection).await?;
    }
    sqlx::query("DELETE FROM counters WHERE name = $1").bind(MARK).execute(connection).await?;
    Ok(())
}

/// Every table but `counters` and `schema_versions`, those that others refer to before them.
const TABLES: [&str; 26] = [
    "accounts",
    "addresses",
    "profiles",
    "portals",
    "signing_keys",
    "secrets",
    "imported_profiles",
    "joins",
    "merges",
    "links",
    "photos",
    "recovery_requests",
    "checkwords",
    "access_requests",
    "invitations",
    "invitation_uses",
    "notice_portals",
    "notices",
    "audit_events",
    "mails",
    "sessions",
    "session_portals",
    "revocations",
    "spent_tickets",
    "one_time_values",
    "attempts",
];
const COUNTERS: &str = "counters";

/// Row of `counters` in a target that is not whole.
const MARK: &str = "unfinished-copy";

/// Rows in one transaction: far within its deadline.
const BATCH: u32 = 200;

#[cfg(test)]
mod tests;
