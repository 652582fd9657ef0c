//! What came of the hour: a table, the samples, a picture; and whether it is as it should be.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::board::{Board, Deed};
use super::drawing::{self, Chart, Line, Mark};
use super::samples::{Held, Sample};

/// The hour as it was.
pub(super) struct Run<'a> {
    /// What was done.
    pub(super) board: &'a Board,
    /// What was seen.
    pub(super) samples: &'a [Sample],
    /// Before anybody worked.
    pub(super) before: Sample,
    /// After everybody had gone, and their sessions with them.
    pub(super) after: Sample,
}

/// Memory, descriptors or tasks of one gateway.
type Part = fn(&Held) -> f64;
/// What the stores hold.
type Stored = fn(&Sample) -> Option<f64>;

const HELD: [(&str, Part); 3] = [
    ("resident memory of a gateway, KiB", |held| held.memory_kib),
    ("descriptors of a gateway", |held| held.files),
    ("tasks of a gateway", |held| held.tasks),
];
const STORED: [(&str, Stored); 4] = [
    ("keys in Redis", |sample| sample.redis_keys),
    ("memory of Redis, KiB (sessions that ended are remembered for 65 min)", |sample| {
        sample.redis_kib
    }),
    ("rows in PostgreSQL without the audit log", |sample| sample.rows),
    ("rows of the audit log, which is kept", |sample| sample.audit),
];

/// Where the report goes.
pub(super) fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = target.unwrap_or_else(|| root.join("target")).join("soak");
    std::fs::create_dir_all(&folder).expect("a folder for the report");
    folder
}

/// Writes `report.md`, `samples.csv` and `soak.png`.
pub(super) fn write(folder: &Path, run: &Run<'_>) {
    let text = table(run);
    println!("{text}");
    std::fs::write(folder.join("report.md"), text).expect("the report is written");
    std::fs::write(folder.join("samples.csv"), csv(run.samples)).expect("the samples are written");
    drawing::draw(&folder.join("soak.png"), &charts(run), &marks(run.board));
}

fn table(run: &Run<'_>) -> String {
    let mut text = String::from(
        "| what people did | done | told to come again | not answered |\n|---|---|---|---|\n",
    );
    for (deed, count) in run.board.counts() {
        let _ = writeln!(
            text,
            "| {deed:?} | {} | {} | {} |",
            count.done, count.come_again, count.no_answer
        );
    }
    text.push_str(
        "\n| what is held | at rest before | second quarter | last quarter | at rest after |\n\
         |---|---|---|---|---|\n",
    );
    for (name, values) in rows(run) {
        let cells = values.map(|value| value.map_or("-".to_owned(), |value| format!("{value:.0}")));
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    text.push('\n');
    for (number, spell) in run.board.spells().iter().enumerate() {
        let seconds = spell.to.unwrap_or(spell.from).saturating_sub(spell.from).as_secs_f64();
        let from = spell.from.as_secs();
        let _ = writeln!(text, "{}. {from} s: {}, for {seconds:.0} s", number + 1, spell.what);
    }
    for wrong in run.board.wrong() {
        let _ = writeln!(text, "- WRONG {wrong}");
    }
    text
}

/// Before, in the second and in the last quarter (medians), after.
fn rows(run: &Run<'_>) -> Vec<(String, [Option<f64>; 4])> {
    let (second, last) = quarters(run.samples);
    let four = |of: &dyn Fn(&Sample) -> Option<f64>| {
        [of(&run.before), median(second, of), median(last, of), of(&run.after)]
    };
    let mut rows = Vec::new();
    for (gateway, letter) in ['A', 'B'].into_iter().enumerate() {
        for (name, part) in HELD {
            let of = |sample: &Sample| sample.gateways[gateway].as_ref().map(part);
            rows.push((format!("{name} {letter}"), four(&of)));
        }
    }
    rows.extend(STORED.map(|(name, of)| (name.to_owned(), four(&of))));
    rows
}

fn quarters(samples: &[Sample]) -> (&[Sample], &[Sample]) {
    let quarter = samples.len() / 4;
    (&samples[quarter..2 * quarter], &samples[3 * quarter..])
}

fn median(samples: &[Sample], of: &dyn Fn(&Sample) -> Option<f64>) -> Option<f64> {
    let mut values: Vec<f64> = samples.iter().filter_map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Panics unless the hour was as it should be.
pub(super) fn verdict(run: &Run<'_>) {
    assert_eq!(run.board.wrong(), Vec::<String>::new());
    let counts = run.board.counts();
    for deed in [Deed::Request, Deed::SignIn, Deed::Hop, Deed::SignOut, Deed::Socket] {
        assert!(counts.get(&deed).is_some_and(|count| count.done > 0), "nobody did {deed:?}");
    }
    for (name, values) in rows(run) {
        let [Some(before), Some(second), Some(last), Some(after)] = values else {
            panic!("{name}: {values:?}");
        };
        // The audit log is kept, and grows with what is done.
        if name.contains("audit") {
            continue;
        }
        let room = match name.as_str() {
            name if name.contains("KiB") => 16.0 * 1024.0,
            // Spent tickets and counters of attempts, which end by themselves a little later.
            name if name.contains("Redis") => 150.0,
            _ => 30.0,
        };
        assert!(last <= second * 1.15 + room, "{name} grows: {second} became {last}");
        // Memory is given back at leisure; everything else is gone with those who needed it.
        if !name.contains("KiB") {
            assert!(after <= before * 1.1 + room, "{name} stays: {before} before, {after} after");
        }
    }
}

fn csv(samples: &[Sample]) -> String {
    let mut text = String::from(
        "seconds,requests_per_second,p99_ms,a_kib,a_files,a_tasks,b_kib,b_files,b_tasks,\
         redis_keys,redis_kib,rows,audit_rows\n",
    );
    for sample in samples {
        let parts = sample
            .gateways
            .iter()
            .flat_map(|gateway| HELD.map(|(_, part)| gateway.as_ref().map(part)));
        let values = [Some(sample.at), Some(sample.requests), Some(sample.p99_ms)]
            .into_iter()
            .chain(parts)
            .chain(STORED.map(|(_, of)| of(sample)));
        let cells = values.map(|value| value.map_or(String::new(), |value| format!("{value:.1}")));
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join(","));
    }
    text
}

fn charts(run: &Run<'_>) -> Vec<Chart> {
    let of = |name: &str, of: &dyn Fn(&Sample) -> Option<f64>| Line {
        name: name.to_owned(),
        points: run.samples.iter().map(|sample| (sample.at, of(sample))).collect(),
    };
    let mut charts = vec![
        Chart::new("requests a second", vec![of("requests", &|sample| Some(sample.requests))]),
        Chart::new("p99 of requests, ms", vec![of("p99", &|sample| Some(sample.p99_ms))]),
    ];
    for (name, part) in HELD {
        let a = of("A", &|sample| sample.gateways[0].as_ref().map(part));
        let b = of("B", &|sample| sample.gateways[1].as_ref().map(part));
        charts.push(Chart::new(name, vec![a, b]));
    }
    charts.extend(STORED.map(|(name, stored)| Chart::new(name, vec![of("", &stored)])));
    charts
}

fn marks(board: &Board) -> Vec<Mark> {
    let spells = board.spells().into_iter();
    let mark = |spell: super::board::Spell| Mark {
        from: spell.from.as_secs_f64(),
        to: spell.to.unwrap_or(spell.from).as_secs_f64(),
        what: spell.what,
    };
    spells.map(mark).collect()
}
