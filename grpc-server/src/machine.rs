//! The memory that this process may use (of the machine, of its control group, of its own limits), and the free bytes
//! of a disk.
//!
//! Not here: how the server divides it (`model::memory`). Invariant: a limit that can't be read counts as none.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, getrlimit};

const CGROUPS: &str = "/sys/fs/cgroup";

/// The smallest of all limits, in bytes; of a limit of the address space three quarters, as a part is never used.
#[must_use]
pub fn memory_bytes() -> u64 {
    let address_space = getrlimit(Resource::As).current.map(|bytes| bytes / 4 * 3);
    let data = getrlimit(Resource::Data).current;
    let limits = [physical(), cgroup(), address_space, data];
    limits.into_iter().flatten().min().unwrap_or(u64::MAX)
}

/// The free and the total bytes of the disk that a directory is on.
#[must_use]
pub fn disk_bytes(dir: &Path) -> Option<(u64, u64)> {
    let disk = rustix::fs::statvfs(dir).ok()?;
    let bytes = |blocks: u64| blocks.checked_mul(disk.f_frsize);
    bytes(disk.f_bavail).zip(bytes(disk.f_blocks))
}

fn physical() -> Option<u64> {
    of_meminfo(&fs::read_to_string("/proc/meminfo").ok()?)
}

fn of_meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The smallest limit of the process' control group and of those around it (version 2).
fn cgroup() -> Option<u64> {
    let own = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = own.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let groups = PathBuf::from(CGROUPS).join(own);
    let inside = groups.ancestors().take_while(|group| group.starts_with(CGROUPS));
    inside.filter_map(limit_of).min()
}

fn limit_of(group: &Path) -> Option<u64> {
    // The text `max` is no limit.
    fs::read_to_string(group.join("memory.max")).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_memory_and_a_limit_is_never_above_it() {
        let machine = physical().expect("Linux has it");
        assert!((64 << 20..=machine).contains(&memory_bytes()));
        assert_eq!(of_meminfo("MemTotal:       24576 kB\nMemFree: 1 kB"), Some(24 << 20));
        assert_eq!(of_meminfo("MemTotal: many"), None);
    }
}
