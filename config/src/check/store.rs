//! `[store]`: databases.

use crate::file::StoreTable;
use crate::model::{DirectoryStore, SessionsStore, Store};
use crate::read::Field;
use crate::report::{Refused, Scope};

pub(super) fn store(field: &Field<StoreTable>, scope: Scope<'_>) -> Result<Store, Refused> {
    let example = "directory = \"sqlite:data/bitrix-id.db\"";
    let missing = || scope.refuse_file("[store] is missing", format!("add [store] with {example}"));
    let table = field.required(missing)?;
    let scope = scope.about("store.");
    let directory = directory(table, scope, example);
    let sessions = sessions(table, scope);
    Ok(Store { directory: directory?, sessions: sessions? })
}

fn directory(
    table: &StoreTable,
    scope: Scope<'_>,
    example: &str,
) -> Result<DirectoryStore, Refused> {
    let written = table.directory.required(|| scope.missing(&table.span, "directory", example))?;
    let (text, span) = (written.get_ref().as_str(), written.span());
    let Some(path) = text.strip_prefix("sqlite:") else {
        let message = match text.split_once(':') {
            Some((scheme @ ("postgres" | "postgresql"), _)) => {
                format!("directory: this version does not speak to PostgreSQL yet ({scheme}:)")
            }
            // A URL may hold a password, so no other part of it is repeated.
            _ => "directory: expected sqlite: and a path".to_owned(),
        };
        return Err(scope.refuse_with(&span, message, example));
    };
    // `//` would begin a host in a URL, and is a root directory in a path: written by habit, it
    // would put the accounts into a place nobody meant.
    if path.starts_with("//") {
        let message = "directory: sqlite: is followed by a path, without //";
        return Err(scope.refuse_with(&span, message, example));
    }
    if path.starts_with(':') {
        let message = "directory: accounts kept in memory would be lost";
        return Err(scope.refuse_with(&span, message, example));
    }
    if path.trim().is_empty() || path.ends_with('/') || path.contains(['\0', '?']) {
        let message = "directory: expected sqlite: and the path of a file";
        return Err(scope.refuse_with(&span, message, example));
    }
    Ok(DirectoryStore::Sqlite(scope.resolve(path)))
}

fn sessions(table: &StoreTable, scope: Scope<'_>) -> Result<SessionsStore, Refused> {
    let Some(written) = table.sessions.optional()? else { return Ok(SessionsStore::Embedded) };
    let text = written.get_ref().as_str();
    if text == "embedded" {
        return Ok(SessionsStore::Embedded);
    }
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    let message = match scheme {
        Some(scheme @ ("redis" | "rediss" | "redis+sentinel" | "redis+cluster")) => {
            format!("sessions: this version does not speak to Redis yet ({scheme}:)")
        }
        _ => "sessions: expected \"embedded\"".to_owned(),
    };
    Err(scope.refuse_with(&written.span(), message, "write \"embedded\", or leave the key out"))
}
