//! What a database says when it was not the query's fault: somebody else was faster, or it went away.

use sqlx::error::ErrorKind;

use crate::store::StoreError;

/// Why a query function is worth another run. Within a store only: none comes out of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    pub(in crate::store) cause: Cause,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Cause {
    /// Another transaction changed what this one had read, or waited for what this one held. Nothing of this
    /// one has happened.
    Conflict,
    /// A constraint says no: to a fault of ours, or because another transaction was faster.
    Constraint,
    /// The connection is of no use any more.
    Lost,
    /// The server takes no writes: it is a standby, or has become one.
    ReadOnly,
}

impl Interruption {
    /// What the caller is told when there is no other run.
    pub(super) fn settled(self) -> StoreError {
        match self.cause {
            Cause::Constraint => StoreError::Corrupt(self.text),
            Cause::Conflict | Cause::Lost | Cause::ReadOnly => StoreError::Unavailable(self.text),
        }
    }

    /// What `error` is a case of, if it is one.
    pub(in crate::store) fn of(error: &sqlx::Error) -> Option<Self> {
        let cause = match error {
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
                Cause::Lost
            }
            sqlx::Error::Database(refused) => match (refused.kind(), refused.code()?.as_ref()) {
                (kind, _) if !matches!(kind, ErrorKind::Other) => Cause::Constraint,
                (_, code) => by_sqlstate(code)?,
            },
            _ => return None,
        };
        Some(Self { cause, text: error.to_string() })
    }
}

impl std::fmt::Display for Interruption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// SQLite's codes are shorter than five characters, or all digits and never these.
///
/// Source: postgresql.org/docs/15/errcodes-appendix.html.
fn by_sqlstate(code: &str) -> Option<Cause> {
    Some(match code {
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => Cause::Conflict,
        // read_only_sql_transaction
        "25006" => Cause::ReadOnly,
        // admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped,
        // idle_in_transaction_session_timeout, idle_session_timeout
        "57P01" | "57P02" | "57P03" | "57P04" | "25P03" | "57P05" => Cause::Lost,
        _ if code.len() == 5 && code.starts_with("08") => Cause::Lost,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_codes_are_no_sqlstates() {
        for code in ["5", "261", "517", "13", "2067", "787", "1555"] {
            assert_eq!(by_sqlstate(code), None, "{code}");
        }
    }

    #[test]
    fn a_broken_constraint_is_told_as_a_fault_of_ours() {
        let told = |cause| Interruption { cause, text: "x".to_owned() }.settled();
        assert!(matches!(told(Cause::Constraint), StoreError::Corrupt(_)));
        for cause in [Cause::Conflict, Cause::Lost, Cause::ReadOnly] {
            assert!(matches!(told(cause), StoreError::Unavailable(_)), "{cause:?}");
        }
    }
}
