//! How two values of a row compare.
//!
//! Not the order of rows: see the order of the engine. Invariants: texts are compared in normal form C; a day is equal to each time of it, as in
//! `QueryRows`; values of two kinds are unequal, and neither is less.

use std::cmp::Ordering;

use ot_engine::Value;

use super::tree::Compared;
use crate::order::DAY_MICROS;
use crate::order::collation::Collation;

/// Whether a comparison holds. An empty cell is equal to another one alone, and is neither less nor greater.
pub(super) fn holds(collation: &Collation, one: &Value, by: Compared, other: &Value) -> bool {
    match by {
        Compared::Equal => are_equal(one, other),
        Compared::NotEqual => !are_equal(one, other),
        Compared::Less => order(collation, one, other).is_some_and(Ordering::is_lt),
        Compared::LessOrEqual => order(collation, one, other).is_some_and(Ordering::is_le),
        Compared::Greater => order(collation, one, other).is_some_and(Ordering::is_gt),
        Compared::GreaterOrEqual => order(collation, one, other).is_some_and(Ordering::is_ge),
    }
}

fn are_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Empty, Value::Empty) => true,
        (Value::Number(one), Value::Number(other)) => one == other,
        (Value::Text(one), Value::Text(other)) => values::normal(one) == values::normal(other),
        (Value::Bool(one), Value::Bool(other)) => one == other,
        (one, other) => of_times(one, other).is_some_and(Ordering::is_eq),
    }
}

/// The order of two values of one kind.
pub(super) fn order(collation: &Collation, one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.partial_cmp(other),
        (Value::Text(one), Value::Text(other)) => {
            Some(collation.compare(&values::normal(one), &values::normal(other)))
        }
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        (one, other) => of_times(one, other),
    }
}

/// The order of two days or times: by days where one of them is a day.
fn of_times(one: &Value, other: &Value) -> Option<Ordering> {
    let (first, second) = (micros(one)?, micros(other)?);
    match (one, other) {
        (Value::Date(_), _) | (_, Value::Date(_)) => {
            Some(first.div_euclid(DAY_MICROS).cmp(&second.div_euclid(DAY_MICROS)))
        }
        _ => Some(first.cmp(&second)),
    }
}

/// A day or a time as microseconds since 1970-01-01 00:00; a day is its begin. `None` for other values.
pub(super) fn micros(value: &Value) -> Option<i64> {
    match value {
        Value::Date(days) => Some(i64::from(*days).saturating_mul(DAY_MICROS)),
        Value::LocalDateTime(micros) | Value::Instant(micros) => Some(*micros),
        Value::Empty | Value::Bool(_) | Value::Number(_) | Value::Text(_) => None,
    }
}
