//! Joins have the rows and the order of the oracle.

use std::sync::Arc;

use ot_engine::{ColumnKind, Value};
use proptest::prelude::*;
use tables::{Bytes, Table, write_table};

use super::tables_of::{any_table, bytes_of};
use super::{MIB, derived_of, engine, engine_of, oracle, rows_of};
use crate::{JoinOther, JoinRows, Operation};

const KINDS_OF_ROWS: [JoinRows; 4] =
    [JoinRows::AllOfSource, JoinRows::Matched, JoinRows::Unmatched, JoinRows::All];

fn join_of(
    table: &Arc<dyn Bytes>,
    columns: &[usize],
    keys: &[(usize, usize)],
    rows: JoinRows,
) -> Operation {
    let other =
        JoinOther { table: Arc::clone(table), columns: columns.to_vec(), name: "list".to_owned() };
    Operation::Join { other, keys: keys.to_vec(), rows }
}

fn picked(table: &Arc<dyn Bytes>, columns: &[usize]) -> Vec<Vec<Value>> {
    let rows = rows_of(&Table::open(Arc::clone(table)).expect("a table"));
    rows.iter().map(|row| columns.iter().map(|at| row[*at].clone()).collect()).collect()
}

/// The rows of the oracle.
fn expected(
    source: &[Vec<Value>],
    other: &[Vec<Value>],
    (width, other_width): (usize, usize),
    keys: &[(usize, usize)],
    kept: JoinRows,
) -> Vec<Vec<Value>> {
    let rest: Vec<usize> = match kept {
        JoinRows::Unmatched => Vec::new(),
        _ => (0..other_width).filter(|at| !keys.iter().any(|(_, key)| key == at)).collect(),
    };
    let row = |(one, two): (Option<usize>, Option<usize>)| {
        let mut row = one.map_or_else(|| vec![Value::Empty; width], |at| source[at].clone());
        if let (None, Some(at)) = (one, two) {
            keys.iter().for_each(|(left, right)| row[*left] = other[at][*right].clone());
        }
        row.extend(rest.iter().map(|it| two.map_or(Value::Empty, |at| other[at][*it].clone())));
        row
    };
    oracle::join(source, other, keys, kept).into_iter().map(row).collect()
}

