//! The rules for a single value or text.
//!
//! They know no position. Invariant: the store can hold every value that passed.

use super::{Limits, Rule};
use crate::Value;

/// The earliest and latest date-time, year 1 to year 9999, in microseconds since the Unix epoch.
const DATE_TIMES_MICROSECONDS: std::ops::RangeInclusive<i64> =
    -62_135_596_800_000_000..=253_402_300_799_999_999;

/// Checks a value.
///
/// # Errors
/// The first broken rule.
pub fn validate_value(value: &Value, limits: &Limits) -> Result<(), Rule> {
    match value {
        Value::Number(number) if !number.is_finite() => Err(Rule::NotFinite),
        Value::Text(content) => check_text(content, limits.max_text_bytes),
        Value::DateTime(at) if !DATE_TIMES_MICROSECONDS.contains(at) => {
            Err(Rule::DateTimeOutOfRange)
        }
        Value::Empty | Value::Bool(_) | Value::Number(_) | Value::DateTime(_) => Ok(()),
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
