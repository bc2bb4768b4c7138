//! What all queries share: the threads, the memory and the disk.
//!
//! Not their limits: see `engine`. Invariants: a few queries run at once, each with an equal part of the memory, so that none takes
//! what another one needs to continue; the shared part may be dropped by any thread.

use std::pin::pin;
use std::sync::Arc;

use datafusion::execution::runtime_env::RuntimeEnv;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::memory::QueryMemory;
use crate::scan::workers::TICK;
use crate::{Progress, QueryError, Watch};

/// Queries that run at once.
pub(crate) const QUERIES: usize = 4;

/// Bytes of a batch, at least and at most.
const BATCH_BYTES: std::ops::RangeInclusive<usize> = 32 * 1024..=1024 * 1024;
/// Batches of one thread that fit the memory.
const BATCHES: usize = 128;

/// What all queries share.
pub(crate) struct Shared {
    /// `None` once it is dropped.
    pub(crate) runtime: Option<Runtime>,
    /// It has the disk of all queries.
    pub(crate) environment: Arc<RuntimeEnv>,
    pub(crate) threads: usize,
    /// Memory of one query.
    pub(crate) memory_bytes: usize,
    pub(crate) turns: Semaphore,
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

    /// Waits until fewer queries run.
    pub(crate) fn turn(
        &self,
        of: u64,
        watch: Watch<'_>,
    ) -> Result<SemaphorePermit<'_>, QueryError> {
        self.turn_of(1, of, watch)
    }

    /// Waits for the turn of a query that counts for so many: all of them at once, so that none waits for another one.
    pub(crate) fn turn_of(
        &self,
        count: u32,
        of: u64,
        watch: Watch<'_>,
    ) -> Result<SemaphorePermit<'_>, QueryError> {
        let runtime = self.runtime()?;
        let mut turn = pin!(self.turns.acquire_many(count));
        loop {
            if watch(Progress { rows: 0, of }) {
                return Err(QueryError::Stopped);
            }
            let turn = runtime.block_on(async { timeout(TICK, turn.as_mut()).await });
            if let Ok(turn) = turn {
                return turn.map_err(QueryError::failed);
            }
        }
    }

    /// What a plan of one query takes its memory and its disk from.
    pub(crate) fn of_query(&self) -> Arc<RuntimeEnv> {
        let memory_pool = Arc::new(QueryMemory::new(self.memory_bytes));
        Arc::new(RuntimeEnv { memory_pool, ..RuntimeEnv::clone(&self.environment) })
    }

    /// Bytes of a batch, about.
    pub(crate) fn batch_bytes(&self) -> u64 {
        let bytes = self.memory_bytes / (BATCHES * self.threads);
        bytes.clamp(*BATCH_BYTES.start(), *BATCH_BYTES.end()) as u64
    }
}
