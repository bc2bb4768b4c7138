//! Encodes the binary form.
//!
//! It validates nothing.
//!
//! Invariant: infallible. Every delta has a form, and [`decode_delta`](super::decode_delta) reads it back.

use super::format::{VERSION, tag};
use crate::{
    AxisDelta, CellEdit, ColumnEdit, ColumnKind, Delta, Edit, Run, TextDelta, TextRun, Value,
};

/// Appends the binary form of `delta` to `out`.
pub fn encode_delta(delta: &Delta, out: &mut Vec<u8>) {
    out.push(VERSION);
    axis(&delta.rows, out);
    axis(&delta.cols, out);
    varint(delta.cells.len() as u64, out);
    let mut last = (0, 0);
    for cell in &delta.cells {
        cell_edit(cell, &mut last, out);
    }
    varint(delta.columns.len() as u64, out);
    for edit in &delta.columns {
        column(edit, out);
    }
}

fn axis(axis: &AxisDelta, out: &mut Vec<u8>) {
    varint(axis.runs().len() as u64, out);
    for run in axis.runs() {
        let (tag, number) = match *run {
            Run::Keep(count) => (tag::KEEP, count),
            Run::Delete(count) => (tag::DELETE, count),
            Run::Lift { count, .. } => (tag::LIFT, count),
            Run::Insert { count, first: None } => (tag::INSERT, count),
            Run::Insert { count, first: Some(_) } => (tag::INSERT_NAMED, count),
            Run::Drop { slot } => (tag::DROP, slot),
        };
        out.push(tag);
        varint(u64::from(number), out);
        match *run {
            Run::Lift { slot, .. } => varint(u64::from(slot), out),
            Run::Insert { first: Some(id), .. } => varint(id.0, out),
            _ => {}
        }
    }
}

/// Writes the row as the difference to the last row, and within one row also the column. Differences
/// wrap, so even unsorted edits are read back unchanged.
fn cell_edit(cell: &CellEdit, last: &mut (u32, u32), out: &mut Vec<u8>) {
    let down = cell.row.wrapping_sub(last.0);
    let from = if down == 0 { last.1 } else { 0 };
    varint(u64::from(down), out);
    varint(u64::from(cell.col.wrapping_sub(from)), out);
    *last = cell.key();
    edit(&cell.edit, out);
}

pub(super) fn edit(edit: &Edit, out: &mut Vec<u8>) {
    match edit {
        Edit::Set(set) => value(set, out),
        Edit::Text(edit) => text_edit(edit, out),
    }
}

fn text_edit(edit: &TextDelta, out: &mut Vec<u8>) {
    out.push(tag::TEXT_EDIT);
    varint(edit.runs().len() as u64, out);
    for run in edit.runs() {
        match run {
            TextRun::Retain(count) => {
                out.push(tag::RETAIN);
                varint(u64::from(*count), out);
            }
            TextRun::Insert(new) => {
                out.push(tag::INSERT_TEXT);
                text(new, out);
            }
            TextRun::Delete(count) => {
                out.push(tag::DELETE_TEXT);
                varint(u64::from(*count), out);
            }
        }
    }
}

fn value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Empty => out.push(tag::EMPTY),
        Value::Bool(false) => out.push(tag::FALSE),
        Value::Bool(true) => out.push(tag::TRUE),
        Value::Number(number) => {
            out.push(tag::NUMBER);
            out.extend_from_slice(&number.to_le_bytes());
        }
        Value::Text(content) => {
            out.push(tag::TEXT);
            text(content, out);
        }
        Value::Instant(at) => {
            out.push(tag::INSTANT);
            out.extend_from_slice(&at.to_le_bytes());
        }
        Value::Date(day) => {
            out.push(tag::DATE);
            out.extend_from_slice(&day.to_le_bytes());
        }
        Value::LocalDateTime(at) => {
            out.push(tag::LOCAL_DATE_TIME);
            out.extend_from_slice(&at.to_le_bytes());
        }
    }
}

fn column(edit: &ColumnEdit, out: &mut Vec<u8>) {
    varint(u64::from(edit.col), out);
    let set = |flag, present: bool| if present { flag } else { 0 };
    out.push(
        set(tag::NAME, edit.name.is_some())
            | set(tag::KIND, edit.kind.is_some())
            | set(tag::WIDTH, edit.width.is_some())
            | set(tag::SETTINGS, edit.settings.is_some()),
    );
    if let Some(name) = &edit.name {
        text(name, out);
    }
    if let Some(set) = edit.kind {
        kind(set, out);
    }
    if let Some(width) = edit.width {
        varint(u64::from(width), out);
    }
    if let Some(settings) = &edit.settings {
        text(settings, out);
    }
}

pub(crate) fn kind(kind: ColumnKind, out: &mut Vec<u8>) {
    out.push(match kind {
        ColumnKind::Any => 0,
        ColumnKind::Bool => 1,
        ColumnKind::Number => 2,
        ColumnKind::Text => 3,
        ColumnKind::Instant => 4,
        ColumnKind::Date => 5,
        ColumnKind::LocalDateTime => 6,
        ColumnKind::Choice => 7,
        ColumnKind::Choices => 8,
        ColumnKind::Link => 9,
        ColumnKind::Email => 10,
    });
}

pub(crate) fn text(content: &str, out: &mut Vec<u8>) {
    bytes(content.as_bytes(), out);
}

/// Writes a part with a length prefix.
pub(crate) fn bytes(part: &[u8], out: &mut Vec<u8>) {
    varint(part.len() as u64, out);
    out.extend_from_slice(part);
}

pub(crate) fn varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
