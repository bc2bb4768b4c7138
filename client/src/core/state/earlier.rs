//! Edits for servers of earlier releases.
//!
//! Such a server reads a value of a kind that it does not know as an empty one. Invariant: what it does not know is kept as
//! text, in the form that a later release reads as the same value.

use ot_engine::{Delta, Edit, Value};

/// Keeps days and times without a zone as text.
pub(in crate::core) fn calendar_values_as_text(delta: &mut Delta) {
    for cell in &mut delta.cells {
        if let Edit::Set(value @ (Value::Date(_) | Value::LocalDateTime(_))) = &mut cell.edit {
            let text = Value::from(&*values::exact(value));
            *value = text;
        }
    }
}
