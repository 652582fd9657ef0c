//! PostgreSQL, with the sessions in Redis if it is not said otherwise.

use bitrix_id_test_servers::{postgres, redis};
use bitrix_id_tests::fleet;
use bitrix_id_tests::full_disk::FullDisk;
use bitrix_id_tests::tcp_proxy::TcpProxy;
use bitrix_id_tests::watch::Watch;
use sqlx::{Connection as _, Executor as _};

use super::{A_WHILE, Pair};

const PARTS: &[&str] = &["the directory"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_stopped() {
    let sessions = redis::own().await;
    let fleet = super::fleet(&sessions.url()).await;
    let mut watch = Watch::over(&fleet.stage, &fleet.sibling).await;
    watch.fault_begins();
    fleet.postgres.stop().await;
    watch.until_turned_away(3).await;
    watch.until_said(PARTS).await;
    watch.until_it_lasted(A_WHILE).await;
    fleet.postgres.start().await;
    watch.heals().await;
    watch.end(&fleet.stage, "postgres_is_stopped").await.held();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_paused() {
    let sessions = redis::own().await;
    let fleet = super::fleet(&sessions.url()).await;
    let mut watch = Watch::over(&fleet.stage, &fleet.sibling).await;
    watch.fault_begins();
    fleet.postgres.pause().await;
    watch.until_turned_away(2).await;
    watch.until_said(PARTS).await;
    watch.until_it_lasted(A_WHILE).await;
    fleet.postgres.resume().await;
    watch.heals().await;
    watch.end(&fleet.stage, "postgres_is_paused").await.held();
}

/// The primary is lost with all its processes; its replica, which followed it synchronously, takes its place and
/// its address. Sessions are there as well: with nothing left to ask, the signed-in still work on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_fails_over() {
    let (primary, replica) = tokio::join!(postgres::own(), postgres::own());
    replica.follow(&primary).await;
    let address = TcpProxy::to(primary.port()).await;
    let database = fleet::database(&primary).await;
    let Pair { stage, sibling } =
        Pair::with(|setup| fleet::directory_by(setup, &database, address.address().port())).await;
    let mut watch = Watch::over(&stage, &sibling).await;
    watch.fault_begins();
    primary.kill().await;
    watch.until_turned_away(3).await;
    watch.until_said(&["the directory", "the session store", "the log of revocations"]).await;
    // The address moves before there is a primary behind it, as it may.
    address.lead_to(replica.port());
    watch.until_turned_away(1).await;
    replica.promote().await;
    watch.heals().await;
    watch.end(&stage, "postgres_fails_over").await.held();
}

/// First its tables cannot grow; then its log cannot either, and it ends itself. Sessions are there as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_has_no_room_on_its_disk() {
    let server = postgres::own().await;
    let disk = FullDisk::of(&server.files(), &server.files().join("data"));
    server.restart_with(disk.environment()).await;
    let database = fleet::database(&server).await;
    let Pair { stage, sibling } = Pair::with(|setup| fleet::directory_in(setup, &database)).await;
    let mut watch = Watch::over(&stage, &sibling).await;
    watch.fault_begins();
    // A page is full soon.
    database.execute("ALTER TABLE sessions SET (fillfactor = 10)").await;
    disk.fill();
    watch.until_turned_away(2).await;
    // It goes on with its next file of the log, for which there is no room.
    let mut superuser = server.connect("postgres").await;
    let ended = superuser.execute("SELECT pg_switch_wal(); CREATE TABLE none (id BIGINT)").await;
    assert!(ended.is_err());
    watch.until_said(&["the directory", "the session store", "the log of revocations"]).await;
    watch.until_it_lasted(A_WHILE).await;
    disk.free();
    // It may have come back by itself, or not.
    server.stop().await;
    server.start().await;
    watch.heals().await;
    watch.end(&stage, "postgres_has_no_room_on_its_disk").await.held();
}

/// Others have taken every connection that the server has for the gateways.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_has_no_connection_left() {
    let sessions = redis::own().await;
    let fleet = super::fleet(&sessions.url()).await;
    let mut watch = Watch::over(&fleet.stage, &fleet.sibling).await;
    watch.fault_begins();
    fleet.postgres.execute("ALTER ROLE gateway CONNECTION LIMIT 0").await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'gateway'";
    fleet.postgres.execute(end).await;
    watch.until_turned_away(3).await;
    watch.until_said(PARTS).await;
    watch.until_it_lasted(A_WHILE).await;
    fleet.postgres.execute("ALTER ROLE gateway CONNECTION LIMIT -1").await;
    watch.heals().await;
    watch.end(&fleet.stage, "postgres_has_no_connection_left").await.held();
}

/// Every connection of the gateways waits for a lock, and who comes then waits for a connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_keeps_every_connection_waiting() {
    let sessions = redis::own().await;
    let fleet = super::fleet(&sessions.url()).await;
    let mut watch = Watch::over(&fleet.stage, &fleet.sibling).await;
    let mut locking = fleet.database.connect().await;
    watch.fault_begins();
    locking.execute("BEGIN; LOCK TABLE addresses, portals").await.unwrap();
    watch.until_turned_away(2).await;
    watch.until_it_lasted(A_WHILE).await;
    locking.execute("ROLLBACK").await.unwrap();
    locking.close().await.unwrap();
    watch.heals().await;
    watch.end(&fleet.stage, "postgres_keeps_every_connection_waiting").await.held();
}
