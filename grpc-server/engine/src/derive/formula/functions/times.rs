//! Functions of days and times. An instant has the day and the time of UTC.
//!
//! Invariant: a day that comes out is one of the years 1 to 9999.

use ot_engine::Value;

use super::super::arithmetic::{day_of, whole};
use super::super::compared::micros;
use super::super::function::Function;
use super::super::row::{MISSING, Outcome, Row};
use super::super::tree::Expr;
use super::super::trouble::Trouble;
use crate::order::DAY_MICROS;

/// The most of a year, a month or a day of DATE: no sum of them overflows.
const PARTS: i64 = 10_000_000;
const MONTHS: i64 = 12;
const WEEK: i64 = 7;
const HOUR: i64 = 3_600_000_000;
const MINUTE: i64 = 60_000_000;

/// The value of a function of days and times.
pub(super) fn call(row: &Row<'_>, function: Function, parts: &[Expr]) -> Outcome {
    let part = |at: usize| parts.get(at).unwrap_or(&MISSING);
    if function == Function::Date {
        return date(row, part(0), part(1), part(2));
    }
    let Some((days, time)) = moment(row, part(0))? else { return Ok(Value::Empty) };
    let of_day = |choose: fn((i32, i32, i32)) -> i32| {
        let parts = i32::try_from(days).ok().and_then(values::parts_of_day);
        let chosen = parts.map(|parts| Value::from(f64::from(choose(parts))));
        chosen.ok_or_else(|| Trouble::rule("a day or a time is none of the years 1 to 9999"))
    };
    match function {
        Function::Year => of_day(|(year, _, _)| year),
        Function::Month => of_day(|(_, month, _)| month),
        Function::Day => of_day(|(_, _, day)| day),
        Function::Hour => Ok(Value::from((time / HOUR) as f64)),
        Function::Minute => Ok(Value::from((time % HOUR / MINUTE) as f64)),
        Function::Weekday => weekday(row, days, parts.get(1)),
        _ => {
            let Some((begin, _)) = moment(row, part(1))? else { return Ok(Value::Empty) };
            Ok(Value::from((days - begin) as f64))
        }
    }
}

/// The day of a part, and the microseconds since its begin; `None` where the cell is empty.
fn moment(row: &Row<'_>, part: &Expr) -> Result<Option<(i64, i64)>, Trouble> {
    match row.value(part)? {
        Value::Empty => Ok(None),
        value => match micros(&value) {
            Some(micros) => {
                Ok(Some((micros.div_euclid(DAY_MICROS), micros.rem_euclid(DAY_MICROS))))
            }
            None => Err(Trouble::of_kind(part, &value)),
        },
    }
}

/// The number of the day in its week: the first one is Sunday, or, by the second argument, Monday (2, and 3 from zero).
fn weekday(row: &Row<'_>, days: i64, form: Option<&Expr>) -> Outcome {
    let form = match form {
        None => 1.0,
        Some(part) => match row.number(part)? {
            None => return Ok(Value::Empty),
            Some(form) => form,
        },
    };
    // 1970-01-01 was a Thursday.
    let number = match whole(form) {
        Some(1) => (days + 4).rem_euclid(WEEK) + 1,
        Some(2) => (days + 3).rem_euclid(WEEK) + 1,
        Some(3) => (days + 3).rem_euclid(WEEK),
        _ => return Err(Trouble::rule("the form of WEEKDAY is none of 1, 2 and 3")),
    };
    Ok(Value::from(number as f64))
}

/// The day of a year, a month and a day. A month or a day beyond its end is one of a later month or year.
fn date(row: &Row<'_>, year: &Expr, month: &Expr, day: &Expr) -> Outcome {
    let mut numbers = [0; 3];
    for (number, part) in numbers.iter_mut().zip([year, month, day]) {
        let Some(given) = row.number(part)? else { return Ok(Value::Empty) };
        let given = whole(given.trunc()).filter(|given| given.abs() <= PARTS);
        *number = given.ok_or_else(|| Trouble::rule("DATE has a number that is too large"))?;
    }
    let [year, month, day] = numbers;
    let months = year * MONTHS + month - 1;
    let year = u32::try_from(months.div_euclid(MONTHS)).ok();
    let month = u32::try_from(months.rem_euclid(MONTHS) + 1).ok();
    let first = year.zip(month).and_then(|(year, month)| values::day_of_parts(year, month, 1));
    let moved = first.and_then(|first| day_of(i64::from(first) + day - 1));
    moved.ok_or_else(|| Trouble::rule("DATE makes a day that is none of the years 1 to 9999"))
}
