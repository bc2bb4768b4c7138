//! The cells of a row as JSON text: `{"3": 1.5, "4": "text", "7": {"datetime": "..."}}`.
//!
//! Written by hand rather than through a tree of JSON values: this is the inner loop of imports,
//! commits and window reads. The keys are column ids.
//!
//! Invariant: reading gives back what was written, bit by bit for numbers (except that there is no
//! negative zero). A `null` is read as no cell: see `commit`. A time that can't be read is read as its text: it must not
//! keep a sheet from its reader.

use std::fmt;
use std::io::Write;
use std::sync::Arc;

use ot_engine::{ColumnId, Value};
use serde::Deserializer;
use serde::de::{self, DeserializeSeed, MapAccess, Visitor};

use crate::StoreError;
use crate::sql::check_text;
use model::{RowBody, RowPatch};
use values::{Kind, Locale};

/// Below this, whole numbers are exact and are written with all their digits.
const PLAIN_WHOLE_LIMIT: f64 = 1e15;
/// Numbers closer to zero are written with an exponent.
const PLAIN_FRACTION_LIMIT: f64 = 1e-5;
/// The key of an instant.
const INSTANT: &str = "datetime";
/// The key of an instant in microseconds, as earlier releases wrote the last day of the year 9999.
const INSTANT_MICROS: &str = "datetime_micros";
/// The key of a day.
const DATE: &str = "date";
/// The key of a day and a time of day without a zone.
const LOCAL_DATE_TIME: &str = "local";

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
        Value::Instant(_) => write_time(INSTANT, value, out)?,
        Value::Date(_) => write_time(DATE, value, out)?,
        Value::LocalDateTime(_) => write_time(LOCAL_DATE_TIME, value, out)?,
    }
    Ok(())
}

fn write_time(key: &str, value: &Value, out: &mut Vec<u8>) -> Result<(), StoreError> {
    let beyond = || StoreError::Invalid(format!("{value:?} is outside the years 1 to 9999"));
    let time = values::canonical(value).ok_or_else(beyond)?;
    put(out, format_args!("{{\"{key}\":\"{time}\"}}"));
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

/// The text of an object that begins with this key.
fn later<'de, A: MapAccess<'de>>(key: &str, map: &mut A) -> Result<String, A::Error> {
    let mut object = serde_json::Map::new();
    object.insert(key.to_owned(), map.next_value()?);
    while let Some((key, value)) = map.next_entry()? {
        object.insert(key, value);
    }
    Ok(serde_json::Value::Object(object).to_string())
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
        // Text without characters is none: an edit inside a text may leave it.
        Ok(if text.is_empty() { Value::Empty } else { Value::Text(Arc::from(text)) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let key: Option<String> = map.next_key()?;
        let mut time = |kind: Kind| {
            let text: String = map.next_value()?;
            // Before year 1: earlier releases have stored such times. They stay texts.
            Ok(values::read(&text, &kind.into(), &Locale::PLAIN).value)
        };
        let value = match key.as_deref() {
            Some(INSTANT) => time(Kind::Instant)?,
            Some(DATE) => time(Kind::Date)?,
            Some(LOCAL_DATE_TIME) => time(Kind::DateTime)?,
            Some(INSTANT_MICROS) => {
                let micros: i64 = map.next_value()?;
                let value = Value::Instant(micros);
                match values::canonical(&value) {
                    Some(_) => value,
                    None => Value::Text(micros.to_string().into()),
                }
            }
            // A kind of values that a later release has stored: its row and its sheet stay readable here.
            Some(key) => Value::Text(later(key, &mut map)?.into()),
            None => return Err(de::Error::custom("an object that is no time")),
        };
        match map.next_key::<String>()? {
            None => Ok(value),
            Some(_) => Err(de::Error::custom("an object that is more than a time")),
        }
    }
}

#[cfg(test)]
mod tests;
