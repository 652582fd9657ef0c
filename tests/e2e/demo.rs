//! `bitrix-id demo`: everything on embedded defaults. It has fixed ports, so this is one test.

use std::time::Duration;

use bitrix_id_tests::client::raw::RawConnection;
use bitrix_id_tests::poll::{eventually, until};
use bitrix_id_tests::process::Process;
use rustix::process::Signal;

#[tokio::test]
async fn the_demo_starts_on_an_empty_folder_prints_what_one_needs_and_leaves_only_its_data() {
    let taken = std::net::TcpListener::bind("127.0.0.1:8443").is_err();
    assert!(!taken, "port 8443 is in use: stop the demo that runs, then test again");
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data_text = data.display().to_string();
    let mut process = Process::start(&["demo", "--data", &data_text], folder.path(), "demo", &[]);
    let said = eventually(Duration::from_secs(60), "the demo says where it is", || async {
        let said = std::fs::read_to_string(&process.stdout).unwrap_or_default() + &process.errors();
        said.contains("https://id.bitrix24.localhost:8443").then_some(said)
    })
    .await;
    until(Duration::from_secs(20), "it is ready", || async {
        plain("GET", "/health/ready").await == Some(200)
    })
    .await;
    let said = std::fs::read_to_string(&process.stdout).unwrap_or(said) + &process.errors();
    for needed in [
        "https://acme.bitrix24.localhost:8443",
        "https://globex.bitrix24.localhost:8443",
        "https://portal.initech.localhost:8443",
        "http://127.0.0.1:9090/outbox",
        "anna@example.com",
        "boris@example.com",
        ".pem",
    ] {
        assert!(said.contains(needed), "{needed} is not printed:\n{said}");
    }
    let kept = std::fs::read_to_string(data.join("passwords")).unwrap();
    assert_eq!(kept.lines().count(), 4, "one for each person and portal");
    for password in kept.lines().filter_map(|line| line.rsplit(' ').next()) {
        assert!(said.contains(password), "a password is not printed:\n{said}");
    }
    assert_eq!(plain("GET", "/outbox").await, Some(200));

    process.signal(Signal::INT);
    let status = process.wait(Duration::from_secs(30)).await;
    assert!(status.success(), "{status}: {}", process.errors());
    let mut left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["data", "demo.err", "demo.out"], "the last two are this test's own");
}

async fn plain(method: &str, path: &str) -> Option<u16> {
    let mut connection = RawConnection::plain("127.0.0.1:9090".parse().unwrap()).await.ok()?;
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:9090\r\nConnection: close\r\n\r\n");
    connection.exchange(method, request).await.ok().map(|answer| answer.status)
}
