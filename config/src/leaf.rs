//! Single values: what they may be written as, and what is said of anything else.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use serde_spanned::Spanned;
use toml::de::DeValue;

use crate::read::Read;
use crate::report::{Refused, Scope};
use crate::units;

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
