//! Measures release builds of the gateway from outside.
//!
//! The programs measured are named by `BITRIX_ID_BIN` and `BARE_PINGORA_BIN`, the others are found on the
//! path; `make bench` and `make bench-instructions` build both in one profile and start this.
//! docs/benchmarks.md says what the figures mean.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a benchmark measures real time, and a panic is its way to say that it could not"
)]

mod beside;
mod callgrind;
mod client;
mod cpu;
mod figures;
mod instructions;
mod load;
mod results;
mod scene;
mod upstream;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("instructions") => instructions::run(&arguments[1..]).await,
        Some("beside") => {
            let results = arguments.get(1).map_or("RESULTS.md", String::as_str);
            beside::run(figures::Effort::from_environment(), results.as_ref()).await;
        }
        Some("figures") => figures::run(&arguments[1..]).await,
        _ => {
            eprintln!("{USAGE}");
            std::process::exit(2);
        }
    }
}

const USAGE: &str = "usage: bitrix-id-bench instructions [--bound N] [--profile FILE]
       bitrix-id-bench beside [FILE]
       bitrix-id-bench figures [NAME...] [--into FILE]";
