//! What one gesture of a person does, gathered into one edit: a paste that adds rows and columns, a fill,
//! a delete of several runs of rows. So it arrives as one change, and one undo takes it back.
//!
//! What it is not: an edit. Nothing shows before [`Engine::make`](crate::Engine) has made it.
//! Invariant: each step is in positions that all steps before it have left.

use ot_engine::{AxisDelta, ColumnEdit, Delta, Value, compose};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsError, JsValue};

use crate::edits::values_from_js;

/// One gesture of a person, gathered into one edit.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Gesture {
    /// All steps up to the last that changed lines.
    delta: Delta,
    /// Cells that were set since then.
    cells: Vec<(u32, u32, Value)>,
}

impl Gesture {
    /// All steps as one delta.
    pub(crate) fn into_delta(mut self) -> Delta {
        self.close();
        self.delta
    }

    /// Joins the cells to the steps before them: once for many, because it costs what the delta has.
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
    /// A gesture that does nothing yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts in empty rows.
    #[wasm_bindgen(js_name = insertRows)]
    pub fn insert_rows(&mut self, at: u32, count: u32) {
        self.step(&Delta::rows(AxisDelta::insert(at, count)));
    }

    /// Puts in empty columns.
    #[wasm_bindgen(js_name = insertCols)]
    pub fn insert_cols(&mut self, at: u32, count: u32) {
        self.step(&Delta::cols(AxisDelta::insert(at, count)));
    }

    /// Takes rows out.
    #[wasm_bindgen(js_name = deleteRows)]
    pub fn delete_rows(&mut self, at: u32, count: u32) {
        self.step(&Delta::rows(AxisDelta::delete(at, count)));
    }

    /// Takes columns out.
    #[wasm_bindgen(js_name = deleteCols)]
    pub fn delete_cols(&mut self, at: u32, count: u32) {
        self.step(&Delta::cols(AxisDelta::delete(at, count)));
    }

    /// Makes a column wider or narrower.
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
            // A position past the last possible one saturates, and is refused as out of range.
            (row.saturating_add(i / width), col.saturating_add(i % width), value)
        }));
        Ok(())
    }

    /// Empties a rectangle of cells, which must be inside the sheet.
    pub fn clear(&mut self, row: u32, col: u32, height: u32, width: u32) {
        let cols = col..col.saturating_add(width);
        let rows = row..row.saturating_add(height);
        let cell = |row| cols.clone().map(move |col| (row, col, Value::Empty));
        self.cells.extend(rows.flat_map(cell));
    }
}
