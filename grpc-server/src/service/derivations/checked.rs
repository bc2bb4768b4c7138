//! The operation of a request, checked against the columns of its source.
//!
//! Not its work (the crate `engine`). Invariants: what is refused names its field and the rule; the job finds each column by the
//! place that was checked here.

use std::collections::BTreeSet;

use gridloom::v1;
use gridloom::v1::column_ref::Column;
use gridloom::v1::derive_table_request::Operation;

use super::columns::{Finder, Names, SourceColumns, chosen, name_at};
use super::formulas::Computed;
use super::operation::{Aggregated, Checked, function, join_rows};
use super::{Derivations, formulas};
use crate::edge::errors::ServiceError;
use crate::service::transfers::saved::without_ending;
use crate::service::transfers::source::{self, Source};
use engine::{AggregateFunction, JoinRows};
use model::AccountId;
use model::limits::derivation_jobs::DERIVED_NAME_CHARACTERS;
use model::limits::derivations::{
    AGGREGATES, DERIVED_COLUMNS, FORMULA_CHARACTERS, GROUP_COLUMNS, JOIN_KEYS,
};
use tables::ReadLimits;

/// Checks an operation; what its rows are called comes beside it.
pub(super) async fn read(
    derivations: &Derivations,
    account: AccountId,
    source: &Source,
    given: Operation,
) -> Result<(Checked, String), ServiceError> {
    let name = source.name();
    match given {
        Operation::Add(add) => {
            let computed = computed(source, add)?;
            formulas::check(account, source, &computed).await?;
            Ok((Checked::Add(computed), name))
        }
        Operation::Group(group) => {
            let name = format!("{} grouped", without_ending(&name));
            Ok((grouped(source, &group)?, name))
        }
        Operation::Join(join) => {
            let (checked, other) = joined(derivations, account, source, join).await?;
            let (here, there) = (without_ending(&name), without_ending(&other));
            Ok((checked, format!("{here} with {there}")))
        }
    }
}

/// The computed columns of a request, whose formulas are not read yet.
pub(super) fn computed(
    source: &Source,
    v1::AddColumns { columns }: v1::AddColumns,
) -> Result<Vec<Computed>, ServiceError> {
    check_count("add.columns", columns.len(), 1, DERIVED_COLUMNS)?;
    check_width("add.columns", source.columns.len() + columns.len())?;
    let mut names = Names::of(chosen(source).map(|column| column.name.as_str()));
    let columns = columns.into_iter().enumerate();
    let computed = columns.map(|(at, v1::DerivedColumn { name, formula })| {
        let name = names.add(&name, &format!("add.columns[{at}].name"))?;
        if !(1..=FORMULA_CHARACTERS).contains(&formula.chars().count()) {
            let rule = format!("must have 1 to {FORMULA_CHARACTERS} characters");
            return Err(ServiceError::malformed(format!("add.columns[{at}].formula"), rule));
        }
        Ok(Computed { name, formula })
    });
    computed.collect()
}

fn grouped(source: &Source, group: &v1::GroupRows) -> Result<Checked, ServiceError> {
    check_count("group.by", group.by.len(), 0, GROUP_COLUMNS)?;
    check_count("group.aggregates", group.aggregates.len(), 1, AGGREGATES)?;
    let columns = SourceColumns::new(source);
    let finder = columns.finder();
    let mut by = Vec::with_capacity(group.by.len());
    for (at, reference) in group.by.iter().enumerate() {
        let field = format!("group.by[{at}]");
        let place = finder.place(Some(reference), &field)?;
        if by.contains(&place) {
            return Err(ServiceError::malformed(field, "names a column a second time"));
        }
        by.push(place);
    }
    let mut names = Names::of(by.iter().map(|place| name_at(source, *place)));
    let aggregates = group.aggregates.iter().enumerate();
    let aggregates = aggregates.map(|(at, given)| {
        aggregated(source, &finder, given, (&format!("group.aggregates[{at}]"), &mut names))
    });
    let aggregates = aggregates.collect::<Result<_, _>>()?;
    Ok(Checked::Group { by, aggregates })
}

fn aggregated(
    source: &Source,
    finder: &Finder<'_>,
    given: &v1::Aggregate,
    (field, names): (&str, &mut Names),
) -> Result<Aggregated, ServiceError> {
    let Some(known) = function(given.function) else {
        let rule = "must be a function, such as AGGREGATE_FUNCTION_SUM";
        return Err(ServiceError::malformed(format!("{field}.function"), rule));
    };
    let of_column = format!("{field}.column");
    let column = match known {
        AggregateFunction::Rows if given.column.is_some() => {
            let rule = "must be absent: rows are counted without a column";
            return Err(ServiceError::malformed(of_column, rule));
        }
        AggregateFunction::Rows => None,
        _ => Some(finder.place(given.column.as_ref(), &of_column)?),
    };
    let name = match given.name.as_str() {
        "" => default_name(known, column.map(|place| name_at(source, place))),
        given => given.to_owned(),
    };
    let name = names.add(&name, &format!("{field}.name"))?;
    Ok(Aggregated { function: given.function, column, name })
}

/// The name of a column that the request does not name, such as `sum of price`.
fn default_name(function: AggregateFunction, column: Option<&str>) -> String {
    let what = match function {
        AggregateFunction::Rows => return "rows".to_owned(),
        AggregateFunction::Values => "values of",
        AggregateFunction::Distinct => "distinct values of",
        AggregateFunction::Sum => "sum of",
        AggregateFunction::Mean => "mean of",
        AggregateFunction::Least => "least",
        AggregateFunction::Greatest => "greatest",
    };
    let whole = format!("{what} {}", column.unwrap_or_default());
    let plain = whole.chars().map(|it| if it.is_control() { ' ' } else { it });
    plain.take(DERIVED_NAME_CHARACTERS).collect()
}

