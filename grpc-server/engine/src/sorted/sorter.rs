//! Sorts the rows that a caller pushes, in ascending order of their keys.
//!
//! Not a pass over a table: see `sorted`. A plan of DataFusion takes the batches on the threads of queries. Invariants: memory comes of a
//! pool of one query, and what does not fit it is written to the folder of queries; what was begun has ended when this is dropped.

use std::fmt;
use std::sync::mpsc::Sender as Token;
use std::sync::{Arc, Mutex};

use arrow_array::RecordBatch;
use arrow_schema::{SchemaRef, SortOptions};
use datafusion::common::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use futures_util::{StreamExt as _, stream};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::QueryError;
use crate::error::caught;
use crate::scan::workers::{Alive, TICK};
use crate::shared::Shared;
use crate::sorted::{KEY, config};
use crate::steps::{HeldPlan, Planned, Steps};

/// Batches that wait between two steps.
const WAITING: usize = 2;

/// Looks whether the caller is still there; an error: it is not.
pub(crate) type Look<'a> = &'a dyn Fn() -> Result<(), QueryError>;

/// A sort whose rows are pushed.
pub(crate) struct Sorter<'a> {
    runtime: &'a Handle,
    inputs: Vec<Sender<RecordBatch>>,
    /// The input that takes the next batch.
    next: usize,
    sorted: Receiver<RecordBatch>,
    tasks: JoinSet<Result<(), DataFusionError>>,
    step: HeldPlan,
    alive: Alive,
}

impl<'a> Sorter<'a> {
    /// Begins a sort of rows with this schema, whose key is the array [`KEY`]. Sorted batches have at most so many rows. Its
    /// step begins with the first rows.
    pub(crate) fn begin(
        shared: &'a Shared,
        schema: &SchemaRef,
        batch_rows: usize,
        steps: &Steps,
    ) -> Result<Self, QueryError> {
        let runtime = shared.runtime()?;
        let alive = Alive::new();
        let (mut inputs, mut parts) = (Vec::new(), Vec::new());
        for _ in 0..shared.threads {
            let (input, batches) = channel(WAITING);
            inputs.push(input);
            let part = Part {
                schema: Arc::clone(schema),
                batches: Mutex::new(Some((batches, alive.token()))),
            };
            parts.push(Arc::new(part) as Arc<dyn PartitionStream>);
        }
        let plan = plan(schema, parts)?;
        let environment = shared.of_query();
        let pool = Arc::clone(&environment.memory_pool);
        let step = Planned::later(steps, ("sort", shared.threads), pool);
        step.step().set(&plan);
        let context = TaskContext::default()
            .with_session_config(config(shared, batch_rows))
            .with_runtime(environment);
        let (output, sorted) = channel(WAITING);
        let mut tasks = JoinSet::new();
        let run = async move {
            let mut stream = execute_stream(plan, Arc::new(context))?;
            while let Some(batch) = stream.next().await {
                // An error: the caller has gone.
                if output.send(batch?).await.is_err() {
                    break;
                }
            }
            Ok::<(), DataFusionError>(())
        };
        tasks.spawn_on(run, runtime);
        Ok(Self { runtime, inputs, next: 0, sorted, tasks, step, alive })
    }

    /// Adds rows. It waits while the sort has enough to do.
    pub(crate) fn push(&mut self, batch: RecordBatch, look: Look<'_>) -> Result<(), QueryError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.next = (self.next + 1) % self.inputs.len().max(1);
        self.step.begin();
        loop {
            look()?;
            self.step.step().look();
            let is_ended = {
                let Some(input) = self.inputs.get(self.next) else {
                    return Err(QueryError::failed("a sort has no input"));
                };
                match self.runtime.block_on(async { timeout(TICK, input.reserve()).await }) {
                    Ok(Ok(permit)) => {
                        permit.send(batch);
                        return Ok(());
                    }
                    Ok(Err(_)) => true,
                    Err(_) => false,
                }
            };
            if is_ended {
                self.ended()?;
                return Err(QueryError::failed("a sort has ended before its rows"));
            }
        }
    }

    /// Visits the sorted rows.
    pub(crate) fn finish(
        mut self,
        look: Look<'_>,
        each: &mut dyn FnMut(RecordBatch) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        self.inputs.clear();
        self.step.begin();
        loop {
            look()?;
            self.step.step().look();
            let sorted = &mut self.sorted;
            match self.runtime.block_on(async { timeout(TICK, sorted.recv()).await }) {
                Ok(Some(batch)) => caught(|| each(batch))?,
                Ok(None) => return self.ended(),
                Err(_) => {}
            }
        }
    }

