//! The columns of another table beside the rows of a table, by equal keys.
//!
//! A sort-merge join with another sort that brings the order of the source back. Source: G. Graefe, "Query Evaluation Techniques
//! for Large Databases", 1993, section 5.2.
//!
//! 1. A pass over the source makes its keys, and one over the other table makes its keys with the columns that are taken. One
//!    sort has both: of each key first the rows of the other table, then those of the source.
//! 2. `pairs` meets them in this order, and pushes each pair into the second sort, by the positions of both rows.
//! 3. `merged` reads the source once more, in its order, and the sorted pairs beside it.
//!
//! So the columns of the source are never sorted. Not here: keys (`keyed`). Invariants: the result is in the order of the source, and
//! then of the other table; of both tables the rows of one key alone are held, within a bound.

mod keyed;
mod merged;
mod pairs;
mod plan;

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::operation::{Derived, JoinRows};
use super::out::{Each, Out};
use super::source::Source;
use crate::ordered::Ordered;
use crate::scan::Pass;
use crate::shared::Shared;
use crate::sorted::KEY;
use crate::sorted::sorter::Sorter;
use crate::steps::{Making, Meter, Steps};
use crate::{QueryError, Watch};
use keyed::{Keyed, Kinds, Side};
use merged::{Form, Merged};
use pairs::Pairs;
use plan::Columns;
pub(super) use plan::Plan;

/// A row with its key takes at most so many times the bytes of its cells, about.
const KEYED: usize = 4;

/// Passes the joined rows on.
pub(super) fn join(
    shared: &Shared,
    (source, other): (&Source, &Source),
    plan: &Plan<'_>,
    (each, watch): (Each<'_>, Watch<'_>),
    steps: &Steps,
) -> Result<Derived, QueryError> {
    let columns = Columns::new(plan);
    let taken = other.table().pick(&columns.taken)?;
    let schema = schema_of(taken.schema());
    let keyed = source.again("read keys", shared.threads)?;
    let keys = keyed.scan(&columns.keys, shared)?;
    let others = other.scan(&[&columns.taken[..], &columns.other_keys[..]].concat(), shared)?;
    // A row to be sorted has a key beside its cells, and a key of a text is larger than the text.
    let batch_rows = (keys.rows_of_batches().min(others.rows_of_batches()) / KEYED).max(1);
    let (rows, other_rows) = (source.rows(), other.rows());
    let of = rows.saturating_mul(2).saturating_add(other_rows);
    let kinds = Arc::new(Kinds::new(plan.keys.len()));
    let mut by_key = Sorter::begin(shared, &schema, batch_rows, steps)?;
    let mut by_position = Sorter::begin(shared, &schema, batch_rows, steps)?;

    keyed.begin(&keys, steps);
    let pass = Pass { scan: &keys, watch, before: 0, of };
    let places = (0..columns.keys.len()).collect();
    let side = Keyed::new(Side::Source, places, &schema, Arc::clone(&kinds), false);
    push_keys(shared, &pass, side, &mut by_key, &mut by_position)?;
    // A footer may be large.
    drop((keys, keyed));

    other.begin(&others, steps);
    let pass = Pass { scan: &others, watch, before: rows, of };
    let places = (columns.taken.len()..columns.taken.len() + columns.other_keys.len()).collect();
    let keeps_rest = plan.rows == JoinRows::All;
    let side = Keyed::new(Side::Other, places, &schema, Arc::clone(&kinds), keeps_rest);
    push_keys(shared, &pass, side, &mut by_key, &mut by_position)?;

    let pairs = Pairs::new(plan, &schema, batch_rows);
    match_keys(pairs, by_key, &mut by_position, &pass, steps)?;

    let scan = source.scan(plan.columns, shared)?;
    source.begin(&scan, steps);
    let pass = Pass { scan: &scan, watch, before: rows.saturating_add(other_rows), of };
    let form = Form {
        rows: plan.rows,
        width: plan.columns.len(),
        shown: columns.shown,
        taken: columns.taken.len(),
        keys: plan.keys.iter().map(|(place, _)| *place).collect(),
    };
    let out = Out::new(each, Making::new(steps, Meter::new("join", 1)));
    let mut merged = Merged::begin(shared, pass, form, taken, out)?;
    by_position.finish(&|| pass.look(), &mut |batch| merged.add(&batch))?;
    Ok(Derived { rows: merged.finish()?, notes: kinds.notes(plan.names, plan.other_name) })
}

/// Meets the rows of equal keys, and pushes their pairs into the sort by positions.
fn match_keys(
    mut pairs: Pairs<'_>,
    by_key: Sorter<'_>,
    by_position: &mut Sorter<'_>,
    pass: &Pass<'_>,
    steps: &Steps,
) -> Result<(), QueryError> {
    let meter = Meter::new("match", 1);
    let look = || pass.look();
    let mut push = |made: RecordBatch| {
        meter.add_rows(made.num_rows() as u64);
        by_position.push(made, &look)
    };
    by_key.finish(&look, &mut |batch| {
        steps.begin(&meter);
        meter.busy(|| pairs.add(&batch, &mut push))
    })?;
    steps.begin(&meter);
    meter.busy(|| pairs.finish(&mut push))?;
    meter.task_ends();
    Ok(())
}

/// Pushes the keys of a pass into the sort by keys, and rows without a key into the one by positions.
fn push_keys(
    shared: &Shared,
    pass: &Pass<'_>,
    keyed: Keyed,
    by_key: &mut Sorter<'_>,
    by_position: &mut Sorter<'_>,
) -> Result<(), QueryError> {
    let mut batches = Ordered::begin(shared, pass.scan, move |scan, found, give| {
        give(keyed.batches(scan, &found)?)
    })?;
    let look = || pass.look();
    while let Some((keyed, rest)) = batches.next(pass)? {
        by_key.push(keyed, &look)?;
        if let Some(rest) = rest {
            by_position.push(rest, &look)?;
        }
    }
    Ok(())
}

/// The arrays of both sorts: the columns that are taken, which rows of the source lack, and the key.
fn schema_of(taken: &SchemaRef) -> SchemaRef {
    let mut fields: Vec<Field> =
        taken.fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect();
    fields.push(Field::new(KEY, DataType::Binary, false));
    Arc::new(Schema::new(fields))
}
