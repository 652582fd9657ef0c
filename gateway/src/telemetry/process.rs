//! What the kernel says about this process. Absent where `/proc` is.

/// Resident memory in bytes.
pub(super) fn resident_memory_bytes() -> Option<i64> {
    resident_of(&std::fs::read_to_string("/proc/self/status").ok()?)
}

/// Open file descriptors, the one used for counting not included.
pub(super) fn open_files() -> Option<i64> {
    let count = std::fs::read_dir("/proc/self/fd").ok()?.count();
    i64::try_from(count.saturating_sub(1)).ok()
}

/// `VmRSS:      1234 kB`, see `man 5 proc_pid_status`.
fn resident_of(status: &str) -> Option<i64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
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
}
