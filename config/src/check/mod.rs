//! From what was written to what the program uses: one file per table.
//!
//! Every check runs whatever the others found, so one call reports every problem. Checks that
//! compare two values run where both are usable. Nothing here is quadratic in the number of portals.

mod accent;
mod directory;
mod headers;
mod hosts;
mod identity;
mod limits;
mod listeners;
mod mail;
mod passwords;
mod path;
mod portal;
mod portals;
mod provisioning;
mod route;
mod server;
mod sessions;
mod social;
mod store;
mod template;
mod tls;
mod upstream;
mod value;
mod webhook;

use crate::file::{MainFile, PortalTable};
use crate::files::Files;
use crate::model::Config;
use crate::read::Field;
use crate::report::{Refused, Scope};

pub(crate) use portal::portal;

/// A portal's table and the file it stands in.
pub(crate) type WrittenPortal<'a> = (&'a PortalTable, Scope<'a>);

/// Checks a whole configuration. `portals` are those of the main file and its includes, in order.
///
/// The result's `files`, `include_directories` and `hash` are left for the caller, who knows when
/// the last file was read.
pub(crate) fn config(
    main: &MainFile,
    scope: Scope<'_>,
    portals: &[WrittenPortal<'_>],
    files: &mut Files,
) -> Result<Config, Refused> {
    let tls = optional(&main.tls, |table| tls::tls(table, scope.about("tls."), files));
    let store = store::store(&main.store, scope, files);
    let server = server::server(main, scope, &store);
    let identity = identity::identity(main, scope);
    let mail = optional(&main.mail, |table| mail::mail(table, scope.about("mail."), files));
    let passwords = passwords::passwords(&main.passwords, scope.about("passwords."));
    let social = social::social(&main.social, scope, files);
    let provisioning = optional(&main.provisioning, |table| {
        provisioning::provisioning(table, scope.about("provisioning."), files)
    });
    let portals = portals::portals(portals, &identity, files);

    Ok(Config {
        server: server?,
        tls: tls?,
        identity: identity?.settings,
        store: store?,
        mail: mail?,
        passwords: passwords?,
        social: social?,
        provisioning: provisioning?,
        portals: portals?,
        files: Vec::new(),
        include_directories: Vec::new(),
        hash: String::new(),
    })
}

/// Checks a table that may be left out.
fn optional<T, U>(
    field: &Field<T>,
    check: impl FnOnce(&T) -> Result<U, Refused>,
) -> Result<Option<U>, Refused> {
    field.optional()?.map(check).transpose()
}
