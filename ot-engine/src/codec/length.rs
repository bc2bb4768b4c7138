//! The length of the binary form of a delta, computed without writing it.
//!
//! It is not an estimate. Invariant: the length equals the number of bytes that
//! [`encode_delta`](super::encode_delta) writes.

use crate::{AxisDelta, CellEdit, ColumnEdit, Delta, Edit, Run, TextDelta, TextRun, Value};

/// The number of bytes that [`encode_delta`](super::encode_delta) writes for `delta`. Cost: linear in
/// runs, cells and column edits, and independent of the length of texts.
#[must_use]
pub fn encoded_len(delta: &Delta) -> usize {
    let version = 1;
    let mut last = (0, 0);
    let cells = delta.cells.iter().map(|cell| cell_edit(cell, &mut last)).sum::<usize>();
    let columns = delta.columns.iter().map(column).sum::<usize>();
    let counts = varint(delta.cells.len() as u64) + varint(delta.columns.len() as u64);
    version + axis(&delta.rows) + axis(&delta.cols) + counts + cells + columns
}

fn axis(axis: &AxisDelta) -> usize {
    let run = |run: &Run| match *run {
        Run::Keep(count) | Run::Delete(count) | Run::Insert { count, first: None } => {
            varint(u64::from(count))
        }
        Run::Lift { count, slot } => varint(u64::from(count)) + varint(u64::from(slot)),
        Run::Insert { count, first: Some(id) } => varint(u64::from(count)) + varint(id.0),
        Run::Drop { slot } => varint(u64::from(slot)),
    };
    let tags = axis.runs().len();
    varint(tags as u64) + tags + axis.runs().iter().map(run).sum::<usize>()
}

fn cell_edit(cell: &CellEdit, last: &mut (u32, u32)) -> usize {
    let down = cell.row.wrapping_sub(last.0);
    let from = if down == 0 { last.1 } else { 0 };
    let place = varint(u64::from(down)) + varint(u64::from(cell.col.wrapping_sub(from)));
    *last = cell.key();
    place
        + match &cell.edit {
            Edit::Set(set) => value(set),
            Edit::Text(edit) => text_edit(edit),
        }
}

fn text_edit(edit: &TextDelta) -> usize {
    let run = |run: &TextRun| match run {
        TextRun::Retain(count) | TextRun::Delete(count) => varint(u64::from(*count)),
        TextRun::Insert(new) => text(new),
    };
    let tags = 1 + edit.runs().len();
    tags + varint(edit.runs().len() as u64) + edit.runs().iter().map(run).sum::<usize>()
}

fn value(value: &Value) -> usize {
    let tag = 1;
    tag + match value {
        Value::Empty | Value::Bool(_) => 0,
        Value::Number(number) => size_of_val(number),
        Value::Text(content) => text(content),
        Value::Instant(at) | Value::LocalDateTime(at) => size_of_val(&at.to_le_bytes()),
        Value::Date(day) => size_of_val(&day.to_le_bytes()),
    }
}

fn column(edit: &ColumnEdit) -> usize {
    let flags = 1;
    varint(u64::from(edit.col))
        + flags
        + edit.name.as_ref().map_or(0, |name| text(name))
        + edit.kind.map_or(0, |_| 1)
        + edit.width.map_or(0, |width| varint(u64::from(width)))
        + edit.settings.as_ref().map_or(0, |settings| text(settings))
}

const fn text(content: &str) -> usize {
    varint(content.len() as u64) + content.len()
}

/// Seven bits in each byte, at least one byte.
const fn varint(number: u64) -> usize {
    let bits = u64::BITS - (number | 1).leading_zeros();
    bits.div_ceil(7) as usize
}
