//! What functions compute of their arguments.
//!
//! Not how many arguments there are, which `function` checks at once. Invariant: an argument that is not needed is not computed.

mod numbers;
mod texts;
mod times;

use std::cmp::Ordering;

use ot_engine::Value;

use super::compared;
use super::function::Function;
use super::row::{MISSING, Outcome, Row};
use super::tree::Expr;
use super::trouble::Trouble;

/// The value of a function.
pub(super) fn call(row: &Row<'_>, function: Function, parts: &[Expr]) -> Outcome {
    let part = |at: usize| parts.get(at).unwrap_or(&MISSING);
    match function {
        Function::If => row.value(part(if row.truth(part(0))? { 1 } else { 2 })),
        Function::And => all(row, parts, true),
        Function::Or => all(row, parts, false),
        Function::Not => Ok(Value::Bool(!row.truth(part(0))?)),
        Function::IsEmpty => Ok(Value::Bool(some(row, part(0)).is_none())),
        Function::Coalesce => {
            Ok(parts.iter().find_map(|part| some(row, part)).unwrap_or(Value::Empty))
        }
        Function::Min => bound(row, parts, Ordering::Less),
        Function::Max => bound(row, parts, Ordering::Greater),
        Function::Round
        | Function::Floor
        | Function::Ceiling
        | Function::Abs
        | Function::Mod
        | Function::Sqrt => numbers::call(row, function, part(0), parts.get(1)),
        Function::Len
        | Function::Left
        | Function::Right
        | Function::Mid
        | Function::Upper
        | Function::Lower
        | Function::Trim
        | Function::Substitute
        | Function::Contains
        | Function::StartsWith
        | Function::Text
        | Function::Number => texts::call(row, function, parts),
        Function::Concat => row.joined(parts),
        Function::Date
        | Function::Year
        | Function::Month
        | Function::Day
        | Function::Hour
        | Function::Minute
        | Function::Weekday
        | Function::Days => times::call(row, function, parts),
    }
}

/// The value of a part; `None` where it is empty or can't be computed.
fn some(row: &Row<'_>, part: &Expr) -> Option<Value> {
    row.value(part).ok().filter(|value| match value {
        Value::Empty => false,
        Value::Text(text) => !text.is_empty(),
        _ => true,
    })
}

/// Whether all parts are true, or, for `wanted` false, whether one is. The first one that decides is the last that is computed.
fn all(row: &Row<'_>, parts: &[Expr], wanted: bool) -> Outcome {
    for part in parts {
        if row.truth(part)? != wanted {
            return Ok(Value::Bool(!wanted));
        }
    }
    Ok(Value::Bool(wanted))
}

/// The order of two values. A day stands for its begin here: were it equal to each time of it, the order of the arguments would
/// matter.
fn order(row: &Row<'_>, one: &Value, other: &Value) -> Option<Ordering> {
    match (compared::micros(one), compared::micros(other)) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => compared::order(row.collation, one, other),
    }
}

/// The least or the greatest number, day or time; empty cells are passed over.
fn bound(row: &Row<'_>, parts: &[Expr], side: Ordering) -> Outcome {
    let mut bound = Value::Empty;
    for part in parts {
        let value = row.value(part)?;
        match (&bound, &value) {
            (_, Value::Empty) => {}
            (_, Value::Text(_) | Value::Bool(_)) => return Err(Trouble::of_kind(part, &value)),
            (Value::Empty, _) => bound = value,
            _ => match order(row, &value, &bound) {
                None => return Err(Trouble::rule("numbers are compared with days or times")),
                Some(order) if order == side => bound = value,
                Some(_) => {}
            },
        }
    }
    Ok(bound)
}
