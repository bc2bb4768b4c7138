//! Edits for servers of earlier releases.
//!
//! Such a server reads a value of a kind that it does not know as an empty one, and refuses a kind of columns that it does
//! not know. Invariant: what it does not know is kept as text, in the form that a later release reads as the same value.

use ot_engine::{ColumnKind, Delta, Edit, Value};

/// Whether the delta sets a kind of columns that such a server does not know.
pub(in crate::core) fn sets_calendar_kind(delta: &Delta) -> bool {
    delta.columns.iter().filter_map(|column| column.kind).any(is_calendar)
}

/// Keeps days and times without a zone as text, and the kinds of the columns as they are.
pub(in crate::core) fn without_calendar(delta: &mut Delta) {
    for cell in &mut delta.cells {
        if let Edit::Set(value @ (Value::Date(_) | Value::LocalDateTime(_))) = &mut cell.edit {
            let text = Value::from(&*values::exact(value));
            *value = text;
        }
    }
    for column in &mut delta.columns {
        column.kind = column.kind.filter(|kind| !is_calendar(*kind));
    }
}

const fn is_calendar(kind: ColumnKind) -> bool {
    matches!(kind, ColumnKind::Date | ColumnKind::LocalDateTime)
}
