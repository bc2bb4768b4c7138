//! Plans of DataFusion over the rows that a pass finds: a sort and a count of equal keys.
//!
//! Not the keys: see `order` and `summary`. Invariants: memory comes of the pool of the query, and what does not fit it is
//! written to their folder; tasks and threads have ended when a call returns.

pub(crate) mod sorter;

use std::fmt;
use std::future::Future;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};

use arrow_array::RecordBatch;
use arrow_schema::{SchemaRef, SortOptions};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::DataFusionError;
use datafusion::config::SpillCompression;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::functions_aggregate::count::count;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::{SessionConfig, SessionContext, col, lit};
use futures_util::StreamExt as _;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::QueryError;
use crate::error::caught;
use crate::scan::workers::{Alive, TICK};
use crate::scan::{Found, Pass, Scan};
use crate::shared::Shared;
use crate::steps::{HeldPlan, Planned};

/// The name of the column of keys.
pub const KEY: &str = "k";
/// Batches that wait between two steps.
const WAITING: usize = 2;
/// The most memory that a sort keeps for its merge.
const MERGE_BYTES: usize = 10 * 1024 * 1024;

/// Makes the arrays of a plan of rows that were found.
pub(crate) type Rows = Arc<dyn Fn(Found) -> Result<RecordBatch, QueryError> + Send + Sync>;
type Each<'a> = &'a mut dyn FnMut(RecordBatch) -> Result<(), QueryError>;

/// Visits the rows in ascending order of their keys, which are the last array.
pub(crate) fn sort(
    shared: &Shared,
    pass: &Pass<'_>,
    schema: &SchemaRef,
    rows: Rows,
    each: Each<'_>,
) -> Result<(), QueryError> {
    let (mut source, runtime) = Source::new(shared, pass.scan, schema, (rows, "sort"));
    let plan = source.sorted()?;
    source.plan.step().set(&plan);
    let context = TaskContext::default()
        .with_session_config(config(shared, pass.scan.rows_of_batches()))
        .with_runtime(runtime);
    source.run(shared, pass, async move { execute_stream(plan, Arc::new(context)) }, each)
}

/// Visits each key and how many rows have it. The keys are the only array of `rows`.
pub(crate) fn counts(
    shared: &Shared,
    pass: &Pass<'_>,
    schema: &SchemaRef,
    rows: Rows,
    each: Each<'_>,
) -> Result<(), QueryError> {
    let (mut source, runtime) = Source::new(shared, pass.scan, schema, (rows, "count"));
    let table = StreamingTable::try_new(Arc::clone(schema), source.take_parts())?;
    let config = config(shared, pass.scan.rows_of_batches());
    let context = SessionContext::new_with_config_rt(config, runtime);
    let frame = context.read_table(Arc::new(table))?;
    let frame = frame.aggregate(vec![col(KEY)], vec![count(lit(1))])?;
    let step = Arc::clone(source.plan.step());
    let begin = async move {
        let context = Arc::new(frame.task_ctx());
        let plan = frame.create_physical_plan().await?;
        step.set(&plan);
        execute_stream(plan, context)
    };
    source.run(shared, pass, begin, each)
}

/// How a plan sorts batches of so many rows.
fn config(shared: &Shared, batch_rows: usize) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(shared.threads)
        .with_batch_size(batch_rows.max(1))
        .with_spill_compression(SpillCompression::Lz4Frame);
    let merge = (shared.memory_bytes / (6 * shared.threads)).min(MERGE_BYTES);
    config.options_mut().execution.sort_spill_reservation_bytes = merge;
    config
}

/// The first error of the threads: DataFusion does not pass it on as it is.
type Failure = Arc<Mutex<Option<QueryError>>>;

/// The threads of a pass as partitions of a plan.
struct Source {
    parts: Vec<Arc<dyn PartitionStream>>,
    schema: SchemaRef,
    failure: Failure,
    plan: HeldPlan,
    alive: Alive,
}

