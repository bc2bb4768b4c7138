//! A sheet as a client knows it: all lines, but the values of only those rows that were loaded.

use std::ops::Range;

use crate::{Column, Delta, Size, Value, Window};

/// Values of a rectangle, as a server sends them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Position of the first row.
    pub row: u32,
    /// Column positions; each row has a value for each.
    pub cols: Range<u32>,
    /// The values, row by row.
    pub rows: Vec<Vec<Value>>,
}

/// A sheet of which only some rows are loaded.
#[derive(Clone, Debug, Default)]
pub struct View {
    columns: Vec<Column>,
}

impl View {
    /// A sheet of `rows` rows, none of them loaded.
    #[must_use]
    pub fn new(_rows: u32, columns: Vec<Column>) -> Self {
        Self { columns }
    }
    /// Its size.
    #[must_use]
    pub fn size(&self) -> Size {
        unimplemented!()
    }
    /// The columns' attributes, by position.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }
    /// The value at a position; `None` where nothing is loaded.
    #[must_use]
    pub fn get(&self, _row: u32, _col: u32) -> Option<&Value> {
        unimplemented!()
    }
    /// Whether every cell of the window (as far as the sheet goes) is loaded.
    #[must_use]
    pub fn is_loaded(&self, _window: &Window) -> bool {
        unimplemented!()
    }
    /// Applies a delta that is valid for this size.
    pub fn apply(&mut self, _delta: &Delta) {
        unimplemented!()
    }
    /// Takes values in.
    pub fn load(&mut self, _block: &Block) {
        unimplemented!()
    }
    /// Forgets every value outside `window`; answers whether there was one.
    pub fn retain(&mut self, _window: &Window) -> bool {
        unimplemented!()
    }
}