/// A join, and what the rows of its other table are called.
async fn joined(
    derivations: &Derivations,
    account: AccountId,
    source: &Source,
    v1::JoinTable { other, keys, rows }: v1::JoinTable,
) -> Result<(Checked, String), ServiceError> {
    if join_rows(rows).is_none() {
        let rule = "must be one of JoinRows, such as JOIN_ROWS_MATCHED";
        return Err(ServiceError::malformed("join.rows", rule));
    }
    check_count("join.keys", keys.len(), 1, JOIN_KEYS)?;
    let other = source::open(&derivations.store, account, other).await;
    let mut other = other.map_err(of_other)?;
    let pairs = pairs(source, &other, &keys)?;
    let mut keys = Vec::with_capacity(pairs.len());
    for (here, position) in pairs {
        let there = other.columns.iter().position(|column| *column == position);
        // The new file has no column of the key, so a request need not choose it.
        let there = there.unwrap_or_else(|| {
            other.columns.push(position);
            other.columns.len() - 1
        });
        keys.push((here, there));
    }
    let of_other = (0..other.columns.len()).filter(|place| keys.iter().all(|key| key.1 != *place));
    if join_rows(rows) != Some(JoinRows::Unmatched) {
        check_width("join.other.columns", source.columns.len() + of_other.count())?;
    }
    Ok((Checked::Join { other: other.parameters(), keys, rows }, other.name()))
}

/// Each key as the place among the columns of the source and the position in the other table.
fn pairs(
    source: &Source,
    other: &Source,
    keys: &[v1::JoinKey],
) -> Result<Vec<(usize, usize)>, ServiceError> {
    let (here, there) = (SourceColumns::new(source), SourceColumns::new(other));
    let (here, there) = (here.finder(), there.finder());
    let mut known = BTreeSet::new();
    let mut pairs = Vec::with_capacity(keys.len());
    for (at, key) in keys.iter().enumerate() {
        let field = format!("join.keys[{at}]");
        let place = here.place(key.column.as_ref(), &format!("{field}.column"))?;
        let by_name = Column::Name(name_at(source, place).to_owned());
        let by_name = v1::ColumnRef { column: Some(by_name) };
        let reference = key.other.as_ref().unwrap_or(&by_name);
        let position = there.position(Some(reference), &format!("{field}.other"))?;
        if !known.insert((place, position)) {
            return Err(ServiceError::malformed(field, "names a pair of columns a second time"));
        }
        pairs.push((place, position));
    }
    Ok(pairs)
}

/// The refusal of the other table of a join, by its path in the request.
fn of_other(error: ServiceError) -> ServiceError {
    let path = |field: String| match field.strip_prefix("source") {
        Some(rest) => format!("join.other{rest}"),
        None => field,
    };
    match error {
        ServiceError::Malformed { field, rule } => ServiceError::malformed(path(field), rule),
        ServiceError::OutOfRange { field, rule } => {
            ServiceError::OutOfRange { field: path(field), rule }
        }
        ServiceError::About { field, why } => ServiceError::About { field: path(field), why },
        error => error,
    }
}

fn check_count(field: &str, count: usize, least: usize, most: usize) -> Result<(), ServiceError> {
    if (least..=most).contains(&count) {
        return Ok(());
    }
    let rule = match least {
        0 => format!("must be at most {most}"),
        _ => format!("must be {least} to {most}"),
    };
    Err(ServiceError::malformed(field, rule))
}

/// Refuses more columns than a table may have.
fn check_width(field: &str, count: usize) -> Result<(), ServiceError> {
    let most = ReadLimits::DEFAULT.columns;
    if count <= most {
        return Ok(());
    }
    let rule =
        format!("make a file of {count} columns, and a table has at most {most}: choose fewer");
    Err(ServiceError::malformed(field, rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_without_a_name_is_named_by_its_function_and_its_column() {
        assert_eq!(default_name(AggregateFunction::Rows, None), "rows");
        assert_eq!(default_name(AggregateFunction::Sum, Some("price")), "sum of price");
        assert_eq!(default_name(AggregateFunction::Least, Some("a\nb")), "least a b");
        let long = default_name(AggregateFunction::Distinct, Some(&"\u{e9}".repeat(300)));
        assert_eq!(long.chars().count(), DERIVED_NAME_CHARACTERS);
    }

    #[test]
    fn what_is_wrong_with_the_other_table_is_named_by_its_own_path() {
        let of = |error| match of_other(error) {
            ServiceError::Malformed { field, .. } | ServiceError::OutOfRange { field, .. } => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(of(ServiceError::malformed("source", "must be set")), "join.other");
        let field = "source.columns[1].at".to_owned();
        let out_of_range = ServiceError::OutOfRange { field, rule: String::new() };
        assert_eq!(of(out_of_range), "join.other.columns[1].at");
        assert!(matches!(of_other(ServiceError::ReadOnly), ServiceError::ReadOnly));
    }

    #[test]
    fn counts_outside_their_bounds_are_refused_with_them() {
        let most = ReadLimits::DEFAULT.columns;
        assert!(check_width("f", most).is_ok() && check_width("f", most + 1).is_err());
        assert!(check_count("f", 1, 1, 8).is_ok() && check_count("f", 8, 0, 8).is_ok());
        for (count, least, rule) in [(0, 1, "must be 1 to 8"), (9, 0, "must be at most 8")] {
            let Err(ServiceError::Malformed { rule: found, .. }) =
                check_count("f", count, least, 8)
            else {
                panic!("{count} is refused");
            };
            assert_eq!(found, rule);
        }
    }
}
