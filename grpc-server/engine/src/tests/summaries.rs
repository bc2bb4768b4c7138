//! A summary has the counts, the bounds and the ranges of the values.

use std::sync::Arc;

use model::RowFilter;
use ot_engine::{ColumnKind, Value};
use proptest::prelude::*;
use tables::Table;

use super::tables_of::{any_filter, any_table, bytes_of};
use super::{engine, never, oracle, rows_of};
use crate::Summary;

const DAY: i64 = 86_400_000_000;

#[test]
fn any_summary_of_any_column_is_that_of_the_oracle() {
    let (engine, _dir) = engine();
    let questions = any_table(100).prop_flat_map(|made| {
        let columns = made.kinds.len();
        let all = Just(RowFilter::All(Vec::new()));
        (Just(made), 0..columns, prop_oneof![all, any_filter(columns)], 0..12_usize)
    });
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(200)
    });
    let outcome = runner.run(&questions, |(made, column, filter, most)| {
        let table = made.bytes();
        let rows = rows_of(&Table::open(table.clone()).expect("a table"));
        let cells: Vec<Value> = rows
            .into_iter()
            .filter(|row| oracle::matches(row, &filter))
            .map(|mut row| row.swap_remove(column))
            .collect();
        let summary = engine.summary(table, column, &filter, most, &never).expect("a summary");
        check(&cells, most, &summary)
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

fn check(cells: &[Value], most: usize, summary: &Summary) -> Result<(), TestCaseError> {
    let mut counts: Vec<(Value, u64)> = Vec::new();
    let values = || cells.iter().filter(|value| **value != Value::Empty);
    for value in values() {
        match counts.iter_mut().find(|(known, _)| known == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value.clone(), 1)),
        }
    }
    prop_assert_eq!(summary.rows, cells.len() as u64);
    prop_assert_eq!(summary.empty, (cells.len() - values().count()) as u64);
    prop_assert_eq!(summary.distinct, counts.len() as u64);
    prop_assert_eq!(summary.values.len(), most.min(counts.len()));
    for pair in summary.values.windows(2) {
        let order = pair[1].1.cmp(&pair[0].1);
        let order = order.then_with(|| oracle::by_value(&pair[0].0, &pair[1].0));
        prop_assert!(order.is_le(), "{:?}", pair);
    }
    for (value, count) in &summary.values {
        prop_assert!(counts.contains(&(value.clone(), *count)), "{:?} {}", value, count);
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let least_count = summary.values.last().map_or(0, |(_, count)| *count);
    prop_assert!(counts.get(most).is_none_or(|(_, count)| most == 0 || *count <= least_count));
    for (bound, is_least) in [(&summary.least, true), (&summary.greatest, false)] {
        let beyond = |value: &&Value| {
            let bound = bound.as_ref().expect("a bound");
            let order = oracle::by_value(value, bound);
            if is_least { order.is_lt() } else { order.is_gt() }
        };
        prop_assert_eq!(bound.is_some(), !counts.is_empty());
        prop_assert!(values().find(beyond).is_none());
    }
    check_ranges(cells, summary)
}

fn check_ranges(cells: &[Value], summary: &Summary) -> Result<(), TestCaseError> {
    let numbers: Vec<f64> = cells
        .iter()
        .filter_map(|it| if let Value::Number(it) = it { Some(*it) } else { None })
        .collect();
    prop_assert_eq!(summary.sum.is_some(), !numbers.is_empty());
    let is_time = |value: &&Value| {
        matches!(value, Value::Date(_) | Value::LocalDateTime(_) | Value::Instant(_))
    };
    let counted = match numbers.len() {
        0 => cells.iter().filter(is_time).count(),
        count => count,
    };
    prop_assert!(summary.ranges.len() <= 20);
    let rows: u64 = summary.ranges.iter().map(|(_, _, rows)| rows).sum();
    prop_assert_eq!(rows, if summary.ranges.is_empty() { 0 } else { counted as u64 });
    let last = summary.ranges.len().saturating_sub(1);
    for (at, (from, to, rows)) in summary.ranges.iter().enumerate() {
        prop_assert!(oracle::by_value(from, to).is_lt());
        let is_within = |value: &&Value| {
            oracle::by_value(from, value).is_le()
                && (oracle::by_value(value, to).is_lt()
                    || (at == last && oracle::by_value(value, to).is_eq()))
        };
        prop_assert_eq!(*rows, cells.iter().filter(is_within).count() as u64);
    }
    Ok(())
}

#[test]
fn numbers_have_a_sum_and_twenty_ranges() {
    let (engine, _dir) = engine();
    let mut rows: Vec<Vec<Value>> = (0..=100).map(|at| vec![Value::from(f64::from(at))]).collect();
    rows.extend([vec![], vec![Value::from("x")], vec![Value::from("x")], vec![Value::Bool(true)]]);
    let table = bytes_of(&[ColumnKind::Any], &rows, 7);
    let all = RowFilter::All(Vec::new());
    let summary = engine.summary(Arc::clone(&table), 0, &all, 2, &never).expect("a summary");
    assert_eq!((summary.rows, summary.empty, summary.distinct), (105, 1, 103));
    assert_eq!(summary.values, [(Value::from("x"), 2), (Value::from(0.0), 1)]);
    assert_eq!(
        (summary.least, summary.greatest),
        (Some(Value::from(0.0)), Some(Value::Bool(true)))
    );
    assert_eq!(summary.sum, Some(5050.0));
    assert_eq!(summary.ranges.len(), 20);
    assert_eq!(summary.ranges[0], (Value::from(0.0), Value::from(5.0), 5));
    assert_eq!(summary.ranges[19], (Value::from(95.0), Value::from(100.0), 6));
}

#[test]
fn days_have_ranges_of_days_and_one_value_has_none() {
    let (engine, _dir) = engine();
    let rows: Vec<Vec<Value>> = (0..40).map(|day| vec![Value::Date(day)]).collect();
    let table = bytes_of(&[ColumnKind::Date], &rows, 16);
    let all = RowFilter::All(Vec::new());
    let summary = engine.summary(table, 0, &all, 0, &never).expect("a summary");
    assert_eq!(summary.ranges[0], (Value::Date(0), Value::Date(2), 2));
    assert_eq!(summary.ranges.len(), 20);
    assert_eq!((summary.sum, summary.values.len()), (None, 0));
    let table = bytes_of(&[ColumnKind::Instant], &vec![vec![Value::Instant(DAY)]; 3], 2);
    let summary = engine.summary(table, 0, &all, 5, &never).expect("a summary");
    assert_eq!((summary.ranges.len(), summary.distinct), (0, 1));
}

#[test]
fn a_long_text_is_cut_and_a_column_that_is_not_there_is_an_error() {
    let (engine, _dir) = engine();
    let rows = ["ä", "b"].map(|text| vec![Value::from(&*text.repeat(100_000))]);
    let table = bytes_of(&[ColumnKind::Text], &rows, 16);
    let all = RowFilter::All(Vec::new());
    let summary = engine.summary(Arc::clone(&table), 0, &all, 5, &never).expect("a summary");
    assert_eq!(summary.values[0].0, Value::from(&*"ä".repeat(2048)));
    assert_eq!(summary.least.as_ref(), Some(&summary.values[0].0));
    assert!(engine.summary(table, 1, &all, 5, &never).is_err());
}
