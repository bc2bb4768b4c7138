//! The values of a column: how many rows have each, and how they are distributed.
//!
//! Two passes: the first one finds the bounds and the sum, the second one counts equal values. Invariant: memory is that of the
//! pool and of as many values as are asked for, each of at most 4 KiB.

mod facts;
mod ranges;
mod short;
pub(crate) mod sum;
mod top;
mod value_key;

use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use model::RowFilter;
use ot_engine::Value;
use tables::{Cell, Pick, Table};

use crate::cluster::{Cluster, run_on};
use crate::filter::Filter;
use crate::order::collation::Collation;
use crate::scan::workers::Workers;
use crate::scan::{Found, Pass, Scan};
use crate::shared::Shared;
use crate::sorted::{KEY, Rows, counts};
use crate::{Ask, Progress, QueryError, Summary, Watch};
use facts::Facts;
use ranges::Ranges;
use short::short;
use top::Top;

/// Passes over the table.
const PASSES: u64 = 2;

/// A summary; a cluster counts the values where there is one.
pub(crate) fn summary(
    (shared, cluster): (&Shared, Option<&dyn Cluster>),
    table: &Arc<Table>,
    column: usize,
    filter: &RowFilter,
    values: usize,
    watch: Watch<'_>,
) -> Result<Summary, QueryError> {
    let collation = Arc::new(Collation::new()?);
    let scan = || {
        let (filter, pick) = (Filter::new(table, filter)?, table.pick(&[column])?);
        Scan::new(Arc::clone(table), filter, pick, shared.batch_bytes())
    };
    let of = table.rows().saturating_mul(PASSES);
    let first = scan()?;
    let pass = Pass { scan: &first, watch, before: 0, of };
    let facts = facts_of(shared, &pass, &collation)?;
    let second = scan()?;
    let pass = Pass { scan: &second, watch, before: table.rows(), of };
    let mut ranges = Ranges::new(&facts);
    let mut top = Top::new(&collation, values);
    let mut distinct = 0_u64;
    let mut each = |cell: Cell<'_>, rows: u64| {
        distinct += 1;
        ranges.add(&cell, rows);
        top.add(&cell, rows);
    };
    match cluster {
        _ if facts.rows <= facts.empty => {}
        Some(cluster) => {
            let ask = Ask::Count { column, filter: filter.clone() };
            let (schema, _) = keys(second.pick());
            let watch = |at: Progress| watch(Progress { rows: table.rows() + at.rows, of });
            let each = &mut |batch: RecordBatch| visit(&batch, &mut each);
            run_on(cluster, table, (ask, &schema), &watch, each)?;
        }
        None => {
            let (schema, rows) = keys(second.pick());
            counts(shared, &pass, &schema, rows, &mut |batch| visit(&batch, &mut each))?;
        }
    }
    let cut = |value: Value| Value::from(short(&Cell::from(value)));
    Ok(Summary {
        rows: facts.rows,
        empty: facts.empty,
        distinct,
        values: top.finish(),
        sum: facts.sum(),
        least: facts.least.map(cut),
        greatest: facts.greatest.map(cut),
        ranges: ranges.finish(),
    })
}

/// What the first pass finds.
fn facts_of(
    shared: &Shared,
    pass: &Pass<'_>,
    collation: &Arc<Collation>,
) -> Result<Facts, QueryError> {
    let (groups, threads, of_threads) = (pass.scan.groups(), shared.threads, Arc::clone(collation));
    let workers =
        Workers::begin(shared.runtime()?, pass.scan, threads, move |scan, number, give| {
            let mut facts = Facts::default();
            for group in (number..groups).step_by(threads) {
                scan.group(group, &mut |Found { batch, positions }| {
                    let cells = scan.pick().cells(&batch, 0)?;
                    (0..positions.len()).for_each(|at| facts.add(&of_threads, &cells.cell(at)));
                    Ok(())
                })?;
            }
            give(facts)
        });
    let mut all = Facts::default();
    // In the order of the threads, so that the sum is the same in each query.
    for number in 0..threads {
        let facts = workers.next(number, pass)?;
        all.join(collation, facts.ok_or_else(|| QueryError::failed("a thread has no facts"))?);
    }
    Ok(all)
}

/// The form of the keys of values, and what makes them.
pub(crate) fn keys(pick: &Pick) -> (SchemaRef, Rows) {
    let schema: SchemaRef = Arc::new(Schema::new(vec![Field::new(KEY, DataType::Binary, false)]));
    let (pick, of_rows) = (pick.clone(), Arc::clone(&schema));
    (schema, Arc::new(move |found| keys_of(&pick, &found, &of_rows)))
}

/// Visits each value and how many rows have it.
fn visit(batch: &RecordBatch, each: &mut dyn FnMut(Cell<'_>, u64)) -> Result<(), QueryError> {
    let odd = || QueryError::failed("a count has another form");
    let [keys, counts] = batch.columns() else { return Err(odd()) };
    let keys = keys.as_binary_opt::<i32>().ok_or_else(odd)?;
    let counts = counts.as_primitive_opt::<Int64Type>().ok_or_else(odd)?;
    for (key, count) in keys.iter().zip(counts) {
        let cell = key.and_then(value_key::read).ok_or_else(odd)?;
        each(cell, count.and_then(|count| u64::try_from(count).ok()).ok_or_else(odd)?);
    }
    Ok(())
}

/// The keys of the rows that have a value.
fn keys_of(pick: &Pick, found: &Found, schema: &SchemaRef) -> Result<RecordBatch, QueryError> {
    let cells = pick.cells(&found.batch, 0)?;
    let mut keys = BinaryBuilder::with_capacity(found.positions.len(), found.positions.len() * 9);
    let mut key = Vec::new();
    for at in 0..found.positions.len() {
        key.clear();
        if value_key::write(&cells.cell(at), &mut key) {
            keys.append_value(&key);
        }
    }
    let keys = Arc::new(keys.finish()) as ArrayRef;
    RecordBatch::try_new(Arc::clone(schema), vec![keys]).map_err(QueryError::failed)
}
