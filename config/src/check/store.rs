//! `[store]`: databases.

use super::directory::{EXAMPLE, directory};
use super::sessions::sessions;
use crate::file::StoreTable;
use crate::files::Files;
use crate::model::Store;
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
    let sessions = sessions(table, scope, files);
    Ok(Store { directory: directory?, sessions: sessions? })
}
