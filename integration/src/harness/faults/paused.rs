//! A Postgres and its children, or one of these, stopped by SIGSTOP and continued by SIGCONT.
//!
//! Not a shutdown. Invariant: each stopped process is continued at the latest when the handle is dropped, since
//! a stopped process does not receive the end of its server.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

use crate::procfs;

/// Stopped processes, which continue when this is dropped.
#[derive(Debug)]
pub struct Paused {
    processes: Vec<Pid>,
}

impl Paused {
    /// Stops the Postgres of a data directory, with all its backends.
    ///
    /// # Panics
    /// When none runs there.
    #[must_use]
    pub fn postgres(data: &Path) -> Self {
        let postmaster = postmaster(data);
        // The parent first, so that no child comes after the children were listed.
        let mut paused = Self { processes: Vec::new() };
        paused.stop(postmaster);
        children(postmaster).into_iter().for_each(|child| paused.stop(child));
        paused
    }

    /// Stops one backend of a Postgres, by its process id.
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn backend(process: i32) -> Self {
        let mut paused = Self { processes: Vec::new() };
        paused.stop(Pid::from_raw(process).expect("process ids are positive"));
        assert!(!paused.processes.is_empty(), "the backend runs");
        paused
    }

    fn stop(&mut self, process: Pid) {
        if kill_process(process, Signal::STOP).is_ok() {
            self.processes.push(process);
        }
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        // A stopped process keeps its id, so these are still the same.
        for process in self.processes.iter().rev() {
            let _ = kill_process(*process, Signal::CONT);
        }
    }
}

/// Kills the Postgres of a data directory; its backends detect that and end.
///
/// # Panics
/// When none runs there.
pub fn kill_postgres(data: &Path) {
    kill_process(postmaster(data), Signal::KILL).expect("Postgres runs");
}

/// Has the Postgres of a data directory read its settings again.
///
/// # Panics
/// When none runs there.
pub(crate) fn reload_postgres(data: &Path) {
    kill_process(postmaster(data), Signal::HUP).expect("Postgres runs");
}

fn postmaster(data: &Path) -> Pid {
    let note = data.join("postgres/data/postmaster.pid");
    let text = fs::read_to_string(&note).unwrap_or_else(|error| panic!("{note:?}: {error}"));
    let id = text.lines().next().and_then(|line| line.trim().parse().ok());
    id.and_then(Pid::from_raw).expect("Postgres noted its process")
}

fn children(parent: Pid) -> Vec<Pid> {
    let parent = u32::try_from(parent.as_raw_nonzero().get()).expect("process ids are positive");
    let processes = procfs::processes().expect("the processes are listed");
    let children = processes.iter().filter(|process| process.parent == parent);
    children.filter_map(|child| Pid::from_raw(i32::try_from(child.pid).ok()?)).collect()
}
