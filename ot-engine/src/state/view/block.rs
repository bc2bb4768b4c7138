//! The values that a client loads into its view.
//!
//! Plain data, in positions of the server's state. Invariant: a block is a rectangle.

use std::ops::Range;

use crate::{RowId, Value};

/// The values of a rectangle, as the server sends them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Position of the first row.
    pub row: u32,
    /// Column positions. Each row has a value for each column; missing values at the end of a row are
    /// empty.
    pub cols: Range<u32>,
    /// The values, row by row.
    pub rows: Vec<Vec<Value>>,
    /// The ids of the rows, in their order; a row without one keeps the id that the view has.
    pub ids: Vec<RowId>,
}

/// The kind of the lines that a delta inserts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inserted {
    /// New lines: every cell is empty.
    #[default]
    New,
    /// Restored lines (an undo of a delete), whose cells must be loaded.
    Restored,
}
