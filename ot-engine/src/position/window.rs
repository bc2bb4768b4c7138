//! A rectangle of positions on a sheet: the part that a session reads.
//!
//! It holds no values ([`View`](crate::View) does), and it cuts no delta
//! ([`restrict`](crate::restrict) does).
//!
//! Invariant: server and client map a session's window with the same function, so both agree about
//! the cells that the server sends.

use std::ops::Range;

use crate::Delta;

/// A rectangle of positions. An end of `u32::MAX` means "to the end of the axis".
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Row positions.
    pub rows: Range<u32>,
    /// Column positions.
    pub cols: Range<u32>,
}

impl Window {
    /// The whole sheet.
    pub const ALL: Self = Self { rows: 0..u32::MAX, cols: 0..u32::MAX };

    /// The empty window.
    pub const NONE: Self = Self { rows: 0..0, cols: 0..0 };

    /// All columns of some rows.
    #[must_use]
    pub const fn rows(rows: Range<u32>) -> Self {
        Self { rows, cols: 0..u32::MAX }
    }

    /// Whether the cell at `(row, col)` is inside.
    #[must_use]
    pub fn contains(&self, row: u32, col: u32) -> bool {
        self.rows.contains(&row) && self.cols.contains(&col)
    }

    /// Whether no cell is inside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() || self.cols.is_empty()
    }

    /// The window after `delta`. A window shows a *place*: its edges stay with the lines that stay.
    /// Moved lines leave it or enter it, and lines placed at an edge are inside.
    #[must_use]
    pub fn map(&self, delta: &Delta) -> Self {
        Self {
            rows: delta.rows.map_range(self.rows.clone()),
            cols: delta.cols.map_range(self.cols.clone()),
        }
    }
}
