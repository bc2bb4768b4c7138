//! The limits of a reading, in bytes and in work.
//!
//! Not those of files that are kept: see `model::limits::files`. Invariant: each refusal names the limit that it met.

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// The most bytes of a column's name.
pub(crate) const NAME_BYTES: usize = 1024;

/// The limits of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimits {
    /// Columns of a table.
    pub columns: usize,
    /// Bytes of the text of one cell.
    pub cell_bytes: usize,
    /// Bytes of one row: of a line, or of all texts of a row.
    pub row_bytes: usize,
    /// Rows of a table.
    pub rows: u64,
    /// Bytes that the parts of a packed file have without compression.
    pub unpacked_bytes: u64,
    /// Bytes of the shared texts of a workbook, which are in memory.
    pub shared_text_bytes: u64,
    /// Bytes of the description at the end of a Parquet file, which is in memory.
    pub footer_bytes: u64,
    /// Bytes of a page of a Parquet file without compression.
    pub page_bytes: usize,
    /// Bytes in memory of the pages of a Parquet file whose rows are read at once.
    pub batch_bytes: usize,
}

impl ReadLimits {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        columns: 16_384,
        cell_bytes: MIB,
        row_bytes: 8 * MIB,
        rows: 10_000_000_000,
        unpacked_bytes: 16 << 30,
        shared_text_bytes: 128 << 20,
        footer_bytes: 64 << 20,
        page_bytes: 64 * MIB,
        batch_bytes: 1024 * MIB,
    };
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
