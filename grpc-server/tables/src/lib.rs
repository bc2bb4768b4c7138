//! Files of rows as Parquet tables: CSV, JSON lines, Parquet and workbooks (XLSX) become one form, and pages of rows come out.
//!
//! No network, no database, no runtime: all calls block, and belong on threads of their own. No table is changed: it is read
//! once of its file, and looked at. The crate `engine` reads its groups of rows and writes views of it.
//!
//! Invariants: a file is read in one pass with memory that does not grow with its rows; each limit is in [`ReadLimits`], and
//! its error names it; what another program has written may be damaged, and then is an error, never a panic.

mod chunks;
mod column;
mod error;
mod form;
mod format;
mod formats;
mod guard;
mod limits;
mod marks;
mod options;
mod out;
mod progress;
mod read;
mod report;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod thrift;
mod write;

pub use column::TableColumn;
pub use error::ReadError;
pub use format::{Format, format_of};
pub use limits::ReadLimits;
pub use options::{CsvChoices, Options};
pub use out::{OutColumn, RowWriter, SavedFor, SavedFormat, WriteError};
pub use progress::{Done, Progress, Stop};
pub use read::{preview, read, worksheets};
pub use report::{Preview, Report};
pub use source::{Bytes, FileBytes};
pub use table::scan::Scan;
pub use table::{Cell, ColumnCells, GroupBatches, GroupStatistics, Pick, Table};
pub use write::{ViewWriter, whole, write_table};

/// The number that a text of JSON is. `None`: it is none, or a double does not have all of its digits.
#[must_use]
pub fn exact_number(text: &str) -> Option<f64> {
    table::number_of(text)
}
