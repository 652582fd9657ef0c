//! CPU time of processes, as the system counts it.

use std::path::PathBuf;
use std::time::Duration;

/// User and system time of these processes and all their threads so far, to a hundredth of a second.
pub(crate) fn time(pids: &[u32]) -> Duration {
    pids.iter().map(|pid| time_of(*pid).expect("the process runs")).sum()
}

/// The same of those that still run: servers end a process now and then.
pub(crate) fn time_of_living(pids: &[u32]) -> Duration {
    pids.iter().filter_map(|pid| time_of(*pid)).sum()
}

fn time_of(pid: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything; fields 14 and 15 follow it (proc(5)).
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse::<u64>().expect("a number of ticks"))
        .sum();
    Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

/// The children of a process, as long as they are its direct ones.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let file = format!("/proc/{pid}/task/{pid}/children");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// Name of each thread of a process, with the time it has run so far, user and system.
pub(crate) fn of_threads(pid: u32) -> Vec<(String, Duration)> {
    let read = |folder: PathBuf| {
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
        let nanoseconds = text("schedstat")?.split_whitespace().next()?.parse().ok()?;
        Some((text("comm")?.trim_end().to_owned(), Duration::from_nanos(nanoseconds)))
    };
    threads(pid).filter_map(read).collect()
}

/// How often threads of a process have gone to sleep so far.
pub(crate) fn sleeps(pid: u32) -> u64 {
    let read = |folder: PathBuf| {
        let text = std::fs::read_to_string(folder.join("status")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        line?.trim().parse::<u64>().ok()
    };
    threads(pid).filter_map(read).sum()
}

fn threads(pid: u32) -> impl Iterator<Item = PathBuf> {
    let folders = std::fs::read_dir(format!("/proc/{pid}/task")).expect("the process runs");
    folders.filter_map(|folder| Some(folder.ok()?.path()))
}

/// Linux on every architecture that this runs on.
const TICKS_PER_SECOND: u64 = 100;
