//! The page's edits: each method calls the client's core.

use gridloom::convert::{kind_from_wire, settings_from_wire};
use gridloom::v1;
use ot_engine::ColumnEdit;
use prost::Message;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsError, JsValue};

use crate::engine::Engine;
use crate::gesture::Gesture;
use crate::value::values_from_js;

/// The page's interface: edits. Each takes effect in the view immediately, and throws when it is refused.
#[wasm_bindgen]
impl Engine {
    /// Sets the group of the edits from now on: one undo takes the edits of a group back. Edits of several groups are
    /// never joined.
    #[wasm_bindgen(js_name = setGroup)]
    pub fn set_group(&mut self, group: u64) {
        self.live.set_group(group);
    }

    /// Makes all of a gesture as one edit.
    ///
    /// # Errors
    /// An edit that does not fit the sheet; no part of it is made.
    pub fn make(&mut self, gesture: Gesture) -> Result<(), JsError> {
        let delta = gesture.into_delta();
        if !delta.is_identity() {
            self.live.edit(delta)?;
        }
        Ok(())
    }

    /// Sets a rectangle of cells, row by row from its upper left corner.
    ///
    /// # Errors
    /// A value that no cell can hold, or an edit that does not fit the sheet.
    #[wasm_bindgen(js_name = setCells)]
    pub fn set_cells(
        &mut self,
        row: u32,
        col: u32,
        width: u32,
        #[wasm_bindgen(unchecked_param_type = "CellValue[]")] values: Vec<JsValue>,
    ) -> Result<(), JsError> {
        self.live.set_cells(row, col, width, values_from_js(values)?)?;
        Ok(())
    }

    /// Changes a cell's text from `from` to `to`. The difference is merged with what others have typed into the
    /// same cell since the editor was opened.
    ///
    /// # Errors
    /// An edit that does not fit the sheet.
    #[wasm_bindgen(js_name = typeText)]
    pub fn type_text(&mut self, row: u32, col: u32, from: &str, to: &str) -> Result<(), JsError> {
        self.live.type_text(row, col, from, to)?;
        Ok(())
    }

    /// Clears a rectangle of cells.
    ///
    /// # Errors
    /// An edit that does not fit the sheet.
    pub fn clear(&mut self, row: u32, col: u32, height: u32, width: u32) -> Result<(), JsError> {
        self.live.clear(row, col, height, width)?;
        Ok(())
    }

    /// Inserts empty rows.
    ///
    /// # Errors
    /// An edit that does not fit the sheet.
    #[wasm_bindgen(js_name = insertRows)]
    pub fn insert_rows(&mut self, at: u32, count: u32) -> Result<(), JsError> {
        self.live.insert_rows(at, count)?;
        Ok(())
    }

    /// Deletes rows.
    ///
    /// # Errors
    /// See `insertRows`.
    #[wasm_bindgen(js_name = deleteRows)]
    pub fn delete_rows(&mut self, at: u32, count: u32) -> Result<(), JsError> {
        self.live.delete_rows(at, count)?;
        Ok(())
    }

    /// Moves rows before the row at `to`.
    ///
    /// # Errors
    /// See `insertRows`.
    #[wasm_bindgen(js_name = moveRows)]
    pub fn move_rows(&mut self, from: u32, count: u32, to: u32) -> Result<(), JsError> {
        self.live.move_rows(from, count, to)?;
        Ok(())
    }

    /// Inserts empty columns.
    ///
    /// # Errors
    /// See `insertRows`.
    #[wasm_bindgen(js_name = insertCols)]
    pub fn insert_cols(&mut self, at: u32, count: u32) -> Result<(), JsError> {
        self.live.insert_cols(at, count)?;
        Ok(())
    }

    /// Deletes columns.
    ///
    /// # Errors
    /// See `insertRows`.
    #[wasm_bindgen(js_name = deleteCols)]
    pub fn delete_cols(&mut self, at: u32, count: u32) -> Result<(), JsError> {
        self.live.delete_cols(at, count)?;
        Ok(())
    }

    /// Moves columns before the column at `to`.
    ///
    /// # Errors
    /// See `insertRows`.
    #[wasm_bindgen(js_name = moveCols)]
    pub fn move_cols(&mut self, from: u32, count: u32, to: u32) -> Result<(), JsError> {
        self.live.move_cols(from, count, to)?;
        Ok(())
    }

    /// Changes a column's attributes; an undefined attribute stays as it is. `kind` is a `ColumnKind`, `settings` an
    /// encoded `ColumnSettings`.
    ///
    /// # Errors
    /// An unknown kind, settings that break a rule, or an edit that does not fit the sheet.
    #[wasm_bindgen(js_name = updateColumn)]
    pub fn update_column(
        &mut self,
        col: u32,
        name: Option<String>,
        kind: Option<i32>,
        width: Option<u32>,
        settings: Option<Box<[u8]>>,
    ) -> Result<(), JsError> {
        let kind = kind.map(kind_from_wire).transpose()?.flatten();
        let settings = settings.map(|bytes| v1::ColumnSettings::decode(&*bytes)).transpose()?;
        let settings = settings.as_ref().map(settings_from_wire).transpose()?;
        let name = name.map(Into::into);
        self.live.update_column(ColumnEdit { col, name, kind, width, settings })?;
        Ok(())
    }
}
