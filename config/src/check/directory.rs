//! `store.directory` and the keys that go with it.

use std::path::Path;

use serde_spanned::Spanned;

use crate::address::Address;
use crate::file::StoreTable;
use crate::files::Files;
use crate::host;
use crate::model::{DirectoryStore, PostgresDirectory};
use crate::read::{Field, usable};
use crate::report::{Refused, Scope};

pub(super) fn directory(
    table: &StoreTable,
    scope: Scope<'_>,
    files: &mut Files,
) -> Result<DirectoryStore, Refused> {
    let written = table.directory.required(|| scope.missing(&table.span, "directory", EXAMPLE))?;
    let text = written.get_ref().as_str();
    if let Some(path) = text.strip_prefix("sqlite:") {
        nothing_of_a_server(table, scope)?;
        return sqlite(written, path, scope);
    }
    match text.split_once(':') {
        Some(("postgres" | "postgresql", _)) => {
            postgres(written, table, scope, files).map(DirectoryStore::Postgres)
        }
        // A URL may hold a password, so no other part of it is repeated.
        _ => {
            let message = "directory: expected sqlite: and a path, or a postgres:// URL";
            Err(scope.refuse_with(&written.span(), message, EXAMPLE))
        }
    }
}

fn sqlite(
    written: &Spanned<String>,
    path: &str,
    scope: Scope<'_>,
) -> Result<DirectoryStore, Refused> {
    let refuse = |message: &str| Err(scope.refuse_with(&written.span(), message, EXAMPLE));
    // `//` would begin a host in a URL, and is a root directory in a path: written by habit, it
    // would put the accounts into a place nobody meant.
    if path.starts_with("//") {
        return refuse("directory: sqlite: is followed by a path, without //");
    }
    if path.starts_with(':') {
        return refuse("directory: accounts kept in memory would be lost");
    }
    if path.trim().is_empty() || path.ends_with('/') || path.contains(['\0', '?']) {
        return refuse("directory: expected sqlite: and the path of a file");
    }
    Ok(DirectoryStore::Sqlite(scope.resolve(path)))
}

fn nothing_of_a_server(table: &StoreTable, scope: Scope<'_>) -> Result<(), Refused> {
    let spans = [
        ("directory_password_file", given(&table.directory_password_file)?),
        ("directory_connections", given(&table.directory_connections)?),
    ];
    for (key, span) in spans {
        if let Some(span) = span {
            return Err(scope.refuse(&span, format!("{key}: a SQLite file is no server")));
        }
    }
    match table.directory_replicas.optional()?.and_then(|list| usable(list).next()) {
        Some(replica) => {
            let message = "directory_replicas: a SQLite file is no server";
            Err(scope.refuse(&replica.span(), message))
        }
        None => Ok(()),
    }
}

fn given<T>(field: &Field<Spanned<T>>) -> Result<Option<std::ops::Range<usize>>, Refused> {
    Ok(field.optional()?.map(Spanned::span))
}

fn postgres(
    written: &Spanned<String>,
    table: &StoreTable,
    scope: Scope<'_>,
    files: &mut Files,
) -> Result<PostgresDirectory, Refused> {
    let url = server(written, "directory", scope);
    let password = files.password(&table.directory_password_file, "directory_password_file", scope);
    let key = "directory_connections";
    let connections = scope.number(&table.directory_connections, key, 10, 1..=1000);
    let replicas = replicas(table, scope);
    Ok(PostgresDirectory {
        url: url?,
        password: password?,
        connections: connections?,
        replicas: replicas?,
    })
}

fn replicas(table: &StoreTable, scope: Scope<'_>) -> Result<Vec<String>, Refused> {
    let Some(list) = table.directory_replicas.optional()? else { return Ok(Vec::new()) };
    // All of them are looked at before one is refused.
    let checked: Vec<_> = list
        .iter()
        .map(|written| server(written.as_ref().map_err(|refused| *refused)?, REPLICAS, scope))
        .collect();
    checked.into_iter().collect()
}

