//! What a row says about a person.

use super::{Columns, Says, rows::Row};
use crate::password::check_portal_hash;
use crate::store::joining::ImportedProfile;
use crate::{email, name};

/// Why a row cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRow {
    /// More or fewer fields than columns.
    #[error("it has {found} fields, the first line names {named}")]
    Fields {
        /// Here.
        found: usize,
        /// In the header.
        named: usize,
    },
    /// Octets that are no text.
    #[error("it is not UTF-8; an old site's export has to be converted from windows-1251")]
    NotUtf8,
    /// A quotation mark is never closed, or so late that it cannot be meant.
    #[error("a quotation mark is opened and not closed")]
    OpenQuote,
    /// A quotation mark in the middle of a field.
    #[error(
        "a quotation mark stands in the middle of a field; within one it is doubled, and encloses it"
    )]
    StrayQuote,
    /// More than any person needs.
    #[error("it is too long")]
    Long,
    /// A field that must not be empty.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// Longer than its bound.
    #[error("{column} is longer than {most} bytes")]
    FieldTooLong {
        /// Which.
        column: &'static str,
        /// Its bound.
        most: usize,
    },
    /// Line ends and the like.
    #[error("{0} holds a control character")]
    Control(&'static str),
    /// Not one of the words for it.
    #[error("active is neither Y nor N")]
    Active,
    /// `email` is something else.
    #[error("email: {0}")]
    Email(email::EmailError),
    /// The name is too long.
    #[error("{0}")]
    Name(name::BadName),
    /// Nothing a password could be compared with.
    #[error("password_hash: {0}")]
    Hash(&'static str),
    /// More than a token can carry.
    #[error("local_id and roles together are longer than {MAX_JSON_BYTES} bytes")]
    Roles,
    /// A second row of the same person.
    #[error("line {line} has the same local_id")]
    Again {
        /// The first.
        line: u64,
    },
}

/// Order matters: what is no person is skipped, whatever else its row says.
pub(super) fn read(columns: &Columns, row: &Row) -> Result<Says, BadRow> {
    let [local_id, login, email, password_hash, first, last, active, external, roles] =
        columns.fields(row);
    let external = external.trim();
    if let Some(kind) = NO_PEOPLE.into_iter().find(|kind| external.eq_ignore_ascii_case(kind)) {
        return Ok(Says::NoPerson(kind));
    }
    bounded("external_auth_id", external, MAX_EXTERNAL_BYTES)?;
    let local_id = bounded("local_id", local_id.trim(), MAX_LOCAL_ID_BYTES)?;
    if local_id.is_empty() {
        return Err(BadRow::Empty("local_id"));
    }
    let login = bounded("login", login.trim(), MAX_LOGIN_BYTES)?;
    let email = address(email.trim())?;
    Ok(Says::Person(Box::new(ImportedProfile {
        portal: String::new(),
        local_id: local_id.to_owned(),
        login: login.to_owned(),
        name: full_name(first, last, login, email.as_deref())?,
        email,
        // Who signs in by way of a directory or a social network has none, whatever the column holds.
        password_hash: if external.is_empty() { hash(password_hash)? } else { None },
        active: is_active(active.trim())?,
        roles: role_list(local_id, roles)?,
        imported_at: 0,
        account: None,
    })))
}

fn bounded<'a>(column: &'static str, text: &'a str, most: usize) -> Result<&'a str, BadRow> {
    if text.len() > most {
        return Err(BadRow::FieldTooLong { column, most });
    }
    if text.contains(char::is_control) {
        return Err(BadRow::Control(column));
    }
    Ok(text)
}

fn address(text: &str) -> Result<Option<String>, BadRow> {
    if text.is_empty() {
        return Ok(None);
    }
    email::canonical(text).map(Some).map_err(BadRow::Email)
}

/// First and last name; where there is neither, what the person signs in with.
fn full_name(first: &str, last: &str, login: &str, email: Option<&str>) -> Result<String, BadRow> {
    let local_part = email.map(email::local_part).unwrap_or_default();
    let both = format!("{} {}", first.trim(), last.trim());
    // Control characters alone are no name either.
    let visible = |words| match name::check(words) {
        Err(name::BadName::Missing) => None,
        checked => Some(checked.map_err(BadRow::Name)),
    };
    [both.as_str(), login, local_part].into_iter().find_map(visible).unwrap_or(Ok(String::new()))
}

fn hash(text: &str) -> Result<Option<String>, BadRow> {
    if text.is_empty() {
        return Ok(None);
    }
    bounded("password_hash", text, MAX_HASH_BYTES)?;
    check_portal_hash(text).map_err(BadRow::Hash)?;
    Ok(Some(text.to_owned()))
}

fn is_active(text: &str) -> Result<bool, BadRow> {
    match text.to_ascii_lowercase().as_str() {
        "y" | "1" | "true" => Ok(true),
        "n" | "0" | "false" => Ok(false),
        _ => Err(BadRow::Active),
    }
}

/// Commas and semicolons part them; each counts once, in the order given.
fn role_list(local_id: &str, text: &str) -> Result<Vec<String>, BadRow> {
    let mut roles: Vec<String> = Vec::new();
    for role in text.split([',', ';']).map(str::trim).filter(|role| !role.is_empty()) {
        bounded("roles", role, MAX_JSON_BYTES)?;
        if !roles.iter().any(|known| known == role) {
            roles.push(role.to_owned());
        }
    }
    let json = serde_json::to_string(&(local_id, &roles)).map_err(|_| BadRow::Roles)?;
    if json.len() > MAX_JSON_BYTES {
        return Err(BadRow::Roles);
    }
    Ok(roles)
}

/// Kinds of users that portals keep for their own purposes.
const NO_PEOPLE: [&str; 13] = [
    "bot",
    "email",
    "__controller",
    "replica",
    "imconnector",
    "sale",
    "saleanonymous",
    "shop",
    "call",
    "document_editor",
    "calendar_sharing",
    "im_guest",
    "rest_system",
];

const MAX_LOCAL_ID_BYTES: usize = 64;
const MAX_LOGIN_BYTES: usize = 255;
const MAX_EXTERNAL_BYTES: usize = 255;
const MAX_HASH_BYTES: usize = 255;

/// Local id and roles stand in the portal's cookie; what an operator grants by hand has the same bound.
const MAX_JSON_BYTES: usize = 1_024;
