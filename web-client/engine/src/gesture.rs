//! Builds one edit from the steps of a gesture: a paste that adds rows and columns, a fill, a delete of several
//! runs of rows. The gesture is one change in the history, and one undo reverts it.
//!
//! What it is not: an edit. It has no effect before [`Engine::make`](crate::Engine).
//! Invariant: the positions of each step are those after all earlier steps.

use ot_engine::{AxisDelta, ColumnEdit, Delta, Value, compose};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsError, JsValue};

use crate::value::values_from_js;

/// One gesture of a person, to be made as one edit.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Gesture {
    /// All steps up to the last one that changed lines.
    delta: Delta,
    /// The cells that were set after those steps.
    cells: Vec<(u32, u32, Value)>,
}

impl Gesture {
    /// All steps as one delta.
    pub(crate) fn into_delta(mut self) -> Delta {
        self.close();
        self.delta
    }

    /// Composes the cells with the steps before them: once for many cells, because a composition is linear in the
    /// size of the delta.
    fn close(&mut self) {
        let cells = std::mem::take(&mut self.cells);
        if !cells.is_empty() {
            self.delta = compose(&self.delta, &Delta::set_cells(cells));
        }
    }

    fn step(&mut self, step: &Delta) {
        self.close();
        self.delta = compose(&self.delta, step);
    }
}

#[wasm_bindgen]
impl Gesture {
    /// A gesture without steps.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Inserts empty rows.
    #[wasm_bindgen(js_name = insertRows)]
    pub fn insert_rows(&mut self, at: u32, count: u32) {
        self.step(&Delta::rows(AxisDelta::insert(at, count)));
    }

    /// Inserts empty columns.
    #[wasm_bindgen(js_name = insertCols)]
    pub fn insert_cols(&mut self, at: u32, count: u32) {
        self.step(&Delta::cols(AxisDelta::insert(at, count)));
    }

    /// Deletes rows.
    #[wasm_bindgen(js_name = deleteRows)]
    pub fn delete_rows(&mut self, at: u32, count: u32) {
        self.step(&Delta::rows(AxisDelta::delete(at, count)));
    }

    /// Deletes columns.
    #[wasm_bindgen(js_name = deleteCols)]
    pub fn delete_cols(&mut self, at: u32, count: u32) {
        self.step(&Delta::cols(AxisDelta::delete(at, count)));
    }

    /// Sets the width of a column.
    #[wasm_bindgen(js_name = setWidth)]
    pub fn set_width(&mut self, col: u32, width: u32) {
        let edit = ColumnEdit { col, width: Some(width), ..ColumnEdit::default() };
        self.step(&Delta::update_column(edit));
    }

    /// Sets a rectangle of cells, row by row from its upper left corner.
    ///
    /// # Errors
    /// A value that no cell can hold.
    #[wasm_bindgen(js_name = setCells)]
    pub fn set_cells(
        &mut self,
        row: u32,
        col: u32,
        width: u32,
        #[wasm_bindgen(unchecked_param_type = "CellValue[]")] values: Vec<JsValue>,
    ) -> Result<(), JsError> {
        let width = width.max(1);
        let values = values_from_js(values)?;
        self.cells.extend(values.into_iter().enumerate().map(|(i, value)| {
            let i = u32::try_from(i).unwrap_or(u32::MAX);
            // A position beyond the range of u32 saturates; `make` refuses it as out of range.
            (row.saturating_add(i / width), col.saturating_add(i % width), value)
        }));
        Ok(())
    }

    /// Clears a rectangle of cells, which must be inside the sheet.
    pub fn clear(&mut self, row: u32, col: u32, height: u32, width: u32) {
        let cols = col..col.saturating_add(width);
        let rows = row..row.saturating_add(height);
        let cell = |row| cols.clone().map(move |col| (row, col, Value::Empty));
        self.cells.extend(rows.flat_map(cell));
    }
}
