//! Five thousand slow clients of slowhttptest, beside somebody who goes on working: `make attacks`, on a machine
//! that does nothing else. Only this machine is attacked, each time for half a minute.

use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use bitrix_id_tests::stage::{ACME, Stage};

const CLIENTS: &str = "5000";
/// Slower by more than this, and by more than [`FLOOR`], is noticed.
const FACTOR: u32 = 3;
/// Below this nobody notices anything.
const FLOOR: Duration = Duration::from_millis(30);
const PACE: Duration = Duration::from_millis(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes some minutes, wants the machine to itself and slowhttptest"]
async fn five_thousand_slow_clients_are_hardly_noticed() {
    let stage = Stage::with(|setup| {
        setup.people.clear();
        // The one name that slowhttptest can resolve everywhere.
        let acme = setup.config.portal_mut("acme");
        *acme = acme.clone().host("localhost");
    })
    .await;
    let at_rest = p99_while(&stage, tokio::time::sleep(Duration::from_secs(10))).await;
    let resident = stage.gateway.process().resident_kib();
    println!("nobody else: p99 {at_rest:?}, VmRSS {resident} KiB");
    let big = "/pub/do/download/1048576";
    for (what, path, options) in [
        ("slow heads", "/pub/slow-head", &["-H", "-i", "2"][..]),
        ("slow bodies", "/pub/slow-body", &["-B", "-i", "2", "-s", "65536"]),
        ("slow readers", big, &["-X", "-w", "64", "-y", "512", "-n", "2", "-z", "32"]),
    ] {
        let mut peaks = [0; 2];
        for peak in &mut peaks {
            let beside = p99_while(&stage, watched(&stage, peak, path, options)).await;
            println!("{what}: p99 {beside:?}, at most {peak} KiB");
            let noticed = (at_rest * FACTOR).max(FLOOR);
            assert!(beside < noticed, "{what}: p99 {at_rest:?}, then {beside:?}");
        }
        // The allocator gives memory back at leisure; what the first crowd left serves the second.
        assert!(peaks[1] < peaks[0] + peaks[0] / 4, "{what}: {peaks:?} KiB");
    }
}

/// An attack, and the most resident memory that it takes, in KiB.
async fn watched(stage: &Stage, peak: &mut u64, path: &str, options: &[&str]) {
    let attack = attack(stage, path, options);
    tokio::pin!(attack);
    let output = loop {
        tokio::select! {
            output = &mut attack => break output,
            () = tokio::time::sleep(Duration::from_millis(200)) => {
                *peak = (*peak).max(stage.gateway.process().resident_kib());
            }
        }
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("test duration"), "{said}");
}

async fn attack(stage: &Stage, path: &str, options: &[&str]) -> Output {
    let url = stage.gateway.url("localhost", path);
    let run = tokio::process::Command::new("slowhttptest")
        .args(options)
        .args(["-c", CLIENTS, "-r", "500", "-l", "30", "-p", "5", "-v", "1", "-u", &url])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    run.expect("slowhttptest is installed: scripts/setup.sh attacks")
}

/// The 99th percentile of somebody's requests while something else happens.
async fn p99_while(stage: &Stage, work: impl Future<Output = ()>) -> Duration {
    let mut connection = stage.gateway.raw(ACME).await;
    let request = stage.gateway.request(ACME, "GET /pub/canary", &[], "");
    let mut took = Vec::new();
    let ask = async {
        loop {
            let asked = Instant::now();
            assert_eq!(connection.exchange("GET", &request).await.unwrap().status, 200);
            took.push(asked.elapsed());
            tokio::time::sleep(PACE).await;
        }
    };
    tokio::select! {
        () = work => {}
        () = ask => {}
    }
    took.sort_unstable();
    took[took.len() * 99 / 100]
}
