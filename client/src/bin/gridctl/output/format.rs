//! Formats values, positions and times.
//!
//! It writes for programs, by no locale: exact forms, times in UTC.
//!
//! Invariant: `parse` reads back the names of cells that `cell_name` writes.

use gridloom::v1;
use gridloom::v1::value::Kind;
use jiff::Timestamp;
use ot_engine::{ColumnKind, Value};
use serde_json::{Value as Json, json};

/// The letters of a column, by its position from 0: A, B, ..., Z, AA, ...
pub(crate) fn letters(col: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(col) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

/// The name of a cell such as `B7`, by its positions from 0.
pub(crate) fn cell_name(row: u32, col: u32) -> String {
    format!("{}{}", letters(col), u64::from(row) + 1)
}

/// A kind of columns, as `--kind` names it.
pub(crate) const fn kind_name(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Any => "any",
        ColumnKind::Text => "text",
        ColumnKind::Number => "number",
        ColumnKind::Bool => "bool",
        ColumnKind::Date => "date",
        ColumnKind::LocalDateTime => "datetime",
        ColumnKind::Instant => "instant",
        ColumnKind::Choice => "choice",
        ColumnKind::Choices => "choices",
        ColumnKind::Link => "link",
        ColumnKind::Email => "email",
    }
}

/// A time in ISO 8601, or the number of microseconds when it is out of range.
pub(crate) fn time(micros: i64) -> String {
    Timestamp::from_microsecond(micros).map_or_else(|_| micros.to_string(), |it| it.to_string())
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A value as plain text.
pub(crate) fn plain(value: &v1::Value) -> String {
    // Only a number that is not finite is no value.
    let value = Value::try_from(value.clone()).unwrap_or_default();
    values::exact(&value).into_owned()
}

/// A value as JSON.
pub(crate) fn json(value: &v1::Value) -> Json {
    match &value.kind {
        None => Json::Null,
        Some(Kind::Bool(truth)) => json!(truth),
        Some(Kind::Number(number)) => json!(number),
        Some(Kind::Text(text)) => json!(text),
        Some(Kind::DatetimeMicros(_) | Kind::DateDays(_) | Kind::LocalDatetimeMicros(_)) => {
            json!(plain(value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        let names = [0, 25, 26, 51, 52, 701, 702].map(letters);
        assert_eq!(names, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
        assert_eq!(cell_name(6, 1), "B7");
    }
}
