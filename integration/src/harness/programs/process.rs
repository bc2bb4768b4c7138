//! A child process: its first line, its log, its end.
//!
//! Invariant: it does not outlive its handle.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::procfs;

/// The interval at which the end of a process is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// A process that was started here.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// Never locked: the mutex only makes the handle `Sync`.
    lines: Mutex<Receiver<String>>,
}

impl Process {
    /// Starts a program; its standard error is appended to the file `log`.
    #[must_use]
    pub fn start(program: &Path, arguments: &[String], log: &Path) -> Self {
        Self::start_with(program, arguments, log, &[])
    }

    /// The same, with variables added to its environment.
    #[must_use]
    pub fn start_with(
        program: &Path,
        arguments: &[String],
        log: &Path,
        environment: &[(String, String)],
    ) -> Self {
        let errors = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .unwrap_or_else(|error| panic!("cannot open {}: {error}", log.display()));
        let mut child = Command::new(program)
            .args(arguments)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run {}: {error}", program.display()));
        let output = child.stdout.take().expect("standard output is a pipe");
        let (sender, lines) = channel();
        // Reads to the end, so that the child never waits for its output to be read.
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // The handle may be gone.
                let _ = sender.send(line);
            }
        });
        Self { child, lines: Mutex::new(lines) }
    }

    /// The next line of its output; `None` at its end, or when no line comes before the deadline.
    #[must_use]
    pub fn next_line(&mut self, deadline: Duration) -> Option<String> {
        self.lines.get_mut().ok()?.recv_timeout(deadline).ok()
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has not ended. A process that has ended and was not waited for holds no memory.
    #[must_use]
    pub fn is_running(&self) -> bool {
        procfs::resident_bytes(self.id()).is_ok()
    }

    /// The memory that it holds now, in bytes.
    #[must_use]
    pub fn resident_bytes(&self) -> u64 {
        procfs::resident_bytes(self.id()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The most memory that it has held, in bytes.
    #[must_use]
    pub fn peak_bytes(&self) -> u64 {
        procfs::peak_bytes(self.id()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        let id = i32::try_from(self.id()).ok().and_then(Pid::from_raw).expect("a process id");
        // Fails only for a process that has ended, which is the wanted state.
        let _ = kill_process(id, Signal::TERM);
    }

    /// Ends it at once and waits until it is gone.
    pub fn kill(&mut self) {
        // Both fail only for a process that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until it has ended; `None` when it still runs at the deadline.
    #[must_use]
    pub fn wait(&mut self, deadline: Duration) -> Option<ExitStatus> {
        let give_up = Instant::now() + deadline;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < give_up => thread::park_timeout(POLL_INTERVAL),
                _ => return None,
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The exit status and the output of a program.
#[derive(Debug)]
pub struct Finished {
    /// Its exit status.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Finished {
    /// Its standard output, after a check that it succeeded.
    ///
    /// # Panics
    /// When it failed.
    #[must_use]
    pub fn success(self) -> String {
        assert!(self.status.success(), "{}: {}{}", self.status, self.stdout, self.stderr);
        self.stdout
    }
}

/// Runs a program to its end, which must come before `deadline`.
///
/// # Panics
/// When it can't be run, or does not end.
#[must_use]
pub fn run(mut command: Command, deadline: Duration) -> Finished {
    let name = OsStr::to_string_lossy(command.get_program()).into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap_or_else(|error| panic!("cannot run {name}: {error}"));
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process id");
    let (sender, finished) = channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = finished.recv_timeout(deadline) else {
        // The thread above still holds the process, so that the id is its own.
        let _ = kill_process(id, Signal::KILL);
        panic!("{name} did not end within {deadline:?}");
    };
    let output = output.unwrap_or_else(|error| panic!("cannot read from {name}: {error}"));
    Finished {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
