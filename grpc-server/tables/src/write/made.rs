//! A table of rows that are at hand, of no file: what tests and examples of other crates look at.
//!
//! Not a reader. Invariant: its form is that of every other table.

use std::sync::Arc;

use ot_engine::{ColumnKind, Value};

use super::{RowWriter, Sink, Sizes};
use crate::progress::Watch;
use crate::{ReadError, ReadLimits, Stop, TableColumn};

/// Writes rows as a table, in groups of at most so many rows; a row may be shorter than the columns.
///
/// # Errors
/// A limit of tables, or the table could not be written.
pub fn write_table(
    columns: &[(Arc<str>, ColumnKind)],
    rows: &[Vec<Value>],
    group_rows: usize,
    sink: &mut (dyn std::io::Write + Send),
) -> Result<(), ReadError> {
    let (stop, sizes) = (Stop::default(), Sizes { group_rows, ..Sizes::default() });
    let watch = Watch::new(&stop, 0);
    let columns = columns.iter().map(|(name, kind)| TableColumn::of(Arc::clone(name), *kind));
    let sink: Sink<'_> = sink;
    let mut writer = RowWriter::new(sink, columns.collect(), &ReadLimits::DEFAULT, &watch, sizes)?;
    rows.iter().try_for_each(|row| writer.push(row))?;
    writer.finish().map(drop)
}
