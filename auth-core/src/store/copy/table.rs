//! Rows of any of our tables: every column is text or a big integer.

use ring::digest::{Context, SHA256};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Row as _};

use crate::store::Result;
use crate::store::sql::Connection;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Text(Option<String>),
    Number(Option<i64>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
}

/// What a table looks like in the source. Its name and those of its columns are ours, and stand in queries.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    columns: Vec<(String, Kind)>,
    /// Positions in `columns`, in the key's order.
    key: Vec<usize>,
}

impl Table {
    pub(super) async fn read(source: &mut AnyConnection, name: &'static str) -> sqlx::Result<Self> {
        let rows: Vec<(String, String, i64)> =
            sqlx::query_as("SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid")
                .bind(name)
                .fetch_all(source)
                .await?;
        let mut key: Vec<(i64, usize)> = rows
            .iter()
            .enumerate()
            .filter(|(_, (_, _, pk))| *pk > 0)
            .map(|(at, (_, _, pk))| (*pk, at))
            .collect();
        key.sort_unstable();
        let kind = |text: &str| if text == "TEXT" { Kind::Text } else { Kind::Number };
        let columns = rows.into_iter().map(|(name, of, _)| (name, kind(&of))).collect();
        Ok(Self { name, columns, key: key.into_iter().map(|(_, at)| at).collect() })
    }

    pub(super) async fn count(&self, connection: &mut AnyConnection) -> sqlx::Result<u64> {
        let sql = format!("SELECT count(*) FROM {}", self.name);
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// As [`Table::count`], in the target.
    pub(super) async fn count_stored(&self, connection: &mut Connection) -> Result<u64> {
        Ok(self.count(connection).await?)
    }

    /// The key of the last row.
    pub(super) async fn last_key(&self, connection: &mut Connection) -> Result<Option<Vec<Cell>>> {
        let backwards: Vec<_> =
            self.key.iter().map(|at| format!("{} DESC", self.columns[*at].0)).collect();
        let sql = format!(
            "SELECT {} FROM {} ORDER BY {} LIMIT 1",
            self.names(&self.key),
            self.name,
            backwards.join(", ")
        );
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_optional(connection).await?;
        let kinds: Vec<Kind> = self.key.iter().map(|at| self.columns[*at].1).collect();
        Ok(row.map(|row| cells(&row, &kinds)).transpose()?)
    }

    /// At most `limit` rows after the one with that key, in order.
    pub(super) async fn rows_after(
        &self,
        connection: &mut AnyConnection,
        after: Option<&[Cell]>,
        limit: u32,
    ) -> sqlx::Result<Vec<Vec<Cell>>> {
        let all: Vec<usize> = (0..self.columns.len()).collect();
        let (key, name) = (self.names(&self.key), self.name);
        let bound = after.map_or(0, <[Cell]>::len);
        let condition = match after {
            Some(_) => format!("WHERE ({key}) > ({})", placeholders(1, bound)),
            None => String::new(),
        };
        let sql = format!(
            "SELECT {} FROM {name} {condition} ORDER BY {key} LIMIT ${}",
            self.names(&all),
            bound + 1
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for cell in after.unwrap_or_default() {
            query = cell.bound_to(query);
        }
        let rows = query.bind(i64::from(limit)).fetch_all(connection).await?;
        let kinds: Vec<Kind> = self.columns.iter().map(|(_, kind)| *kind).collect();
        rows.iter().map(|row| cells(row, &kinds)).collect()
    }

    /// As [`Table::rows_after`], in the target.
    pub(super) async fn stored_rows_after(
        &self,
        connection: &mut Connection,
        after: Option<&[Cell]>,
        limit: u32,
    ) -> Result<Vec<Vec<Cell>>> {
        Ok(self.rows_after(connection, after, limit).await?)
    }

    pub(super) async fn insert(
        &self,
        connection: &mut Connection,
        rows: &[Vec<Cell>],
    ) -> Result<()> {
        let all: Vec<usize> = (0..self.columns.len()).collect();
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({})",
            self.name,
            self.names(&all),
            placeholders(1, all.len())
        );
        for row in rows {
            let mut query = sqlx::query(AssertSqlSafe(sql.as_str().to_owned()));
            for cell in row {
                query = cell.bound_to(query);
            }
            query.execute(&mut *connection).await?;
        }
        Ok(())
    }

    pub(super) fn key_of(&self, row: &[Cell]) -> Vec<Cell> {
        self.key.iter().map(|at| row[*at].clone()).collect()
    }

    pub(super) fn digest(&self) -> Digest {
        Digest(Context::new(&SHA256))
    }

    fn names(&self, columns: &[usize]) -> String {
        let names: Vec<&str> = columns.iter().map(|at| self.columns[*at].0.as_str()).collect();
        names.join(", ")
    }
}

/// Whether there is any row.
pub(super) async fn has_rows(connection: &mut Connection, table: &'static str) -> Result<bool> {
    let sql = format!("SELECT CAST(1 AS BIGINT) FROM {table} LIMIT 1");
    let found: Option<i64> =
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_optional(connection).await?;
    Ok(found.is_some())
}

impl Cell {
    pub(super) fn bound_to<'q>(
        &self,
        query: Query<'q, Any, AnyArguments>,
    ) -> Query<'q, Any, AnyArguments> {
        match self {
            Self::Text(text) => query.bind(text.clone()),
            Self::Number(number) => query.bind(*number),
        }
    }
}

/// Tells whether two sequences of rows are the same.
pub(super) struct Digest(Context);

impl Digest {
    pub(super) fn take(&mut self, rows: &[Vec<Cell>]) {
        for cell in rows.iter().flatten() {
            match cell {
                Cell::Text(Some(text)) => {
                    self.0.update(b"t");
                    self.0.update(&(text.len() as u64).to_be_bytes());
                    self.0.update(text.as_bytes());
                }
                Cell::Number(Some(number)) => {
                    self.0.update(b"n");
                    self.0.update(&number.to_be_bytes());
                }
                Cell::Text(None) | Cell::Number(None) => self.0.update(b"0"),
            }
        }
    }

    pub(super) fn value(self) -> Vec<u8> {
        self.0.finish().as_ref().to_vec()
    }
}

fn cells(row: &AnyRow, kinds: &[Kind]) -> sqlx::Result<Vec<Cell>> {
    let cell = |(at, kind): (usize, &Kind)| {
        Ok(match kind {
            Kind::Text => Cell::Text(row.try_get(at)?),
            Kind::Number => Cell::Number(row.try_get(at)?),
        })
    };
    kinds.iter().enumerate().map(cell).collect()
}

/// `$first, …`, so many of them.
fn placeholders(first: usize, count: usize) -> String {
    let all: Vec<String> = (first..first + count).map(|number| format!("${number}")).collect();
    all.join(", ")
}
