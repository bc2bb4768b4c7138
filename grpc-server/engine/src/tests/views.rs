//! A view has the rows that match, in their order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use model::{CellTest, Comparison, RowFilter, RowOrder};
use ot_engine::{ColumnKind, Value};
use proptest::prelude::*;
use tables::{Bytes, Table};

use super::tables_of::{any_filter, any_order, any_table, bytes_of};
use super::{engine, id, oracle, positions_of, rows_of, view_of};
use crate::Question;

fn all() -> RowFilter {
    RowFilter::All(Vec::new())
}

#[test]
fn any_view_of_any_table_is_that_of_the_oracle() {
    let (engine, _dir) = engine();
    let questions = any_table(120).prop_flat_map(|made| {
        let columns = made.kinds.len();
        let filter = prop_oneof![1 => Just(all()), 3 => any_filter(columns)];
        (Just(made), filter, any_order(columns))
    });
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(250)
    });
    let outcome = runner.run(&questions, |(made, filter, order)| {
        let table = made.bytes();
        let question = Question { filter, order };
        let source = Table::open(table.clone()).expect("a table");
        let rows = rows_of(&source);
        let expected = oracle::view(&rows, &question);
        let view = view_of(&engine, &table, &question).expect("a view");
        prop_assert_eq!(view.columns(), source.columns());
        prop_assert_eq!(&positions_of(&view), &expected);
        let expected: Vec<_> = expected.into_iter().map(|at| rows[at].clone()).collect();
        prop_assert_eq!(rows_of(&view), expected);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_filter_alone_keeps_the_order_of_a_table_of_many_groups() {
    let (engine, _dir) = engine();
    let row = |at: i32| vec![Value::from(f64::from(at % 7)), Value::from(&*format!("row {at}"))];
    let rows: Vec<_> = (0..5000).map(row).collect();
    let table = bytes_of(&[ColumnKind::Number, ColumnKind::Text], &rows, 100);
    let test = CellTest::Compare(Comparison::GreaterOrEqual, Value::from(5.0));
    let filter = RowFilter::Cell { column: id(0), test, ignore_case: false };
    let view = view_of(&engine, &table, &Question { filter, order: Vec::new() }).expect("a view");
    let expected: Vec<usize> = (0..5000).filter(|at| at % 7 >= 5).collect();
    assert_eq!(positions_of(&view), expected);
    assert_eq!(view.positions_at(3, 2).expect("two"), [expected[3] as u64, expected[4] as u64]);
    assert!(view.positions_at(9_999, 1).expect("none").is_empty());
}

#[test]
fn tables_without_rows_and_views_without_matches_are_empty() {
    let (engine, _dir) = engine();
    let order = vec![RowOrder { column: id(0), descending: true }];
    let none = RowFilter::Any(Vec::new());
    for rows in [vec![], vec![vec![Value::from(1.0)]; 30]] {
        let table = bytes_of(&[ColumnKind::Any], &rows, 10);
        for order in [Vec::new(), order.clone()] {
            let question = Question { filter: none.clone(), order };
            assert_eq!(view_of(&engine, &table, &question).expect("a view").rows(), 0);
        }
        let question = Question { filter: all(), order: order.clone() };
        let view = view_of(&engine, &table, &question).expect("a view");
        assert_eq!(view.rows(), rows.len() as u64);
    }
}

#[test]
fn a_wide_table_is_sorted() {
    let (engine, _dir) = engine();
    let row = |at: i32| (0..1000).map(|col| Value::from(f64::from((at * 31 + col) % 53))).collect();
    let rows: Vec<Vec<Value>> = (0..60).map(row).collect();
    let table = bytes_of(&[ColumnKind::Any; 1000], &rows, 25);
    let level = |at, descending| RowOrder { column: id(at), descending };
    let question = Question { filter: all(), order: vec![level(999, true), level(3, false)] };
    let view = view_of(&engine, &table, &question).expect("a view");
    assert_eq!(positions_of(&view), oracle::view(&rows, &question));
}

#[test]
fn a_column_that_is_not_there_and_a_table_without_positions_are_errors() {
    let (engine, _dir) = engine();
    let table = bytes_of(&[ColumnKind::Any], &[vec![Value::from(1.0)]], 10);
    for column in [id(1), ot_engine::ColumnId(0)] {
        let order = vec![RowOrder { column, descending: false }];
        let error = view_of(&engine, &table, &Question { filter: all(), order });
        assert!(matches!(error, Err(crate::QueryError::Failed(_))));
    }
    let error = Table::open(table).expect("a table").positions_at(0, 1).expect_err("none");
    assert_eq!(error.reason(), "TABLE_DAMAGED");
}

/// Bytes that count how many of them are read.
struct Counted(Arc<dyn Bytes>, AtomicU64);

impl Bytes for Counted {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        self.0.read_at(offset, buffer)
    }
}

#[test]
fn groups_without_a_match_are_not_read() {
    let (engine, _dir) = engine();
    let row = |at: i32| vec![Value::Date(at), Value::from(&*format!("text {at}").repeat(20))];
    let rows: Vec<_> = (0..20_000).map(row).collect();
    let table = bytes_of(&[ColumnKind::Date, ColumnKind::Text], &rows, 2000);
    let read_for = |test: CellTest| {
        let counted = Arc::new(Counted(Arc::clone(&table), AtomicU64::new(0)));
        let bytes: Arc<dyn Bytes> = Arc::<Counted>::clone(&counted);
        let filter = RowFilter::Cell { column: id(0), test, ignore_case: false };
        let question = Question { filter, order: Vec::new() };
        let rows = view_of(&engine, &bytes, &question).expect("a view").rows();
        (rows, counted.1.load(Ordering::Relaxed))
    };
    let (rows, all) = read_for(CellTest::Compare(Comparison::Less, Value::Date(90_000)));
    assert_eq!(rows, 20_000);
    let (rows, some) = read_for(CellTest::Compare(Comparison::Less, Value::Date(3)));
    assert_eq!(rows, 3);
    let (rows, none) = read_for(CellTest::In(vec![Value::Date(-7), Value::from(2.0)]));
    assert_eq!(rows, 0);
    assert!(none < some && some < all / 4, "{none} {some} {all}");
}
