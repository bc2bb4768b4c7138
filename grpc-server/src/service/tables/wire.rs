//! Tables, views, previews and rows as messages.
//!
//! Not their reading. Invariant: an answer fits a message, or the call is refused by the field that makes it so large; rows
//! that do not fit are left to the next call.

use gridloom::convert::{kind_to_wire, value_to_wire};
use gridloom::v1;
use ot_engine::{ColumnKind, Value};
use prost::Message;

use super::reading::format_to_wire;
use crate::edge::errors::{ServiceError, TableRefusal};
use crate::edge::pages;
use model::{TableColumn, TableFacts, TableRecord, ViewRecord};
use tables::{Format, Preview};

/// More than the bytes of an answer besides its rows and columns.
const HEAD_BYTES: usize = 2 * 1024;

/// A table as a message.
pub(super) fn table_to_wire(record: &TableRecord, facts: TableFacts) -> v1::Table {
    v1::Table {
        number: record.number,
        name: record.name.clone(),
        rows: record.rows,
        size_bytes: record.pieces.bytes,
        etag: etag(record),
        ..facts_to_wire(facts)
    }
}

/// The etag of a table: that of its reading.
pub(in crate::service) fn etag(record: &TableRecord) -> String {
    record.reading.simple().to_string()
}

/// Refuses a call whose table was read again since the etag of the request; an empty one is any.
pub(super) fn check_etag(record: &TableRecord, given: &str) -> Result<(), ServiceError> {
    if given.is_empty() || given == etag(record) {
        return Ok(());
    }
    Err(TableRefusal::Changed.into())
}

/// A view as a message.
pub(super) fn view_to_wire(view: &ViewRecord) -> v1::View {
    v1::View {
        id: view.id.to_string(),
        table: view.number,
        rows: view.rows,
        size_bytes: view.pieces.bytes,
    }
}

fn facts_to_wire(facts: TableFacts) -> v1::Table {
    let TableFacts { columns, doubts, repaired_rows, delimiter, encoding } = facts;
    let columns = columns.into_iter().map(column_to_wire).collect();
    v1::Table { columns, doubts, repaired_rows, delimiter, encoding, ..Default::default() }
}

fn column_to_wire(column: TableColumn) -> v1::TableColumn {
    let TableColumn { name, kind, file_type, misfits } = column;
    v1::TableColumn { name, kind: kind_to_wire(kind).into(), file_type, misfits }
}

/// A column as a reading has found it. The type of the file is shown where the file has types.
pub(super) fn column_of(column: &tables::TableColumn, format: Format, misfits: u64) -> TableColumn {
    let file_type = if format == Format::Parquet { column.data.clone() } else { String::new() };
    // Every value belongs to a column of any kind.
    let misfits = if column.kind == ColumnKind::Any { 0 } else { misfits };
    TableColumn { name: column.name.to_string(), kind: column.kind, file_type, misfits }
}

/// A preview as a message, in an answer of so many bytes.
pub(super) fn preview_to_wire(
    name: &str,
    preview: Preview,
    message_bytes: usize,
) -> Result<v1::PreviewFileResponse, ServiceError> {
    let format = preview.format;
    let facts = TableFacts {
        columns: preview.columns.iter().map(|it| column_of(it, format, 0)).collect(),
        doubts: preview.doubts,
        repaired_rows: 0,
        delimiter: preview.delimiter.map(|it| char::from(it).to_string()).unwrap_or_default(),
        encoding: preview.encoding.unwrap_or_default(),
    };
    let rows = preview.row_count.unwrap_or_default();
    let table = v1::Table { name: name.to_owned(), rows, ..facts_to_wire(facts) };
    let mut answer = v1::PreviewFileResponse {
        format: format_to_wire(format).into(),
        worksheets: preview.worksheets,
        table: Some(table),
        rows: Vec::new(),
        is_header_in_doubt: preview.is_header_in_doubt,
        has_header: preview.has_header,
        decimal_mark: preview.decimal.map(String::from).unwrap_or_default(),
    };
    check(&answer, message_bytes)?;
    let room = message_bytes.saturating_sub(answer.encoded_len() + HEAD_BYTES);
    answer.rows = pages::fitting_or_none(preview.rows.iter().map(|row| row_to_wire(row)), room);
    Ok(answer)
}

/// Refuses an answer that is larger than a message may be.
pub(super) fn check(answer: &impl Message, message_bytes: usize) -> Result<(), ServiceError> {
    let instead = "its columns are too many; read fewer worksheets";
    check_by(answer, ("file_id", instead), message_bytes)
}

/// The same with the field of the request that makes the answer so large, and the request to make instead.
pub(in crate::service) fn check_by(
    answer: &impl Message,
    (field, instead): (&'static str, &'static str),
    message_bytes: usize,
) -> Result<(), ServiceError> {
    if answer.encoded_len() + HEAD_BYTES > message_bytes {
        return Err(too_large(field, instead, message_bytes));
    }
    Ok(())
}

/// The rows of an answer of so many bytes, of which all rows have `beside_bytes` beside them: the first ones that fit, and at
/// least one.
pub(in crate::service) fn rows_to_wire(
    rows: &[Vec<Value>],
    beside_bytes: usize,
    message_bytes: usize,
) -> Result<Vec<v1::PreviewRow>, ServiceError> {
    let room = message_bytes.saturating_sub(HEAD_BYTES);
    let of_rows = room.saturating_sub(beside_bytes);
    let fitting = pages::fitting(rows.iter().map(|row| row_to_wire(row)), of_rows);
    match fitting.first() {
        Some(first) if first.encoded_len() > room => {
            Err(too_large("columns", "ask for fewer columns", message_bytes))
        }
        _ => Ok(fitting),
    }
}

/// A row; empty values at the end are left out.
fn row_to_wire(row: &[Value]) -> v1::PreviewRow {
    let filled = row.iter().rposition(|value| !value.is_empty()).map_or(0, |last| last + 1);
    v1::PreviewRow { values: row[..filled].iter().map(value_to_wire).collect() }
}

fn too_large(field: &'static str, instead: &'static str, message_bytes: usize) -> ServiceError {
    let limit = u32::try_from(message_bytes).unwrap_or(u32::MAX);
    ServiceError::AnswerTooLarge { field, instead, limit }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_its_values_up_to_the_last_one_that_is_not_empty() {
        let row = [Value::Empty, Value::from(1.0), Value::Empty, Value::Empty];
        let wire = row_to_wire(&row);
        assert_eq!(wire.values.len(), 2);
        assert_eq!((&wire.values[0].kind, row_to_wire(&[Value::Empty]).values.len()), (&None, 0));
    }

    #[test]
    fn rows_end_where_the_message_ends_and_a_row_that_is_too_large_is_refused() {
        let rows = vec![vec![Value::from("x".repeat(1_000).as_str())]; 10];
        assert_eq!(rows_to_wire(&rows, 0, HEAD_BYTES + 20_000).expect("fit").len(), 10);
        let some = rows_to_wire(&rows, 0, HEAD_BYTES + 3_500).expect("some fit").len();
        assert!((1..=3).contains(&some), "{some}");
        let fewer = rows_to_wire(&rows, 2_000, HEAD_BYTES + 3_500).expect("some fit").len();
        assert_eq!(fewer, 1);
        let refused = rows_to_wire(&rows, 0, HEAD_BYTES + 500).expect_err("none fits");
        assert!(matches!(refused, ServiceError::AnswerTooLarge { field: "columns", .. }));
        assert_eq!(rows_to_wire(&[], 0, HEAD_BYTES).expect("no row").len(), 0);
    }
}
