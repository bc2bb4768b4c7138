//! Derivations: the rows of new tables, made of those of a table by formulas, groups and joins.
//!
//! | file | holds |
//! | --- | --- |
//! | `operation` | what is made |
//! | `formula` | formulas over the cells of a row |
//! | `columns`, `names` | the columns of a result |
//! | `source` | a table that is read, as a step |
//! | `cells` | rows of a batch as values |
//! | `add` | computed columns |
//! | `group`, `aggregates`, `distinct` | a row for each group |
//! | `join` | the columns of another table beside the rows |
//! | `out` | rows of a result, in bounded parts |
//!
//! Not the file that is made: the caller writes it. Invariants: the rows of a result and their order do not depend on threads; what
//! is held of a result has a bound in bytes.

mod add;
mod aggregates;
mod cells;
mod columns;
mod distinct;
mod formula;
mod group;
mod join;
mod names;
mod operation;
mod out;
mod source;

use std::sync::Arc;

use tables::{OutColumn, Table};

use crate::shared::Shared;
use crate::steps::Steps;
use crate::{QueryError, Watch};
pub(crate) use add::preview;
pub use formula::{Formula, FormulaColumn, FormulaError};
pub use operation::{Aggregate, AggregateFunction, Derived, JoinOther, JoinRows, Operation};
use out::Each;
pub(crate) use source::Source;

/// Queries at once for which an operation counts: each sort has the memory of one.
pub(crate) fn turns(operation: &Operation) -> u32 {
    match operation {
        Operation::Add(_) | Operation::Group { .. } => 1,
        Operation::Join { .. } => 2,
    }
}

/// The columns of the result.
pub(crate) fn columns_of(
    table: &Table,
    columns: &[usize],
    operation: &Operation,
) -> Result<Vec<OutColumn>, QueryError> {
    match operation {
        Operation::Add(add) => columns::of_add(table, columns, add),
        Operation::Group { by, aggregates } => columns::of_group(table, columns, by, aggregates),
        Operation::Join { other, keys, rows } => {
            let other_table = Table::open(Arc::clone(&other.table))?;
            columns::of_join(table, columns, (other, &other_table), keys, *rows)
        }
    }
}

/// Passes the rows of the result on, in their order.
pub(crate) fn derive(
    shared: &Shared,
    (source, columns): (&Source, &[usize]),
    operation: &Operation,
    (each, watch): (Each<'_>, Watch<'_>),
    steps: &Steps,
) -> Result<Derived, QueryError> {
    let table = source.table();
    // A result that no table holds is refused before rows are read.
    columns_of(table, columns, operation)?;
    match operation {
        Operation::Add(formulas) => {
            let scan = source.scan(columns, shared)?;
            source.begin(&scan, steps);
            add::add(shared, &scan, columns.len(), formulas, each, watch)
        }
        Operation::Group { by, aggregates } => {
            let (columns, by, aggregates) = group::needed(columns, by, aggregates);
            let names: Vec<Arc<str>> =
                table.out_columns(&columns)?.into_iter().map(|column| column.name).collect();
            let asked = group::Asked { by: &by, aggregates: &aggregates, names: &names };
            let scan = source.scan(&columns, shared)?;
            source.begin(&scan, steps);
            group::group(shared, &scan, &asked, each, watch)
        }
        Operation::Join { other, keys, rows } => {
            let others = Source::open(&other.table, "read other", shared.threads)?;
            let names = key_names(table, columns, others.table(), (other, keys))?;
            let plan = join::Plan {
                keys,
                rows: *rows,
                columns,
                other_columns: &other.columns,
                names: &names,
                other_name: &other.name,
            };
            join::join(shared, (source, &others), &plan, (each, watch), steps)
        }
    }
}

/// The names of a column of the key in the source and in the other table.
type KeyNames = (Arc<str>, Arc<str>);

/// The names of the columns of the key on both sides.
fn key_names(
    table: &Table,
    columns: &[usize],
    other_table: &Table,
    (other, keys): (&JoinOther, &[(usize, usize)]),
) -> Result<Vec<KeyNames>, QueryError> {
    let (left, right) = (table.out_columns(columns)?, other_table.out_columns(&other.columns)?);
    let names = keys.iter().map(|(one, two)| {
        let names = left.get(*one).zip(right.get(*two));
        names.map(|(one, two)| (Arc::clone(&one.name), Arc::clone(&two.name)))
    });
    let names: Option<Vec<_>> = names.collect();
    names.ok_or_else(|| QueryError::failed("a column of the key is not picked"))
}
