//! A fault a minute, one after another and round again, with the configuration reloaded in between.

use std::time::{Duration, Instant};

use bitrix_id_test_servers::redis::TestRedis;
use bitrix_id_tests::client::raw::RawConnection;
use bitrix_id_tests::consistency;
use bitrix_id_tests::fleet::Fleet;
use bitrix_id_tests::journey::Trouble;
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::ACME;
use bitrix_id_tests::tcp_proxy::{Passage, TcpProxy};

use super::board::{Board, Deed, Gateway};

const EVERY: Duration = Duration::from_secs(60);
/// Where in its minute a fault begins; before and after it is time to reload, and to see all well again.
const BEGINS: Duration = Duration::from_secs(15);
const LASTS: Duration = Duration::from_secs(8);
/// Within this all is well again, on a busy machine.
const HEALS: Duration = Duration::from_secs(60);

/// What can be broken.
#[derive(Debug, Clone, Copy)]
enum Fault {
    RedisHeld,
    RedisSlow,
    RedisCut,
    RedisRestarted,
    PostgresPaused,
    PostgresRestarted,
    GatewayKilled,
    GatewayReplaced,
    BrokenConfiguration,
    KeysRotated,
    CertificatesSwapped,
    SlowClients,
}

const ALL: [Fault; 12] = [
    Fault::RedisHeld,
    Fault::KeysRotated,
    Fault::PostgresPaused,
    Fault::GatewayKilled,
    Fault::RedisSlow,
    Fault::BrokenConfiguration,
    Fault::RedisRestarted,
    Fault::GatewayReplaced,
    Fault::PostgresRestarted,
    Fault::CertificatesSwapped,
    Fault::RedisCut,
    Fault::SlowClients,
];

/// The gateways and what they stand on.
pub(super) struct Troubled {
    fleet: Fleet,
    redis: TestRedis,
    proxy: TcpProxy,
    slow: Vec<RawConnection>,
}

/// Breaks and mends for so long.
pub(super) async fn one_a_minute(troubled: &mut Troubled, board: &Board, length: Duration) {
    let faults = ALL.iter().cycle();
    let minutes = usize::try_from(length.as_secs() / EVERY.as_secs()).unwrap_or(usize::MAX);
    for (minute, fault) in faults.take(minutes).enumerate() {
        let began = Instant::now();
        tokio::time::sleep(BEGINS).await;
        board.begins(fault.name());
        troubled.begin(*fault).await;
        tokio::time::sleep(LASTS).await;
        troubled.end(*fault).await;
        board.ends();
        troubled.healed().await;
        tokio::time::sleep_until((began + EVERY * 3 / 4).into()).await;
        troubled.reload(board, minute).await;
        // What the upstreams remember is of no use here.
        troubled.forget();
        tokio::time::sleep_until((began + EVERY).into()).await;
    }
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Self::RedisHeld => "Redis does not answer",
            Self::RedisSlow => "Redis is slow (100 ms each way)",
            Self::RedisCut => "Redis cannot be reached",
            Self::RedisRestarted => "Redis is restarted",
            Self::PostgresPaused => "PostgreSQL does not answer",
            Self::PostgresRestarted => "PostgreSQL is restarted",
            Self::GatewayKilled => "gateway B is killed, and started",
            Self::GatewayReplaced => "gateway B hands over to a new process",
            Self::BrokenConfiguration => "the configuration is broken",
            Self::KeysRotated => "keys are rotated",
            Self::CertificatesSwapped => "certificates are swapped",
            Self::SlowClients => "500 slow clients",
        }
    }
}

impl Troubled {
    /// Nothing is broken yet.
    pub(super) fn new(fleet: Fleet, redis: TestRedis, proxy: TcpProxy) -> Self {
        Self { fleet, redis, proxy, slow: Vec::new() }
    }

