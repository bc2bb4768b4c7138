//! The server's limits, as far as the engine knows them.

use ot_engine::Limits;

use crate::v1;

/// What a client checks its own edits against before it sends them. A limit of 0 was not told and
/// is taken as the default; so are the engine's limits that do not travel.
#[must_use]
pub fn limits_from_wire(limits: &v1::Limits) -> Limits {
    let told = |limit: u32, default: u32| if limit == 0 { default } else { limit };
    Limits {
        max_text_bytes: told(limits.cell_bytes, Limits::DEFAULT.max_text_bytes),
        max_cells: told(limits.edit_cells, Limits::DEFAULT.max_cells),
        max_columns: told(limits.columns, Limits::DEFAULT.max_columns),
        max_rows: told(limits.rows, Limits::DEFAULT.max_rows),
        ..Limits::DEFAULT
    }
}

/// The engine's part of the limits; the rest is the server's to fill in.
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
