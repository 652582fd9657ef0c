//! How often a process's threads stop for each other: waits for locks, calls that wake or await another
//! thread, and threads that go to sleep.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::cpu;

/// Counts of all threads of one process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waits {
    /// `None` where perf is missing or may not count.
    pub futexes: Option<Futexes>,
    /// Times that a thread gave up its core because it had nothing to do.
    pub sleeps: u64,
}

/// Calls of futex(2).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Futexes {
    /// Those that wait for a lock which another thread holds.
    pub locks: u64,
    /// All: also those by which threads wake each other and wait for work.
    pub all: u64,
}

/// What process `pid` counts during `work`.
pub(crate) fn during<T>(pid: u32, work: impl FnOnce() -> T) -> (T, Waits) {
    let perf = start_perf(pid);
    let before = cpu::sleeps(pid);
    let done = work();
    let sleeps = cpu::sleeps(pid) - before;
    (done, Waits { futexes: perf.and_then(stop_perf), sleeps })
}

fn start_perf(pid: u32) -> Option<Child> {
    let perf = Command::new("perf")
        .args(["stat", "--field-separator", ",", "--event", EVENT, "--filter", LOCKS])
        .args(["--event", EVENT, "--pid", &pid.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    // It does not say when it has begun.
    std::thread::sleep(Duration::from_millis(500));
    Some(perf)
}

fn stop_perf(perf: Child) -> Option<Futexes> {
    let asked = Command::new("kill").args(["-INT", &perf.id().to_string()]).status();
    let output = perf.wait_with_output().ok()?;
    asked.ok().filter(std::process::ExitStatus::success)?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines = text.lines().filter(|line| line.contains(EVENT));
    let counts: Vec<u64> = lines.map_while(|line| line.split(',').next()?.parse().ok()).collect();
    let [locks, all] = counts.try_into().ok()?;
    Some(Futexes { locks, all })
}

const EVENT: &str = "syscalls:sys_enter_futex";

/// What tells a wait for a lock from other waits. The standard library's mutex waits while its word is 2,
/// and its read-write lock while one of the two highest bits is set, by `FUTEX_WAIT_BITSET` (0x89, private);
/// a parked thread's word is 0xffffffff there, and a condition variable's counts up from 0. `parking_lot`,
/// which pingora uses for locks alone, waits by `FUTEX_WAIT` (0x80) while the word is 1.
const LOCKS: &str = "(op == 0x89 && (val == 2 || (val >= 0x40000000 && val < 0xffffffff))) \
                     || (op == 0x80 && val == 1)";