impl Source {
    /// The threads, and what the plan of this name over them takes its memory and its disk from.
    fn new(
        shared: &Shared,
        scan: &Arc<Scan>,
        schema: &SchemaRef,
        (rows, name): (Rows, &'static str),
    ) -> (Self, Arc<RuntimeEnv>) {
        let (alive, failure) = (Alive::new(), Failure::default());
        let runtime = shared.of_query();
        let pool = Arc::clone(&runtime.memory_pool);
        let plan = Planned::begin(&scan.steps(), (name, shared.threads), pool);
        let part = |number: usize| -> Arc<dyn PartitionStream> {
            Arc::new(Part {
                scan: Arc::clone(scan),
                rows: Arc::clone(&rows),
                groups: (number, shared.threads),
                schema: Arc::clone(schema),
                failure: Arc::clone(&failure),
                token: alive.token(),
            })
        };
        let parts = (0..shared.threads).map(part).collect();
        (Self { parts, schema: Arc::clone(schema), failure, plan, alive }, runtime)
    }

    /// The parts, which belong to the plan alone: it ends before the query does.
    fn take_parts(&mut self) -> Vec<Arc<dyn PartitionStream>> {
        std::mem::take(&mut self.parts)
    }

    fn sorted(&mut self) -> Result<Arc<dyn ExecutionPlan>, QueryError> {
        let schema = Arc::clone(&self.schema);
        let at = schema.index_of(KEY).map_err(QueryError::failed)?;
        let options = SortOptions { descending: false, nulls_first: false };
        let key = PhysicalSortExpr::new(Arc::new(Column::new(KEY, at)), options);
        let order = LexOrdering::new([key]).ok_or_else(|| QueryError::failed("no key"))?;
        let parts = self.take_parts();
        let input = StreamingTableExec::try_new(schema, parts, None, Vec::new(), false, None)?;
        let sort = SortExec::new(order.clone(), Arc::new(input)).with_preserve_partitioning(true);
        Ok(Arc::new(SortPreservingMergeExec::new(order, Arc::new(sort))))
    }

    /// Runs a plan on the threads of queries and visits its batches on this one.
    fn run(
        mut self,
        shared: &Shared,
        pass: &Pass<'_>,
        begin: impl Future<Output = Result<SendableRecordBatchStream, DataFusionError>> + Send + 'static,
        each: Each<'_>,
    ) -> Result<(), QueryError> {
        let (sender, mut batches) = tokio::sync::mpsc::channel(WAITING);
        let runtime = shared.runtime()?;
        // It ends with this call, also where the visitor panics.
        let mut tasks = JoinSet::new();
        let plan = async move {
            let mut stream = begin.await?;
            while let Some(batch) = stream.next().await {
                // An error: the caller has gone.
                if sender.send(batch?).await.is_err() {
                    break;
                }
            }
            Ok::<(), DataFusionError>(())
        };
        tasks.spawn_on(plan, runtime);
        let visited = loop {
            let next = runtime.block_on(async { timeout(TICK, batches.recv()).await });
            self.plan.step().look();
            let looked = match next {
                Ok(Some(batch)) => caught(|| each(batch)).and_then(|()| pass.look()),
                Ok(None) => break Ok(()),
                Err(_) => pass.look(),
            };
            if looked.is_err() {
                break looked;
            }
        };
        if visited.is_err() {
            tasks.abort_all();
        }
        pass.scan.stop();
        drop(batches);
        let ended = runtime.block_on(tasks.join_next());
        // It has parts of the pass, too.
        self.plan.let_go();
        self.alive.wait();
        visited?;
        let failure = self.failure.lock().ok().and_then(|mut failure| failure.take());
        match (failure, ended) {
            (Some(failure), _) => Err(failure),
            (None, None) => Err(QueryError::failed("a plan has no end")),
            (None, Some(Ok(ended))) => Ok(ended?),
            (None, Some(Err(error))) => match error.try_into_panic() {
                Ok(panic) => Err(QueryError::of_panic(&*panic)),
                Err(error) => Err(QueryError::failed(error)),
            },
        }
    }
}

/// One thread of a pass as a partition.
struct Part {
    scan: Arc<Scan>,
    rows: Rows,
    /// The first group, and after how many the next one follows.
    groups: (usize, usize),
    schema: SchemaRef,
    failure: Failure,
    token: Option<Sender<()>>,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("groups", &self.groups).finish_non_exhaustive()
    }
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut stream = RecordBatchReceiverStream::builder(Arc::clone(&self.schema), WAITING);
        let sender = stream.tx();
        let (scan, rows) = (Arc::clone(&self.scan), Arc::clone(&self.rows));
        let (failure, token) = (Arc::clone(&self.failure), self.token.clone());
        let (first, step) = self.groups;
        stream.spawn_blocking(move || {
            let give = &mut |found: Found| {
                let batch = rows(found)?;
                sender.blocking_send(Ok(batch)).map_err(|_| QueryError::Stopped)
            };
            let groups = (first..scan.groups()).step_by(step.max(1));
            let passed = caught(|| groups.into_iter().try_for_each(|it| scan.group(it, give)));
            scan.task_ends();
            drop(token);
            passed.map_err(|error| {
                // Where it was stopped, another part has the reason.
                if let Ok(mut failure) = failure.lock()
                    && !matches!(error, QueryError::Stopped)
                {
                    failure.get_or_insert(error);
                }
                DataFusionError::Execution("a pass over the table has failed".to_owned())
            })
        });
        stream.build()
    }
}
