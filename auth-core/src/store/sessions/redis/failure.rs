//! What went wrong, in words that hold nothing of a call: no address, no user, no key, no value.

use std::error::Error as _;
use std::io;
use std::sync::Arc;

use redis::{ErrorKind, FromRedisValue, RedisError, ServerErrorKind, Value};

use crate::store::{Result, StoreError};

/// Why a command has no answer.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// The server does not have the script: it was not run.
    NoScript,
    /// The server is away, or is busy with itself: it may come back without anybody's doing. The command may
    /// have been run or not.
    Away(String),
    /// Anything else: somebody has to set something right.
    Refused(String),
}

impl Failure {
    /// In words.
    pub(super) fn reason(self) -> String {
        match self {
            Self::NoScript => "Redis forgets scripts at once".to_owned(),
            Self::Away(reason) | Self::Refused(reason) => reason,
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        Self::Unavailable(failure.reason())
    }
}

impl From<&RedisError> for Failure {
    fn from(error: &RedisError) -> Self {
        match error.kind() {
            ErrorKind::Server(ServerErrorKind::NoScript) => Self::NoScript,
            _ if is_away(error) => Self::Away(plain(error)),
            _ => Self::Refused(plain(error)),
        }
    }
}

/// An answer as the type it must have.
pub(super) fn read<T: FromRedisValue>(answer: Value) -> Result<T> {
    T::from_redis_value(answer)
        .map_err(|_| StoreError::Unavailable("Redis gave an answer of another kind".to_owned()))
}

/// Whether the server should be looked for anew: a connection that failed tells nothing about the next, and
/// a primary may have become a replica.
pub(super) fn asks_for_another_connection(error: &RedisError) -> bool {
    match code(error) {
        Some(code) => matches!(code, "READONLY" | "LOADING" | "MASTERDOWN" | "NOAUTH"),
        None => true,
    }
}

/// Whether waiting may help. What is not known to pass does not.
pub(super) fn is_away(error: &RedisError) -> bool {
    if let Some(code) = code(error) {
        return PASSING.contains(&code);
    }
    match error.kind() {
        // What TLS says of a certificate is invalid data.
        ErrorKind::Io => {
            !matches!(io_kind(error), Some(io::ErrorKind::InvalidData | io::ErrorKind::Unsupported))
        }
        ErrorKind::MasterNameNotFoundBySentinel | ErrorKind::ClusterConnectionNotFound => true,
        _ => false,
    }
}

fn io_kind(error: &RedisError) -> Option<io::ErrorKind> {
    // The client gives its shared pointer to the error as the source.
    let shared = error.source()?.downcast_ref::<Arc<dyn std::error::Error + Send + Sync>>()?;
    Some(shared.downcast_ref::<io::Error>()?.kind())
}

/// The first word of a server's answer. Before version 7 a script's own error is wrapped into another.
fn code(error: &RedisError) -> Option<&str> {
    let code = error.code()?;
    let wrapped = error.detail().filter(|_| code == "ERR").and_then(|detail| {
        let mut inside = KNOWN.iter().map(|(known, _)| *known);
        let phrase = || PHRASES.iter().find(|(phrase, _)| detail.contains(phrase));
        inside
            .find(|known| detail.contains(&format!("-{known} ")))
            .or_else(|| phrase().map(|(_, code)| *code))
    });
    Some(wrapped.unwrap_or(code))
}

/// For the log and the operator.
pub(super) fn plain(error: &RedisError) -> String {
    if let Some(code) = code(error) {
        return answered(code);
    }
    match error.kind() {
        ErrorKind::AuthenticationFailed => "Redis refuses the user name or the password".to_owned(),
        ErrorKind::Parse => "Redis does not speak its protocol".to_owned(),
        ErrorKind::MasterNameNotFoundBySentinel => {
            "the sentinels know no primary of this name that is up".to_owned()
        }
        ErrorKind::ClusterConnectionNotFound => "a node of the cluster is missing".to_owned(),
        ErrorKind::Io if error.is_timeout() => "Redis does not answer in time".to_owned(),
        // The system's own words, or those of TLS: neither knows what was asked.
        ErrorKind::Io => format!("Redis cannot be reached: {error}"),
        _ => format!("Redis cannot be used: {}", error.category()),
    }
}

fn answered(code: &str) -> String {
    let word = (1..=20).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if !word {
        return "Redis answers with an error".to_owned();
    }
    match KNOWN.iter().find(|(known, _)| *known == code) {
        Some((_, meaning)) => format!("Redis answers {code}: {meaning}"),
        None => format!("Redis answers {code}"),
    }
}

/// What servers say where they have no word of its own, and the word for it.
const PHRASES: &[(&str, &str)] = &[
    ("The user executing the script", "NOPERM"),
    ("no permissions", "NOPERM"),
    ("Authentication required", "NOAUTH"),
    ("loading the dataset", "LOADING"),
    ("max number of clients", "MAXCLIENTS"),
    ("DB index is out of range", "NODATABASE"),
];

/// What a server says that is well but for the moment.
const PASSING: &[&str] = &[
    "LOADING",
    "READONLY",
    "MASTERDOWN",
    "OOM",
    "CLUSTERDOWN",
    "TRYAGAIN",
    "MISCONF",
    "NOREPLICAS",
    "BUSY",
    "MAXCLIENTS",
];

const KNOWN: &[(&str, &str)] = &[
    ("LOADING", "it is still loading its data"),
    ("READONLY", "it is a replica"),
    ("MASTERDOWN", "it is a replica that has lost its primary"),
    ("OOM", "its memory is full"),
    ("NOAUTH", "it asks for a password"),
    ("WRONGPASS", "the user name or the password is wrong"),
    ("NOPERM", "the user may not do what is needed"),
    ("MOVED", "it is part of a cluster"),
    ("ASK", "it is part of a cluster"),
    ("CROSSSLOT", "it is part of a cluster"),
    ("CLUSTERDOWN", "the cluster does not serve all of its keys"),
    ("TRYAGAIN", "the cluster is moving keys"),
    ("MISCONF", "it cannot save to its disk"),
    ("NOREPLICAS", "it has too few replicas to take writes"),
    ("NODATABASE", "it has no database of this number"),
    ("BUSY", "it is busy with a script"),
    ("MAXCLIENTS", "it has as many connections as it may have"),
];

#[cfg(test)]
mod unit {
    use redis::parse_redis_value;

