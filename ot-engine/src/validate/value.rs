//! The rules for a single value or text.
//!
//! They know no position. Invariant: the store can hold every value that passed.

use super::{Limits, Rule};
use crate::Value;

/// The earliest and latest time, year 1 to year 9999, in microseconds since 1970-01-01 00:00.
const MICROSECONDS: std::ops::RangeInclusive<i64> =
    -62_135_596_800_000_000..=253_402_300_799_999_999;
/// The earliest and latest day of these years, in days since 1970-01-01.
const DAYS: std::ops::RangeInclusive<i32> = -719_162..=2_932_896;

/// Checks a value.
///
/// # Errors
/// The first broken rule.
pub fn validate_value(value: &Value, limits: &Limits) -> Result<(), Rule> {
    match value {
        Value::Number(number) if !number.is_finite() => Err(Rule::NotFinite),
        Value::Text(content) => check_text(content, limits.max_text_bytes),
        Value::Instant(at) | Value::LocalDateTime(at) if !MICROSECONDS.contains(at) => {
            Err(Rule::DateTimeOutOfRange)
        }
        Value::Date(day) if !DAYS.contains(day) => Err(Rule::DateTimeOutOfRange),
        Value::Empty
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Instant(_)
        | Value::LocalDateTime(_)
        | Value::Date(_) => Ok(()),
    }
}

pub(super) fn check_text(content: &str, max: u32) -> Result<(), Rule> {
    if content.len() > max as usize {
        Err(Rule::TextTooLong { max })
    } else if content.as_bytes().contains(&0) {
        Err(Rule::NulInText)
    } else {
        Ok(())
    }
}