    /// How the plan has ended.
    fn ended(&mut self) -> Result<(), QueryError> {
        let tasks = &mut self.tasks;
        match self.runtime.block_on(async { tasks.join_next().await }) {
            None => Err(QueryError::failed("a sort has no end")),
            Some(Ok(ended)) => Ok(ended?),
            Some(Err(error)) => match error.try_into_panic() {
                Ok(panic) => Err(QueryError::of_panic(&*panic)),
                Err(error) => Err(QueryError::failed(error)),
            },
        }
    }
}

impl Drop for Sorter<'_> {
    fn drop(&mut self) {
        self.inputs.clear();
        self.sorted.close();
        self.tasks.abort_all();
        let tasks = &mut self.tasks;
        self.runtime.block_on(async { while tasks.join_next().await.is_some() {} });
        // The plan has the parts, and each of these a token.
        self.step.let_go();
        self.alive.wait();
    }
}

fn plan(
    schema: &SchemaRef,
    parts: Vec<Arc<dyn PartitionStream>>,
) -> Result<Arc<dyn ExecutionPlan>, QueryError> {
    let at = schema.index_of(KEY).map_err(QueryError::failed)?;
    let options = SortOptions { descending: false, nulls_first: false };
    let key = PhysicalSortExpr::new(Arc::new(Column::new(KEY, at)), options);
    let order = LexOrdering::new([key]).ok_or_else(|| QueryError::failed("no key"))?;
    let schema = Arc::clone(schema);
    let input = StreamingTableExec::try_new(schema, parts, None, Vec::new(), false, None)?;
    let sort = SortExec::new(order.clone(), Arc::new(input)).with_preserve_partitioning(true);
    Ok(Arc::new(SortPreservingMergeExec::new(order, Arc::new(sort))))
}

/// The batches, and what is held until they are taken.
type Pushed = (Receiver<RecordBatch>, Option<Token<()>>);

/// Batches that were pushed, as a partition. The token is held until they are taken.
struct Part {
    schema: SchemaRef,
    batches: Mutex<Option<Pushed>>,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").finish_non_exhaustive()
    }
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        // A partition is executed once: a second time it has no rows.
        let taken = self.batches.lock().ok().and_then(|mut batches| batches.take());
        let batches = stream::unfold(taken, |taken| async move {
            let (mut batches, token) = taken?;
            let batch = batches.recv().await?;
            Some((Ok::<_, DataFusionError>(batch), Some((batches, token))))
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray as _;
    use arrow_array::{ArrayRef, BinaryArray};
    use arrow_schema::{DataType, Field, Schema};

    use super::*;
    use crate::tests::engine_of;

    #[test]
    fn rows_that_do_not_fit_the_memory_are_sorted_and_a_sort_may_be_left() {
        let (engine, _dir) = engine_of(24 * 1024 * 1024, 1 << 30);
        let schema = Arc::new(Schema::new(vec![Field::new(KEY, DataType::Binary, false)]));
        let never = || -> Result<(), QueryError> { Ok(()) };
        let steps = Steps::default();
        let fill = |sorter: &mut Sorter<'_>| {
            for part in 0..500_u64 {
                let keys: Vec<Vec<u8>> = (0..100_u64)
                    .map(|at| {
                        let mixed = (part * 100 + at).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                        [mixed.to_be_bytes().as_slice(), &[7; 300]].concat()
                    })
                    .collect();
                let keys = BinaryArray::from_iter_values(&keys);
                let array = Arc::new(keys) as ArrayRef;
                let batch =
                    RecordBatch::try_new(Arc::clone(&schema), vec![array]).expect("a batch");
                sorter.push(batch, &never).expect("room");
            }
        };
        let mut sorter = Sorter::begin(engine.shared(), &schema, 100, &steps).expect("a sort");
        fill(&mut sorter);
        let mut found: Vec<Vec<u8>> = Vec::new();
        let each = &mut |batch: RecordBatch| -> Result<(), QueryError> {
            let keys = batch.column(0).as_binary::<i32>();
            found.extend(keys.iter().flatten().map(<[u8]>::to_vec));
            Ok(())
        };
        sorter.finish(&never, each).expect("sorted");
        assert_eq!(found.len(), 50_000);
        assert!(found.is_sorted());
        assert_eq!(engine.disk_in_use(), 0);
        let now = steps.now();
        let [step] = &now[..] else { panic!("{now:?}") };
        assert_eq!((step.name, step.rows, step.tasks_done), ("sort", 50_000, step.tasks));
        assert!(step.spilled_bytes > 0 && step.memory_bytes > 0, "{step:?}");
        let mut sorter = Sorter::begin(engine.shared(), &schema, 100, &steps).expect("a sort");
        fill(&mut sorter);
        let stop = || -> Result<(), QueryError> { Err(QueryError::Stopped) };
        let stopped = sorter.finish(&stop, &mut |_| -> Result<(), QueryError> { Ok(()) });
        assert!(matches!(stopped, Err(QueryError::Stopped)));
    }
}
