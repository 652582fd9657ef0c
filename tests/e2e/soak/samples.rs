//! What the gateways and their stores hold, looked at every few seconds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bitrix_id_test_servers::redis::TestRedis;
use bitrix_id_tests::client::raw::RawConnection;
use bitrix_id_tests::fleet::Fleet;
use bitrix_id_tests::logs;
use sqlx::{Connection as _, PgConnection};
use tokio::task::JoinHandle;

use super::board::Board;
use super::pace;

const EVERY: Duration = Duration::from_secs(5);

/// What a gateway holds. Nothing while it is down.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(super) struct Held {
    /// `VmRSS`.
    pub(super) memory_kib: f64,
    /// Open descriptors.
    pub(super) files: f64,
    /// Tasks alive, by its own count.
    pub(super) tasks: f64,
}

/// One look.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// Since the start, in seconds.
    pub(super) at: f64,
    /// Gateway A, which lives for the whole time, and B, which is killed and replaced.
    pub(super) gateways: [Option<Held>; 2],
    /// Keys in Redis, and what it takes for them.
    pub(super) redis_keys: Option<f64>,
    /// The same in KiB.
    pub(super) redis_kib: Option<f64>,
    /// Rows in PostgreSQL that come and go.
    pub(super) rows: Option<f64>,
    /// Rows of the audit log, which is kept.
    pub(super) audit: Option<f64>,
    /// Requests of signed-in people a second since the last look.
    pub(super) requests: f64,
    /// The slowest but one in a hundred of them, in milliseconds.
    pub(super) p99_ms: f64,
}

/// What is looked at.
#[derive(Clone)]
pub(super) struct Sampler {
    admins: [SocketAddr; 2],
    redis: TestRedis,
    database: String,
    count_rows: String,
}

/// Looks being taken.
pub(super) struct Sampling {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Vec<Sample>>,
}

impl Sampler {
    /// Of these gateways and their stores.
    pub(super) async fn new(fleet: &Fleet, redis: &TestRedis) -> Self {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'",
        )
        .fetch_all(&mut fleet.database.connect().await)
        .await
        .expect("the names of tables");
        let kept = |name: &&String| name.as_str() != "audit_events";
        let counts =
            tables.iter().filter(kept).map(|name| format!("(SELECT count(*) FROM {name})"));
        let sum = counts.collect::<Vec<_>>().join(" + ");
        Self {
            admins: [fleet.stage.gateway.admin_address(), fleet.sibling.admin_address()],
            redis: redis.clone(),
            database: fleet.database.url(),
            count_rows: format!("SELECT {sum}, (SELECT count(*) FROM audit_events)"),
        }
    }

    /// What is held when nobody works, after so long.
    pub(super) async fn at_rest(&self, rest: Duration) -> Sample {
        tokio::time::sleep(rest).await;
        self.look(0.0).await
    }

    /// Begins to look.
    pub(super) fn start(&self, board: &Arc<Board>) -> Sampling {
        let stop = Arc::new(AtomicBool::new(false));
        let (me, board, stopped) = (self.clone(), board.clone(), stop.clone());
        let task = tokio::spawn(async move {
            let (mut samples, mut last) = (Vec::new(), Instant::now());
            while !stopped.load(Ordering::Relaxed) {
                let before = last;
                pace(&mut last, EVERY).await;
                let mut sample = me.look(board.now().as_secs_f64()).await;
                let took = board.take_times();
                sample.requests = took.len() as f64 / (last - before).as_secs_f64();
                let p99 = took.get(took.len() * 99 / 100);
                sample.p99_ms = p99.map_or(0.0, |took| took.as_secs_f64() * 1000.0);
                samples.push(sample);
            }
            samples
        });
        Sampling { stop, task }
    }

    async fn look(&self, at: f64) -> Sample {
        let [first, second] = self.admins;
        let (first, second, redis, rows) =
            tokio::join!(held(first), held(second), self.redis(), self.rows());
        Sample {
            at,
            gateways: [first, second],
            redis_keys: redis.map(|(keys, _)| keys),
            redis_kib: redis.map(|(_, kib)| kib),
            rows: rows.map(|(rows, _)| rows),
            audit: rows.map(|(_, audit)| audit),
            requests: 0.0,
            p99_ms: 0.0,
        }
    }

    async fn redis(&self) -> Option<(f64, f64)> {
        let redis = self.redis.clone();
        let asked = tokio::task::spawn_blocking(move || {
            Some((redis.try_ask("DBSIZE").ok()?, redis.try_ask("INFO memory").ok()?))
        });
        let (size, memory) = asked.await.ok()??;
        let keys = size.trim().strip_prefix(':')?.parse().ok()?;
        let used = memory.lines().find_map(|line| line.strip_prefix("used_memory:"))?;
        Some((keys, used.trim().parse::<f64>().ok()? / 1024.0))
    }

    async fn rows(&self) -> Option<(f64, f64)> {
        let counted = tokio::time::timeout(Duration::from_secs(2), async {
            let mut connection = PgConnection::connect(&self.database).await.ok()?;
            let query = sqlx::query_as(sqlx::AssertSqlSafe(self.count_rows.as_str()));
            let counted: (i64, i64) = query.fetch_one(&mut connection).await.ok()?;
            let _ = connection.close().await;
            Some(counted)
        });
        let (rows, audit) = counted.await.ok()??;
        Some((rows as f64, audit as f64))
    }
}

impl Sampling {
    /// The last look is taken.
    pub(super) async fn stop(self) -> Vec<Sample> {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.expect("looking does not panic")
    }
}

/// What a gateway says that it holds.
async fn held(admin: SocketAddr) -> Option<Held> {
    let asked = tokio::time::timeout(Duration::from_secs(2), async {
        let mut connection = RawConnection::plain(admin).await.ok()?;
        let request =
            format!("GET /metrics HTTP/1.1\r\nHost: {admin}\r\nConnection: close\r\n\r\n");
        connection.exchange("GET", request).await.ok()
    });
    let metrics = asked.await.ok()??.text();
    let value = |name| logs::sample(&metrics, name, &[]);
    Some(Held {
        memory_kib: value("process_resident_memory_bytes")? / 1024.0,
        files: value("process_open_fds")?,
        tasks: value("bitrix_id_tasks")?,
    })
}
