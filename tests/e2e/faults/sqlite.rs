//! Two gateways on one SQLite file.

use bitrix_id_tests::database;
use bitrix_id_tests::full_disk::FullDisk;
use bitrix_id_tests::watch::Watch;
use sqlx::Executor as _;

use super::{A_WHILE, Pair};

/// Another process holds the write lock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_is_locked() {
    let pair = Pair::start().await;
    let mut watch = Watch::over(&pair.stage, &pair.sibling).await;
    let mut lock = database::open(&pair.stage.gateway.database()).await;
    watch.fault_begins();
    lock.execute("BEGIN IMMEDIATE").await.unwrap();
    watch.until_turned_away(2).await;
    watch.until_said(&["the session store"]).await;
    watch.until_it_lasted(A_WHILE).await;
    lock.execute("ROLLBACK").await.unwrap();
    drop(lock);
    watch.heals().await;
    watch.end(&pair.stage, "sqlite_is_locked").await.held();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_has_no_room_on_its_disk() {
    let mut disk = None;
    let pair = Pair::with(|setup| {
        let full = FullDisk::of(setup.folder(), &setup.folder().join("data"));
        setup.environment.extend(full.environment());
        disk = Some(full);
    })
    .await;
    let disk = disk.unwrap();
    let mut watch = Watch::over(&pair.stage, &pair.sibling).await;
    watch.fault_begins();
    disk.fill();
    // What was written before is moved out of the log, so that every write asks for room.
    let mut database = database::open(&pair.stage.gateway.database()).await;
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    drop(database);
    watch.until_turned_away(2).await;
    watch.until_said(&["writing to the directory"]).await;
    watch.until_it_lasted(A_WHILE).await;
    disk.free();
    watch.heals().await;
    watch.end(&pair.stage, "sqlite_has_no_room_on_its_disk").await.held();
    let errors = pair.stage.gateway.process().errors();
    assert!(errors.contains("database or disk is full"), "the log says why");
}
