//! A cluster that reads groups of a table apart, and sorts and counts their rows as bytes, has the answers of the engine.
//!
//! Not its processes: `integration` has tests of those. Here the cluster is this thread. Invariant: what it knows of a query is
//! its bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch, UInt32Array};
use arrow_schema::{DataType, Field, Schema};
use datafusion::arrow::compute::{concat_batches, take_record_batch};
use model::RowFilter;
use proptest::prelude::*;
use tables::{Bytes, Table};

use super::tables_of::{any_filter, any_order, any_table};
use super::{engine, never, positions_of, rows_of, view_of};
use crate::{Ask, Cluster, KEY, Plan, Portion, QueryError, Question, ipc};

/// Bytes of a batch.
const BATCH: u64 = 400;
/// Bytes of a message.
const MESSAGE: usize = 500;

/// Reads each group apart.
struct Apart(Arc<dyn Bytes>);

impl Cluster for Apart {
    fn run(
        &self,
        plan: &Plan,
        look: &dyn Fn(u64) -> Result<(), QueryError>,
        each: &mut dyn FnMut(&[u8]) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        let ask = Ask::from_bytes(&plan.ask.to_bytes()?)?;
        let schema = ipc::schema_of_bytes(&ipc::schema_to_bytes(&plan.schema)?)?;
        let (mut batches, mut read) = (Vec::new(), 0);
        for (group, rows) in plan.group_rows.iter().enumerate() {
            let portion = Portion::new(Arc::clone(&self.0), &ask, BATCH)?;
            assert_eq!(portion.schema(), &schema);
            portion.read(group..group + 1, &mut |batch| {
                batches.push(batch);
                Ok(())
            })?;
            read += rows;
            look(read)?;
        }
        let all = concat_batches(&schema, &batches).map_err(QueryError::failed)?;
        let answer = match ask {
            Ask::Sort(_) => sorted(&all),
            Ask::Count { .. } => counted(&all),
        };
        let mut writer = ipc::Writer::new(&answer.schema())?;
        writer.write(&answer)?;
        writer.finish()?;
        writer.take().chunks(MESSAGE).try_for_each(each)
    }
}

fn keys(batch: &RecordBatch) -> &BinaryArray {
    batch.column_by_name(KEY).expect("keys").as_binary()
}

fn sorted(batch: &RecordBatch) -> RecordBatch {
    let keys = keys(batch);
    let mut places: Vec<usize> = (0..batch.num_rows()).collect();
    places.sort_by_key(|at| keys.value(*at));
    let places = places.into_iter().map(|at| u32::try_from(at).expect("few"));
    take_record_batch(batch, &UInt32Array::from_iter_values(places)).expect("is sorted")
}

fn counted(batch: &RecordBatch) -> RecordBatch {
    let mut counts = BTreeMap::new();
    keys(batch).iter().flatten().for_each(|key| *counts.entry(key).or_insert(0_i64) += 1);
    let keys = Arc::new(BinaryArray::from_iter_values(counts.keys())) as ArrayRef;
    let counts = Arc::new(Int64Array::from_iter_values(counts.values().copied()));
    let fields =
        vec![Field::new(KEY, DataType::Binary, false), Field::new("count", DataType::Int64, false)];
    RecordBatch::try_new(Arc::new(Schema::new(fields)), vec![keys, counts]).expect("counts")
}

#[test]
fn any_query_of_a_cluster_has_the_answer_of_the_engine() {
    let (engine, _dir) = engine();
    let questions = any_table(80).prop_flat_map(|made| {
        let columns = made.kinds.len();
        let all = Just(RowFilter::All(Vec::new()));
        let filter = prop_oneof![1 => all, 3 => any_filter(columns)];
        (Just(made), filter, any_order(columns), 0..columns)
    });
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(120)
    });
    let outcome = runner.run(&questions, |(made, filter, order, column)| {
        let table = made.bytes();
        let cluster = Apart(Arc::clone(&table));
        let question = Question { filter: filter.clone(), order };
        let expected = view_of(&engine, &table, &question).expect("a view");
        let mut out = Vec::new();
        let rows = engine.view_on(&cluster, Arc::clone(&table), &question, &mut out, &never);
        let view = Table::open(Arc::new(out)).expect("a view");
        prop_assert_eq!(rows.expect("a view"), view.rows());
        prop_assert_eq!(positions_of(&view), positions_of(&expected));
        prop_assert_eq!(rows_of(&view), rows_of(&expected));
        let expected = engine.summary(Arc::clone(&table), column, &filter, 5, &never);
        let summary = engine.summary_on(&cluster, table, column, (&filter, 5), &never);
        prop_assert_eq!(summary.expect("a summary"), expected.expect("a summary"));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_query_that_is_stopped_ends_the_plan_of_the_cluster() {
    let (engine, _dir) = engine();
    let rows: Vec<_> = (0..50).map(|at| vec![ot_engine::Value::from(f64::from(at))]).collect();
    let table = super::tables_of::bytes_of(&[ot_engine::ColumnKind::Number], &rows, 10);
    let cluster = Apart(Arc::clone(&table));
    let question = Question { filter: RowFilter::All(Vec::new()), order: Vec::new() };
    let stop = |seen: crate::Progress| seen.rows >= 20;
    let stopped = engine.view_on(&cluster, table, &question, &mut Vec::new(), &stop);
    assert!(matches!(stopped, Err(QueryError::Stopped)), "{stopped:?}");
}
