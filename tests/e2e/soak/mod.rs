//! One hour of mixed load on two gateways, with a fault a minute: `make soak`. What must not grow does not,
//! nobody is let in who should not be, and whatever was refused was refused while something was broken.
//!
//! `SOAK_MINUTES` shortens it. The report is `target/soak/`: `soak.png`, `report.md`, `samples.csv`.

mod board;
mod drawing;
mod faults;
mod people;
mod report;
mod samples;
mod worker;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bitrix_id_test_servers::redis;
use bitrix_id_tests::fleet::Fleet;
use bitrix_id_tests::tcp_proxy::TcpProxy;

use board::Board;
use faults::Troubled;
use samples::Sampler;

/// How long nothing happens before and after, to compare what is left with what was there.
const REST: Duration = Duration::from_secs(20);
const DEFAULT_MINUTES: u64 = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes an hour"]
async fn an_hour_of_work_and_faults_leaves_nothing_behind() {
    let minutes = std::env::var("SOAK_MINUTES").ok().and_then(|text| text.parse().ok());
    let length = Duration::from_secs(60 * minutes.unwrap_or(DEFAULT_MINUTES));
    let redis = redis::own().await;
    let proxy = TcpProxy::to(redis.port()).await;
    let fleet = Fleet::with(&format!("redis://{}", proxy.address()), people::settings).await;
    let folder = report::folder();
    let (people, sampler) = (people::People::of(&fleet), Sampler::new(&fleet, &redis).await);
    let mut troubled = Troubled::new(fleet, redis, proxy);

    println!("{length:?} of load, report in {}", folder.display());
    let before = sampler.at_rest(REST).await;
    let board = Arc::new(Board::start());
    let people = people.start(&board);
    let samples = sampler.start(&board);
    faults::one_a_minute(&mut troubled, &board, length).await;
    people.stop().await;
    let samples = samples.stop().await;
    troubled.healed().await;
    troubled.is_consistent().await;
    let after = sampler.at_rest(people::SESSION + REST).await;
    let run = report::Run { board: &board, samples: &samples, before, after };
    report::write(&folder, &run);
    report::verdict(&run);
}

/// Paces a loop: waits for the next of equal steps, without making up for those that were missed.
async fn pace(last: &mut Instant, step: Duration) {
    tokio::time::sleep_until((*last + step).into()).await;
    *last = Instant::now();
}
