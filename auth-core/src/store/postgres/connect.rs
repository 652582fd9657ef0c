//! Connections: how they are set up, and when one that is open is not trusted any more.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers};
use sqlx::{AnyConnection, AnyPool, ConnectOptions};
use tokio::time::Instant;
use url::Url;

use crate::store::sql::CALL_DEADLINE;

/// Since when connections are good: one that is older may lead to a server that is gone, or that takes no
/// writes any more, and is made anew before it is used.
#[derive(Debug)]
pub(super) struct Trust {
    start: Instant,
    /// Milliseconds after `start`.
    since: AtomicU64,
    /// Whether the server that was reached last takes no writes.
    read_only: AtomicBool,
}

impl Trust {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), since: AtomicU64::new(0), read_only: AtomicBool::new(false) }
    }

    /// From now on only connections that are made from now on are good.
    pub(super) fn renew(&self, now: Instant) {
        // One that was made in this very millisecond is made anew as well.
        self.since.fetch_max(self.milliseconds(now).saturating_add(1), Ordering::Relaxed);
    }

    /// Why there is no connection, if it is known better than by the time that passed.
    pub(super) fn complaint(&self) -> Option<&'static str> {
        self.read_only.load(Ordering::Relaxed).then_some(READ_ONLY)
    }

    fn covers(&self, born: Instant) -> bool {
        self.milliseconds(born) >= self.since.load(Ordering::Relaxed)
    }

    fn milliseconds(&self, moment: Instant) -> u64 {
        let elapsed = moment.saturating_duration_since(self.start);
        u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
    }
}

/// The server that `url` names, with the password that is kept apart from it.
pub(super) fn connect_options(
    url: &Url,
    password: Option<&str>,
) -> sqlx::Result<AnyConnectOptions> {
    install_default_drivers();
    let mut url = url.clone();
    if let Some(password) = password {
        let encoded = utf8_percent_encode(password, NON_ALPHANUMERIC).to_string();
        let refused = || sqlx::Error::Configuration("the URL takes no password".into());
        url.set_password(Some(&encoded)).map_err(|()| refused())?;
    }
    Ok(AnyConnectOptions::from_url(&url)?.disable_statement_logging())
}

/// What a pool's connections lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads {
    /// To the server that takes writes.
    ToPrimary,
    /// To one that may lag behind it.
    ToReplica,
}

/// A pool that opens its connections when they are needed.
pub(super) fn pool(
    options: AnyConnectOptions,
    connections: u32,
    leads: Leads,
    trust: Arc<Trust>,
) -> AnyPool {
    let patience = match leads {
        // A little less, so that the reason comes up instead of the deadline.
        Leads::ToPrimary => CALL_DEADLINE - Duration::from_millis(100),
        Leads::ToReplica => REPLICA_PATIENCE,
    };
    let trusting = trust.clone();
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(patience)
        .idle_timeout(Some(IDLE_LIMIT))
        .max_lifetime(Some(LIFETIME))
        // Asking each connection whether it lives costs a round trip per call. A dead one is noticed by the
        // call itself, which then takes another.
        .test_before_acquire(false)
        .before_acquire(move |_, connection| {
            let born = Instant::now().checked_sub(connection.age);
            Box::pin(ready(Ok(born.is_some_and(|born| trust.covers(born)))))
        })
        .after_connect(move |connection, _| {
            let trust = trusting.clone();
            Box::pin(async move { set_up(connection, leads, &trust).await })
        })
        .connect_lazy_with(options)
}

async fn set_up(connection: &mut AnyConnection, leads: Leads, trust: &Trust) -> sqlx::Result<()> {
    sqlx::raw_sql(SETTINGS).execute(&mut *connection).await?;
    if leads == Leads::ToPrimary {
        // During a failover the old server may answer for a while, and its replacement before it is one.
        let read_only: String =
            sqlx::query_scalar("SELECT current_setting('transaction_read_only')")
                .fetch_one(connection)
                .await?;
        trust.read_only.store(read_only == "on", Ordering::Relaxed);
        if read_only == "on" {
            return Err(sqlx::Error::Protocol(READ_ONLY.to_owned()));
        }
    }
    Ok(())
}

const READ_ONLY: &str = "the server takes no writes";

/// The server says before [`CALL_DEADLINE`] that a statement takes too long, so that one which says nothing is
/// known to be gone; and it gives up what a client that is gone for good has left.
const SETTINGS: &str = "SET statement_timeout = 1800; \
    SET idle_in_transaction_session_timeout = 5000";

/// A list that comes a little later is better than none, but the primary has it too.
const REPLICA_PATIENCE: Duration = Duration::from_millis(500);

const IDLE_LIMIT: Duration = Duration::from_secs(10 * 60);
const LIFETIME: Duration = Duration::from_secs(30 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_as_it_is() {
        let url: Url = "postgres://gateway@db.example/id".parse().unwrap();
        for password in ["plain", "p@ss:w/rd?#%41", "пароль", " "] {
            let options = connect_options(&url, Some(password)).unwrap();
            let written = options.database_url.password().unwrap();
            let read = percent_encoding::percent_decode_str(written).decode_utf8().unwrap();
            assert_eq!(read, password);
        }
    }

    #[test]
    fn connections_from_before_are_not_trusted() {
        let trust = Trust::new();
        let at = |milliseconds| trust.start + Duration::from_millis(milliseconds);
        assert!(trust.covers(at(0)), "the very first");
        trust.renew(at(10_000));
        assert!(!trust.covers(at(9_000)));
        assert!(!trust.covers(at(10_000)));
        assert!(trust.covers(at(10_500)));
        trust.renew(at(5_000));
        assert!(!trust.covers(at(10_000)), "it never goes back");
    }
}
