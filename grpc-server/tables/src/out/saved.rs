//! What a file is saved as: its format, its columns, and why it is not written.
//!
//! Not how it is written. Invariant: a row that is shorter than the columns has empty values at its end.

use std::io;
use std::sync::Arc;

use ot_engine::{ColumnKind, Value};

/// The format of a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavedFormat {
    /// Fields with commas between them.
    Csv,
    /// Fields with tabs between them.
    Tsv,
    /// A JSON object in each line. The first one has each key, with null where the cell is empty, so the columns and their order
    /// are seen in it; the others have the cells that are not empty.
    JsonLines,
    /// Apache Parquet.
    Parquet,
    /// A workbook.
    Xlsx,
}

/// For whom a file of CSV or TSV is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavedFor {
    /// Programs: what is read of it without a choice has the same values.
    Programs,
    /// Programs for spreadsheets, which run no formula of it.
    Spreadsheets,
}

/// A column of a file that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutColumn {
    /// Its name; columns may share one, and it may be empty.
    pub name: Arc<str>,
    /// Its kind.
    pub kind: ColumnKind,
    /// Whether each value that is not empty fits the kind.
    pub is_exact: bool,
    /// Whether each number is a whole one that a double holds exactly: such a column of Parquet has integers. False: perhaps not.
    pub is_whole: bool,
}

/// Why a file is not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The error of the place where the file is written, or its stop.
    #[error("the file was not written: {0}")]
    Out(#[source] io::Error),
    /// The format has no room for the columns or rows. A sentence.
    #[error("{0}")]
    TooLarge(String),
    /// A rule of the format or of the columns is broken.
    #[error("the file was not written: {0}")]
    Failed(String),
}

static EMPTY: Value = Value::Empty;

/// The values of so many columns; those that are missing at the end of a row are empty.
pub(super) fn cells(row: &[Value], width: usize) -> impl ExactSizeIterator<Item = &Value> {
    (0..width).map(|at| row.get(at).unwrap_or(&EMPTY))
}
