//! A server that follows another, and takes its place.

use std::fs;
use std::time::{Duration, Instant};

use sqlx::Row as _;

use super::installation::{SUPERUSER, program};
use super::{HOST, Postgres, TestPostgres};
use crate::server::as_nobody_special;

impl TestPostgres {
    /// Makes this server a replica of `primary`, which from now on answers a COMMIT when this one has it as well.
    /// What this one had is gone.
    pub async fn follow(&self, primary: &Self) {
        let port = primary.port();
        self.blocking(move |server| {
            server.stop::<Postgres>();
            let files = server.files();
            let data = files.join("data");
            fs::remove_dir_all(&data).expect("its data goes");
            let copied = as_nobody_special(program("pg_basebackup"))
                .args(["--host", HOST, "--port", &port.to_string(), "--username", SUPERUSER])
                .args(["--checkpoint", "fast", "--no-sync", "--write-recovery-conf", "--pgdata"])
                .arg(&data)
                .current_dir(&files)
                .output()
                .expect("pg_basebackup runs");
            let said = String::from_utf8_lossy(&copied.stderr);
            assert!(copied.status.success(), "pg_basebackup: {said}");
            server.start::<Postgres>();
        })
        .await;
        // After the copy: the copy itself shall not wait for anybody once it is promoted.
        primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'").await;
        primary.execute("SELECT pg_reload_conf()").await;
        let follows = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
        primary.until(follows, 1).await;
    }

    /// Makes a replica the primary, and waits until it takes writes.
    pub async fn promote(&self) {
        self.execute("SELECT pg_promote()").await;
        self.until("SELECT count(*) WHERE NOT pg_is_in_recovery()", 1).await;
    }

    async fn until(&self, count: &'static str, wanted: i64) {
        let mut connection = self.connect("postgres").await;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let row = sqlx::query(count).fetch_one(&mut connection).await.expect("an answer");
            if row.get::<i64, _>(0) == wanted {
                return;
            }
            assert!(Instant::now() < deadline, "not in time: {count}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(60);
