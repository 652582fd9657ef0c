//! `store.sessions`: where sessions are kept, and how Redis is reached.

use std::ops::Range;

use serde_spanned::Spanned;

use crate::file::StoreTable;
use crate::files::Files;
use crate::host;
use crate::model::{Redis, RedisAddress, RedisServers, SessionsStore};
use crate::report::{Refused, Scope};

pub(super) fn sessions(
    table: &StoreTable,
    scope: Scope<'_>,
    files: &mut Files,
) -> Result<SessionsStore, Refused> {
    match table.sessions.optional()? {
        Some(written) if written.get_ref() != "embedded" => {
            redis(written, table, scope, files).map(|redis| SessionsStore::Redis(Box::new(redis)))
        }
        _ => embedded(table, scope),
    }
}

fn embedded(table: &StoreTable, scope: Scope<'_>) -> Result<SessionsStore, Refused> {
    for (field, key) in [
        (&table.sessions_password_file, "sessions_password_file"),
        (&table.sessions_sentinel_password_file, "sessions_sentinel_password_file"),
        (&table.sessions_ca_file, "sessions_ca_file"),
    ] {
        if let Some(file) = field.given() {
            let message = format!("{key}: embedded sessions have no server");
            return Err(scope.refuse(&file.span(), message));
        }
    }
    Ok(SessionsStore::Embedded)
}

// None of the messages repeats the URL: a password may stand in it.
fn redis(
    written: &Spanned<String>,
    table: &StoreTable,
    scope: Scope<'_>,
    files: &mut Files,
) -> Result<Redis, Refused> {
    let span = written.span();
    let parts = Parts::of(written.get_ref(), &span, scope);
    let password = files.password(&table.sessions_password_file, "sessions_password_file", scope);
    let sentinel = &table.sessions_sentinel_password_file;
    let parts = parts?;
    if let (Some(file), false) = (sentinel.given(), parts.kind == Kind::Sentinel) {
        let message = "sessions_sentinel_password_file: the URL in \"sessions\" names no sentinels";
        return Err(scope.refuse_with(&file.span(), message, Kind::Sentinel.example()));
    }
    let sentinel_password = files.password(sentinel, "sessions_sentinel_password_file", scope);
    if let (Some(file), false) = (table.sessions_ca_file.given(), parts.tls) {
        let message = "sessions_ca_file: the URL in \"sessions\" asks for no TLS";
        return Err(scope.refuse_with(&file.span(), message, "write rediss instead of redis"));
    }
    let ca = files.authorities(&table.sessions_ca_file, "sessions_ca_file", scope);
    let (password, sentinel_password, ca) = (password?, sentinel_password?, ca?);
    if parts.user.is_some() && password.is_none() {
        let message = "sessions: there is no password for this user";
        return Err(scope.refuse_with(&span, message, "add sessions_password_file"));
    }
    let servers = parts.servers(&span, scope)?;
    let user = parts.user.map(str::to_owned);
    Ok(Redis { servers, tls: parts.tls, ca, user, password, sentinel_password })
}

