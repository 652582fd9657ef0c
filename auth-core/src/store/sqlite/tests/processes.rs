//! Several processes on one file, killed at a moment that suits nobody.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::*;

#[tokio::test]
async fn killed_processes_lose_nothing_acknowledged() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    // All of them open the new file at once.
    let children: Vec<Child> = (0..3).map(|n| writing_process(&path, n)).collect();
    let readers: Vec<_> = children
        .into_iter()
        .map(|child| tokio::task::spawn_blocking(|| acknowledged_until_killed(child)))
        .collect();
    let mut acknowledged = Vec::new();
    for reader in readers {
        acknowledged.extend(reader.await.unwrap());
    }
    assert!(acknowledged.len() >= 3 * ACKNOWLEDGED_BEFORE_KILL, "{}", acknowledged.len());

    let store = open_sqlite(&path).await.unwrap();
    for email in &acknowledged {
        assert!(store.account_by_email(email).await.unwrap().is_some(), "{email} is lost");
    }
    let mut connection = file(&store).reader().await.unwrap();
    let verdict: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut *connection).await.unwrap();
    assert_eq!(verdict, "ok");
    store.check().await.unwrap();
}

/// Not a test of its own: the body of the processes above.
#[tokio::test]
#[ignore = "run by killed_processes_lose_nothing_acknowledged"]
async fn process_that_writes_until_it_is_killed() {
    let Some(path) = env::var_os(PATH_VARIABLE).map(PathBuf::from) else { return };
    let number = env::var(NUMBER_VARIABLE).unwrap();
    let store = open_sqlite(&path).await.unwrap();
    for n in 0..100_000 {
        let email = format!("{number}-{n}@example.com");
        create(&store, &email).await;
        println!("\n{MARK}{email}");
    }
}

fn writing_process(path: &Path, number: usize) -> Child {
    // The name that the test harness knows: the path without the crate.
    let (_, module) = module_path!().split_once("::").unwrap();
    Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture"])
        .arg(format!("{module}::process_that_writes_until_it_is_killed"))
        .env(PATH_VARIABLE, path)
        .env(NUMBER_VARIABLE, number.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills the process in the middle of its work; what it had printed by then, it had been told.
fn acknowledged_until_killed(mut child: Child) -> Vec<String> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = Vec::new();
    for line in lines {
        let line = line.unwrap();
        // A line that the kill cut short names no account.
        let email = line.strip_prefix(MARK).filter(|email| email.ends_with(".com"));
        acknowledged.extend(email.map(str::to_owned));
        if email.is_some() && acknowledged.len() == ACKNOWLEDGED_BEFORE_KILL {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    acknowledged
}

const PATH_VARIABLE: &str = "BITRIX_ID_TEST_STORE";
const NUMBER_VARIABLE: &str = "BITRIX_ID_TEST_PROCESS";
const MARK: &str = "acknowledged: ";
const ACKNOWLEDGED_BEFORE_KILL: usize = 40;
