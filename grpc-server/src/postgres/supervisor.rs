//! Keeps one Postgres process running: starts it, waits for it, starts it again with a back-off.
//!
//! A thread of its own does it, not a task, for two reasons: the kernel ties the child's "interrupt
//! when the parent dies" to the thread that spawned it, and threads of a runtime come and go.
//!
//! Invariant: `State::process` names a child that has not been reaped, so a signal sent under the
//! lock cannot reach a stranger that was given the same process id.

use std::process::{Child, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tracing::{debug, warn};

use super::PostgresError;
use super::cluster::Cluster;

/// The first pause before a process that died is started again; doubles each time.
const BACK_OFF_FIRST: Duration = Duration::from_millis(100);
/// The longest pause.
const BACK_OFF_LONGEST: Duration = Duration::from_secs(5);
/// A process that lived for this long was well; the next pause is the first one again.
const WELL_AFTER: Duration = Duration::from_secs(10);
/// How long a fast shutdown may take before the process gets SIGQUIT and stops at once
/// (nothing committed is lost by that; the next start replays the log).
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
struct State {
    process: Option<Pid>,
    stopping: bool,
    finished: bool,
    /// How often it ended without a request to stop, since the start.
    failures: u32,
    last_failure: String,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    /// No code panics under this lock, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The handle on the thread. Dropping it stops the process and waits for it.
#[derive(Debug)]
pub(super) struct Supervisor {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Supervisor {
    pub(super) fn start(cluster: Cluster) -> Result<Self, PostgresError> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("postgres".into())
            .spawn(move || supervise(&cluster, &theirs))
            .map_err(|error| PostgresError::io("cannot start a thread", error))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    pub(super) fn process_id(&self) -> Option<u32> {
        let pid = self.shared.lock().process?;
        u32::try_from(pid.as_raw_nonzero().get()).ok()
    }

    /// The last exit, if there were as many as `limit`.
    pub(super) fn failed(&self, limit: u32) -> Option<String> {
        let state = self.shared.lock();
        (state.failures >= limit).then(|| state.last_failure.clone())
    }

    /// Stops the process and blocks until it is gone.
    pub(super) fn stop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        let mut state = self.shared.lock();
        state.stopping = true;
        signal(&state, Signal::INT);
        self.shared.changed.notify_all();
        let deadline = Instant::now() + STOP_TIMEOUT;
        while !state.finished {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                warn!("embedded Postgres takes too long to stop; sending SIGQUIT");
                signal(&state, Signal::QUIT);
                break;
            }
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(state);
        // It has nothing to return, and a panic there has been reported by the thread itself.
        let _ = thread.join();
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.stop();
    }
}

fn signal(state: &State, signal: Signal) {
    if let Some(pid) = state.process {
        // It fails only for a process that has just ended, which is what was wanted.
        let _ = kill_process(pid, signal);
    }
}

/// The thread's body.
fn supervise(cluster: &Cluster, shared: &Shared) {
    let mut pause = BACK_OFF_FIRST;
    loop {
        let started = Instant::now();
        let outcome = run_once(cluster, shared);
        let mut state = shared.lock();
        if state.stopping {
            break;
        }
        let failure = match outcome {
            Ok(status) => format!("it ended with {status}; {}", cluster.log_tail()),
            Err(error) => error.to_string(),
        };
        warn!(%failure, "embedded Postgres is down and will be started again");
        state.failures += 1;
        state.last_failure = failure;
        if started.elapsed() > WELL_AFTER {
            pause = BACK_OFF_FIRST;
        }
        let waited = shared.changed.wait_timeout_while(state, pause, |state| !state.stopping);
        if waited.unwrap_or_else(PoisonError::into_inner).0.stopping {
            break;
        }
        pause = (pause * 2).min(BACK_OFF_LONGEST);
    }
    cluster.clean_up();
    shared.lock().finished = true;
    shared.changed.notify_all();
    debug!("embedded Postgres has stopped");
}

/// Starts the process and waits until it ends.
fn run_once(cluster: &Cluster, shared: &Shared) -> Result<ExitStatus, PostgresError> {
    cluster.stop_orphan()?;
    let mut command = cluster.server_command()?;
    let child =
        command.spawn().map_err(|error| PostgresError::io("cannot start Postgres", error))?;
    let pid = Pid::from_child(&child);
    {
        let mut state = shared.lock();
        state.process = Some(pid);
        if state.stopping {
            signal(&state, Signal::INT);
        }
    }
    wait(child, pid, shared).map_err(|error| PostgresError::io("cannot wait for Postgres", error))
}

/// Waits without reaping, takes the id back, and only then reaps: see the module's invariant.
fn wait(mut child: Child, pid: Pid, shared: &Shared) -> std::io::Result<ExitStatus> {
    let waited = loop {
        match waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other,
        }
    };
    shared.lock().process = None;
    waited?;
    child.wait()
}
