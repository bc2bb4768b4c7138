//! The columns of a result, which the footers of the tables state.
//!
//! Not its rows. Invariant: a column that is exact has values of its kind alone.

use std::collections::HashSet;
use std::sync::Arc;

use ot_engine::ColumnKind;
use tables::{OutColumn, ReadLimits, Table};

use super::formula::Formula;
use super::names::Names;
use super::operation::{Aggregate, AggregateFunction, JoinOther, JoinRows};
use crate::QueryError;

/// The columns of the source, and the computed ones.
pub(super) fn of_add(
    table: &Table,
    columns: &[usize],
    formulas: &[(Arc<str>, Formula)],
) -> Result<Vec<OutColumn>, QueryError> {
    let mut all = table.out_columns(columns)?;
    for (name, formula) in formulas {
        let (name, kind) = (Arc::clone(name), formula.kind());
        // A column of numbers may have some that no number holds, as texts: the footer knows, and the formula does not.
        let is_held = |at: &usize| all.get(*at).is_some_and(|column| column.is_exact);
        let is_exact = kind != ColumnKind::Any && formula.passed().iter().all(is_held);
        all.push(OutColumn { name, kind, is_exact, is_whole: false });
    }
    few_enough(all)
}

/// The columns of the groups, and of their values.
pub(super) fn of_group(
    table: &Table,
    columns: &[usize],
    by: &[usize],
    aggregates: &[Aggregate],
) -> Result<Vec<OutColumn>, QueryError> {
    let source = table.out_columns(columns)?;
    let column = |place: usize| {
        let column = source.get(place).cloned();
        column.ok_or_else(|| QueryError::failed("a column of the groups is not picked"))
    };
    let mut all = by.iter().map(|place| column(*place)).collect::<Result<Vec<_>, _>>()?;
    for aggregate in aggregates {
        let name = Arc::clone(&aggregate.name);
        let of = aggregate.column.map(column).transpose()?;
        all.push(match (aggregate.function, of) {
            (AggregateFunction::Least | AggregateFunction::Greatest, Some(column)) => {
                OutColumn { name, ..column }
            }
            (AggregateFunction::Rows, _) | (_, Some(_)) => {
                let is_whole = matches!(
                    aggregate.function,
                    AggregateFunction::Rows
                        | AggregateFunction::Values
                        | AggregateFunction::Distinct
                );
                OutColumn { name, kind: ColumnKind::Number, is_exact: true, is_whole }
            }
            (_, None) => return Err(QueryError::failed("a value of a group has no column")),
        });
    }
    few_enough(all)
}

/// The columns of the source, and those of the other table without its key.
pub(super) fn of_join(
    table: &Table,
    columns: &[usize],
    (other, other_table): (&JoinOther, &Table),
    keys: &[(usize, usize)],
    rows: JoinRows,
) -> Result<Vec<OutColumn>, QueryError> {
    let mut all = table.out_columns(columns)?;
    let theirs = other_table.out_columns(&other.columns)?;
    for (place, other_place) in keys {
        let (Some(own), Some(their)) = (all.get_mut(*place), theirs.get(*other_place)) else {
            return Err(QueryError::failed("a column of the key is not picked"));
        };
        // Keys of rows that the other table alone has stand there, too.
        if rows == JoinRows::All {
            own.is_whole &= their.is_whole;
            own.is_exact &= their.is_exact && own.kind == their.kind;
            own.kind = if own.kind == their.kind { own.kind } else { ColumnKind::Any };
        }
    }
    if rows == JoinRows::Unmatched {
        return few_enough(all);
    }
    let is_key = |place: usize| keys.iter().any(|(_, key)| *key == place);
    let theirs: Vec<OutColumn> = theirs
        .into_iter()
        .enumerate()
        .filter(|(place, _)| !is_key(*place))
        .map(|(_, column)| column)
        .collect();
    check_count(all.len() + theirs.len())?;
    let taken: HashSet<Arc<str>> = all.iter().map(|column| Arc::clone(&column.name)).collect();
    let mut names = Names::new(taken, &other.name);
    for column in theirs {
        all.push(OutColumn { name: names.beside(&column.name), ..column });
    }
    Ok(all)
}

fn few_enough(columns: Vec<OutColumn>) -> Result<Vec<OutColumn>, QueryError> {
    check_count(columns.len()).map(|()| columns)
}

/// An error if a table can't have so many columns.
fn check_count(count: usize) -> Result<(), QueryError> {
    let most = ReadLimits::DEFAULT.columns;
    match count > most {
        true => Err(QueryError::Limit(format!(
            "the result has {count} columns, and a table has at most {most}: choose fewer"
        ))),
        false => Ok(()),
    }
}