    async fn begin(&mut self, fault: Fault) {
        let gateway = &self.fleet.stage.gateway;
        match fault {
            Fault::RedisHeld => self.proxy.set(Passage::Held),
            Fault::RedisSlow => self.proxy.set(Passage::Slow(Duration::from_millis(100))),
            Fault::RedisCut => self.proxy.set(Passage::Cut),
            Fault::RedisRestarted => self.redis.stop().await,
            Fault::PostgresPaused => self.fleet.postgres.pause().await,
            Fault::PostgresRestarted => self.fleet.postgres.stop().await,
            Fault::GatewayKilled => self.fleet.sibling.kill().await,
            Fault::GatewayReplaced => self.fleet.sibling.start_process(&["--upgrade"]),
            Fault::BrokenConfiguration => {
                let text = gateway.config().tail("\n[surprise]\n").render();
                std::fs::write(gateway.config_path(), text).expect("the folder is ours");
            }
            Fault::KeysRotated => {
                let _ = gateway.cli(&["keys", "rotate"], "").await.expect_success();
            }
            Fault::CertificatesSwapped => {
                let names = ["*.bitrix24.localhost", "*.initech.localhost"];
                gateway.authority().issue(&names).write(gateway.folder(), "tls");
            }
            Fault::SlowClients => self.crowd().await,
        }
    }

    async fn end(&mut self, fault: Fault) {
        match fault {
            Fault::RedisHeld | Fault::RedisSlow | Fault::RedisCut => {
                self.proxy.set(Passage::Free);
            }
            Fault::RedisRestarted => self.redis.start().await,
            Fault::PostgresPaused => self.fleet.postgres.resume().await,
            Fault::PostgresRestarted => self.fleet.postgres.start().await,
            Fault::GatewayKilled => self.fleet.sibling.start_again().await,
            Fault::BrokenConfiguration => {
                let gateway = &self.fleet.stage.gateway;
                let text = gateway.config().render();
                std::fs::write(gateway.config_path(), text).expect("the folder is ours");
            }
            Fault::SlowClients => self.slow.clear(),
            Fault::KeysRotated | Fault::CertificatesSwapped | Fault::GatewayReplaced => {}
        }
    }

    /// Clients that begin a request and leave it at that.
    async fn crowd(&mut self) {
        for _ in 0..500 {
            let mut connection = self.fleet.stage.gateway.raw(ACME).await;
            connection.send("GET /pub/x HTTP/1.1\r\nHost: ").await.expect("it is read");
            self.slow.push(connection);
        }
    }

    /// Waits until both gateways say that they are ready.
    pub(super) async fn healed(&self) {
        until(HEALS, "both gateways are ready again", async || {
            let first = self.fleet.stage.gateway.admin("GET", "/health/ready").await;
            first.status == 200 && self.fleet.sibling.is_ready().await
        })
        .await;
    }

    /// Nothing half-done is left in the directory.
    pub(super) async fn is_consistent(&self) {
        consistency::assert_holds(&self.fleet.database.url()).await;
    }

    /// Another rule each time, so that there is something to take over.
    async fn reload(&mut self, board: &Board, minute: usize) {
        let gateway = &mut self.fleet.stage.gateway;
        let mut config = gateway.config();
        config.set("server", "drain", format!("\"{}s\"", 4 + minute % 2));
        config.set("identity", "name", format!("\"Bitrix ID {minute}\""));
        gateway.write_config(config);
        let began = Instant::now();
        let answer = gateway.admin("POST", "/config/reload").await;
        let outcome = match answer.status {
            200 => Ok(()),
            status => Err(Trouble::NoAnswer(format!("{status}: {}", answer.text()))),
        };
        board.note(Deed::Reload, began, &outcome, Gateway::Lasting);
    }

    fn forget(&self) {
        let stage = &self.fleet.stage;
        for upstream in [&stage.acme, &stage.globex, &stage.initech] {
            upstream.forget();
        }
    }
}
