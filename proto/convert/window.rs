//! Converts ranges and windows.
//!
//! On the wire a range is a start and a count, and an absent range means everything. In the engine it is
//! half-open and ends at `u32::MAX` when it has no end.
//!
//! Invariant: a range from the wire never overflows.

use std::ops::Range;

use ot_engine::Window;

use crate::v1;

/// A range from the wire. It may reach past the sheet; it is cut at the last possible position.
#[must_use]
pub const fn range_from_wire(range: v1::Range) -> Range<u32> {
    range.start..range.start.saturating_add(range.count)
}

/// A range for the wire.
#[must_use]
pub const fn range_to_wire(range: &Range<u32>) -> v1::Range {
    v1::Range { start: range.start, count: range.end.saturating_sub(range.start) }
}

/// A window from the wire.
#[must_use]
pub fn window_from_wire(window: v1::Window) -> Window {
    Window {
        rows: window.rows.map_or(Window::ALL.rows, range_from_wire),
        cols: window.cols.map_or(Window::ALL.cols, range_from_wire),
    }
}

/// A window for the wire.
#[must_use]
pub fn window_to_wire(window: &Window) -> v1::Window {
    let axis = |range: &Range<u32>| (*range != Window::ALL.rows).then(|| range_to_wire(range));
    v1::Window { rows: axis(&window.rows), cols: axis(&window.cols) }
}
