//! One loaded row of a view.
//!
//! It does not know its position. Invariant: a key past the end of the row reads as empty.

use std::sync::Arc;

use crate::{Edit, RowId, Value};

/// A loaded row: values by column key. A key past the end belongs to a column that was inserted later,
/// and is empty. A client's two views share a row until one of them writes.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// `None` for a new row, until the server has assigned the id.
    pub(super) id: Option<RowId>,
    values: Arc<Vec<Option<Value>>>,
}

static EMPTY: Value = Value::Empty;

impl Row {
    /// A row without a loaded value, for the keys before `next_key`.
    pub(super) fn unloaded(next_key: u32) -> Self {
        Self { id: None, values: Arc::new(vec![None; next_key as usize]) }
    }

    /// The same cells in another row. For a new row, of the default: every cell is empty, for every key.
    pub(super) fn with_id(&self, id: Option<RowId>) -> Self {
        Self { id, values: Arc::clone(&self.values) }
    }

    pub(super) fn get(&self, key: u32) -> Option<&Value> {
        self.values.get(key as usize).map_or(Some(&EMPTY), Option::as_ref)
    }

    pub(super) fn set(&mut self, key: u32, value: Option<Value>) {
        let values = Arc::make_mut(&mut self.values);
        let index = key as usize;
        if index >= values.len() {
            values.resize(index + 1, Some(Value::Empty));
        }
        values[index] = value;
    }

    /// Edits a loaded cell; a cell that is not loaded stays so.
    pub(super) fn edit(&mut self, key: u32, edit: &Edit) {
        if let Some(before) = self.get(key) {
            let after = edit.apply(before);
            self.set(key, Some(after));
        }
    }
}
