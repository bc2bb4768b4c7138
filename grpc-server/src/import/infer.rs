//! The kind and the value of a field.
//!
//! Not where a field ends: see `records`. Invariant: reading a field as a number, truth value or time loses nothing
//! that a person would miss. A field whose meaning would change (`00601`, `+49123`, a 20-digit id) stays text.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use ot_engine::{ColumnKind, Value};

/// Beyond this, not every whole number is a double, so an id could change.
const EXACT_INTEGER: f64 = 9_007_199_254_740_992.0;
/// Texts that stand for a missing value. They do not count for the column's kind.
const MISSING: [&str; 8] = ["NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "-"];

/// The common kind of the fields of one column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Guess {
    /// Nothing seen yet.
    #[default]
    Nothing,
    /// All of this kind.
    All(ColumnKind),
    /// More than one kind.
    Mixed,
}

impl Guess {
    /// Takes one more field into account.
    pub(super) fn see(&mut self, field: &str) {
        if field.trim().is_empty() || MISSING.contains(&field.trim()) {
            return;
        }
        let kind = kind_of(field);
        *self = match *self {
            Self::Nothing => Self::All(kind),
            Self::All(known) if known == kind => *self,
            _ => Self::Mixed,
        };
    }

    /// The column's kind.
    pub(super) fn kind(self) -> ColumnKind {
        match self {
            Self::Nothing => ColumnKind::Any,
            Self::All(kind) => kind,
            Self::Mixed => ColumnKind::Text,
        }
    }
}

/// The kind of one field that is not empty.
pub(super) fn kind_of(field: &str) -> ColumnKind {
    match guessed(field) {
        Some(Value::Bool(_)) => ColumnKind::Bool,
        Some(Value::Number(_)) => ColumnKind::Number,
        Some(Value::DateTime(_)) => ColumnKind::DateTime,
        _ => ColumnKind::Text,
    }
}

/// The value of a field in a column of this kind. A field of another kind stays as text.
pub(super) fn value(field: &str, kind: ColumnKind) -> Value {
    if field.is_empty() {
        return Value::Empty;
    }
    let read = match kind {
        ColumnKind::Text => None,
        ColumnKind::Bool => boolean(field.trim()).map(Value::Bool),
        ColumnKind::Number => number(field.trim()).map(Value::Number),
        ColumnKind::DateTime => datetime(field.trim()).map(Value::DateTime),
        ColumnKind::Any => guessed(field),
    };
    read.unwrap_or_else(|| Value::Text(Arc::from(field)))
}

fn guessed(field: &str) -> Option<Value> {
    let field = field.trim();
    boolean(field)
        .map(Value::Bool)
        .or_else(|| number(field).map(Value::Number))
        .or_else(|| datetime(field).map(Value::DateTime))
}

fn boolean(field: &str) -> Option<bool> {
    match field {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn number(field: &str) -> Option<f64> {
    let digits = field.strip_prefix('-').unwrap_or(field).as_bytes();
    let plain = digits.iter().all(u8::is_ascii_digit);
    let allowed = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    let leading_zero = digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit();
    let begins = digits.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.');
    if !begins || leading_zero || !digits.iter().all(allowed) {
        return None;
    }
    let number: f64 = field.parse().ok()?;
    let exact = !plain || number.abs() <= EXACT_INTEGER;
    (number.is_finite() && exact).then_some(number)
}

/// ISO 8601 as RFC 3339 writes it: a date, or a date and a time, with or without a zone (then UTC).
/// Finer than microseconds stays text.
fn datetime(field: &str) -> Option<i64> {
    let bytes = field.as_bytes();
    let dashes = bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-';
    if !dashes || !bytes[0].is_ascii_digit() {
        return None;
    }
    let time = if bytes.len() == 10 {
        in_utc(field.parse::<Date>().ok()?.at(0, 0, 0, 0))?
    } else if !matches!(bytes[10], b'T' | b't' | b' ') {
        return None;
    } else if let Ok(time) = field.parse::<Timestamp>() {
        time
    } else {
        in_utc(field.parse::<DateTime>().ok()?)?
    };
    (time.subsec_nanosecond() % 1_000 == 0).then(|| time.as_microsecond())
}

fn in_utc(time: DateTime) -> Option<Timestamp> {
    time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}
