//! The engine: what all queries share.
//!
//! Not a query: see `view` and `summary`. Invariants: memory and disk of all queries together are bounded; the folder has files
//! of queries alone; the threads have less priority than those of the server.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use model::RowFilter;
use tables::{Bytes, Table};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::caught;
use crate::{Progress, QueryError, Question, Summary, summary, view};

/// Steps of priority below the server's, as heavy work has.
#[cfg(target_os = "linux")]
const LOWER_BY: i32 = 5;
/// Bytes of a batch, at least and at most.
const BATCH_BYTES: std::ops::RangeInclusive<usize> = 64 * 1024..=2 * 1024 * 1024;
/// Batches of one thread that are in memory at once, about.
const BATCHES: usize = 32;

/// What queries may take.
#[derive(Clone, Debug)]
pub struct QueryLimits {
    /// Memory of all queries together, beside a few batches of each thread.
    pub memory_bytes: usize,
    /// Disk of all queries together.
    pub disk_bytes: u64,
    /// The folder of their files, which has nothing else.
    pub dir: PathBuf,
    /// Threads.
    pub threads: usize,
}

/// Answers queries over tables. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Shared>);

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("threads", &self.0.threads).finish_non_exhaustive()
    }
}

/// What all queries share.
pub(crate) struct Shared {
    /// `None` once it is dropped.
    runtime: Option<Runtime>,
    pub(crate) environment: Arc<RuntimeEnv>,
    pub(crate) threads: usize,
    pub(crate) memory_bytes: usize,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // The last one may be dropped by a task, which must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    pub(crate) fn runtime(&self) -> Result<&Handle, QueryError> {
        let runtime = self.runtime.as_ref().map(Runtime::handle);
        runtime.ok_or_else(|| QueryError::failed("the engine has ended"))
    }

    /// Bytes of a batch, about.
    pub(crate) fn batch_bytes(&self) -> u64 {
        let bytes = self.memory_bytes / (BATCHES * self.threads);
        bytes.clamp(*BATCH_BYTES.start(), *BATCH_BYTES.end()) as u64
    }
}

impl Engine {
    /// Empties the folder and begins the threads.
    ///
    /// # Errors
    /// The folder could not be emptied, or the system has no further threads.
    pub fn new(limits: QueryLimits) -> io::Result<Self> {
        match fs::remove_dir_all(&limits.dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir_all(&limits.dir)?,
        }
        let disk = DiskManagerBuilder::default()
            .with_mode(DiskManagerMode::Directories(vec![limits.dir]))
            .with_max_temp_directory_size(limits.disk_bytes);
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(limits.memory_bytes)))
            .with_disk_manager_builder(disk)
            .build_arc()
            .map_err(io::Error::other)?;
        let threads = limits.threads.max(1);
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("query")
            .on_thread_start(lower)
            .enable_time()
            .build()?;
        let memory_bytes = limits.memory_bytes;
        let shared = Shared { runtime: Some(runtime), environment, threads, memory_bytes };
        Ok(Self(Arc::new(shared)))
    }

    /// Writes the rows that match, in the order, as a table with their positions; how many they are. It blocks.
    ///
    /// # Errors
    /// See [`QueryError`]; what was written is of no use then.
    pub fn view(
        &self,
        table: Arc<dyn Bytes>,
        question: &Question,
        out: &mut (dyn Write + Send),
        watch: &(dyn Fn(Progress) -> bool + Sync),
    ) -> Result<u64, QueryError> {
        caught(|| view::view(&self.0, Arc::new(Table::open(table)?), question, out, watch))
    }

    /// Counts the values that a column has in the rows that match, of the most frequent ones so many. It blocks.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn summary(
        &self,
        table: Arc<dyn Bytes>,
        column: usize,
        filter: &RowFilter,
        values: usize,
        watch: &(dyn Fn(Progress) -> bool + Sync),
    ) -> Result<Summary, QueryError> {
        caught(|| {
            let table = Arc::new(Table::open(table)?);
            summary::summary(&self.0, &table, column, filter, values, watch)
        })
    }
}

/// Lowers the priority of this thread.
#[cfg(target_os = "linux")]
fn lower() {
    let thread = Some(rustix::thread::gettid());
    let lowered = rustix::process::getpriority_process(thread)
        .and_then(|now| rustix::process::setpriority_process(thread, now + LOWER_BY));
    if let Err(error) = lowered {
        tracing::debug!(%error, "queries have the priority of the server");
    }
}

#[cfg(not(target_os = "linux"))]
fn lower() {}
