//! Converts the server's limits that the engine checks.
//!
//! The limits on rates and messages are not part of it. Invariant: a missing limit becomes the default.

use ot_engine::Limits;

use crate::v1;

/// The limits against which a client checks its edits before it sends them. A limit of 0 is not set and
/// becomes the default, like the limits that are not on the wire.
#[must_use]
pub fn limits_from_wire(limits: &v1::Limits) -> Limits {
    let or_default = |limit: u32, default: u32| if limit == 0 { default } else { limit };
    Limits {
        max_text_bytes: or_default(limits.cell_bytes, Limits::DEFAULT.max_text_bytes),
        max_cells: or_default(limits.edit_cells, Limits::DEFAULT.max_cells),
        max_columns: or_default(limits.columns, Limits::DEFAULT.max_columns),
        max_rows: or_default(limits.rows, Limits::DEFAULT.max_rows),
        ..Limits::DEFAULT
    }
}

/// The engine's limits for the wire; the server sets the other limits.
#[must_use]
pub fn limits_to_wire(limits: &Limits) -> v1::Limits {
    v1::Limits {
        cell_bytes: limits.max_text_bytes,
        edit_cells: limits.max_cells,
        columns: limits.max_columns,
        rows: limits.max_rows,
        ..v1::Limits::default()
    }
}
