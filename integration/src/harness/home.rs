//! A server's place on disk: its data directory and its log, both gone when the test is over.

use std::fs;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How much of a log is shown when a test fails, in lines.
const LOG_LINES_SHOWN: usize = 80;
/// How long a Postgres that has lost its server may take to end.
const ORPHAN_DEADLINE: Duration = Duration::from_secs(30);
/// How often to look whether it has.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// A server's place on disk.
#[derive(Debug)]
pub struct Home {
    root: TempDir,
    data: PathBuf,
}

impl Home {
    /// A fresh one. As `mktemp -d` makes it: closed to everybody else.
    #[must_use]
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("gridloom-test-").tempdir();
        let root = root.expect("can make a temporary directory");
        let data = root.path().join("data");
        Self { root, data }
    }

    /// The server's data directory. It makes it itself.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// What the server says on standard error.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.root.path().join("server.log")
    }

    /// A place for a file of the test's own.
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

    /// Waits until the embedded Postgres of a server that is gone has ended too.
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
            // Nothing can be done if it can't be shown.
            let _ = writeln!(stderr(), "--- the server's log\n{}\n---", self.log_tail());
        }
        self.outlive_postgres();
    }
}
