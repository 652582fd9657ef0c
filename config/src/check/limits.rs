//! Timeouts and sizes of portals and routes.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde_spanned::Spanned;

use super::value::{days, hours, minutes};
use crate::file::{PortalTable, RouteTable};
use crate::leaf::Size;
use crate::model::Limits;
use crate::read::Field;
use crate::report::{Refused, Scope};

type Time = Field<Spanned<Duration>>;

/// The keys that portals and routes share.
pub(super) struct Written<'a> {
    connect: &'a Time,
    read: &'a Time,
    write: &'a Time,
    stream_idle: &'a Time,
    body: &'a Field<Spanned<Size>>,
    body_rate: &'a Field<Spanned<Size>>,
}

impl<'a> From<&'a PortalTable> for Written<'a> {
    fn from(table: &'a PortalTable) -> Self {
        Self {
            connect: &table.connect_timeout,
            read: &table.read_timeout,
            write: &table.write_timeout,
            stream_idle: &table.stream_idle_timeout,
            body: &table.body_limit,
            body_rate: &table.min_body_rate,
        }
    }
}

impl<'a> From<&'a RouteTable> for Written<'a> {
    fn from(table: &'a RouteTable) -> Self {
        Self {
            connect: &table.connect_timeout,
            read: &table.read_timeout,
            write: &table.write_timeout,
            stream_idle: &table.stream_idle_timeout,
            body: &table.body_limit,
            body_rate: &table.min_body_rate,
        }
    }
}

/// What is written, and `defaults` for the rest.
pub(super) fn limits(
    written: &Written<'_>,
    defaults: &Limits,
    scope: Scope<'_>,
) -> Result<Limits, Refused> {
    let time = |field, key, default, bounds: RangeInclusive<Duration>| {
        scope.duration(field, key, default, bounds)
    };
    let connect =
        time(written.connect, "connect_timeout", defaults.connect_timeout, SHORTEST..=minutes(5));
    let read = time(written.read, "read_timeout", defaults.read_timeout, SHORTEST..=days(7));
    let write = time(written.write, "write_timeout", defaults.write_timeout, SHORTEST..=days(7));
    let key = "stream_idle_timeout";
    let stream_idle =
        time(written.stream_idle, key, defaults.stream_idle_timeout, SHORTEST..=days(30));
    let body_limit = written.body.optional().map(|size| match size.map(Spanned::get_ref) {
        None => defaults.body_limit,
        Some(Size::Unlimited) => None,
        Some(Size::Bytes(bytes)) => Some(*bytes),
    });
    let min_body_rate = body_rate(written.body_rate, defaults.min_body_rate, scope);
    Ok(Limits {
        connect_timeout: connect?,
        read_timeout: read?,
        write_timeout: write?,
        stream_idle_timeout: stream_idle?,
        body_limit: body_limit?,
        min_body_rate: min_body_rate?,
    })
}

fn body_rate(field: &Field<Spanned<Size>>, default: u64, scope: Scope<'_>) -> Result<u64, Refused> {
    let Some(written) = field.optional()? else { return Ok(default) };
    match written.get_ref() {
        Size::Bytes(bytes) if *bytes <= FASTEST => Ok(*bytes),
        Size::Bytes(_) | Size::Unlimited => {
            let message = "min_body_rate: more than anybody can be asked for";
            let help = "bytes a second, at most \"1MiB\"; \"0B\" asks for none";
            Err(scope.refuse_with(&written.span(), message, help))
        }
    }
}

/// Where neither the route nor its portal says anything.
pub(super) const DEFAULTS: Limits = Limits {
    connect_timeout: Duration::from_secs(3),
    read_timeout: Duration::from_secs(60),
    write_timeout: Duration::from_secs(30),
    stream_idle_timeout: hours(13),
    body_limit: None,
    min_body_rate: 500,
};

/// Bytes a second.
const FASTEST: u64 = 1 << 20;

const SHORTEST: Duration = Duration::from_millis(10);