/// A server's URL with every parameter that matters written out. None of the messages repeats it: a password
/// may stand in it.
fn server(written: &Spanned<String>, key: &str, scope: Scope<'_>) -> Result<String, Refused> {
    let refuse =
        |message: &str| scope.refuse_with(&written.span(), format!("{key}: {message}"), POSTGRES);
    let text = written.get_ref().as_str();
    let (place, query) = text.split_once('?').unwrap_or((text, ""));
    let address =
        Address::parse_internal(place).map_err(|error| refuse(&format!("not a URL: {error}")))?;
    if !matches!(address.scheme, "postgres" | "postgresql") {
        return Err(refuse("the scheme of a server is postgres"));
    }
    match address.user {
        Some(user) if user.contains(':') => {
            let message = format!("{key}: the URL holds a password");
            let help = "put it into a file and name that in directory_password_file";
            return Err(scope.refuse_with(&written.span(), message, help));
        }
        None | Some("") => return Err(refuse("the URL names no role")),
        Some(_) => {}
    }
    let database = address.path.strip_prefix('/').unwrap_or_default();
    if database.is_empty() || database.contains('/') {
        return Err(refuse("the URL names no database"));
    }
    let parameters = parameters(query, &address, scope).map_err(|message| refuse(&message))?;
    Ok(format!("{place}?{parameters}"))
}

fn parameters(query: &str, address: &Address<'_>, scope: Scope<'_>) -> Result<String, String> {
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        // The name is ours by now; the value is never repeated.
        let (name, value) = parameter(name, value, scope)?;
        if kept.iter().any(|(other, _)| *other == name) {
            return Err(format!("the parameter {name} is written twice"));
        }
        kept.push((name, value));
    }
    let has = |wanted: &str| kept.iter().any(|(name, _)| *name == wanted);
    let mode =
        if has("host") || host::is_loopback(&address.host) { "prefer" } else { "verify-full" };
    let defaults = [("sslmode", mode), ("application_name", "bitrix-id")];
    let missing: Vec<_> = defaults.into_iter().filter(|(name, _)| !has(name)).collect();
    kept.extend(missing.into_iter().map(|(name, value)| (name, value.to_owned())));
    let written: Vec<_> = kept.iter().map(|(name, value)| format!("{name}={value}")).collect();
    Ok(written.join("&"))
}

/// One that the driver knows, by its own name.
fn parameter(name: &str, value: &str, scope: Scope<'_>) -> Result<(&'static str, String), String> {
    if name == "password" {
        return Err("the URL holds a password: name a file in directory_password_file".to_owned());
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if value.is_empty() || !value.chars().all(plain) {
        let of = if PARAMETERS.contains(&name) { name } else { "one of the parameters" };
        return Err(format!("{of} takes letters, digits and . _ - / only"));
    }
    let path = || encoded(&scope.resolve(value));
    Ok(match name {
        "sslmode" if SSL_MODES.contains(&value) => ("sslmode", value.to_owned()),
        "sslmode" => return Err(format!("sslmode is one of {}", SSL_MODES.join(", "))),
        "sslrootcert" => ("sslrootcert", path()),
        "sslcert" => ("sslcert", path()),
        "sslkey" => ("sslkey", path()),
        "host" if value.starts_with('/') => ("host", value.to_owned()),
        "host" => return Err("host takes the directory of a unix socket".to_owned()),
        "application_name" => ("application_name", value.to_owned()),
        "statement-cache-capacity" if value.parse::<u16>().is_ok() => {
            ("statement-cache-capacity", value.to_owned())
        }
        "statement-cache-capacity" => {
            return Err("statement-cache-capacity is a number from 0 to 65535".to_owned());
        }
        _ => return Err(format!("a URL takes the parameters {} only", PARAMETERS.join(", "))),
    })
}

/// A path as a parameter's value.
fn encoded(path: &Path) -> String {
    let mut value = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"._-/".contains(byte) {
            value.push(char::from(*byte));
        } else {
            value.push_str(&format!("%{byte:02X}"));
        }
    }
    value
}

pub(super) const EXAMPLE: &str = "directory = \"sqlite:data/bitrix-id.db\"";
const REPLICAS: &str = "directory_replicas";
const POSTGRES: &str = "for example \"postgres://bitrix_id@db.example:5432/bitrix_id\"";
const SSL_MODES: [&str; 5] = ["disable", "prefer", "require", "verify-ca", "verify-full"];
const PARAMETERS: [&str; 7] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "application_name",
    "statement-cache-capacity",
];
