//! Groups have the rows, the order and the values of the oracle.

use std::sync::Arc;

use ot_engine::{ColumnKind, Value};
use proptest::prelude::*;
use tables::Table;

use super::tables_of::{any_table, bytes_of};
use super::{derived_of, engine, oracle, rows_of};
use crate::{Aggregate, AggregateFunction, Operation};

const FUNCTIONS: [AggregateFunction; 7] = [
    AggregateFunction::Rows,
    AggregateFunction::Values,
    AggregateFunction::Distinct,
    AggregateFunction::Sum,
    AggregateFunction::Mean,
    AggregateFunction::Least,
    AggregateFunction::Greatest,
];

fn aggregate(function: AggregateFunction, column: usize) -> Aggregate {
    let column = (function != AggregateFunction::Rows).then_some(column);
    Aggregate { function, column, name: Arc::from(format!("{function:?}")) }
}

#[test]
fn any_groups_of_any_table_are_those_of_the_oracle() {
    let (engine, _dir) = engine();
    let asked = any_table(90).prop_flat_map(|made| {
        let columns: Vec<usize> = (0..made.kinds.len()).collect();
        let by = prop::collection::vec(prop::sample::select(columns.clone()), 0..3);
        let of = prop::sample::select(columns.clone());
        (Just(made), Just(columns).prop_shuffle(), by, of)
    });
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(150)
    });
    let outcome = runner.run(&asked, |(made, columns, by, of)| {
        let table = made.bytes();
        let rows = rows_of(&Table::open(table.clone()).expect("a table"));
        let rows: Vec<Vec<Value>> = rows
            .iter()
            .map(|row| columns.iter().map(|column| row[*column].clone()).collect())
            .collect();
        let aggregates = FUNCTIONS.map(|function| aggregate(function, of)).to_vec();
        let operation = Operation::Group { by: by.clone(), aggregates };
        let (found, _) = derived_of(&engine, &table, &columns, &operation).expect("groups");
        let mut expected = oracle::groups(&rows, &by);
        if by.is_empty() && rows.is_empty() {
            expected.push(Vec::new());
        }
        prop_assert_eq!(found.len(), expected.len());
        for (row, group) in found.iter().zip(&expected) {
            let (keys, values) = row.split_at(by.len());
            for (key, column) in keys.iter().zip(&by) {
                prop_assert_eq!(key, &rows[group[0]][*column], "that of the first row");
            }
            let cells: Vec<&Value> = group.iter().map(|at| &rows[*at][of]).collect();
            check(&cells, values)?;
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// The values of a group in the order of `FUNCTIONS`.
fn check(cells: &[&Value], found: &[Value]) -> Result<(), TestCaseError> {
    let [rows, values, distinct, sum, mean, least, greatest] = found else { panic!("{found:?}") };
    let count = |count: usize| Value::from(count as f64);
    let some: Vec<&Value> = cells.iter().copied().filter(|value| **value != Value::Empty).collect();
    prop_assert_eq!(rows, &count(cells.len()));
    prop_assert_eq!(values, &count(some.len()));
    let different: Vec<&Value> = some.iter().enumerate().fold(Vec::new(), |mut known, (_, it)| {
        if !known.iter().any(|known| oracle::are_alike(known, it)) {
            known.push(*it);
        }
        known
    });
    prop_assert_eq!(distinct, &count(different.len()));
    let numbers: Vec<f64> = some
        .iter()
        .filter_map(|value| if let Value::Number(number) = value { Some(*number) } else { None })
        .collect();
    let all: f64 = numbers.iter().map(|number| number.abs()).sum();
    match (sum, mean) {
        (Value::Number(sum), Value::Number(mean)) => {
            let expected: f64 = numbers.iter().sum();
            prop_assert!(
                (sum - expected).abs() <= all * 1e-12 + f64::MIN_POSITIVE,
                "{} {}",
                sum,
                expected
            );
            let count = numbers.len() as f64;
            prop_assert!(
                (mean * count - sum).abs() <= all * 1e-12 + f64::MIN_POSITIVE,
                "{} {}",
                mean,
                sum
            );
        }
        _ => prop_assert!(numbers.is_empty() || !(all * 2.0).is_finite(), "{:?}", found),
    }
    let by = |one: &&&Value, other: &&&Value| oracle::by_value(one, other);
    let bounds = [(least, some.iter().min_by(by)), (greatest, some.iter().max_by(by))];
    for (found, expected) in bounds {
        match expected {
            None => prop_assert_eq!(found, &Value::Empty),
            Some(expected) => prop_assert!(oracle::by_value(found, expected).is_eq()),
        }
    }
    Ok(())
}

#[test]
fn a_sum_of_a_group_loses_nothing_and_texts_are_left_out_with_a_note() {
    let (engine, _dir) = engine();
    let cells = [1.0, 1e100, 1.0, -1e100].map(Value::from);
    let mut rows: Vec<_> = cells.into_iter().map(|cell| vec![Value::from("a"), cell]).collect();
    rows.push(vec![Value::from("a"), Value::from("two")]);
    rows.push(vec![Value::from("b"), Value::from(f64::MAX)]);
    rows.push(vec![Value::from("b"), Value::from(f64::MAX)]);
    let table = bytes_of(&[ColumnKind::Text, ColumnKind::Number], &rows, 2);
    let sum = aggregate(AggregateFunction::Sum, 1);
    let operation = Operation::Group { by: vec![0], aggregates: vec![sum] };
    let (found, derived) = derived_of(&engine, &table, &[0, 1], &operation).expect("groups");
    assert_eq!(found, [[Value::from("a"), Value::from(2.0)], [Value::from("b"), Value::Empty]]);
    assert_eq!(
        derived.notes,
        [
            "1 value that is no number is left out of \"Sum\": see the column \"x\"",
            "1 group has no \"Sum\": it is larger than a cell holds",
        ]
    );
}

#[test]
fn texts_of_numbers_are_noted_with_a_remedy() {
    let (engine, _dir) = engine();
    let texts = ["2.50", "9007199254740993", "two", "-"];
    let rows: Vec<_> = texts.into_iter().map(|text| vec![Value::from(text)]).collect();
    let table = bytes_of(&[ColumnKind::Text], &rows, 2);
    let aggregates = vec![aggregate(AggregateFunction::Mean, 0)];
    let operation = Operation::Group { by: Vec::new(), aggregates };
    let (found, derived) = derived_of(&engine, &table, &[0], &operation).expect("a group");
    assert_eq!(found, [[Value::Empty]]);
    let [left_out, remedy] = &derived.notes[..] else { panic!("{:?}", derived.notes) };
    assert!(left_out.starts_with("4 values that are no numbers"), "{left_out}");
    assert!(remedy.starts_with("1 of them is a text that reads as a number"), "{remedy}");
    assert!(remedy.ends_with("or derive a column NUMBER([x]) first"), "{remedy}");
}

#[test]
fn a_mean_of_numbers_whose_sum_no_cell_holds_is_one() {
    let (engine, _dir) = engine();
    let rows: Vec<_> = [1e308, 1e308].into_iter().map(|it| vec![Value::from(it)]).collect();
    let table = bytes_of(&[ColumnKind::Number], &rows, 2);
    let of = |function| aggregate(function, 0);
    let aggregates = vec![of(AggregateFunction::Mean), of(AggregateFunction::Sum)];
    let operation = Operation::Group { by: Vec::new(), aggregates };
    let (found, derived) = derived_of(&engine, &table, &[0], &operation).expect("a group");
    assert_eq!(found, [[Value::from(1e308), Value::Empty]]);
    assert_eq!(derived.notes, ["1 group has no \"Sum\": it is larger than a cell holds"]);
}

#[test]
fn groups_that_do_not_fit_the_memory_are_made_with_disk() {
    let (engine, _dir) = super::engine_of(24 * super::MIB, 1 << 30);
    let text = |at: usize| format!("{:05}-{}", at * 7919 % 5000, "x".repeat(300));
    let rows: Vec<_> = (0..30_000).map(|at| vec![Value::from(&*text(at))]).collect();
    let table = bytes_of(&[ColumnKind::Text], &rows, 4000);
    let rows = aggregate(AggregateFunction::Rows, 0);
    let operation = Operation::Group { by: vec![0], aggregates: vec![rows] };
    let (found, _) = derived_of(&engine, &table, &[0], &operation).expect("groups");
    assert_eq!(found.len(), 5000);
    assert!(found.iter().all(|row| row[1] == Value::from(6.0)));
    assert!(found.is_sorted_by(|one, other| one[0].as_text() < other[0].as_text()));
    assert_eq!(engine.disk_in_use(), 0);
}
