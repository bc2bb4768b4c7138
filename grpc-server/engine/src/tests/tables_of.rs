//! Random tables, filters and orders.

use std::sync::Arc;

use model::{CellTest, Comparison, RowFilter, RowOrder};
use ot_engine::{ColumnKind, Value};
use proptest::prelude::*;
use tables::{Bytes, write_table};

use super::id;

const KINDS: [ColumnKind; 9] = [
    ColumnKind::Any,
    ColumnKind::Any,
    ColumnKind::Bool,
    ColumnKind::Number,
    ColumnKind::Text,
    ColumnKind::Instant,
    ColumnKind::Date,
    ColumnKind::LocalDateTime,
    ColumnKind::Choice,
];
/// The kinds of single values.
const SINGLE: [ColumnKind; 6] = [
    ColumnKind::Bool,
    ColumnKind::Number,
    ColumnKind::Text,
    ColumnKind::Date,
    ColumnKind::LocalDateTime,
    ColumnKind::Instant,
];
const DAY: i64 = 86_400_000_000;
const TEXTS: [&str; 16] = [
    "a",
    "A",
    "b",
    "ab",
    "aB",
    "ä",
    "a\u{308}",
    "é",
    "É",
    "straße",
    "STRASSE",
    "007",
    "2024-05-01",
    "1.5",
    "true",
    "NaN",
];

/// Few values, so that many are alike.
fn any_value() -> BoxedStrategy<Value> {
    prop_oneof![1 => Just(Value::Empty), 8 => prop::sample::select(&SINGLE[..]).prop_flat_map(fitting)]
        .boxed()
}

/// A value of the kind.
fn fitting(kind: ColumnKind) -> BoxedStrategy<Value> {
    match kind {
        ColumnKind::Any => any_value(),
        ColumnKind::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        ColumnKind::Number => prop_oneof![
            2 => any::<f64>().prop_filter("finite", |it| it.is_finite()).prop_map(Value::from),
            4 => (-3..4_i32).prop_map(|it| Value::from(f64::from(it) / 2.0)),
            1 => Just(Value::Number(-0.0)),
        ]
        .boxed(),
        ColumnKind::Date => (-2..3_i32).prop_map(Value::Date).boxed(),
        ColumnKind::LocalDateTime => {
            (-4..5_i64).prop_map(|it| Value::LocalDateTime(it * DAY / 2)).boxed()
        }
        ColumnKind::Instant => (-4..5_i64).prop_map(|it| Value::Instant(it * DAY / 2)).boxed(),
        ColumnKind::Text
        | ColumnKind::Choice
        | ColumnKind::Choices
        | ColumnKind::Link
        | ColumnKind::Email => prop_oneof![
            4 => prop::sample::select(&TEXTS[..]).prop_map(Value::from),
            2 => "[a-cA-C é\u{301}ß.-]{1,6}".prop_map(|it| Value::from(&*it)),
        ]
        .boxed(),
    }
}

/// A value that fits the kind, mostly.
fn of_kind(kind: ColumnKind) -> BoxedStrategy<Value> {
    prop_oneof![8 => fitting(kind), 1 => any_value(), 1 => Just(Value::Empty)].boxed()
}

/// What a random table is made of.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) kinds: Vec<ColumnKind>,
    rows: Vec<Vec<Value>>,
    group_rows: usize,
}

impl Made {
    pub(super) fn bytes(&self) -> Arc<dyn Bytes> {
        bytes_of(&self.kinds, &self.rows, self.group_rows)
    }
}

pub(super) fn any_table(most_rows: usize) -> impl Strategy<Value = Made> {
    let kinds = prop::collection::vec(prop::sample::select(&KINDS[..]), 1..4);
    (kinds, 1..40_usize).prop_flat_map(move |(kinds, group_rows)| {
        let row: Vec<_> = kinds.iter().map(|kind| of_kind(*kind)).collect();
        prop::collection::vec(row, 0..most_rows).prop_map(move |rows| Made {
            kinds: kinds.clone(),
            rows,
            group_rows,
        })
    })
}

pub(super) fn bytes_of(
    kinds: &[ColumnKind],
    rows: &[Vec<Value>],
    group_rows: usize,
) -> Arc<dyn Bytes> {
    let columns: Vec<_> = kinds.iter().map(|kind| (Arc::from("x"), *kind)).collect();
    let mut out = Vec::new();
    write_table(&columns, rows, group_rows, &mut out).expect("a table");
    Arc::new(out)
}

fn any_test() -> impl Strategy<Value = CellTest> {
    let comparison = prop::sample::select(
        &[
            Comparison::Less,
            Comparison::LessOrEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
        ][..],
    );
    let some = || any_value().prop_filter("a value", |value| *value != Value::Empty);
    let part = prop::sample::select(&["a", "B", "é", "ss", "e\u{301}", "0", "-"][..]);
    prop_oneof![
        3 => (comparison, some()).prop_map(|(by, value)| CellTest::Compare(by, value)),
        2 => prop::collection::vec(some(), 0..5).prop_map(CellTest::In),
        1 => part.clone().prop_map(|part| CellTest::Contains(Arc::from(part))),
        1 => part.prop_map(|part| CellTest::StartsWith(Arc::from(part))),
        1 => Just(CellTest::IsEmpty),
    ]
}

pub(super) fn any_filter(columns: usize) -> impl Strategy<Value = RowFilter> {
    let cell = (0..columns, any_test(), any::<bool>())
        .prop_map(|(at, test, ignore_case)| RowFilter::Cell { column: id(at), test, ignore_case });
    cell.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(RowFilter::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(RowFilter::Any),
            inner.prop_map(|filter| RowFilter::Not(Box::new(filter))),
        ]
    })
}

pub(super) fn any_order(columns: usize) -> impl Strategy<Value = Vec<RowOrder>> {
    let level = (0..columns, any::<bool>())
        .prop_map(|(at, descending)| RowOrder { column: id(at), descending });
    prop::collection::vec(level, 0..4)
}
