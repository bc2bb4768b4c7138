//! The rows of a view and of a join, and the values of a summary and of groups, one after the other: by the rules of
//! `SheetService.QueryRows` alone.

use std::cmp::Ordering;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorPreferences};
use model::{CellTest, Comparison, RowFilter, RowOrder};
use ot_engine::{ColumnId, Value};

use crate::{JoinRows, Question};

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

/// Whether two values belong to one group, and match as keys.
pub(super) fn are_alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Text(one), Value::Text(other)) => values::normal(one) == values::normal(other),
        (one, other) if micros(one).is_some() => micros(one) == micros(other),
        (one, other) => one == other,
    }
}

/// The positions of the rows of each group, in the order of the groups.
pub(super) fn groups(rows: &[Vec<Value>], by: &[usize]) -> Vec<Vec<usize>> {
    let normal = |value: &Value| match value {
        Value::Text(text) => Value::from(&*values::normal(text)),
        value => value.clone(),
    };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let has_them = |group: &&mut Vec<usize>| {
            by.iter().all(|it| are_alike(&rows[group[0]][*it], &row[*it]))
        };
        match groups.iter_mut().find(has_them) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups.sort_by(|one, other| {
        by.iter().fold(Ordering::Equal, |order, it| {
            let (one, other) = (normal(&rows[one[0]][*it]), normal(&rows[other[0]][*it]));
            order.then_with(|| by_value(&one, &other))
        })
    });
    groups
}

/// The positions of the rows of a join: of the source, of the other table, or of both.
pub(super) fn join(
    source: &[Vec<Value>],
    other: &[Vec<Value>],
    keys: &[(usize, usize)],
    kept: JoinRows,
) -> Vec<(Option<usize>, Option<usize>)> {
    let is_pair = |one: usize, two: usize| {
        keys.iter().all(|(left, right)| {
            let (left, right) = (&source[one][*left], &other[two][*right]);
            *left != Value::Empty && are_alike(left, right)
        })
    };
    let mut joined = Vec::new();
    for one in 0..source.len() {
        let partners: Vec<usize> = (0..other.len()).filter(|two| is_pair(one, *two)).collect();
        match kept {
            JoinRows::Unmatched if partners.is_empty() => joined.push((Some(one), None)),
            JoinRows::AllOfSource | JoinRows::All if partners.is_empty() => {
                joined.push((Some(one), None));
            }
            JoinRows::Unmatched => {}
            _ => joined.extend(partners.into_iter().map(|two| (Some(one), Some(two)))),
        }
    }
    if kept == JoinRows::All {
        let is_alone = |two: &usize| !(0..source.len()).any(|one| is_pair(one, *two));
        joined.extend((0..other.len()).filter(is_alone).map(|two| (None, Some(two))));
    }
    joined
}
