//! The rows of a view and the values of a summary, one after the other: by the rules of `SheetService.QueryRows` alone.

use std::cmp::Ordering;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorPreferences};
use model::{CellTest, Comparison, RowFilter, RowOrder};
use ot_engine::{ColumnId, Value};

use crate::Question;

const DAY: i64 = 86_400_000_000;

/// The positions of the rows of a view.
pub(super) fn view(rows: &[Vec<Value>], question: &Question) -> Vec<usize> {
    let mut found: Vec<usize> =
        (0..rows.len()).filter(|at| matches(&rows[*at], &question.filter)).collect();
    // A stable sort: equal rows keep their order.
    found.sort_by(|one, other| by_levels(&rows[*one], &rows[*other], &question.order));
    found
}

pub(super) fn matches(row: &[Value], filter: &RowFilter) -> bool {
    match filter {
        RowFilter::All(filters) => filters.iter().all(|filter| matches(row, filter)),
        RowFilter::Any(filters) => filters.iter().any(|filter| matches(row, filter)),
        RowFilter::Not(filter) => !matches(row, filter),
        RowFilter::Cell { column, test, ignore_case } => {
            passes(cell(row, *column), test, *ignore_case)
        }
    }
}

fn cell(row: &[Value], ColumnId(id): ColumnId) -> &Value {
    &row[usize::try_from(id).expect("small") - 1]
}

fn passes(cell: &Value, test: &CellTest, ignore_case: bool) -> bool {
    let fold = |text: &str| match ignore_case {
        true => values::fold(text),
        false => values::normal(text).into_owned(),
    };
    match (test, cell) {
        (CellTest::IsEmpty, cell) => *cell == Value::Empty,
        (CellTest::Contains(part), Value::Text(text)) => fold(text).contains(&fold(part)),
        (CellTest::StartsWith(part), Value::Text(text)) => fold(text).starts_with(&fold(part)),
        (CellTest::Contains(_) | CellTest::StartsWith(_), _) => false,
        (CellTest::In(wanted), cell) => wanted.iter().any(|wanted| match (wanted, cell) {
            (Value::Text(wanted), Value::Text(text)) => fold(wanted) == fold(text),
            (Value::Date(day), cell) => {
                micros(cell).is_some_and(|it| it.div_euclid(DAY) == i64::from(*day))
            }
            (Value::Instant(_) | Value::LocalDateTime(_), cell) => micros(wanted) == micros(cell),
            (wanted, cell) => wanted == cell,
        }),
        (CellTest::Compare(by, Value::Text(wanted)), Value::Text(text)) => {
            holds(*by, by_language(&fold(text), &fold(wanted)))
        }
        (CellTest::Compare(by, Value::Number(wanted)), Value::Number(number)) => {
            holds(*by, number.partial_cmp(wanted).expect("numbers"))
        }
        (CellTest::Compare(by, Value::Bool(wanted)), Value::Bool(truth)) => {
            holds(*by, truth.cmp(wanted))
        }
        (CellTest::Compare(by, Value::Date(day)), cell) => {
            micros(cell).is_some_and(|it| holds(*by, it.div_euclid(DAY).cmp(&i64::from(*day))))
        }
        (CellTest::Compare(by, wanted), cell) => match (micros(cell), micros(wanted)) {
            (Some(micros), Some(wanted)) => holds(*by, micros.cmp(&wanted)),
            _ => false,
        },
    }
}

fn holds(by: Comparison, order: Ordering) -> bool {
    match by {
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
    }
}

fn micros(value: &Value) -> Option<i64> {
    match value {
        Value::Date(days) => Some(i64::from(*days) * DAY),
        Value::Instant(micros) | Value::LocalDateTime(micros) => Some(*micros),
        _ => None,
    }
}

fn by_language(one: &str, other: &str) -> Ordering {
    let root = CollatorPreferences::default();
    let collator = Collator::try_new(root, CollatorOptions::default()).expect("a collator");
    collator.compare(one, other).then_with(|| one.as_bytes().cmp(other.as_bytes()))
}

fn by_levels(one: &[Value], other: &[Value], levels: &[RowOrder]) -> Ordering {
    levels.iter().fold(Ordering::Equal, |order, level| {
        order.then_with(|| {
            let (one, other) = (cell(one, level.column), cell(other, level.column));
            match (one, other) {
                (Value::Empty, Value::Empty) => Ordering::Equal,
                (Value::Empty, _) => Ordering::Greater,
                (_, Value::Empty) => Ordering::Less,
                (one, other) if level.descending => by_value(other, one),
                (one, other) => by_value(one, other),
            }
        })
    })
}

/// The ascending order of values.
pub(super) fn by_value(one: &Value, other: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Number(_) => 0,
        Value::Date(_) | Value::LocalDateTime(_) | Value::Instant(_) => 1,
        Value::Text(_) => 2,
        Value::Bool(_) => 3,
        Value::Empty => 4,
    };
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.partial_cmp(other).expect("numbers"),
        (Value::Text(one), Value::Text(other)) => by_language(one, other),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (one, other) if rank(one) == 1 && rank(other) == 1 => micros(one).cmp(&micros(other)),
        (one, other) => rank(one).cmp(&rank(other)),
    }
}
