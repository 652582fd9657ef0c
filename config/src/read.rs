//! From a parsed TOML tree to the structs of [`crate::file`], keeping the place of every value.
//!
//! A derived `Deserialize` stops at the first key or type it does not like. An operator wants all of
//! them at once, so this reader walks the tree that `toml` parsed, and reports and goes on. What
//! `deny_unknown_fields` is for holds by construction: the `tables!` macro makes the list of known
//! keys from the struct's fields, and every other key is refused.

use std::borrow::Cow;
use std::ops::Range;

use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use crate::file::{array_header, home_of};
use crate::leaf::wrong_type;
use crate::report::{Refused, Scope};
use crate::suggest;

/// A key of a table, after reading.
#[derive(Debug, Default)]
pub(crate) enum Field<T> {
    /// Not written; its default holds, if it has one.
    #[default]
    Absent,
    /// Written, and already reported.
    Refused(Refused),
    /// Written, of the right type.
    Given(T),
}

impl<T> Field<T> {
    pub(crate) const fn given(&self) -> Option<&T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent | Self::Refused(_) => None,
        }
    }

    pub(crate) const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// `None` where the key is not written.
    pub(crate) const fn optional(&self) -> Result<Option<&T>, Refused> {
        match self {
            Self::Given(value) => Ok(Some(value)),
            Self::Absent => Ok(None),
            Self::Refused(refused) => Err(*refused),
        }
    }

    /// The value, or `missing()` where the key is not written.
    pub(crate) fn required(&self, missing: impl FnOnce() -> Refused) -> Result<&T, Refused> {
        self.optional()?.ok_or_else(missing)
    }
}

/// A type that can be read from a TOML value.
pub(crate) trait Read: Sized {
    /// Reads `value`, which stands under `key`, a whole path with dots; every problem in it is reported.
    fn read(value: &Spanned<DeValue<'_>>, key: &str, scope: &Scope<'_>) -> Result<Self, Refused>;
}

/// A table with a fixed set of keys; implemented by `tables!`.
pub(crate) trait ReadTable: Sized {
    /// As people write it: `[server]`, `[[portal]]`.
    const NAME: &'static str;
    /// Every key it can have.
    const KEYS: &'static [&'static str];

    /// Reads what can be read and reports the rest. `path` is the table's own key, empty for a whole file.
    fn read_table(table: &DeTable<'_>, span: Range<usize>, path: &str, scope: &Scope<'_>) -> Self;
}

/// `key` of the table at `path`.
pub(crate) fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Reports a key that `T` does not have.
pub(crate) fn refuse_key<T: ReadTable>(key: &Spanned<Cow<'_, str>>, path: &str, scope: &Scope<'_>) {
    let name = key.get_ref();
    // A table in braces may belong to several others: there the path says which one is meant.
    let table = if T::NAME.starts_with('[') || path.is_empty() { T::NAME } else { path };
    let message = format!("unknown key \"{name}\" in {table}");
    let help = suggest::nearest(name, T::KEYS.iter().copied())
        .map(|known| format!("did you mean \"{known}\"?"))
        .or_else(|| home_of(name, table))
        .unwrap_or_else(|| format!("possible: {}", T::KEYS.join(", ")));
    scope.refuse_with(&key.span(), message, help);
}

impl<T: ReadTable> Read for T {
    fn read(value: &Spanned<DeValue<'_>>, key: &str, scope: &Scope<'_>) -> Result<Self, Refused> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(T::read_table(table, value.span(), key, scope)),
            DeValue::Array(_) if T::NAME.starts_with('[') => {
                let message = wrong_type(key, "a table", value.get_ref());
                Err(scope.refuse_with(
                    &value.span(),
                    message,
                    format!("write it once, as {}", T::NAME),
                ))
            }
            other => Err(scope.refuse(&value.span(), wrong_type(key, "a table", other))),
        }
    }
}

/// An array. An element that is refused is reported and keeps its position, so that a list of one
/// bad element is not taken for an empty one, and the others are still checked.
pub(crate) type List<T> = Vec<Result<T, Refused>>;

impl<T: Read> Read for List<T> {
    fn read(value: &Spanned<DeValue<'_>>, key: &str, scope: &Scope<'_>) -> Result<Self, Refused> {
        let DeValue::Array(array) = value.get_ref() else {
            let message = wrong_type(key, "an array", value.get_ref());
            let help = match (value.get_ref(), array_header(key)) {
                (_, Some(header)) => format!("write {header}"),
                (DeValue::Table(_), None) => "write [ ] instead of { }".to_owned(),
                _ => "write [ ] around it".to_owned(),
            };
            return Err(scope.refuse_with(&value.span(), message, help));
        };
        Ok(array.iter().map(|element| T::read(element, key, scope)).collect())
    }
}

impl<T: Read> Read for Spanned<List<T>> {
    fn read(value: &Spanned<DeValue<'_>>, key: &str, scope: &Scope<'_>) -> Result<Self, Refused> {
        Ok(Self::new(value.span(), List::read(value, key, scope)?))
    }
}

/// The usable elements of a list, whatever became of the others.
pub(crate) fn usable<T>(list: &List<T>) -> impl Iterator<Item = &T> {
    list.iter().filter_map(|element| element.as_ref().ok())
}
