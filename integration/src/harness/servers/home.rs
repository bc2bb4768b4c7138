//! The directory of one server: its data and its log, both deleted with the handle.
//!
//! Not the server. Invariant: the directory outlives the embedded Postgres in it.

use std::fs;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Lines of the log that a failing test prints.
const LOG_LINES_SHOWN: usize = 80;
/// How long an embedded Postgres may take to end after its server.
const ORPHAN_DEADLINE: Duration = Duration::from_secs(30);
/// The interval at which its end is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// The directory of one server.
#[derive(Debug)]
pub struct Home {
    root: TempDir,
    data: PathBuf,
}

impl Home {
    /// A new directory with mode 0700, as `mktemp -d` makes it.
    #[must_use]
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("gridloom-test-").tempdir();
        let root = root.expect("can make a temporary directory");
        let data = root.path().join("data");
        Self { root, data }
    }

    /// The server's data directory, which the server creates.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The file with the server's standard error.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.root.path().join("server.log")
    }

    /// The path of a file of the test's own.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// The end of the log.
    #[must_use]
    pub fn log_tail(&self) -> String {
        let log = fs::read(self.log()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n")
    }

    /// Waits until the embedded Postgres of an ended server has ended, too.
    fn outlive_postgres(&self) {
        let note = self.data().join("postgres/data/postmaster.pid");
        let process = || {
            let text = fs::read_to_string(&note).ok()?;
            let id: u32 = text.lines().next()?.trim().parse().ok()?;
            fs::metadata(format!("/proc/{id}")).ok()
        };
        let give_up = Instant::now() + ORPHAN_DEADLINE;
        while process().is_some() && Instant::now() < give_up {
            thread::park_timeout(POLL_INTERVAL);
        }
    }
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if thread::panicking() {
            // There is no other place to report a failure of standard error.
            let _ = writeln!(stderr(), "--- the server's log\n{}\n---", self.log_tail());
        }
        self.outlive_postgres();
    }
}
