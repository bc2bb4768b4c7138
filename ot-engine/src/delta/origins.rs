//! The old positions of cells, for many lookups in one delta.
//!
//! It does not know values. Cost: one pass over the runs, then a binary search for each cell.
//!
//! Invariant: it agrees with [`AxisDelta::map_back`] on both axes.

use crate::{AxisDelta, AxisMap};

/// The changes of both axes, indexed by new position. See [`Delta::cell_origins`](crate::Delta::cell_origins).
#[derive(Clone, Debug)]
pub struct CellOrigins {
    /// `None` where the axis does not change.
    rows: Option<AxisMap>,
    cols: Option<AxisMap>,
}

impl CellOrigins {
    pub(super) fn new(rows: &AxisDelta, cols: &AxisDelta) -> Self {
        Self { rows: inverse_map(rows), cols: inverse_map(cols) }
    }

    /// The old position of the cell at `(row, col)` (positions after the axes apply). `None` for a cell
    /// of an inserted line.
    #[must_use]
    pub fn of(&self, row: u32, col: u32) -> Option<(u32, u32)> {
        Some((old_line(self.rows.as_ref(), row)?, old_line(self.cols.as_ref(), col)?))
    }
}

fn inverse_map(axis: &AxisDelta) -> Option<AxisMap> {
    (!axis.is_identity()).then(|| AxisMap::new(&axis.inverse()))
}

fn old_line(map: Option<&AxisMap>, line: u32) -> Option<u32> {
    map.map_or(Some(line), |map| map.map_line(line))
}
