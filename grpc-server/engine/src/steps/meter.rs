//! The counters of a step, and the processor time of the threads that do its work.
//!
//! Not how often they are read. Invariant: counting takes no lock, and two reads of a clock for each piece of work.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::step::{Step, StepSource};

/// Counts what a step costs.
pub struct Meter {
    name: &'static str,
    tasks: u32,
    begun: OnceLock<Instant>,
    took: OnceLock<Duration>,
    done: AtomicU32,
    rows: AtomicU64,
    bytes: AtomicU64,
    busy_nanos: AtomicU64,
    spilled: AtomicU64,
    memory: AtomicU64,
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Meter {
    /// A step of so many tasks, which has not begun.
    #[must_use]
    pub fn new(name: &'static str, tasks: usize) -> Arc<Self> {
        let zero = AtomicU64::default;
        Arc::new(Self {
            name,
            tasks: u32::try_from(tasks).unwrap_or(u32::MAX),
            begun: OnceLock::new(),
            took: OnceLock::new(),
            done: AtomicU32::default(),
            rows: zero(),
            bytes: zero(),
            busy_nanos: zero(),
            spilled: zero(),
            memory: zero(),
        })
    }

    /// The time of the step begins; false: it has begun before.
    pub(super) fn start(&self) -> bool {
        self.begun.set(Instant::now()).is_ok()
    }

    /// It has passed on so many more rows.
    pub fn add_rows(&self, rows: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
    }

    /// It has passed on so many rows in all.
    pub fn rows_are(&self, rows: u64) {
        self.rows.fetch_max(rows, Ordering::Relaxed);
    }

    /// It has read or written so many more bytes.
    pub fn add_bytes(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// It has read or written so many bytes in all.
    pub fn bytes_are(&self, bytes: u64) {
        self.bytes.fetch_max(bytes, Ordering::Relaxed);
    }

    /// Does a piece of its work on this thread, whose processor time counts.
    pub fn busy<T>(&self, work: impl FnOnce() -> T) -> T {
        let _lap = Lap::begin(self);
        work()
    }

    /// Awaits a part of its work: the processor time of each poll counts, on whichever thread that is.
    pub async fn polls<F: Future>(self: Arc<Self>, work: F) -> F::Output {
        let mut work = pin!(work);
        poll_fn(|context| self.busy(|| work.as_mut().poll(context))).await
    }

    /// Its threads have worked for so much longer.
    pub fn add_busy(&self, time: Duration) {
        self.busy_nanos.fetch_add(nanos(time), Ordering::Relaxed);
    }

    /// One of its tasks has ended; with the last one the step ends.
    pub fn task_ends(&self) {
        if self.done.fetch_add(1, Ordering::Relaxed).saturating_add(1) >= self.tasks {
            self.end();
        }
    }

    /// Its time ends here.
    pub(super) fn end(&self) {
        // The first end is the one.
        let _ = self.took.set(self.begun.get().map(Instant::elapsed).unwrap_or_default());
    }

    /// All of its tasks have ended.
    pub(super) fn all_tasks_end(&self) {
        self.done.store(self.tasks, Ordering::Relaxed);
        self.end();
    }

    /// What another part has counted in all.
    pub(super) fn has(&self, rows: u64, busy: Duration, spilled: u64) {
        self.rows.fetch_max(rows, Ordering::Relaxed);
        self.busy_nanos.fetch_max(nanos(busy), Ordering::Relaxed);
        self.spilled.fetch_max(spilled, Ordering::Relaxed);
    }

    /// It holds so much memory now.
    pub(super) fn holds(&self, bytes: u64) {
        self.memory.fetch_max(bytes, Ordering::Relaxed);
    }

    pub(super) fn now(&self) -> Step {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let until_now = || self.begun.get().map(Instant::elapsed).unwrap_or_default();
        Step {
            name: self.name,
            place: String::new(),
            tasks: self.tasks,
            tasks_done: self.done.load(Ordering::Relaxed).min(self.tasks),
            rows: count(&self.rows),
            bytes: count(&self.bytes),
            elapsed: self.took.get().copied().unwrap_or_else(until_now),
            busy: Duration::from_nanos(count(&self.busy_nanos)),
            spilled_bytes: count(&self.spilled),
            memory_bytes: count(&self.memory),
        }
    }
}

impl StepSource for Meter {
    fn add_to(&self, steps: &mut Vec<Step>) {
        steps.push(self.now());
    }
}

/// A piece of the work of a step, on one thread: at its end, the processor time since its begin counts.
pub(crate) struct Lap<'a> {
    meter: &'a Meter,
    last: Duration,
}

impl<'a> Lap<'a> {
    pub(crate) fn begin(meter: &'a Meter) -> Self {
        Self { meter, last: thread_time() }
    }

    /// Counts rows, and the time up to here.
    pub(crate) fn passes_on(&mut self, rows: u64) {
        self.meter.add_rows(rows);
        self.count();
    }

    /// The time since the last count is that of another step.
    pub(crate) fn counts_for(&mut self, other: &Meter) {
        let now = thread_time();
        other.add_busy(now.saturating_sub(self.last));
        self.last = now;
    }

    fn count(&mut self) {
        let now = thread_time();
        self.meter.add_busy(now.saturating_sub(self.last));
        self.last = now;
    }
}

impl Drop for Lap<'_> {
    fn drop(&mut self) {
        self.count();
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The processor time of this thread since a moment that is the same in each call of the thread.
#[cfg(target_os = "linux")]
pub(super) fn thread_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let nanos = u32::try_from(now.tv_nsec).unwrap_or_default();
    Duration::from_secs(u64::try_from(now.tv_sec).unwrap_or_default())
        + Duration::from_nanos(nanos.into())
}

/// The time itself: the processor time of a thread is not known here.
#[cfg(not(target_os = "linux"))]
pub(super) fn thread_time() -> Duration {
    static BEGIN: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    BEGIN.elapsed()
}
