//! A view: the rows that match, in an order, as a table of its own.
//!
//! Not the form of tables, which the crate `tables` writes. Invariant: rows that are alike keep the order of the table.

use std::io::Write;
use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::cast::AsArray as _;
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use tables::{Pick, Table, ViewWriter};

use crate::cluster::{Cluster, run_on};
use crate::filter::Filter;
use crate::order::{Order, position};
use crate::scan::{Found, Pass, Scan};
use crate::shared::Shared;
use crate::sorted::{KEY, Rows, sort};
use crate::workers::Workers;
use crate::{Ask, QueryError, Question, Watch};

pub(crate) fn view(
    shared: &Shared,
    table: Arc<Table>,
    question: &Question,
    out: &mut (dyn Write + Send),
    watch: Watch<'_>,
) -> Result<u64, QueryError> {
    let filter = Filter::new(&table, &question.filter)?;
    let order = Order::new(&table, &question.order)?;
    let mut writer = ViewWriter::new(&table, out)?;
    let scan = Scan::new(Arc::clone(&table), filter, table.pick_all(), shared.batch_bytes())?;
    let pass = Pass { scan: &scan, watch, before: 0, of: table.rows() };
    if order.levels.is_empty() {
        in_order_of_table(shared, &pass, &mut writer)?;
    } else {
        let (schema, rows) = with_keys(scan.pick(), order);
        sort(shared, &pass, &schema, rows, &mut |batch| write(&mut writer, &batch))?;
    }
    Ok(writer.finish()?)
}

/// The same view, whose rows a cluster filters and sorts.
pub(crate) fn view_on(
    cluster: &dyn Cluster,
    table: &Arc<Table>,
    question: &Question,
    out: &mut (dyn Write + Send),
    watch: Watch<'_>,
) -> Result<u64, QueryError> {
    // What is wrong with a question shows here, and not in a task.
    Filter::new(table, &question.filter)?;
    let order = Order::new(table, &question.order)?;
    let (schema, _) = with_keys(&table.pick_all(), order);
    let mut writer = ViewWriter::new(table, out)?;
    let ask = Ask::Sort(question.clone());
    run_on(cluster, table, (ask, &schema), watch, &mut |batch| write(&mut writer, &batch))?;
    Ok(writer.finish()?)
}

/// What a thread has found.
enum Message {
    Rows(Found),
    /// The group has no further rows that match.
    GroupEnds,
}

fn in_order_of_table(
    shared: &Shared,
    pass: &Pass<'_>,
    writer: &mut ViewWriter<'_>,
) -> Result<(), QueryError> {
    let (groups, threads) = (pass.scan.groups(), shared.threads);
    let workers =
        Workers::begin(shared.runtime()?, pass.scan, threads, move |scan, number, give| {
            (number..groups).step_by(threads).try_for_each(|group| {
                scan.group(group, &mut |found| give(Message::Rows(found)))?;
                give(Message::GroupEnds)
            })
        });
    for group in 0..groups {
        loop {
            match workers.next(group % threads, pass)? {
                Some(Message::Rows(found)) => {
                    writer.write(&found.batch, of_positions(found.positions.iter().copied())?)?;
                }
                Some(Message::GroupEnds) => break,
                None => return Err(QueryError::failed("a thread has ended before its groups")),
            }
        }
    }
    Ok(())
}

/// Makes the keys of rows.
struct Keys {
    order: Order,
    /// All columns of the table.
    pick: Pick,
}

/// The form of rows with their keys, and what makes them.
pub(crate) fn with_keys(pick: &Pick, order: Order) -> (SchemaRef, Rows) {
    let mut fields: Vec<_> = pick.schema().fields().iter().map(Arc::clone).collect();
    fields.push(Arc::new(Field::new(KEY, DataType::Binary, false)));
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    let (keys, of_rows) = (Keys { order, pick: pick.clone() }, Arc::clone(&schema));
    (schema, Arc::new(move |found| keys.beside(found, &of_rows)))
}

/// Writes rows that have their keys.
fn write(writer: &mut ViewWriter<'_>, batch: &RecordBatch) -> Result<(), QueryError> {
    let keys = batch.column_by_name(KEY).and_then(|keys| keys.as_binary_opt::<i32>());
    let keys = keys.ok_or_else(|| QueryError::failed("the keys are missing"))?;
    let positions = keys.iter().map(|key| key.and_then(position).unwrap_or(u64::MAX));
    Ok(writer.write(batch, of_positions(positions)?)?)
}

impl Keys {
    /// The rows with their keys.
    fn beside(&self, found: Found, schema: &SchemaRef) -> Result<RecordBatch, QueryError> {
        let Found { batch, positions } = found;
        let levels: Result<Vec<_>, QueryError> = self
            .order
            .levels
            .iter()
            .map(|level| Ok(self.pick.cells(&batch, level.column)?))
            .collect();
        let levels = levels?;
        let mut keys = BinaryBuilder::with_capacity(positions.len(), positions.len() * 24);
        let mut key = Vec::new();
        for (at, position) in positions.into_iter().enumerate() {
            key.clear();
            self.order.write_key(&levels, at, position, &mut key);
            keys.append_value(&key);
        }
        let mut arrays = batch.columns().to_vec();
        arrays.push(Arc::new(keys.finish()) as ArrayRef);
        RecordBatch::try_new(Arc::clone(schema), arrays).map_err(QueryError::failed)
    }
}

fn of_positions(positions: impl Iterator<Item = u64>) -> Result<Int64Array, QueryError> {
    let positions: Result<Vec<i64>, _> = positions.map(i64::try_from).collect();
    positions.map(Int64Array::from).map_err(QueryError::failed)
}
