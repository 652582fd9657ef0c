//! The servers start, are shared, and end with their users.
#![allow(clippy::disallowed_methods, reason = "tests measure real time")]

use std::time::{Duration, Instant};

use bitrix_id_test_servers::postgres;
use sqlx::{Connection as _, Row as _};

#[tokio::test]
async fn each_test_has_an_empty_database_on_one_server() {
    let (one, other) = tokio::join!(postgres::database(), postgres::database());
    assert_eq!(one.server().port(), other.server().port(), "one server");
    assert_ne!(one.name(), other.name());
    one.execute("CREATE TABLE here (id BIGINT)").await;
    let mut connection = other.connect().await;
    let there = sqlx::raw_sql("SELECT 1 FROM here").execute(&mut connection).await;
    assert!(there.is_err(), "a database of its own");
}

#[tokio::test]
async fn a_database_goes_with_its_handle() {
    let database = postgres::database().await;
    let (server, name) = (database.server().clone(), database.name().to_owned());
    let _still_open = database.connect().await;
    drop(database);
    let mut connection = server.connect("postgres").await;
    let found = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(name)
        .fetch_optional(&mut connection)
        .await
        .unwrap();
    assert!(found.is_none());
}

#[tokio::test]
async fn an_own_server_stops_pauses_and_starts_again() {
    let server = postgres::own().await;
    let database = server.database("").await;
    database.execute("CREATE TABLE here AS SELECT 7 AS number").await;
    server.stop().await;
    server.start().await;
    let mut connection = database.connect().await;
    let row = sqlx::query("SELECT number FROM here").fetch_one(&mut connection).await.unwrap();
    assert_eq!(row.get::<i32, _>(0), 7, "the same data");

    server.pause().await;
    let asked = connection.ping();
    let answer = tokio::time::timeout(Duration::from_millis(300), asked).await;
    assert!(answer.is_err(), "nobody answers");
    server.resume().await;
    connection.ping().await.unwrap();

    server.kill().await;
    assert!(connection.ping().await.is_err());
    server.start().await;
    database.connect().await.ping().await.unwrap();
}

#[tokio::test]
async fn an_own_server_is_gone_soon_after_its_user() {
    let server = postgres::own().await;
    let port = server.port();
    // As a test leaves it that fails at the worst moment.
    server.pause().await;
    drop(server);
    let deadline = Instant::now() + Duration::from_secs(60);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
        assert!(Instant::now() < deadline, "it still runs");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_replica_has_what_was_committed_and_takes_the_primarys_place() {
    let (primary, replica) = tokio::join!(postgres::own(), postgres::own());
    replica.follow(&primary).await;
    let database = primary.database("").await;
    database.execute("CREATE TABLE here AS SELECT 7 AS number").await;
    primary.kill().await;
    replica.promote().await;
    let mut connection = replica.connect(database.name()).await;
    let row = sqlx::query("SELECT number FROM here").fetch_one(&mut connection).await.unwrap();
    assert_eq!(row.get::<i32, _>(0), 7);
    sqlx::query("INSERT INTO here VALUES (8)").execute(&mut connection).await.unwrap();
}
