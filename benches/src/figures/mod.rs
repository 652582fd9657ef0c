//! Figures that one table of CPU times does not show: what is asked of each, and what was measured.
//!
//! Each module measures one thing and gives a [`Section`] of the results.

mod cores;
mod counted;
mod fresh_token;
mod growth;
mod handshakes;
mod http2;
mod latency;
mod memory;
mod pace;
mod people;
mod place;
mod reload;
mod rounds;
mod servers;
mod sign_ins;
mod size;
mod stores;
mod table;
mod tls_client;
mod tokens;
mod transfer;
mod visits;
mod waits;
mod workers;

use std::fmt;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use crate::beside::{is_installed, said};
use crate::results::Results;

/// How long and how often a figure is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// Interleaved rounds; what counts is their median.
    pub rounds: usize,
    /// How long one round puts load on one program.
    pub span: Duration,
}

impl Effort {
    /// `BENCH_ROUNDS` rounds of `BENCH_SECONDS` seconds; five of three unless those are set.
    pub(crate) fn from_environment() -> Self {
        let number = |name: &str| std::env::var(name).ok()?.parse::<u32>().ok();
        let (rounds, seconds) = (number("BENCH_ROUNDS"), number("BENCH_SECONDS"));
        Self {
            rounds: rounds.map_or(5, |rounds| rounds.max(1) as usize),
            span: Duration::from_secs(seconds.unwrap_or(3).max(1).into()),
        }
    }

    /// As long in all, in rounds of one second: for small differences, which need many comparisons.
    pub(crate) fn in_short_rounds(&self) -> Self {
        let seconds = usize::try_from(self.span.as_secs()).unwrap_or(1).max(1);
        Self { rounds: self.rounds * seconds, span: Duration::from_secs(1) }
    }
}

/// One thing that was measured.
pub(crate) struct Section {
    /// Its headline.
    pub title: &'static str,
    /// Its table.
    pub figures: Vec<Figure>,
    /// How it was measured, in a sentence or two.
    pub method: &'static str,
}

/// One line of a section.
pub(crate) struct Figure {
    /// What it is a figure of, its unit included.
    pub what: String,
    /// What it should be, where something is asked of it: `<= 1.03`.
    pub aim: &'static str,
    /// What it was.
    pub measured: String,
}

impl Figure {
    pub(crate) fn new(what: impl Into<String>, aim: &'static str, measured: String) -> Self {
        Self { what: what.into(), aim, measured }
    }
}

/// A section by the name it is asked for.
struct Entry {
    name: &'static str,
    /// Programs on the path without which it is left out.
    needs: &'static [&'static str],
    /// Whether calls of the product are made by this program, whose build counts then.
    is_of_this_program: bool,
    measure: for<'a> fn(&'a Effort) -> Measuring<'a>,
}

/// What comes out is the text of a section, with what it was measured under.
type Measuring<'a> = Pin<Box<dyn Future<Output = String> + 'a>>;

fn text<'a>(effort: &'a Effort, section: impl Future<Output = Section> + 'a) -> Measuring<'a> {
    Box::pin(async move { format!("{}\n{}\n", section.await, circumstances(effort)) })
}

const ENTRIES: &[Entry] = &[
    Entry {
        name: "fresh-token",
        needs: &["nginx", "wrk"],
        is_of_this_program: false,
        measure: |effort| text(effort, fresh_token::section(effort)),
    },
    Entry {
        name: "http2",
        needs: &["nginx", "h2load", "bare-pingora", "valgrind"],
        is_of_this_program: false,
        measure: |effort| text(effort, http2::section(effort)),
    },
    Entry {
        name: "size",
        needs: &["nginx", "wrk", "valgrind"],
        is_of_this_program: false,
        measure: |effort| text(effort, size::section(effort)),
    },
    Entry {
        name: "workers",
        needs: &["nginx", "wrk", "valgrind"],
        is_of_this_program: false,
        measure: |effort| text(effort, workers::section(effort)),
    },
    Entry {
        name: "reload",
        needs: &["nginx"],
        is_of_this_program: false,
        measure: |effort| text(effort, reload::section(effort)),
    },
    Entry {
        name: "memory",
        needs: &["prlimit"],
        is_of_this_program: false,
        measure: |effort| text(effort, memory::section(effort)),
    },
    Entry {
        name: "handshakes",
        needs: &[],
        is_of_this_program: false,
        measure: |effort| text(effort, handshakes::section(effort)),
    },
    Entry {
        name: "sign-ins",
        needs: &["nginx", "wrk"],
        is_of_this_program: false,
        measure: |effort| text(effort, sign_ins::section(effort)),
    },
    Entry {
        name: "transfer",
        needs: &["nginx", "curl"],
        is_of_this_program: false,
        measure: |effort| text(effort, transfer::section(effort)),
    },
    Entry {
        name: "latency",
        needs: &["nginx", "haproxy", "bare-pingora"],
        is_of_this_program: false,
        measure: |effort| text(effort, latency::section(effort)),
    },
    Entry {
        name: "stores",
        needs: &[],
        is_of_this_program: true,
        measure: |effort| Box::pin(stores::table(effort)),
    },
    Entry {
        name: "growth",
        needs: &[],
        is_of_this_program: true,
        measure: |_| Box::pin(growth::table()),
    },
];

/// Measures the sections that `arguments` name, or all; prints each, and puts it into the file behind
/// `--into`.
pub(crate) async fn run(arguments: &[String]) {
    let (names, into) = match arguments.iter().position(|argument| argument == "--into") {
        Some(at) => (&arguments[..at], arguments.get(at + 1)),
        None => (arguments, None),
    };
    if let Some(unknown) = names.iter().find(|name| ENTRIES.iter().all(|e| e.name != **name)) {
        let known: Vec<&str> = ENTRIES.iter().map(|entry| entry.name).collect();
        eprintln!("no section is named {unknown}; there are: {}", known.join(", "));
        std::process::exit(2);
    }
    let effort = Effort::from_environment();
    let wanted = |entry: &&Entry| match names {
        // What they measure is in this very program.
        [] => !(cfg!(debug_assertions) && entry.is_of_this_program),
        names => names.iter().any(|name| name == entry.name),
    };
    for Entry { name, needs, measure, .. } in ENTRIES.iter().filter(wanted) {
        if let Some(missing) = needs.iter().find(|program| !is_installed(program)) {
            eprintln!("{name}: {missing} is not installed; left out");
            continue;
        }
        let text = measure(&effort).await;
        println!("{text}");
        if let Some(file) = into.map(Path::new) {
            let mut results = Results::read(file);
            results.put(&text);
            results.write(file);
        }
    }
}

fn circumstances(effort: &Effort) -> String {
    // In hundredths: 3, 0.5, 0.33.
    let seconds = (effort.span.as_secs_f64() * 100.0).round() / 100.0;
    format!("On {}, {} rounds of {seconds} s.", today(), effort.rounds)
}

fn today() -> String {
    said("date", &["-u", "+%Y-%m-%d"])
}

/// The middle one, or NaN of none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n\n{}\n", self.title, self.method)?;
        writeln!(f, "| figure | aim | measured |\n|---|---:|---:|")?;
        for Figure { what, aim, measured } in &self.figures {
            writeln!(f, "| {what} | {aim} | {measured} |")?;
        }
        Ok(())
    }
}
