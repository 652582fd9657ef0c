//! From a parsed TOML tree to the structs of [`crate::file`], keeping the place of every value.
//!
//! A derived `Deserialize` stops at the first key or type it does not like. An operator wants all of
//! them at once, so this reader walks the tree that `toml` parsed, and reports and goes on. What
//! `deny_unknown_fields` is for holds by construction: the `tables!` macro makes the list of known
//! keys from the struct's fields, and every other key is refused.

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::time::Duration;

use ipnet::IpNet;
use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use crate::report::{Refused, Scope};
use crate::suggest;
use crate::units;

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
    /// Reads `value`, which stands under `key`; every problem in it is reported.
    fn read(value: &Spanned<DeValue<'_>>, key: &str, scope: &Scope<'_>) -> Result<Self, Refused>;
}

/// A table with a fixed set of keys; implemented by `tables!`.
pub(crate) trait ReadTable: Sized {
    /// As people write it: `[server]`, `[[portal]]`.
    const NAME: &'static str;
    /// Every key it can have.
    const KEYS: &'static [&'static str];

    /// Reads what can be read and reports the rest.
    fn read_table(table: &DeTable<'_>, span: Range<usize>, scope: &Scope<'_>) -> Self;
}

/// Reports a key that `T` does not have.
pub(crate) fn refuse_key<T: ReadTable>(
    key: &Spanned<std::borrow::Cow<'_, str>>,
    scope: &Scope<'_>,
) {
    let (name, table) = (key.get_ref(), T::NAME);
    let message = format!("unknown key \"{name}\" in {table}");
    let help = suggest::nearest(name, T::KEYS.iter().copied())
        .map(|known| format!("did you mean \"{known}\"?"))
        .or_else(|| crate::file::home_of(name, table))
        .unwrap_or_else(|| format!("possible: {}", T::KEYS.join(", ")));
    scope.refuse_with(&key.span(), message, help);
}

impl<T: ReadTable> Read for T {
    fn read(value: &Spanned<DeValue<'_>>, key: &str, scope: &Scope<'_>) -> Result<Self, Refused> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(T::read_table(table, value.span(), scope)),
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
            let help = match (value.get_ref(), crate::file::array_header(key)) {
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

/// Values that are read from a TOML value alone, and carry their place as [`Spanned`].
pub(crate) trait Leaf: Sized {
    fn leaf(value: &DeValue<'_>, key: &str) -> Result<Self, Wrong>;
}

/// What is wrong with a leaf.
pub(crate) struct Wrong {
    message: String,
    help: Option<String>,
}

impl<T: Leaf> Read for Spanned<T> {
    fn read(value: &Spanned<DeValue<'_>>, key: &str, scope: &Scope<'_>) -> Result<Self, Refused> {
        match T::leaf(value.get_ref(), key) {
            Ok(leaf) => Ok(Self::new(value.span(), leaf)),
            Err(Wrong { message, help: Some(help) }) => {
                Err(scope.refuse_with(&value.span(), message, help))
            }
            Err(Wrong { message, help: None }) => Err(scope.refuse(&value.span(), message)),
        }
    }
}

impl Leaf for String {
    fn leaf(value: &DeValue<'_>, key: &str) -> Result<Self, Wrong> {
        text(value, key, "a string", None).map(str::to_owned)
    }
}

impl Leaf for bool {
    fn leaf(value: &DeValue<'_>, key: &str) -> Result<Self, Wrong> {
        value.as_bool().ok_or_else(|| Wrong::kind(key, "true or false", value, None))
    }
}

impl Leaf for i64 {
    fn leaf(value: &DeValue<'_>, key: &str) -> Result<Self, Wrong> {
        let DeValue::Integer(integer) = value else {
            return Err(Wrong::kind(key, "a whole number", value, None));
        };
        let message = || Wrong { message: format!("{key}: the number is too large"), help: None };
        Self::from_str_radix(integer.as_str(), integer.radix()).map_err(|_| message())
    }
}

impl Leaf for Duration {
    fn leaf(value: &DeValue<'_>, key: &str) -> Result<Self, Wrong> {
        let help = "a number and ms, s, m, h or d, for example \"10m\"";
        let text = text(value, key, "a duration", Some(help))?;
        units::duration(text)
            .map_err(|error| Wrong::text(key, text, "a duration", error).with_help(help))
    }
}

/// A size in bytes, or no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    Bytes(u64),
    Unlimited,
}

impl Leaf for Size {
    fn leaf(value: &DeValue<'_>, key: &str) -> Result<Self, Wrong> {
        let help = "a number and B, KiB, MiB, GiB or TiB, for example \"64KiB\"";
        match text(value, key, "a size", Some(help))? {
            "unlimited" => Ok(Self::Unlimited),
            text => units::size(text)
                .map(Self::Bytes)
                .map_err(|error| Wrong::text(key, text, "a size", error).with_help(help)),
        }
    }
}

impl Leaf for SocketAddr {
    fn leaf(value: &DeValue<'_>, key: &str) -> Result<Self, Wrong> {
        let help = "an IP address and a port, for example \"0.0.0.0:8443\" or \"[::]:8443\"";
        let text = text(value, key, "an address", Some(help))?;
        let reason = "it is not an IP address and a port";
        text.parse()
            .map_err(|_| Wrong::text(key, text, "a listening address", reason).with_help(help))
    }
}

impl Leaf for IpNet {
    fn leaf(value: &DeValue<'_>, key: &str) -> Result<Self, Wrong> {
        let help = "for example \"10.0.0.0/8\", or one address";
        let text = text(value, key, "a network", Some(help))?;
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(address.into());
        }
        let net: Self = text.parse().map_err(|_| {
            Wrong::text(key, text, "a network", "it is not in CIDR notation").with_help(help)
        })?;
        if net.trunc() != net {
            let wrong = Wrong::text(key, text, "a network", "bits beyond the prefix are set");
            return Err(wrong.with_help(format!("did you mean \"{}\"?", net.trunc())));
        }
        Ok(net)
    }
}

impl Wrong {
    fn kind(key: &str, expected: &str, found: &DeValue<'_>, help: Option<&str>) -> Self {
        Self { message: wrong_type(key, expected, found), help: help.map(str::to_owned) }
    }

    fn text(key: &str, text: &str, expected: &str, reason: impl std::fmt::Display) -> Self {
        Self { message: format!("{key}: \"{text}\" is not {expected}: {reason}"), help: None }
    }

    fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

fn text<'a>(
    value: &'a DeValue<'_>,
    key: &str,
    expected: &str,
    help: Option<&str>,
) -> Result<&'a str, Wrong> {
    value.as_str().ok_or_else(|| Wrong::kind(key, expected, value, help))
}

pub(crate) fn wrong_type(key: &str, expected: &str, found: &DeValue<'_>) -> String {
    let found = match found {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    };
    format!("{key}: expected {expected}, found {found}")
}