/// What stands where in the URL.
struct Parts<'a> {
    kind: Kind,
    tls: bool,
    user: Option<&'a str>,
    hosts: &'a str,
    path: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Single,
    Sentinel,
    Cluster,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str, span: &Range<usize>, scope: Scope<'_>) -> Result<Self, Refused> {
        let refuse = |message: &str, help: &str| scope.refuse_with(span, message, help);
        let Some((scheme, rest)) = text.split_once("://") else {
            let message = "sessions: expected \"embedded\" or a URL of Redis";
            return Err(refuse(message, ONE_SERVER));
        };
        let (kind, tls) = match scheme {
            "redis" => (Kind::Single, false),
            "rediss" => (Kind::Single, true),
            "redis+sentinel" => (Kind::Sentinel, false),
            "rediss+sentinel" => (Kind::Sentinel, true),
            "redis+cluster" => (Kind::Cluster, false),
            "rediss+cluster" => (Kind::Cluster, true),
            _ => {
                return Err(refuse(
                    "sessions: expected \"embedded\" or a URL of Redis",
                    ONE_SERVER,
                ));
            }
        };
        if rest.contains(['?', '#']) {
            return Err(refuse("sessions: the URL takes no parameters", kind.example()));
        }
        let (user, rest) = match rest.rsplit_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, rest),
        };
        if user.is_some_and(|user| user.contains(':')) {
            let advice = "put it into a file and name that in sessions_password_file";
            return Err(refuse("sessions: the URL holds a password", advice));
        }
        if user.is_some_and(|user| !is_user(user)) {
            let message =
                "sessions: the user's name has characters other than letters, digits, _ . -";
            return Err(refuse(message, kind.example()));
        }
        let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
        Ok(Self { kind, tls, user, hosts, path })
    }

    fn servers(&self, span: &Range<usize>, scope: Scope<'_>) -> Result<RedisServers, Refused> {
        let refuse = |message: String| scope.refuse_with(span, message, self.kind.example());
        let default_port = if self.kind == Kind::Sentinel { 26379 } else { 6379 };
        let mut addresses = Vec::new();
        for written in self.hosts.split(',') {
            let address = address(written, default_port).map_err(|reason| {
                refuse(format!("sessions: not the address of a server: {reason}"))
            })?;
            addresses.push(address);
        }
        if addresses.len() > MOST_SERVERS {
            return Err(refuse(format!("sessions: more than {MOST_SERVERS} servers")));
        }
        match self.kind {
            Kind::Single => {
                let server = addresses.pop().filter(|_| addresses.is_empty());
                let server =
                    server.ok_or_else(|| refuse("sessions: redis: takes one server".to_owned()))?;
                let database = database(self.path).map_err(refuse)?;
                Ok(RedisServers::Single { server, database })
            }
            Kind::Sentinel => {
                let (service, number) = self.path.split_once('/').unwrap_or((self.path, ""));
                if !is_service(service) {
                    let message =
                        "sessions: after the sentinels comes / and the name of the primary";
                    return Err(refuse(message.to_owned()));
                }
                let database = database(number).map_err(refuse)?;
                let service = service.to_owned();
                Ok(RedisServers::Sentinel { sentinels: addresses, service, database })
            }
            Kind::Cluster if self.path.is_empty() => Ok(RedisServers::Cluster { nodes: addresses }),
            Kind::Cluster => Err(refuse("sessions: a cluster has one database, 0".to_owned())),
        }
    }
}

impl Kind {
    fn example(self) -> &'static str {
        match self {
            Self::Single => ONE_SERVER,
            Self::Sentinel => {
                "for example \"redis+sentinel://bitrix-id@10.0.0.5:26379,10.0.0.6:26379/mymaster\""
            }
            Self::Cluster => {
                "for example \"redis+cluster://bitrix-id@10.0.0.5:6379,10.0.0.6:6379\""
            }
        }
    }
}

fn address(text: &str, default_port: u16) -> Result<RedisAddress, String> {
    // A colon inside brackets belongs to an IPv6 address.
    let colon = text.rfind(':').filter(|at| !text[*at..].contains(']'));
    let (host, port) = match colon {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let host = host::canonical(host).map_err(|error| error.to_string())?;
    let port = match port {
        None => default_port,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits
            .parse()
            .ok()
            .filter(|port| *port != 0)
            .ok_or("a port is a number from 1 to 65535")?,
        Some(_) => return Err("a port is a number from 1 to 65535".to_owned()),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Ok(RedisAddress { host, port })
}

fn database(path: &str) -> Result<u16, String> {
    match path {
        "" => Ok(0),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().map_err(|_| "sessions: no server has so many databases".to_owned())
        }
        _ => Err("sessions: after the server comes / and the number of a database".to_owned()),
    }
}

fn is_user(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    !text.is_empty() && text.bytes().all(plain)
}

// Redis' own rule for the name, sentinel.c.
fn is_service(text: &str) -> bool {
    is_user(text)
}

const ONE_SERVER: &str = "for example \"rediss://bitrix-id@redis.example:6379\"";

/// More is a mistake: any few of a cluster's nodes know the rest.
const MOST_SERVERS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        for (text, host, port) in [
            ("redis.example", "redis.example", 6379),
            ("REDIS.example:7000", "redis.example", 7000),
            ("10.0.0.5:1", "10.0.0.5", 1),
            ("[::1]", "::1", 6379),
            ("[2001:db8::7]:6380", "2001:db8::7", 6380),
        ] {
            let expected = RedisAddress { host: host.to_owned(), port };
            assert_eq!(address(text, 6379), Ok(expected), "{text}");
        }
        for text in ["", ":6379", "a:", "a:0", "a:65536", "a:+1", "a b", "::1", "[::1", "a_b"] {
            assert!(address(text, 6379).is_err(), "{text}");
        }
    }

    #[test]
    fn databases_are_numbers() {
        assert_eq!(database(""), Ok(0));
        assert_eq!(database("15"), Ok(15));
        for text in ["a", "-1", "1/2", "65536", " "] {
            assert!(database(text).is_err(), "{text}");
        }
    }
}
