//! A portal's people, as a CSV file says: nine columns in any order, one person a row.
//!
//! `local_id,login,email,password_hash,name,last_name,active,external_auth_id,roles`; UTF-8, with or without
//! a byte order mark; RFC 4180, so that a field in quotation marks may hold commas and line ends. What a row
//! says is read in `person`; where it begins and ends, in `rows`. A row that cannot be taken is told with
//! the line it begins on, and the next one is read. Rows that are nobody (bots, mail senders and the like)
//! are skipped. Memory holds one row, and the ids seen so far.

mod person;
mod rows;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{self, BufRead};

use csv::StringRecord;

pub use person::BadRow;

use self::rows::{Row, Rows};
use crate::store::joining::ImportedProfile;

/// An open file of people; gives its lines one after the other.
#[derive(Debug)]
pub struct PeopleFile<R> {
    rows: Rows<R>,
    columns: Columns,
    /// Each id, and the line that has it.
    seen: HashMap<String, u64>,
}

/// A row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it begins; the header line is 1.
    pub number: u64,
    /// What it says.
    pub says: Says,
}

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// Somebody. Portal and time are for the importer to fill in.
    Person(Box<ImportedProfile>),
    /// Something that never signs in: its kind, as `external_auth_id` has it.
    NoPerson(&'static str),
    /// Nothing that can be taken.
    Bad(BadRow),
}

/// The file as a whole cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OpenPeopleError {
    /// There is nothing in it.
    #[error("the file is empty; its first line names the columns: {COLUMNS}")]
    Empty,
    /// The first line is no header.
    #[error("the first line cannot be read: {0}")]
    Header(BadRow),
    /// A column is not there.
    #[error(
        "the first line names no column {0:?}; it names them all, with commas between: {COLUMNS}"
    )]
    Missing(&'static str),
    /// A column is there twice.
    #[error("the first line names the column {0:?} twice")]
    Twice(&'static str),
    /// The file gave an error.
    #[error(transparent)]
    Read(#[from] io::Error),
}

impl<R: BufRead> PeopleFile<R> {
    /// Reads the header. Columns that are not ours are passed over.
    ///
    /// # Errors
    /// [`OpenPeopleError`].
    pub fn open(input: R) -> Result<Self, OpenPeopleError> {
        let mut rows = Rows::new(input);
        let Some((_, row)) = rows.next_row()? else {
            return Err(OpenPeopleError::Empty);
        };
        let header = row.map_err(OpenPeopleError::Header)?;
        Ok(Self { rows, columns: Columns::find(&header)?, seen: HashMap::new() })
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// What reading the file gives.
    pub fn next_line(&mut self) -> io::Result<Option<Line>> {
        let Some((number, row)) = self.rows.next_row()? else {
            return Ok(None);
        };
        let says = row.and_then(|row| self.read(number, &row)).unwrap_or_else(Says::Bad);
        Ok(Some(Line { number, says }))
    }

    fn read(&mut self, number: u64, row: &Row) -> Result<Says, BadRow> {
        if row.len() != self.columns.count {
            return Err(BadRow::Fields { found: row.len(), named: self.columns.count });
        }
        let says = person::read(&self.columns, row)?;
        if let Says::Person(person) = &says {
            match self.seen.entry(person.local_id.clone()) {
                Entry::Occupied(first) => return Err(BadRow::Again { line: *first.get() }),
                Entry::Vacant(place) => place.insert(number),
            };
        }
        Ok(says)
    }
}

/// Where each column stands.
#[derive(Debug)]
struct Columns {
    places: [usize; NAMES.len()],
    count: usize,
}

impl Columns {
    fn find(header: &Row) -> Result<Self, OpenPeopleError> {
        let mut places = [0; NAMES.len()];
        for (place, name) in places.iter_mut().zip(NAMES) {
            let mut found = header.iter().enumerate().filter(|(_, field)| field.trim() == name);
            *place = found.next().ok_or(OpenPeopleError::Missing(name))?.0;
            if found.next().is_some() {
                return Err(OpenPeopleError::Twice(name));
            }
        }
        Ok(Self { places, count: header.len() })
    }

    /// The nine fields of a row of [`Columns::count`] fields, in the order of [`NAMES`].
    fn fields<'a>(&self, row: &'a StringRecord) -> [&'a str; NAMES.len()] {
        self.places.map(|place| row.get(place).unwrap_or_default())
    }
}

const NAMES: [&str; 9] = [
    "local_id",
    "login",
    "email",
    "password_hash",
    "name",
    "last_name",
    "active",
    "external_auth_id",
    "roles",
];
const COLUMNS: &str =
    "local_id,login,email,password_hash,name,last_name,active,external_auth_id,roles";

#[cfg(test)]
mod tests;
