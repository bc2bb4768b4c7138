//! The plans that a scheduler divides into tasks: a sort by a key, and a count of equal keys.
//!
//! Not the reading of rows (`table_scan`). Ballista gives each task some partitions of a stage by cutting down the leaves that
//! it knows; a leaf of another crate would be read whole by each task. So the leaf is a list of groups, one row for each
//! partition, and the part that reads the table follows it. Invariant: each group of the table is in one partition.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef, SortOptions};
use ballista_core::extension::SessionConfigExt as _;
use datafusion::common::DataFusionError;
use datafusion::config::SpillCompression;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::physical_expr::aggregate::AggregateExprBuilder;
use datafusion::physical_expr::expressions::{Column, lit};
use datafusion::physical_expr::{LexOrdering, Partitioning, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy};
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::prelude::SessionConfig;
use engine::KEY;

use crate::table_scan::TableScanExec;

/// Tasks of a stage for each core, so that a slow one does not hold up the rest for long.
const TASKS_OF_CORE: usize = 2;
/// Partitions at most: the last stage of a sort merges them.
const PARTITIONS: usize = 128;
/// Rows of a batch at most.
const BATCH_ROWS: usize = 8 * 1024;
/// Memory that a sort keeps for its merge: a part of what a task has at least.
const MERGE_BYTES: usize = 1024 * 1024;

type Planned = Result<Arc<dyn ExecutionPlan>, DataFusionError>;

/// The settings of a plan with so many partitions.
pub(crate) fn settings(name: &str, partitions: usize) -> SessionConfig {
    let mut config = SessionConfig::new_with_ballista()
        .with_ballista_job_name(name)
        .with_ballista_grpc_client_max_message_size(engine_link::MESSAGE_BYTES)
        .with_target_partitions(partitions)
        .with_round_robin_repartition(false)
        .with_batch_size(BATCH_ROWS)
        .with_spill_compression(SpillCompression::Lz4Frame)
        // Without it a task takes as many partitions as its executor has cores, and the memory of one.
        .set_u64("ballista.scheduler.max_partitions_per_task", 1);
    config.options_mut().execution.sort_spill_reservation_bytes = MERGE_BYTES;
    config
}

/// The groups of each partition, as the first one and the end: about equally many rows.
pub(crate) fn partitions(group_rows: &[u64], cores: usize) -> Vec<(u64, u64)> {
    let most = cores.saturating_mul(TASKS_OF_CORE).clamp(1, PARTITIONS) as u64;
    let total = group_rows.iter().copied().fold(0, u64::saturating_add);
    let wanted = total.div_ceil(most).max(1);
    let mut found = Vec::new();
    let (mut first, mut rows) = (0_u64, 0_u64);
    for (end, count) in (1..).zip(group_rows) {
        rows = rows.saturating_add(*count);
        if rows >= wanted {
            found.push((first, end));
            (first, rows) = (end, 0);
        }
    }
    let end = group_rows.len() as u64;
    if first < end || found.is_empty() {
        found.push((first, end));
    }
    found
}

/// All rows that match, in the order of their keys.
pub(crate) fn sorted(
    scan: engine_link::TableScan,
    schema: &SchemaRef,
    groups: &[(u64, u64)],
) -> Planned {
    let rows = rows(scan, schema, groups)?;
    let options = SortOptions { descending: false, nulls_first: false };
    let key = PhysicalSortExpr::new(key(schema)?, options);
    let none = || DataFusionError::Plan("an order without a key".to_owned());
    let order = LexOrdering::new([key]).ok_or_else(none)?;
    let sort = SortExec::new(order.clone(), rows).with_preserve_partitioning(true);
    Ok(Arc::new(SortPreservingMergeExec::new(order, Arc::new(sort))))
}

/// Each key once, with the number of its rows.
pub(crate) fn counted(
    scan: engine_link::TableScan,
    schema: &SchemaRef,
    groups: &[(u64, u64)],
) -> Planned {
    let rows = rows(scan, schema, groups)?;
    let count = AggregateExprBuilder::new(count_udaf(), vec![lit(1_i64)])
        .schema(Arc::clone(schema))
        .alias("count")
        .build()?;
    let counts = vec![Arc::new(count)];
    let by = PhysicalGroupBy::new_single(vec![(key(schema)?, KEY.to_owned())]);
    let partial = Arc::new(AggregateExec::try_new(
        AggregateMode::Partial,
        by.clone(),
        counts.clone(),
        vec![None],
        rows,
        Arc::clone(schema),
    )?);
    let hashed = Partitioning::Hash(vec![key(&partial.schema())?], groups.len());
    let apart = Arc::new(RepartitionExec::try_new(partial, hashed)?);
    let of_apart = PhysicalGroupBy::new_single(vec![(key(&apart.schema())?, KEY.to_owned())]);
    let mode = AggregateMode::FinalPartitioned;
    let counted =
        AggregateExec::try_new(mode, of_apart, counts, vec![None], apart, Arc::clone(schema))?;
    Ok(Arc::new(counted))
}

fn key(schema: &SchemaRef) -> Result<Arc<dyn PhysicalExpr>, DataFusionError> {
    Ok(Arc::new(Column::new(KEY, schema.index_of(KEY)?)))
}

/// The rows of the table, by partitions.
fn rows(scan: engine_link::TableScan, schema: &SchemaRef, groups: &[(u64, u64)]) -> Planned {
    let field = |name: &str| Field::new(name, DataType::UInt64, false);
    let of_groups: SchemaRef = Arc::new(Schema::new(vec![field("first"), field("end")]));
    let part = |(first, end): &(u64, u64)| {
        let columns: Vec<ArrayRef> =
            [first, end].map(|at| Arc::new(UInt64Array::from(vec![*at])) as ArrayRef).into();
        Ok::<_, DataFusionError>(vec![RecordBatch::try_new(Arc::clone(&of_groups), columns)?])
    };
    let parts: Result<Vec<_>, _> = groups.iter().map(part).collect();
    let list = MemorySourceConfig::try_new_exec(&parts?, Arc::clone(&of_groups), None)?;
    Ok(Arc::new(TableScanExec::new(scan, Arc::clone(schema), list, None)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_is_in_one_partition_and_they_are_about_equal() {
        assert_eq!(partitions(&[], 4), [(0, 0)]);
        assert_eq!(partitions(&[0, 0], 4), [(0, 2)]);
        assert_eq!(partitions(&[10; 6], 1), [(0, 3), (3, 6)]);
        assert_eq!(partitions(&[1, 1, 100, 1, 1], 1), [(0, 3), (3, 5)]);
        let many = partitions(&[7; 10_000], 10_000);
        assert!(many.len() <= PARTITIONS);
        assert!(many.windows(2).all(|pair| pair[0].1 == pair[1].0));
        assert_eq!(
            (many.first().map(|it| it.0), many.last().map(|it| it.1)),
            (Some(0), Some(10_000))
        );
    }
}
