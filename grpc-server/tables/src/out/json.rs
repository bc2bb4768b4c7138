//! Files of JSON lines.
//!
//! Invariants: an object has a key once; the first one has each key, so a reader that looks at the first lines sees all columns.

use ot_engine::Value;

use super::names::distinct;
use super::saved::{OutColumn, WriteError, cells};
use super::sink::Sink;

/// Bytes that are written at once.
const PIECE: usize = 64 * 1024;
/// What a file without a row does not have.
const NO_NAMES: &str = "the file is empty: in JSON lines columns have their names in rows alone";

/// A file of JSON lines.
pub(super) struct JsonRows<'a> {
    sink: Sink<'a>,
    /// The keys as they stand in the file, with their colons.
    keys: Vec<String>,
    buffer: Vec<u8>,
    is_first: bool,
    note: Option<String>,
}

impl<'a> JsonRows<'a> {
    pub(super) fn new(columns: &[OutColumn], sink: Sink<'a>) -> Self {
        let (names, note) = distinct(columns);
        let keys = names.iter().map(|name| text(name) + ":").collect();
        Self { sink, keys, buffer: Vec::new(), is_first: true, note }
    }

    pub(super) fn push(&mut self, row: &[Value]) -> Result<(), WriteError> {
        self.buffer.push(b'{');
        let mut is_begun = false;
        for (key, value) in self.keys.iter().zip(cells(row, self.keys.len())) {
            let written = match written(value) {
                Some(written) => written,
                None if self.is_first => "null".to_owned(),
                None => continue,
            };
            if std::mem::replace(&mut is_begun, true) {
                self.buffer.push(b',');
            }
            self.buffer.extend_from_slice(key.as_bytes());
            self.buffer.extend_from_slice(written.as_bytes());
        }
        self.buffer.extend_from_slice(b"}\n");
        self.is_first = false;
        if self.buffer.len() >= PIECE { self.sink.take(&mut self.buffer) } else { Ok(()) }
    }

    pub(super) fn finish(mut self) -> Result<Vec<String>, WriteError> {
        self.sink.take(&mut self.buffer)?;
        self.sink.end()?;
        let empty = self.is_first && !self.keys.is_empty();
        let empty = empty.then(|| NO_NAMES.to_owned());
        Ok(self.note.into_iter().chain(empty).collect())
    }
}

/// A value of JSON; `None` for an empty cell.
fn written(value: &Value) -> Option<String> {
    Some(match value {
        Value::Empty => return None,
        Value::Text(text) if text.is_empty() => return None,
        Value::Number(number) if *number == 0.0 && number.is_sign_negative() => "-0".to_owned(),
        Value::Number(number) if !number.is_finite() => text(&number.to_string()),
        Value::Bool(_) | Value::Number(_) => values::exact(value).into_owned(),
        value => text(&values::exact(value)),
    })
}

/// A text of JSON.
fn text(text: &str) -> String {
    // A text alone: JSON holds each of them.
    serde_json::to_string(text).unwrap_or_default()
}
