//! CPU time of processes, as the system counts it.

use std::time::Duration;

/// User and system time of these processes and all their threads so far, to a hundredth of a second.
pub(crate) fn time(pids: &[u32]) -> Duration {
    pids.iter().map(|pid| time_of(*pid)).sum()
}

fn time_of(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process runs");
    // The name in parentheses may hold anything; fields 14 and 15 follow it (proc(5)).
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse::<u64>().expect("a number of ticks"))
        .sum();
    Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)
}

/// The children of a process, as long as they are its direct ones.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let file = format!("/proc/{pid}/task/{pid}/children");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// Linux on every architecture that this runs on.
const TICKS_PER_SECOND: u64 = 100;