    use super::*;

    fn error(line: &str) -> RedisError {
        parse_redis_value(line.as_bytes()).unwrap().extract_error().unwrap_err()
    }

    #[test]
    fn what_a_server_says_is_not_repeated() {
        for (line, expected) in [
            ("-LOADING secret\r\n", "Redis answers LOADING: it is still loading its data"),
            ("-WRONGPASS s\r\n", "Redis answers WRONGPASS: the user name or the password is wrong"),
            (
                "-ERR Error running script (call to f): @user_script:3: -OOM command secret\r\n",
                "Redis answers OOM: its memory is full",
            ),
            ("-ODD secret\r\n", "Redis answers ODD"),
            ("-secret\r\n", "Redis answers with an error"),
            ("-\r\n", "Redis answers with an error"),
        ] {
            assert_eq!(plain(&error(line)), expected, "{line:?}");
        }
    }

    #[test]
    fn waiting_helps_with_what_passes_and_nothing_else() {
        for (line, passes) in [
            ("-LOADING Redis is loading\r\n", true),
            ("-CLUSTERDOWN The cluster is down\r\n", true),
            ("-ERR max number of clients reached\r\n", true),
            ("-WRONGPASS s\r\n", false),
            ("-NOPERM s\r\n", false),
            ("-MOVED 1 127.0.0.1:1\r\n", false),
            ("-ERR DB index is out of range\r\n", false),
            ("-ODD s\r\n", false),
        ] {
            assert_eq!(is_away(&error(line)), passes, "{line:?}");
        }
        for (kind, passes) in [
            (io::ErrorKind::ConnectionRefused, true),
            (io::ErrorKind::TimedOut, true),
            (io::ErrorKind::InvalidData, false),
        ] {
            assert_eq!(is_away(&RedisError::from(io::Error::from(kind))), passes, "{kind}");
        }
    }

    #[test]
    fn a_primary_that_became_a_replica_is_left() {
        for (line, expected) in [
            ("-READONLY You can't write against a read only replica.\r\n", true),
            ("-ERR Error running script: @user_script: 3: -READONLY You can't\r\n", true),
            ("-OOM command not allowed\r\n", false),
            ("-NOSCRIPT No matching script.\r\n", false),
        ] {
            assert_eq!(asks_for_another_connection(&error(line)), expected, "{line:?}");
        }
    }
}
