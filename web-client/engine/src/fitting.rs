//! Whether the values of a sheet fit their columns, and how they are shown there.

use client::core::Cell;
use gridloom::convert::kind_from_wire;
use ot_engine::{ColumnKind, Value};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::Engine;
use crate::rules::ColumnRule;

/// The page's interface: values and the rules of their columns.
#[wasm_bindgen]
impl Engine {
    /// Why the value of a cell does not fit its column; undefined when it does, or is not loaded.
    #[must_use]
    pub fn misfit(&self, row: u32, col: u32) -> Option<String> {
        let Cell::Value(value) = self.live.get(row, col) else { return None };
        let made = self.rules.of(self.live.columns(), col);
        values::fits(value, &made.rule).err().map(|misfit| misfit.to_string())
    }

    /// How many of the loaded rows from `start` on have a value in a column that does not fit a kind, a `ColumnKind`, with the
    /// settings of the column.
    #[must_use]
    pub fn misfits(&self, start: u32, count: u32, col: u32, kind: i32) -> u32 {
        let Some(column) = self.live.columns().get(col as usize) else { return 0 };
        let kind = kind_from_wire(kind).ok().flatten().unwrap_or(ColumnKind::Any);
        let made = ColumnRule::new(kind, &column.settings);
        let does_not_fit = |value: &Value| values::fits(value, &made.rule).is_err();
        let misfits = |row: &u32| matches!(self.live.get(*row, col), Cell::Value(value) if does_not_fit(value));
        let end = start.saturating_add(count).min(self.live.row_count());
        u32::try_from((start..end).filter(misfits).count()).unwrap_or(u32::MAX)
    }
}
