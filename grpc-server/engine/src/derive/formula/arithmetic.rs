//! Sums of numbers, days and times.
//!
//! Not products, which have numbers alone: see `eval`. Invariant: a day or a time that comes out is one of the years 1 to 9999.

use ot_engine::Value;

use super::compared::micros;
use super::row::{Outcome, finite};
use super::tree::{Expr, Operator};
use super::trouble::Trouble;
use crate::order::DAY_MICROS;

/// Whole numbers that a double holds.
const WHOLE: f64 = 9_007_199_254_740_992.0;
/// Microseconds of a day, as a number.
const DAY: f64 = 86_400_000_000.0;

/// Adds or subtracts. Nothing added to something is nothing.
pub(super) fn added(
    left: &Expr,
    one: &Value,
    operator: Operator,
    right: &Expr,
    other: &Value,
) -> Outcome {
    let is_less = operator == Operator::Subtract;
    match (one, other) {
        (Value::Text(_) | Value::Bool(_), _) => Err(Trouble::of_kind(left, one)),
        (_, Value::Text(_) | Value::Bool(_)) => Err(Trouble::of_kind(right, other)),
        (Value::Empty, _) | (_, Value::Empty) => Ok(Value::Empty),
        (Value::Number(one), Value::Number(other)) => {
            finite(if is_less { one - other } else { one + other })
        }
        (time, Value::Number(days)) => moved(time, if is_less { -days } else { *days }),
        (Value::Number(days), time) if !is_less => moved(time, *days),
        (Value::Date(one), Value::Date(other)) if is_less => {
            Ok(Value::from(f64::from(*one) - f64::from(*other)))
        }
        (one, other) if is_less => match (micros(one), micros(other)) {
            (Some(one), Some(other)) => difference(one, other),
            _ => Err(Trouble::rule("a day or a time is subtracted from a number")),
        },
        _ => Err(Trouble::rule("days and times are added to each other")),
    }
}

/// The days between two times, with a fraction.
fn difference(one: i64, other: i64) -> Outcome {
    let micros = one.saturating_sub(other);
    let (days, rest) = (micros.div_euclid(DAY_MICROS), micros.rem_euclid(DAY_MICROS));
    // Both are whole numbers that a double holds.
    finite(days as f64 + rest as f64 / DAY)
}

/// A day or a time, so many days later.
fn moved(time: &Value, days: f64) -> Outcome {
    let out = || Trouble::rule("a day or a time is none of the years 1 to 9999");
    match time {
        Value::Date(day) => {
            let count = whole(days).ok_or_else(|| {
                Trouble::rule("a day is moved by another number than a whole one")
            })?;
            i64::from(*day).checked_add(count).and_then(day_of).ok_or_else(out)
        }
        Value::LocalDateTime(micros) | Value::Instant(micros) => {
            let moved = whole((days * DAY).round()).and_then(|by| micros.checked_add(by));
            let moved = moved.filter(|micros| is_in_calendar(micros.div_euclid(DAY_MICROS)));
            let moved = moved.ok_or_else(out)?;
            Ok(match time {
                Value::Instant(_) => Value::Instant(moved),
                _ => Value::LocalDateTime(moved),
            })
        }
        _ => Err(out()),
    }
}

/// The day that is so many days after 1970-01-01.
pub(super) fn day_of(days: i64) -> Option<Value> {
    let days = i32::try_from(days).ok()?;
    is_in_calendar(days.into()).then_some(Value::Date(days))
}

fn is_in_calendar(days: i64) -> bool {
    i32::try_from(days).ok().and_then(values::parts_of_day).is_some()
}

/// A number without a fraction.
pub(super) fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= WHOLE).then_some(number as i64)
}
