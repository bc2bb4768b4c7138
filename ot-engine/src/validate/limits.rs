//! The limits that a delta is validated against.
//!
//! The server's limits on rates, messages and files are in the server's crates.
//!
//! Invariant: each limit names its unit, in its name or in its comment.

/// Limits on a delta. The defaults are the protocol's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text in one cell.
    pub max_text_bytes: u32,
    /// Cell edits in one delta.
    pub max_cells: u32,
    /// Columns of a sheet.
    pub max_columns: u32,
    /// Rows of a sheet.
    pub max_rows: u32,
    /// Runs on one axis of a delta.
    pub max_runs: u32,
    /// Bytes of a column's name.
    pub max_name_bytes: u32,
    /// Width of a column, in CSS pixels.
    pub max_width_pixels: u32,
    /// Bytes of a column's settings.
    pub max_settings_bytes: u32,
}

impl Limits {
    /// The limits of a server without other configuration.
    pub const DEFAULT: Self = Self {
        max_text_bytes: 64 * 1024,
        max_cells: 100_000,
        max_columns: 16_384,
        max_rows: 50_000_000,
        max_runs: 16_384,
        max_name_bytes: 1024,
        max_width_pixels: 4096,
        max_settings_bytes: 16 * 1024,
    };

    /// No limits: only the rules that do not depend on a server's configuration apply.
    pub const UNBOUNDED: Self = Self {
        max_text_bytes: u32::MAX,
        max_cells: u32::MAX,
        max_columns: u32::MAX,
        max_rows: u32::MAX,
        max_runs: u32::MAX,
        max_name_bytes: u32::MAX,
        max_width_pixels: u32::MAX,
        max_settings_bytes: u32::MAX,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
