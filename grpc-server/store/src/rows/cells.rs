//! The cells of a row as JSON text: `{"3": 1.5, "4": "text", "7": {"datetime": "..."}}`.
//!
//! Written by hand rather than through a tree of JSON values: this is the inner loop of imports,
//! commits and window reads. The keys are column ids.
//!
//! Invariant: reading gives back what was written, bit by bit for numbers (except that there is no
//! negative zero). A `null` is read as no cell: see `commit`.

use std::fmt;
use std::io::Write;
use std::sync::Arc;

use jiff::Timestamp;
use ot_engine::{ColumnId, Value};
use serde::Deserializer;
use serde::de::{self, DeserializeSeed, MapAccess, Visitor};

use crate::StoreError;
use crate::sql::check_text;
use model::{RowBody, RowPatch};

/// Below this, whole numbers are exact and are written with all their digits.
const PLAIN_WHOLE_LIMIT: f64 = 1e15;
/// Numbers closer to zero are written with an exponent.
const PLAIN_FRACTION_LIMIT: f64 = 1e-5;
/// The key of a date and time.
const DATETIME: &str = "datetime";
/// The key of one that the usual form cannot hold (the last day of the year 9999).
const DATETIME_MICROS: &str = "datetime_micros";

/// Appends the JSON object; `Value::Empty` becomes `null`.
pub(crate) fn write_cells<'a>(
    cells: impl IntoIterator<Item = (ColumnId, &'a Value)>,
    out: &mut Vec<u8>,
) -> Result<(), StoreError> {
    out.push(b'{');
    let mut first = true;
    for (column, value) in cells {
        if !first {
            out.push(b',');
        }
        first = false;
        put(out, format_args!("\"{}\":", column.0));
        write_value(value, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// Reads the JSON object.
pub(crate) fn read_cells(json: &[u8]) -> Result<RowBody, StoreError> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let cells = reader.deserialize_map(CellsVisitor);
    cells.map(RowBody::from_iter).map_err(|error| damaged(&error))
}

/// Reads the JSON object as a patch: a `null` takes its cell away.
pub(crate) fn read_patch(json: &[u8]) -> Result<RowPatch, StoreError> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let cells = reader.deserialize_map(CellsVisitor);
    cells.map(RowPatch::from_iter).map_err(|error| damaged(&error))
}

fn damaged(error: &serde_json::Error) -> StoreError {
    StoreError::Corrupt(format!("the cells of a row: {error}"))
}

/// Appends one value as JSON.
pub(crate) fn write_value(value: &Value, out: &mut Vec<u8>) -> Result<(), StoreError> {
    match value {
        Value::Empty => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(*number, out)?,
        Value::Text(text) => write_text(text, out)?,
        Value::DateTime(micros) => match Timestamp::from_microsecond(*micros) {
            Ok(time) => put(out, format_args!("{{\"{DATETIME}\":\"{time}\"}}")),
            Err(_) => put(out, format_args!("{{\"{DATETIME_MICROS}\":{micros}}}")),
        },
    }
    Ok(())
}

fn write_number(number: f64, out: &mut Vec<u8>) -> Result<(), StoreError> {
    if !number.is_finite() {
        return Err(StoreError::Invalid(format!("{number} is not a finite number")));
    }
    let size = number.abs();
    if number == 0.0 {
        out.push(b'0');
    } else if (PLAIN_FRACTION_LIMIT..PLAIN_WHOLE_LIMIT).contains(&size) {
        put(out, format_args!("{number}"));
    } else {
        put(out, format_args!("{number:e}"));
    }
    Ok(())
}

fn write_text(text: &str, out: &mut Vec<u8>) -> Result<(), StoreError> {
    check_text(text)?;
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            byte @ (b'"' | b'\\') => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte => put(out, format_args!("\\u{byte:04x}")),
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
    Ok(())
}

fn put(out: &mut Vec<u8>, text: fmt::Arguments<'_>) {
    // A vector takes everything; there is no error to handle.
    let _ = out.write_fmt(text);
}

struct CellsVisitor;

impl<'de> Visitor<'de> for CellsVisitor {
    type Value = Vec<(ColumnId, Value)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of cells by column id")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut cells = Vec::new();
        // Keys are numbers in quotes, which serde_json reads as numbers when asked for them.
        while let Some(column) = map.next_key::<u64>()? {
            cells.push((ColumnId(column), map.next_value_seed(ValueSeed)?));
        }
        Ok(cells)
    }
}

struct ValueSeed;

impl<'de> DeserializeSeed<'de> for ValueSeed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a cell")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Empty)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    #[expect(clippy::cast_precision_loss, reason = "it was written from an f64, so it is one")]
    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "it was written from an f64, so it is one")]
    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(Arc::from(text)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let key: Option<String> = map.next_key()?;
        let micros = match key.as_deref() {
            Some(DATETIME) => {
                let text: String = map.next_value()?;
                let time: Timestamp = text.parse().map_err(de::Error::custom)?;
                time.as_microsecond()
            }
            Some(DATETIME_MICROS) => map.next_value()?,
            _ => return Err(de::Error::custom("an object that is no date and time")),
        };
        match map.next_key::<String>()? {
            None => Ok(Value::DateTime(micros)),
            Some(_) => Err(de::Error::custom("an object that is more than a date and time")),
        }
    }
}

#[cfg(test)]
mod tests;
