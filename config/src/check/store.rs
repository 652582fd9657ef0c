//! `[store]`: databases.

use super::directory::{EXAMPLE, directory};
use crate::file::StoreTable;
use crate::files::Files;
use crate::model::{SessionsStore, Store};
use crate::read::Field;
use crate::report::{Refused, Scope};

pub(super) fn store(
    field: &Field<StoreTable>,
    scope: Scope<'_>,
    files: &mut Files,
) -> Result<Store, Refused> {
    let missing = || scope.refuse_file("[store] is missing", format!("add [store] with {EXAMPLE}"));
    let table = field.required(missing)?;
    let scope = scope.about("store.");
    let directory = directory(table, scope, files);
    let sessions = sessions(table, scope);
    Ok(Store { directory: directory?, sessions: sessions? })
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
