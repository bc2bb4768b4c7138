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
use crate::scan::workers::Workers;
use crate::scan::{Found, Pass, Scan};
use crate::shared::Shared;
use crate::sorted::{KEY, Rows, sort};
use crate::steps::{Meter, Steps, counted_output};
use crate::{Ask, QueryError, Question, Watch};

pub(crate) fn view(
    shared: &Shared,
    table: Arc<Table>,
    question: &Question,
    (out, watch): (&mut (dyn Write + Send), Watch<'_>),
    (steps, read): (&Steps, Arc<Meter>),
) -> Result<u64, QueryError> {
    let filter = Filter::new(&table, &question.filter)?;
    let order = Order::new(&table, &question.order)?;
    let write = Meter::new("write", 1);
    let mut out = counted_output(out, &write);
    let mut writer = Writer { view: ViewWriter::new(&table, &mut out)?, steps, meter: write };
    let scan = Scan::new(Arc::clone(&table), filter, table.pick_all(), shared.batch_bytes())?;
    scan.measure(steps, read);
    let pass = Pass { scan: &scan, watch, before: 0, of: table.rows() };
    if order.levels.is_empty() {
        in_order_of_table(shared, &pass, &mut writer)?;
    } else {
        let (schema, rows) = with_keys(scan.pick(), order);
        sort(shared, &pass, &schema, rows, &mut |batch| writer.write_sorted(&batch))?;
    }
    writer.finish()
}

/// Writes a view as a step.
struct Writer<'a> {
    view: ViewWriter<'a>,
    steps: &'a Steps,
    meter: Arc<Meter>,
}

impl Writer<'_> {
    fn write(&mut self, batch: &RecordBatch, positions: Int64Array) -> Result<(), QueryError> {
        // Behind the steps that the rows come from.
        self.steps.begin(&self.meter);
        self.meter.busy(|| self.view.write(batch, positions))?;
        self.meter.add_rows(batch.num_rows() as u64);
        Ok(())
    }

    /// Writes rows that have their keys.
    fn write_sorted(&mut self, batch: &RecordBatch) -> Result<(), QueryError> {
        let keys = batch.column_by_name(KEY).and_then(|keys| keys.as_binary_opt::<i32>());
        let keys = keys.ok_or_else(|| QueryError::failed("the keys are missing"))?;
        let positions = keys.iter().map(|key| key.and_then(position).unwrap_or(u64::MAX));
        self.write(batch, of_positions(positions)?)
    }

    fn finish(self) -> Result<u64, QueryError> {
        self.steps.begin(&self.meter);
        let rows = self.meter.busy(|| self.view.finish())?;
        self.meter.task_ends();
        Ok(rows)
    }
}

/// The same view, whose rows a cluster filters and sorts.
pub(crate) fn view_on(
    cluster: &dyn Cluster,
    table: &Arc<Table>,
    question: &Question,
    (out, watch): (&mut (dyn Write + Send), Watch<'_>),
    steps: &Steps,
) -> Result<u64, QueryError> {
    // What is wrong with a question shows here, and not in a task.
    Filter::new(table, &question.filter)?;
    let order = Order::new(table, &question.order)?;
    let (schema, _) = with_keys(&table.pick_all(), order);
    let meter = Meter::new("write", 1);
    let mut out = counted_output(out, &meter);
    let mut writer = Writer { view: ViewWriter::new(table, &mut out)?, steps, meter };
    let ask = Ask::Sort(question.clone());
    run_on(cluster, table, (ask, &schema), watch, &mut |batch| writer.write_sorted(&batch))?;
    writer.finish()
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
    writer: &mut Writer<'_>,
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
