//! From a file's bytes to its TOML tree.

use std::collections::HashSet;
use std::path::Path;

use serde_spanned::Spanned;
use toml::de::{DeTable, Error};

use crate::diagnostic::Diagnostic;
use crate::report::{Refused, Scope};
use crate::source::Source;

/// A configuration file of more bytes is refused.
pub(crate) const LARGEST_FILE: u64 = 64 << 20;

/// The text in `bytes`: UTF-8, with or without a byte order mark.
///
/// # Errors
/// A problem at the first byte that is not text.
pub(crate) fn source(path: &Path, bytes: Vec<u8>) -> Result<Source, Diagnostic> {
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let shown = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let place = Source::new(path, shown).place(at..at + 1);
        place.problem("the file is not UTF-8 text").with_help("save it in the encoding UTF-8")
    })?;
    if text.starts_with(BYTE_ORDER_MARK) {
        text.drain(..BYTE_ORDER_MARK.len_utf8());
    }
    Ok(Source::new(path, text))
}

/// The tree, and whether it is whole. Every syntax error is reported; a tree with errors holds what
/// could be read around them.
pub(crate) fn parse<'a>(
    source: &'a Source,
    scope: &Scope<'_>,
) -> (Spanned<DeTable<'a>>, Result<(), Refused>) {
    let (tree, errors) = DeTable::parse_recoverable(source.text());
    let mut outcome = Ok(());
    // At one place the first error is the cause, and the others are what the parser made of it.
    let mut places = HashSet::new();
    let fresh = errors.iter().map(|error| (error.span().unwrap_or(0..0), error));
    let fresh = fresh.filter(|(span, _)| places.insert(span.start));
    for (span, error) in fresh.take(MOST_SYNTAX_ERRORS) {
        outcome = Err(scope.refuse(&span, describe(error)));
    }
    (tree, outcome)
}

/// Whether there is nothing but white space.
pub(crate) fn is_blank(source: &Source) -> bool {
    source.text().trim().is_empty()
}

fn describe(error: &Error) -> String {
    let nothing_there = error.span().is_some_and(|span| span.is_empty());
    // What the parser says where it looked for a value and took what it found for a bare string.
    let reason = match error.message() {
        "string values must be quoted, expected literal string" if nothing_there => {
            "there is no value"
        }
        "string values must be quoted, expected literal string" => "a string needs quotes",
        other => other,
    };
    format!("not valid TOML: {reason}")
}

const BYTE_ORDER_MARK: char = '\u{feff}';
/// After so many, a file is not TOML at all.
const MOST_SYNTAX_ERRORS: usize = 20;