#[test]
fn any_join_of_any_tables_is_that_of_the_oracle() {
    let (engine, _dir) = engine();
    let asked = (any_table(40), any_table(40), any::<bool>()).prop_flat_map(|(one, two, same)| {
        let two = if same { one.clone() } else { two };
        let columns = |width: usize| Just((0..width).collect::<Vec<_>>()).prop_shuffle();
        let (left, right) = (one.kinds.len(), two.kinds.len());
        let keys = prop::collection::vec((0..left, 0..right), 1..3);
        let rows = prop::sample::select(&KINDS_OF_ROWS[..]);
        ((Just(one), Just(two)), columns(left), columns(right), keys, rows)
    });
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(200)
    });
    let outcome = runner.run(&asked, |((one, two), left, right, keys, kept)| {
        let (table, other) = (one.bytes(), two.bytes());
        let operation = join_of(&other, &right, &keys, kept);
        let (found, _) = derived_of(&engine, &table, &left, &operation).expect("a join");
        let (source, others) = (picked(&table, &left), picked(&other, &right));
        let widths = (left.len(), right.len());
        let expected = expected(&source, &others, widths, &keys, kept);
        prop_assert_eq!(found, expected);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn names_that_the_source_has_get_that_of_the_file_and_keys_are_left_out() {
    let (engine, _dir) = engine();
    let made = |names: &[&str]| -> Arc<dyn Bytes> {
        let columns: Vec<_> =
            names.iter().map(|name| (Arc::from(*name), ColumnKind::Text)).collect();
        let row: Vec<Value> = names.iter().map(|name| Value::from(*name)).collect();
        let mut out = Vec::new();
        write_table(&columns, &[row], 10, &mut out).expect("a table");
        Arc::new(out)
    };
    let (table, other) = (made(&["id", "name"]), made(&["name", "code", "price"]));
    let names = |rows: JoinRows| -> Vec<String> {
        let operation = join_of(&other, &[0, 1, 2], &[(0, 1)], rows);
        let columns = engine.derived_columns(&table, &[0, 1], &operation).expect("columns");
        columns.iter().map(|column| column.name.to_string()).collect()
    };
    assert_eq!(names(JoinRows::All), ["id", "name", "name (list)", "price"]);
    assert_eq!(names(JoinRows::Unmatched), ["id", "name"]);
}

#[test]
fn keys_that_are_numbers_on_one_side_and_texts_on_the_other_are_noted() {
    let (engine, _dir) = engine();
    let numbers = bytes_of(&[ColumnKind::Number], &[vec![Value::from(7.0)]], 10);
    let texts = bytes_of(&[ColumnKind::Text], &[vec![Value::from("7")]], 10);
    let operation = join_of(&texts, &[0], &[(0, 0)], JoinRows::AllOfSource);
    let (rows, derived) = derived_of(&engine, &numbers, &[0], &operation).expect("a join");
    assert_eq!(rows, [[Value::from(7.0)]]);
    let expected = "the keys [x] are numbers, and the keys [x] of \"list\" are texts: a number is not equal to the text \
                    with its digits, so no row has a partner; NUMBER( ) makes numbers of texts, and TEXT( ) texts of numbers";
    assert_eq!(derived.notes, [expected]);
    let operation = join_of(&numbers, &[0], &[(0, 0)], JoinRows::AllOfSource);
    let (_, derived) = derived_of(&engine, &numbers, &[0], &operation).expect("a join");
    assert!(derived.notes.is_empty());
}

#[test]
fn keys_that_are_days_on_one_side_and_times_on_the_other_are_noted() {
    const DAY: i64 = 86_400_000_000;
    let (engine, _dir) = engine();
    let table = |kind, values: &[Value]| {
        let rows: Vec<_> = values.iter().map(|value| vec![value.clone()]).collect();
        bytes_of(&[kind], &rows, 10)
    };
    let days = table(ColumnKind::Date, &[Value::Date(1), Value::Date(2)]);
    let begins = [Value::LocalDateTime(DAY)];
    let times = [Value::LocalDateTime(DAY), Value::LocalDateTime(2 * DAY + 1)];
    let mixed = [Value::Date(2), Value::LocalDateTime(DAY + 1)];
    let notes = |source: &Arc<dyn Bytes>, other: &Arc<dyn Bytes>| {
        let operation = join_of(other, &[0], &[(0, 0)], JoinRows::Matched);
        let (rows, derived) = derived_of(&engine, source, &[0], &operation).expect("a join");
        (rows.len(), derived.notes)
    };
    let times = table(ColumnKind::LocalDateTime, &times);
    let expected = "the keys [x] are days, and the keys [x] of \"list\" are times: a day is equal to its begin alone, \
                    so no time within a day has a partner; DATE(YEAR( ), MONTH( ), DAY( )) makes days of times";
    assert_eq!(notes(&days, &times), (1, vec![expected.to_owned()]));
    let (rows, other_way) = notes(&times, &days);
    assert_eq!((rows, other_way.len()), (1, 1));
    assert!(
        other_way[0].starts_with("the keys [x] are times, and the keys [x] of \"list\" are days")
    );
    let begins = table(ColumnKind::LocalDateTime, &begins);
    assert_eq!(notes(&days, &begins), (1, Vec::new()));
    let mixed = table(ColumnKind::Any, &mixed);
    assert_eq!(notes(&days, &mixed), (1, Vec::new()));
}

#[test]
fn a_join_that_does_not_fit_the_memory_takes_disk_and_gives_it_back() {
    let (engine, _dir) = engine_of(24 * MIB, 1 << 30);
    let number = |at: usize| Value::from(at as f64);
    let row = |at: usize| {
        let text = format!("{at}-{}", "x".repeat(200));
        vec![number(at.wrapping_mul(7919) % 30_000), Value::from(&*text)]
    };
    let rows: Vec<_> = (0..30_000).map(row).collect();
    let table = bytes_of(&[ColumnKind::Number, ColumnKind::Text], &rows, 4000);
    let source: Vec<_> = (0..40_000).map(|at| vec![number(at)]).collect();
    let source = bytes_of(&[ColumnKind::Number], &source, 5000);
    let operation = join_of(&table, &[0, 1], &[(0, 0)], JoinRows::Matched);
    let (found, _) = derived_of(&engine, &source, &[0], &operation).expect("a join");
    assert_eq!(found.len(), 30_000);
    for (at, row) in found.iter().enumerate() {
        assert_eq!(row[0], number(at));
        let begin = row[1].as_text().split('-').next().expect("a number");
        let other: usize = begin.parse().expect("a number");
        assert_eq!(other * 7919 % 30_000, at);
    }
    assert_eq!(engine.disk_in_use(), 0);
}
