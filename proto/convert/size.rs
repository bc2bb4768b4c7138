//! Upper bounds on the size of a delta or a conflict on the wire, without encoding it.
//!
//! They are not exact sizes. Invariant: no encoding is larger than its bound; with long texts the bound is
//! tight.

use ot_engine::{Attribute, ColumnEdit, Conflict, Content, Delta, Edit, TextDelta, TextRun, Value};

/// Bytes of a cell, a run or a column without its texts: keys, numbers and lengths.
const ITEM_BYTES: usize = 64;
/// Bytes of a run of a text edit without its text.
const RUN_BYTES: usize = 16;

/// The largest size of a delta in a message, in bytes.
#[must_use]
pub fn delta_bytes_most(delta: &Delta) -> usize {
    let runs = delta.rows.runs().len() + delta.cols.runs().len();
    let cells: usize = delta.cells.iter().map(|cell| edit_bytes(&cell.edit)).sum();
    let columns: usize = delta.columns.iter().map(column_bytes).sum();
    ITEM_BYTES + runs * ITEM_BYTES + cells + columns
}

/// The largest size of a conflict in a message, in bytes.
#[must_use]
pub fn conflict_bytes_most(conflict: &Conflict) -> usize {
    // The wire has a lost text edit twice: as runs and as a text.
    let twice = if matches!(conflict.lost, Content::Cell(Edit::Text(_))) { 2 } else { 1 };
    let kept = conflict.kept.as_ref().map_or(0, content_bytes);
    ITEM_BYTES + twice * content_bytes(&conflict.lost) + kept
}

fn content_bytes(content: &Content) -> usize {
    match content {
        Content::Cell(edit) => edit_bytes(edit),
        Content::Attribute(Attribute::Name(name)) => ITEM_BYTES + name.len(),
        Content::Attribute(_) => ITEM_BYTES,
    }
}

fn edit_bytes(edit: &Edit) -> usize {
    match (edit, edit.as_set()) {
        (Edit::Text(edit), _) => ITEM_BYTES + text_bytes(edit),
        (_, Some(Value::Text(text))) => ITEM_BYTES + text.len(),
        _ => ITEM_BYTES,
    }
}

fn text_bytes(edit: &TextDelta) -> usize {
    let run = |run: &TextRun| match run {
        TextRun::Insert(new) => RUN_BYTES + new.len(),
        TextRun::Retain(_) | TextRun::Delete(_) => RUN_BYTES,
    };
    edit.runs().iter().map(run).sum()
}

fn column_bytes(edit: &ColumnEdit) -> usize {
    ITEM_BYTES + edit.name.as_ref().map_or(0, |name| name.len())
}
