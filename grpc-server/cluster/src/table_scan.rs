//! The rows of a table as a part of a plan: it reads the groups that its input lists.
//!
//! Not which rows and columns (the crate `engine`). Invariants: a partition reads what the same partition of its input lists,
//! so that a task of some partitions reads these alone; reading ends with the stream.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray as _;
use arrow_array::types::UInt64Type;
use arrow_schema::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning,
    PlanProperties, ReplaceChildrenOptions,
};
use engine::{Ask, Portion, QueryError};
use futures_util::TryStreamExt as _;
use tokio::sync::mpsc::Sender;

use crate::content::Tables;
use crate::failure::text_of;

/// Batches that wait between two steps.
const WAITING: usize = 2;
/// Bytes of a batch, about.
const BATCH_BYTES: u64 = 1024 * 1024;

/// The rows of a table.
#[derive(Clone)]
pub(crate) struct TableScanExec {
    pub(crate) scan: Arc<engine_link::TableScan>,
    schema: SchemaRef,
    /// Lists groups: the first one, and the end.
    input: Arc<dyn ExecutionPlan>,
    /// Where tables are read; `None` in the scheduler, which reads none.
    tables: Option<Tables>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl TableScanExec {
    pub(crate) fn new(
        scan: engine_link::TableScan,
        schema: SchemaRef,
        input: Arc<dyn ExecutionPlan>,
        tables: Option<Tables>,
    ) -> Self {
        let properties = properties(&schema, &input);
        let (scan, metrics) = (Arc::new(scan), ExecutionPlanMetricsSet::new());
        Self { scan, schema, input, tables, properties, metrics }
    }
}

fn properties(schema: &SchemaRef, input: &Arc<dyn ExecutionPlan>) -> Arc<PlanProperties> {
    let partitions = input.properties().output_partitioning().partition_count();
    Arc::new(PlanProperties::new(
        EquivalenceProperties::new(Arc::clone(schema)),
        Partitioning::UnknownPartitioning(partitions),
        EmissionType::Incremental,
        Boundedness::Bounded,
    ))
}

impl fmt::Debug for TableScanExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableScanExec").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl DisplayAs for TableScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let content = self.scan.content.as_ref().map_or("", |content| content.id.as_str());
        write!(f, "TableScanExec: content={content}")
    }
}

impl ExecutionPlan for TableScanExec {
    fn name(&self) -> &'static str {
        "TableScanExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Ok([input]) = <[_; 1]>::try_from(children) else {
            return Err(DataFusionError::Internal("a scan has one input".to_owned()));
        };
        let properties = properties(&self.schema, &input);
        Ok(Arc::new(Self { input, properties, ..Self::clone(&self) }))
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(
            children,
            ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute),
        )
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let none = || DataFusionError::Internal("the scheduler reads no table".to_owned());
        let tables = self.tables.clone().ok_or_else(none)?;
        let groups = self.input.execute(partition, context)?;
        let metrics = BaselineMetrics::new(&self.metrics, partition);
        let mut stream = RecordBatchReceiverStream::builder(Arc::clone(&self.schema), WAITING);
        let reading = Reading { scan: Arc::clone(&self.scan), tables, out: stream.tx(), metrics };
        let schema = Arc::clone(&self.schema);
        stream.spawn(async move {
            let groups: Vec<RecordBatch> = groups.try_collect().await?;
            reading.run(groups_of(&groups)?, schema).await
        });
        Ok(stream.build())
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}

/// The groups that a list names.
fn groups_of(list: &[RecordBatch]) -> Result<Vec<Range<usize>>> {
    let odd = || DataFusionError::Internal("a list of groups has another form".to_owned());
    let mut groups = Vec::new();
    for batch in list {
        let [first, end] = batch.columns() else { return Err(odd()) };
        let first = first.as_primitive_opt::<UInt64Type>().ok_or_else(odd)?;
        let end = end.as_primitive_opt::<UInt64Type>().ok_or_else(odd)?;
        for (first, end) in first.values().iter().zip(end.values()) {
            let at = |at: &u64| usize::try_from(*at).map_err(|_| odd());
            groups.push(at(first)?..at(end)?);
        }
    }
    Ok(groups)
}

/// The reading of one partition.
struct Reading {
    scan: Arc<engine_link::TableScan>,
    tables: Tables,
    out: Sender<Result<RecordBatch>>,
    metrics: BaselineMetrics,
}

impl Reading {
    async fn run(self, groups: Vec<Range<usize>>, schema: SchemaRef) -> Result<()> {
        let ask = Ask::from_bytes(&self.scan.ask).map_err(failed)?;
        let table = self.tables.open(self.scan.content.as_ref()).map_err(failed)?;
        let reading = tokio::task::spawn_blocking(move || {
            let portion = Portion::new(table, &ask, BATCH_BYTES)?;
            if portion.schema().fields() != schema.fields() {
                return Err(QueryError::failed("the table has other columns than its plan"));
            }
            let each = &mut |batch: RecordBatch| {
                self.tables.check_disk()?;
                self.metrics.record_output(batch.num_rows());
                let batch = RecordBatch::try_new(Arc::clone(&schema), batch.columns().to_vec());
                let batch = batch.map_err(QueryError::failed)?;
                // An error: the stream has ended, and the reading with it.
                self.out.blocking_send(Ok(batch)).map_err(|_| QueryError::Stopped)
            };
            groups.into_iter().try_for_each(|groups| {
                groups.into_iter().try_for_each(|group| {
                    // A group without a row that matches sends nothing.
                    if self.out.is_closed() {
                        return Err(QueryError::Stopped);
                    }
                    portion.read(group..group + 1, each)
                })
            })
        });
        match reading.await {
            Ok(read) => read.map_err(failed),
            Err(error) => Err(DataFusionError::Execution(error.to_string())),
        }
    }
}

fn failed(error: QueryError) -> DataFusionError {
    DataFusionError::Execution(text_of(&error))
}
