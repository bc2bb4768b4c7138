//! Random trees of filters: Postgres finds the rows that a plain evaluation finds.
//!
//! Not how long a search takes (`queries`). Invariant: each tree is within the bounds of a request: 8 levels, 256 nodes, 64
//! conditions.

use std::future::pending;

use model::{CellTest, Comparison, RowFilter, RowQuery, SheetRecord};
use ot_engine::Value;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::support::{Fixture, Outcome, batch, patch};

const ROWS: u32 = 24;
const TREES: usize = 300;

/// A value whose order is the same for Postgres and here, with any collation.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec!["a", "A", "ab", "aB", "b", "ba", "%", "_", "\\"])
            .prop_map(Value::from),
        (-2..3_i32).prop_map(|number| Value::Number(f64::from(number) / 2.0)),
        any::<bool>().prop_map(Value::Bool),
        (-1..2_i64).prop_map(|micros| Value::Instant(micros * 1_000_001)),
    ]
}

fn number_or_time() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-2..3_i32).prop_map(|number| Value::Number(f64::from(number) / 2.0)),
        any::<bool>().prop_map(Value::Bool),
        (-1..2_i64).prop_map(|micros| Value::Instant(micros * 1_000_001)),
    ]
}

fn test() -> impl Strategy<Value = CellTest> {
    let comparison = prop::sample::select(vec![
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
    ]);
    let part = prop::sample::select(vec!["a", "A", "b", "%", "_", "\\"]);
    prop_oneof![
        prop::collection::vec(value(), 0..4).prop_map(CellTest::In),
        (comparison, number_or_time()).prop_map(|(how, value)| CellTest::Compare(how, value)),
        part.clone().prop_map(|part| CellTest::Contains(part.into())),
        part.prop_map(|part| CellTest::StartsWith(part.into())),
        Just(CellTest::IsEmpty),
    ]
}

/// Wide, deep, empty and negated ones.
fn tree(sheet: &SheetRecord) -> impl Strategy<Value = RowFilter> + use<> {
    let columns: Vec<_> = sheet.columns.iter().map(|column| column.id).collect();
    let leaf = (prop::sample::select(columns), test(), any::<bool>())
        .prop_map(|(column, test, ignore_case)| RowFilter::Cell { column, test, ignore_case });
    leaf.prop_recursive(7, 200, 12, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..12);
        prop_oneof![
            list.clone().prop_map(RowFilter::All),
            list.prop_map(RowFilter::Any),
            inner.prop_map(|inner| RowFilter::Not(Box::new(inner))),
        ]
    })
}

fn passes(filter: &RowFilter, row: &[Value], sheet: &SheetRecord) -> bool {
    match filter {
        RowFilter::All(filters) => filters.iter().all(|filter| passes(filter, row, sheet)),
        RowFilter::Any(filters) => filters.iter().any(|filter| passes(filter, row, sheet)),
        RowFilter::Not(filter) => !passes(filter, row, sheet),
        RowFilter::Cell { column, test, ignore_case } => {
            let at = sheet.columns.iter().position(|it| it.id == *column).expect("a column");
            holds(test, &row[at], *ignore_case)
        }
    }
}

fn holds(test: &CellTest, cell: &Value, ignore_case: bool) -> bool {
    let fold = |text: &str| if ignore_case { text.to_lowercase() } else { text.to_owned() };
    let text = match cell {
        Value::Text(text) => Some(fold(text)),
        _ => None,
    };
    match test {
        CellTest::IsEmpty => cell.is_empty(),
        CellTest::Contains(part) => text.is_some_and(|text| text.contains(&fold(part))),
        CellTest::StartsWith(part) => text.is_some_and(|text| text.starts_with(&fold(part))),
        CellTest::In(values) => values.iter().any(|value| match (value, &text) {
            (Value::Text(value), Some(text)) => fold(value) == *text,
            _ => value == cell,
        }),
        CellTest::Compare(how, value) => {
            let order = match (cell, value) {
                (Value::Number(cell), Value::Number(value)) => cell.partial_cmp(value),
                (Value::Bool(cell), Value::Bool(value)) => Some(cell.cmp(value)),
                (Value::Instant(cell), Value::Instant(value)) => Some(cell.cmp(value)),
                _ => None,
            };
            order.is_some_and(|order| match how {
                Comparison::Less => order.is_lt(),
                Comparison::LessOrEqual => order.is_le(),
                Comparison::Greater => order.is_gt(),
                Comparison::GreaterOrEqual => order.is_ge(),
            })
        }
    }
}

#[tokio::test]
async fn random_trees_find_what_a_plain_evaluation_finds() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = fixture.sheet(ROWS).await;
    let mut runner = TestRunner::deterministic();
    let cell = prop_oneof![1 => Just(Value::Empty), 3 => value()];
    let rows = prop::collection::vec(prop::collection::vec(cell, 2), ROWS as usize);
    let rows = rows.new_tree(&mut runner).expect("a value").current();
    let mut batch = batch(&sheet, 0, 1);
    // Rows without a body, too.
    let bodies = (1..).zip(&rows).filter(|(row, _)| row % 5 != 0);
    batch.row_patches = bodies
        .map(|(row, cells)| patch(&sheet, row, &[(0, cells[0].clone()), (1, cells[1].clone())]))
        .collect();
    fixture.store.commit(&batch).await?;
    let blank = vec![Value::Empty; 2];
    let held = |at: usize| if (at + 1).is_multiple_of(5) { &blank } else { &rows[at] };
    let sheet = fixture.store.load_sheet(sheet.id).await?.expect("is one");
    let (tree, mut found_some) = (tree(&sheet), 0);
    for _ in 0..TREES {
        let filter = tree.new_tree(&mut runner).expect("a value").current();
        let all = 0..ROWS as usize;
        let expected: Vec<u32> = all
            .filter(|at| passes(&filter, held(*at), &sheet))
            .map(|at| u32::try_from(at).expect("small"))
            .collect();
        let finder = fixture.store.finder(sheet.id).await?.expect("is one");
        let total = Some(expected.len() as u64);
        let query = RowQuery {
            filter: filter.clone(),
            order: Vec::new(),
            after: None,
            limit: ROWS,
            total: true,
            // The order of the page stays when its rows are cut to a column.
            columns: (found_some % 2 == 0).then(|| vec![sheet.columns[0].id]),
            bytes_most: usize::MAX,
        };
        let found = finder.find(&query, pending()).await?;
        let rows: Vec<u32> = found.rows.iter().map(|row| row.position).collect();
        assert_eq!((rows, found.total), (expected, total), "{filter:?}");
        found_some += u32::from(total.is_some_and(|rows| rows > 0 && rows < u64::from(ROWS)));
    }
    assert!(found_some > 30, "{found_some} of {TREES} trees tell rows apart");
    Ok(())
}
