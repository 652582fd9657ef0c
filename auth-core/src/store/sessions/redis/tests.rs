//! The contract on one server, on a cluster and behind sentinels, and what is Redis' own.

mod access;
mod crashes;
mod fake;
mod faults;
mod later;
mod lifetimes;
mod push;

use std::sync::Arc;

use bitrix_id_config::model::{Redis, RedisAddress, RedisServers};
use bitrix_id_test_servers::redis::{self as servers, TestRedis};
use uuid::Uuid;

use super::*;
use crate::clock::{ManualClock, SystemClock};
use crate::store::contract::sessions::anna;
use crate::store::contract::{self, Nodes, session_contract};

mod sessions_in_redis {
    super::session_contract!(super::on_one_server);
}

mod sessions_in_a_cluster {
    super::session_contract!(super::in_a_cluster);
}

mod sessions_behind_sentinels {
    super::session_contract!(super::behind_sentinels);
}

async fn on_one_server() -> Nodes<dyn SessionStore> {
    let server = servers::shared().await;
    nodes(&single(server.port()), server).await
}

async fn in_a_cluster() -> Nodes<dyn SessionStore> {
    let cluster = servers::cluster().await;
    let nodes = cluster.ports().map(local).to_vec();
    self::nodes(&settings(RedisServers::Cluster { nodes }), cluster).await
}

async fn behind_sentinels() -> Nodes<dyn SessionStore> {
    let servers = servers::sentinel().await;
    nodes(&sentinels(&servers), servers).await
}

async fn nodes(settings: &Redis, keep: impl Send + Sync + 'static) -> Nodes<dyn SessionStore> {
    let namespace = servers::namespace();
    let one = Arc::new(open(settings, &namespace).await);
    let other = Arc::new(open(settings, &namespace).await);
    Nodes { one, other, _keep: Box::new(keep) }
}

async fn open(settings: &Redis, namespace: &str) -> RedisStore {
    open_redis(settings, namespace, Arc::new(ManualClock::new(NOW))).await.unwrap()
}

/// A store on a server of its own, whose clock is the machine's.
async fn own() -> (RedisStore, TestRedis) {
    let server = servers::own().await;
    let store = open_redis(&single(server.port()), "bitrix-id", Arc::new(SystemClock)).await;
    (store.unwrap(), server)
}

fn single(port: u16) -> Redis {
    settings(RedisServers::Single { server: local(port), database: 0 })
}

fn sentinels(servers: &servers::TestSentinel) -> Redis {
    let [one, other, _] = servers.sentinel_ports();
    settings(RedisServers::Sentinel {
        sentinels: vec![local(one), local(other)],
        service: "bitrix-id".to_owned(),
        database: 0,
    })
}

fn settings(servers: RedisServers) -> Redis {
    Redis { servers, tls: false, ca: None, user: None, password: None, sentinel_password: None }
}

fn local(port: u16) -> RedisAddress {
    RedisAddress { host: "127.0.0.1".to_owned(), port }
}

fn new_session(n: u8) -> NewSession {
    NewSession { device: Some("d".to_owned()), ..contract::sessions::new_session(n) }
}

/// Any command.
async fn command(store: &RedisStore, words: &[&str]) -> ::redis::Value {
    let mut command = ::redis::cmd(words[0]);
    for word in &words[1..] {
        command.arg(*word);
    }
    store.link.query(&command).await.unwrap()
}

const NOW: i64 = 1_700_000_000;
const NOW_MS: i64 = NOW * 1000;
const LIMITS: SessionLimits = SessionLimits { idle: 3600, absolute: 24 * 3600 };
