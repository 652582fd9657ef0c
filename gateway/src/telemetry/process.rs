//! What the kernel says about this process, under the names that Prometheus' own libraries use. Absent where
//! `/proc` is.

use prometheus::{Counter, IntGauge, Registry};
use rustix::param::clock_ticks_per_second;
use rustix::process::{Resource, getrlimit};

use super::metrics::register;

/// Families of the process.
pub(super) struct ProcessMetrics {
    resident_memory: IntGauge,
    open_files: IntGauge,
    max_files: IntGauge,
    cpu_seconds: Counter,
}

impl ProcessMetrics {
    pub(super) fn register(registry: &Registry) -> Self {
        let gauge = |name: &str, help: &str| register(registry, IntGauge::new(name, help));
        Self {
            resident_memory: gauge(
                "process_resident_memory_bytes",
                "Resident memory of the process in bytes.",
            ),
            open_files: gauge("process_open_fds", "Open file descriptors of the process."),
            max_files: gauge("process_max_fds", "File descriptors that the process may open."),
            cpu_seconds: register(
                registry,
                Counter::new(
                    "process_cpu_seconds_total",
                    "Processor time of the process, user and system, in seconds.",
                ),
            ),
        }
    }

    /// Asks the kernel. Called for each scrape, one at a time.
    pub(super) fn refresh(&self) {
        if let Some(bytes) = read("/proc/self/status").as_deref().and_then(resident_of) {
            self.resident_memory.set(bytes);
        }
        if let Some(count) = open_files() {
            self.open_files.set(count);
        }
        let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        self.max_files.set(i64::try_from(most).unwrap_or(i64::MAX));
        if let Some(ticks) = read("/proc/self/stat").as_deref().and_then(processor_ticks_of) {
            // Ticks are far below 2^52.
            #[expect(clippy::cast_precision_loss, reason = "ticks fit a double exactly")]
            let seconds = ticks as f64 / clock_ticks_per_second() as f64;
            self.cpu_seconds.inc_by((seconds - self.cpu_seconds.get()).max(0.0));
        }
    }
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// Open file descriptors, the one used for counting not included.
fn open_files() -> Option<i64> {
    let count = std::fs::read_dir("/proc/self/fd").ok()?.count();
    i64::try_from(count.saturating_sub(1)).ok()
}

/// `VmRSS:      1234 kB`, see `man 5 proc_pid_status`.
fn resident_of(status: &str) -> Option<i64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// Fields 14 and 15 of `man 5 proc_pid_stat`, `utime` and `stime`. The second field is the program's name in
/// parentheses, which may hold blanks and parentheses itself.
fn processor_ticks_of(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(") ")?;
    let mut fields = after_name.split(' ').skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    next()?.checked_add(next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_in_bytes() {
        let status = "Name:\tbitrix-id\nVmPeak:\t  9 kB\nVmRSS:\t    1234 kB\n";
        assert_eq!(resident_of(status), Some(1234 * 1024));
        assert_eq!(resident_of("Name:\tbitrix-id\n"), None);
    }

    #[test]
    fn processor_time_is_user_and_system_whatever_the_program_is_called() {
        let stat = "42 (a) S 1 (b) S 1 42 42 0 -1 4194560 901 0 3 0 250 31 7 9 20 0 12 0 5 1 2";
        assert_eq!(processor_ticks_of(stat), Some(281));
        assert_eq!(processor_ticks_of("42 (bitrix-id) S 1 42"), None);
    }

    #[test]
    fn the_kernel_is_asked() {
        let registry = Registry::new();
        let metrics = ProcessMetrics::register(&registry);
        metrics.refresh();
        let first = metrics.cpu_seconds.get();
        metrics.refresh();
        assert!(metrics.cpu_seconds.get() >= first, "a counter never falls");
        assert!(metrics.resident_memory.get() > 0 && metrics.open_files.get() > 0);
        assert!(metrics.max_files.get() >= metrics.open_files.get());
    }
}
