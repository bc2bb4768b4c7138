//! Processes as Linux shows them in `/proc`: parent, CPU time, memory.
//!
//! Not a way to change a process. Invariant: no byte of a process's name is read as a field, because the fields
//! are counted from the last bracket.

use std::collections::BTreeMap;
use std::io;
use std::str::from_utf8;
use std::{fs, path::Path};

/// Scans of `/proc` until two of them agree; processes that end in between make them differ.
const SCANS_MAX: usize = 16;

/// CPU time in the kernel's unit, see [`ticks_per_second`].
pub(crate) type CpuTicks = u64;

/// One process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) parent: u32,
    /// The name of its program, cut to 15 bytes by the kernel.
    pub(crate) name: Vec<u8>,
    /// CPU time of all its threads.
    pub(crate) own: CpuTicks,
    /// CPU time of its children that have ended, and of theirs.
    pub(crate) reaped: CpuTicks,
    /// When it started, in ticks since the machine did: a process id that is used again differs in it.
    pub(crate) started: u64,
}

/// CPU time of the whole machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Machine {
    /// In programs and in the kernel.
    pub(crate) busy: CpuTicks,
    /// Taken by other guests of the same host.
    pub(crate) stolen: CpuTicks,
}

/// How many ticks a second of CPU time has.
pub(crate) fn ticks_per_second() -> u64 {
    rustix::param::clock_ticks_per_second()
}

/// One process by its id.
pub(crate) fn process(pid: u32) -> io::Result<Process> {
    let path = format!("/proc/{pid}/stat");
    let text = fs::read(&path).map_err(|error| named(&path, error))?;
    parse_process(&text).ok_or_else(|| malformed(&path))
}

/// All processes of this machine, without those that end during the scan.
pub(crate) fn processes() -> io::Result<Vec<Process>> {
    let entries = fs::read_dir("/proc").map_err(|error| named("/proc", error))?;
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    Ok(pids.filter_map(|pid| process(pid).ok()).collect())
}

/// CPU time of a process and all its descendants, living and ended.
///
/// A descendant that ends moves its time to its parent. So scans are repeated until two of them agree: then no
/// time was read twice or left out.
pub(crate) fn tree_ticks(root: u32) -> io::Result<CpuTicks> {
    let mut last = None;
    for _ in 0..SCANS_MAX {
        let processes = processes()?;
        let tree = tree(root, &processes);
        let shape: Vec<_> = tree.iter().map(|process| (process.pid, process.reaped)).collect();
        if shape.is_empty() {
            return Err(io::Error::other(format!("process {root} has ended")));
        }
        if last.as_ref() == Some(&shape) {
            return Ok(tree.iter().map(|process| process.own + process.reaped).sum());
        }
        last = Some(shape);
    }
    Err(io::Error::other(format!("the children of process {root} end too often to be counted")))
}

/// A process and its descendants, by process id.
fn tree(root: u32, processes: &[Process]) -> Vec<&Process> {
    let by_pid: BTreeMap<u32, &Process> = processes.iter().map(|p| (p.pid, p)).collect();
    let descends = |process: &Process| {
        let mut pid = process.pid;
        // A list that was read while processes ended may hold a loop; its length bounds the walk.
        for _ in 0..=by_pid.len() {
            match by_pid.get(&pid) {
                _ if pid == root => return true,
                Some(process) => pid = process.parent,
                None => return false,
            }
        }
        false
    };
    by_pid.values().copied().filter(|process| descends(process)).collect()
}

/// CPU time of the machine up to now.
pub(crate) fn machine() -> io::Result<Machine> {
    let text = fs::read_to_string("/proc/stat").map_err(|error| named("/proc/stat", error))?;
    parse_machine(&text).ok_or_else(|| malformed("/proc/stat"))
}

/// Memory that a process holds, in bytes.
pub(crate) fn resident_bytes(pid: u32) -> io::Result<u64> {
    status_bytes(pid, "VmRSS:")
}

/// The most memory that a process has held, in bytes.
pub(crate) fn peak_bytes(pid: u32) -> io::Result<u64> {
    status_bytes(pid, "VmHWM:")
}

/// A line of `/proc/PID/status` that has a size.
fn status_bytes(pid: u32, name: &str) -> io::Result<u64> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).map_err(|error| named(&path, error))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kib.map(|kib| kib * 1024).ok_or_else(|| malformed(&path))
}

/// `PID (NAME) STATE PARENT ...`, as proc(5) numbers the fields.
fn parse_process(stat: &[u8]) -> Option<Process> {
    let open = stat.iter().position(|byte| *byte == b'(')?;
    let close = stat.iter().rposition(|byte| *byte == b')')?;
    let fields: Vec<&str> = from_utf8(stat.get(close + 1..)?).ok()?.split_whitespace().collect();
    // proc(5) counts from 1, and two fields stand before these.
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some(Process {
        pid: from_utf8(stat.get(..open)?).ok()?.trim().parse().ok()?,
        parent: u32::try_from(field(4)?).ok()?,
        name: stat.get(open + 1..close)?.to_vec(),
        own: field(14)?.saturating_add(field(15)?),
        reaped: field(16)?.saturating_add(field(17)?),
        started: field(22)?,
    })
}

/// `cpu USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ STEAL ...`.
fn parse_machine(stat: &str) -> Option<Machine> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let times: Vec<u64> = line.split_whitespace().map_while(|time| time.parse().ok()).collect();
    let [user, nice, system, _idle, _wait, irq, soft, stolen, ..] = *times.as_slice() else {
        return None;
    };
    Some(Machine { busy: user + nice + system + irq + soft, stolen })
}

fn named(path: impl AsRef<Path>, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot read {}: {error}", path.as_ref().display()))
}

fn malformed(path: &str) -> io::Error {
    io::Error::other(format!("{path} does not have the fields that proc(5) names"))
}

#[cfg(test)]
#[path = "procfs/tests.rs"]
mod tests;
