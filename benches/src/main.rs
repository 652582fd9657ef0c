//! Measures release builds of the gateway from outside: `bitrix-id-bench instructions`.
//!
//! The programs measured are named by `BITRIX_ID_BIN` and `BARE_PINGORA_BIN`; `make bench` and `make
//! bench-instructions` build both in one profile and start this. docs/benchmarks.md says what the figures
//! mean.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a benchmark measures real time, and a panic is its way to say that it could not"
)]

mod beside;
mod callgrind;
mod client;
mod cpu;
mod instructions;
mod load;
mod scene;
mod upstream;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("instructions") => instructions::run(&arguments[1..]).await,
        Some("beside") => {
            let results = arguments.get(1).map_or("RESULTS.md", String::as_str);
            let seconds = |name: &str, otherwise| {
                std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
            };
            let span = std::time::Duration::from_secs(seconds("BENCH_SECONDS", 3));
            let rounds = usize::try_from(seconds("BENCH_ROUNDS", 5)).unwrap_or(5);
            beside::run(rounds, span, results.as_ref()).await;
        }
        _ => {
            eprintln!(
                "usage: bitrix-id-bench instructions [--bound N] [--profile FILE] | beside [FILE]"
            );
            std::process::exit(2);
        }
    }
}
