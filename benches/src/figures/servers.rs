//! The stores of an installation: real servers with their files on the machine's disk, where an acknowledged
//! write has been flushed, as docs/operations.md has them.

mod postgres;
mod redis;

use std::time::Duration;

use bitrix_id_test_servers::server::keep_files_in;
use bitrix_id_tests::config_text::{ConfigText, quoted};

use crate::cpu;
use postgres::Postgres;
use redis::Redis;

/// A directory, and where sessions are kept beside it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pairing {
    /// As a column is called.
    pub name: &'static str,
    directory: Directory,
    sessions: Sessions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Directory {
    Sqlite,
    Postgres,
}

/// Where sessions are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sessions {
    /// In the directory's own database.
    Embedded,
    /// In one server.
    Redis,
    /// In a primary with a replica, which three sentinels watch.
    Sentinel,
    /// In a cluster of three.
    Cluster,
}

/// All there are.
pub(crate) const PAIRINGS: [Pairing; 6] = [
    SQLITE,
    Pairing { name: "PostgreSQL", directory: Directory::Postgres, sessions: Sessions::Embedded },
    Pairing { name: "SQLite + Redis", directory: Directory::Sqlite, sessions: Sessions::Redis },
    POSTGRES_AND_REDIS,
    Pairing {
        name: "PostgreSQL + Sentinel",
        directory: Directory::Postgres,
        sessions: Sessions::Sentinel,
    },
    Pairing {
        name: "PostgreSQL + Cluster",
        directory: Directory::Postgres,
        sessions: Sessions::Cluster,
    },
];

/// Everything in one file.
pub(crate) const SQLITE: Pairing =
    Pairing { name: "SQLite", directory: Directory::Sqlite, sessions: Sessions::Embedded };

/// What several gateways share.
pub(crate) const POSTGRES_AND_REDIS: Pairing = Pairing {
    name: "PostgreSQL + Redis",
    directory: Directory::Postgres,
    sessions: Sessions::Redis,
};

impl Pairing {
    /// Whether sessions are in the directory's own database.
    pub(crate) fn is_embedded(&self) -> bool {
        self.sessions == Sessions::Embedded
    }

    /// Whether the directory is a file of the gateway's own.
    pub(crate) fn is_sqlite(&self) -> bool {
        self.directory == Directory::Sqlite
    }
}

/// The servers of a pairing; they end with this.
pub(crate) struct Servers {
    postgres: Option<Postgres>,
    redis: Option<Redis>,
}

impl Servers {
    /// Starts them, empty.
    pub(crate) async fn start(pairing: &Pairing) -> Self {
        keep_files_in(std::env::temp_dir());
        let postgres = match pairing.directory {
            Directory::Sqlite => None,
            Directory::Postgres => Some(Postgres::start().await),
        };
        Self { postgres, redis: Redis::start(pairing.sessions).await }
    }

    /// Says where they are.
    pub(crate) fn configure(&self, config: &mut ConfigText) {
        if let Some(postgres) = &self.postgres {
            config.set("store", "directory", quoted(&postgres.url()));
        }
        if let Some(redis) = &self.redis {
            config.set("store", "sessions", quoted(&redis.url()));
        }
    }

    /// The directory's address, if it is no file.
    pub(crate) fn directory_url(&self) -> Option<String> {
        self.postgres.as_ref().map(Postgres::url)
    }

    /// CPU time that the directory's server has taken so far.
    pub(crate) fn directory_cpu(&self) -> Option<Duration> {
        let first = self.postgres.as_ref()?.pid();
        let mut pids = cpu::children(first);
        pids.push(first);
        Some(cpu::time_of_living(&pids))
    }

    /// CPU time that the servers with the sessions have taken so far; not their replica, nor sentinels.
    pub(crate) fn sessions_cpu(&self) -> Option<Duration> {
        Some(cpu::time_of_living(&self.redis.as_ref()?.pids()))
    }

    /// Memory that what is kept in Redis takes, in bytes.
    pub(crate) fn sessions_bytes(&self) -> Option<u64> {
        Some(self.redis.as_ref()?.used_memory())
    }

    /// Has Redis keep nothing on disk from here on.
    pub(crate) fn keep_sessions_in_memory_alone(&self) {
        if let Some(redis) = &self.redis {
            redis.configure("appendonly no");
        }
    }
}
