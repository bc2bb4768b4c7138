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

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use model::RowFilter;
use tables::Table;

use super::operation::{Derived, JoinRows};
use super::out::{Each, Out};
use crate::filter::Filter;
use crate::ordered::Ordered;
use crate::scan::{Pass, Scan};
use crate::shared::Shared;
use crate::sorted::KEY;
use crate::sorter::Sorter;
use crate::{QueryError, Watch};
use keyed::{Keyed, Kinds, Side};
use merged::{Form, Merged};
use pairs::Pairs;

/// What is joined.
pub(super) struct Plan<'a> {
    /// The places of the key in the columns of each side.
    pub(super) keys: &'a [(usize, usize)],
    pub(super) rows: JoinRows,
    /// The positions of the columns that are picked of the source, and of the other table.
    pub(super) columns: &'a [usize],
    pub(super) other_columns: &'a [usize],
    /// The names of the key's columns on both sides.
    pub(super) names: &'a [(Arc<str>, Arc<str>)],
    pub(super) other_name: &'a str,
}

/// The positions of columns that the steps read.
struct Columns {
    /// The key of the source.
    keys: Vec<usize>,
    /// What is taken of the other table; where its keys are needed, they are last.
    taken: Vec<usize>,
    /// How many of them are columns of the result.
    shown: usize,
    /// The key of the other table.
    other_keys: Vec<usize>,
}

impl Columns {
    fn new(plan: &Plan<'_>) -> Self {
        let of = |columns: &[usize], place: usize| columns.get(place).copied();
        let keys = plan.keys.iter().filter_map(|(place, _)| of(plan.columns, *place)).collect();
        let other_keys: Vec<usize> =
            plan.keys.iter().filter_map(|(_, place)| of(plan.other_columns, *place)).collect();
        let is_key = |place: usize| plan.keys.iter().any(|(_, key)| *key == place);
        let rest = plan.other_columns.iter().enumerate().filter(|(place, _)| !is_key(*place));
        let mut taken: Vec<usize> = match plan.rows {
            JoinRows::Unmatched => Vec::new(),
            JoinRows::AllOfSource | JoinRows::Matched | JoinRows::All => {
                rest.map(|(_, column)| *column).collect()
            }
        };
        let shown = taken.len();
        if plan.rows == JoinRows::All {
            taken.extend(&other_keys);
        }
        Self { keys, taken, shown, other_keys }
    }
}

/// Passes the joined rows on.
pub(super) fn join(
    shared: &Shared,
    (table, other): (&Arc<Table>, &Arc<Table>),
    plan: &Plan<'_>,
    each: Each<'_>,
    watch: Watch<'_>,
) -> Result<Derived, QueryError> {
    let columns = Columns::new(plan);
    let taken = other.pick(&columns.taken)?;
    let schema = schema_of(&taken.schema().clone());
    let keys = all_of(shared, table, &columns.keys)?;
    let others = [&columns.taken[..], &columns.other_keys[..]].concat();
    let others = all_of(shared, other, &others)?;
    let batch_rows = keys.rows_of_batches().min(others.rows_of_batches());
    let (rows, other_rows) = (table.rows(), other.rows());
    let of = rows.saturating_mul(2).saturating_add(other_rows);
    let kinds = Arc::new(Kinds::new(plan.keys.len()));
    let mut by_key = Sorter::begin(shared, &schema, batch_rows)?;
    let mut by_position = Sorter::begin(shared, &schema, batch_rows)?;

    let pass = Pass { scan: &keys, watch, before: 0, of };
    let places = (0..columns.keys.len()).collect();
    let side = Keyed::new(Side::Source, places, &schema, Arc::clone(&kinds), false);
    push_keys(shared, &pass, side, &mut by_key, &mut by_position)?;

    let pass = Pass { scan: &others, watch, before: rows, of };
    let places = (columns.taken.len()..columns.taken.len() + columns.other_keys.len()).collect();
    let keeps_rest = plan.rows == JoinRows::All;
    let side = Keyed::new(Side::Other, places, &schema, Arc::clone(&kinds), keeps_rest);
    push_keys(shared, &pass, side, &mut by_key, &mut by_position)?;

    let look = || pass.look();
    let mut pairs = Pairs::new(plan, &schema, batch_rows);
    by_key
        .finish(&look, &mut |batch| pairs.add(&batch, &mut |made| by_position.push(made, &look)))?;
    pairs.finish(&mut |made| by_position.push(made, &look))?;

    let source = all_of(shared, table, plan.columns)?;
    let pass = Pass { scan: &source, watch, before: rows.saturating_add(other_rows), of };
    let form = Form {
        rows: plan.rows,
        width: plan.columns.len(),
        shown: columns.shown,
        taken: columns.taken.len(),
        keys: plan.keys.iter().map(|(place, _)| *place).collect(),
    };
    let mut merged = Merged::begin(shared, pass, form, taken, Out::new(each))?;
    by_position.finish(&|| pass.look(), &mut |batch| merged.add(&batch))?;
    Ok(Derived { rows: merged.finish()?, notes: kinds.notes(plan.names, plan.other_name) })
}

/// Pushes the keys of a pass into the sort by keys, and rows without a key into the one by positions.
fn push_keys(
    shared: &Shared,
    pass: &Pass<'_>,
    keyed: Keyed,
    by_key: &mut Sorter<'_>,
    by_position: &mut Sorter<'_>,
) -> Result<(), QueryError> {
    let work = move |scan: &Scan, found, give: crate::workers::Give<'_, Batches>| {
        give(keyed.batches(scan, &found)?)
    };
    let mut batches = Ordered::begin(shared, pass.scan, work)?;
    let look = || pass.look();
    while let Some((keyed, rest)) = batches.next(pass)? {
        by_key.push(keyed, &look)?;
        if let Some(rest) = rest {
            by_position.push(rest, &look)?;
        }
    }
    Ok(())
}

/// Rows with a key, and rows without one where they are needed.
type Batches = (RecordBatch, Option<RecordBatch>);

/// A pass over all rows with these columns.
fn all_of(shared: &Shared, table: &Arc<Table>, columns: &[usize]) -> Result<Arc<Scan>, QueryError> {
    let filter = Filter::new(table, &RowFilter::All(Vec::new()))?;
    Scan::new(Arc::clone(table), filter, table.pick(columns)?, shared.batch_bytes())
}

/// The arrays of both sorts: the columns that are taken, which rows of the source lack, and the key.
fn schema_of(taken: &SchemaRef) -> SchemaRef {
    let mut fields: Vec<Field> =
        taken.fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect();
    fields.push(Field::new(KEY, DataType::Binary, false));
    Arc::new(Schema::new(fields))
}
