//! Redis, alone and in company.
#![allow(clippy::disallowed_methods, reason = "tests measure real time")]

use std::time::{Duration, Instant};

use bitrix_id_test_servers::redis;

#[tokio::test]
async fn it_keeps_what_it_has_over_a_restart() {
    let server = redis::own().await;
    assert_eq!(server.ask("SET here 7"), "+OK\r\n");
    server.stop().await;
    server.start().await;
    assert_eq!(server.ask("GET here"), "$1\r\n7\r\n");
    server.pause().await;
    server.resume().await;
    server.kill().await;
    server.start().await;
    assert_eq!(server.ask("GET here"), "$1\r\n7\r\n");
}

#[tokio::test]
async fn all_tests_share_a_redis_of_each_kind() {
    let (one, other) = tokio::join!(redis::shared(), redis::shared());
    assert_eq!(one.port(), other.port());
    let (one, other) = tokio::join!(redis::cluster(), redis::cluster());
    assert_eq!(one.ports(), other.ports());
    let (one, other) = tokio::join!(redis::sentinel(), redis::sentinel());
    assert_eq!((one.primary(), one.sentinel_ports()), (other.primary(), other.sentinel_ports()));
}

#[tokio::test]
async fn a_replica_takes_over_from_a_primary_that_is_gone() {
    let servers = redis::own_sentinel().await;
    let first = servers.primary();
    servers.kill_primary();
    let deadline = Instant::now() + Duration::from_secs(60);
    while servers.primary().is_none_or(|primary| Some(primary) == first) {
        assert!(Instant::now() < deadline, "no other primary");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_cluster_stops_as_a_whole_and_goes_with_its_user() {
    let cluster = redis::own_cluster().await;
    let ports = cluster.ports();
    let runs = |port: &u16| std::net::TcpStream::connect(("127.0.0.1", *port)).is_ok();
    assert!(ports.iter().all(runs));
    cluster.stop().await;
    assert!(!ports.iter().any(runs), "a node still runs");
    cluster.start().await;
    assert!(ports.iter().all(runs));
    drop(cluster);
    let deadline = Instant::now() + Duration::from_secs(60);
    while ports.iter().any(runs) {
        assert!(Instant::now() < deadline, "a node still runs");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
