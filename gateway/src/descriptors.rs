//! The file descriptors of the process, and what each kind of connection may take of them.
//!
//! A request has two connections, its client's and its upstream's; some to upstreams wait for their next
//! request. Together they leave some for stores, logs and the admin listener, so that a crowd of clients
//! never keeps the operator out.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How many connections of each kind the process can afford.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Descriptors {
    /// From clients; as many go to upstreams.
    pub clients: usize,
    /// To upstreams, waiting: kept by us, and by pingora for the requests that are its own.
    pub waiting: usize,
}

impl Descriptors {
    /// Raises the limit of open files as far as the system lets it, and shares it out.
    pub(crate) fn claim() -> Self {
        Self::of(raise_limit())
    }

    /// `limit` is that of open files, `None` for none.
    fn of(limit: Option<u64>) -> Self {
        let Some(limit) = limit else {
            return Self { clients: usize::MAX, waiting: MOST_WAITING };
        };
        let shares = usize::try_from(limit.saturating_sub(RESERVED)).unwrap_or(usize::MAX) / SHARES;
        Self {
            clients: (shares * CLIENTS).max(1),
            waiting: shares.saturating_mul(WAITING).clamp(1, MOST_WAITING),
        }
    }
}

/// Raises the soft limit of open files to the hard one and returns what holds then.
fn raise_limit() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    }
}

const RESERVED: u64 = 128;
/// Seven for clients, seven for their upstreams, one for each kind of waiting.
const SHARES: usize = 16;
const CLIENTS: usize = 7;
const WAITING: usize = 1;
/// More do not make anything faster.
const MOST_WAITING: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_kinds_together_leave_some_for_the_operator() {
        for limit in [144, 256, 1024, 20_000, 1_048_576] {
            let Descriptors { clients, waiting } = Descriptors::of(Some(limit));
            assert!((2 * (clients + waiting)) as u64 + RESERVED <= limit, "{limit}");
        }
    }

    #[test]
    fn many_files_are_many_clients() {
        assert_eq!(Descriptors::of(Some(1024)), Descriptors { clients: 392, waiting: 56 });
        assert_eq!(Descriptors::of(Some(100)), Descriptors { clients: 1, waiting: 1 });
        assert_eq!(Descriptors::of(None).clients, usize::MAX);
    }
}
