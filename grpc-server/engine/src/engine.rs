//! The engine: its limits, and the queries that it answers.
//!
//! Not the queries themselves: see `view`, `summary` and `derive`; the calls of derivations are in `derived`. Invariants: memory
//! and disk of all queries together are bounded; the folder has files of queries alone; the threads have less priority than those
//! of the server.

mod derived;

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use model::RowFilter;
use tables::{Bytes, Table};
use tokio::runtime::Builder;
use tokio::sync::Semaphore;

use crate::error::caught;
use crate::scan::PASS;
use crate::shared::{QUERIES, Shared};
use crate::steps::{Meter, Steps, counted_input};
use crate::{Cluster, Progress, QueryError, Question, Summary, summary, view};

/// Files that one thread merges at once, each with two batches: they leave memory to the other steps of a query.
const MERGED_FILES: usize = 8;

/// What queries may take.
#[derive(Clone, Debug)]
pub struct QueryLimits {
    /// Memory of all queries together, beside a few batches of each thread; at least 16 MiB for each thread. Four queries run at
    /// once and have a quarter each, others wait for their turn.
    pub memory_bytes: usize,
    /// Disk of all queries together.
    pub disk_bytes: u64,
    /// The folder of their files, which has nothing else.
    pub dir: PathBuf,
    /// Threads.
    pub threads: usize,
}

/// Answers queries over tables, and reports what their steps cost. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Shared>, Steps);

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("threads", &self.0.threads).finish_non_exhaustive()
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
            .with_max_temp_directory_size(limits.disk_bytes)
            .with_max_spill_merge_fan_in(MERGED_FILES);
        let environment = RuntimeEnvBuilder::new()
            .with_disk_manager_builder(disk)
            .build_arc()
            .map_err(io::Error::other)?;
        let threads = limits.threads.max(1);
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("query")
            .on_thread_start(heavy_work::lower_priority)
            .enable_time()
            .build()?;
        let memory_bytes = limits.memory_bytes / QUERIES;
        let (runtime, turns) = (Some(runtime), Semaphore::new(QUERIES));
        let shared = Shared { runtime, environment, threads, memory_bytes, turns };
        Ok(Self(Arc::new(shared), Steps::default()))
    }

    /// The same engine, whose queries report their steps here.
    #[must_use]
    pub fn with_steps(&self, steps: &Steps) -> Self {
        Self(Arc::clone(&self.0), steps.clone())
    }

    /// Where its queries report their steps.
    #[must_use]
    pub const fn steps(&self) -> &Steps {
        &self.1
    }

    /// Threads of all queries.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.0.threads
    }

    /// Memory of all queries together, in bytes.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.0.memory_bytes.saturating_mul(QUERIES)
    }

    /// What all queries share.
    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Shared {
        &self.0
    }

    /// Bytes of disk that queries have now.
    #[cfg(test)]
    pub(crate) fn disk_in_use(&self) -> u64 {
        self.0.environment.disk_manager.used_disk_space()
    }

    /// Writes the rows that match, in the order, as a table with their positions; how many they are. It blocks, and waits for its
    /// turn.
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
        caught(|| {
            let pass = Meter::new(PASS, self.0.threads);
            let table = Arc::new(Table::open(counted_input(table, &pass))?);
            let _turn = self.0.turn(table.rows(), watch)?;
            view::view(&self.0, table, question, (out, watch), (&self.1, pass))
        })
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
            let _turn = self.0.turn(table.rows(), watch)?;
            summary::summary((&self.0, None), &table, column, filter, values, watch)
        })
    }

    /// As [`Self::view`], but a cluster filters and sorts the rows. It needs no turn: the rows come one batch after the other.
    ///
    /// # Errors
    /// See [`QueryError`]; what was written is of no use then.
    pub fn view_on(
        &self,
        cluster: &dyn Cluster,
        table: Arc<dyn Bytes>,
        question: &Question,
        out: &mut (dyn Write + Send),
        watch: &(dyn Fn(Progress) -> bool + Sync),
    ) -> Result<u64, QueryError> {
        caught(|| {
            let table = Arc::new(Table::open(table)?);
            view::view_on(cluster, &table, question, (out, watch), &self.1)
        })
    }

    /// As [`Self::summary`], but a cluster counts the values. The bounds and the sum are found here, since the order of an
    /// addition is that of the table.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn summary_on(
        &self,
        cluster: &dyn Cluster,
        table: Arc<dyn Bytes>,
        column: usize,
        (filter, values): (&RowFilter, usize),
        watch: &(dyn Fn(Progress) -> bool + Sync),
    ) -> Result<Summary, QueryError> {
        caught(|| {
            let table = Arc::new(Table::open(table)?);
            let _turn = self.0.turn(table.rows(), watch)?;
            summary::summary((&self.0, Some(cluster)), &table, column, filter, values, watch)
        })
    }
}
