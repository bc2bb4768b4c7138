//! Tests of whole tables: what goes in comes out, and what is damaged is an error.

mod csv;
mod damaged;
mod exact;
mod json;
mod out;
mod out_xlsx;
mod parquet;
mod parquet_nested;
mod parquet_work;
mod round_trip;
mod scan;
mod xlsx;

use std::sync::Arc;

use ot_engine::{ColumnKind, Value};

use crate::progress::Watch;
use crate::read::read_sized;
use crate::write::{RowWriter, Sizes};
use crate::{Bytes, Done, Options, ReadError, ReadLimits, Report, Stop, Table, TableColumn};

/// More than any answer of a test.
const ALL: usize = 1 << 30;

fn kept(bytes: impl Into<Vec<u8>>) -> Arc<dyn Bytes> {
    Arc::new(bytes.into())
}

fn never() -> impl Fn(Done) -> bool {
    |_| false
}

/// The report and the table of a file.
fn table_of(file: &[u8], name: &str, options: &Options) -> Result<(Report, Table), ReadError> {
    let mut out = Vec::new();
    let sizes = Sizes { group_rows: 100, page_rows: 16, ..Sizes::default() };
    let report = read_sized(&kept(file), name, options, &mut out, &never(), sizes)?;
    let table = Table::open(kept(out))?;
    assert_eq!((table.rows(), table.columns()), (report.rows, &report.columns[..]));
    Ok((report, table))
}

/// All rows of a table.
fn rows_of(table: &Table) -> Vec<Vec<Value>> {
    let columns: Vec<usize> = (0..table.columns().len()).collect();
    let count = u32::try_from(table.rows()).expect("a small table");
    table.rows_at(0, count, &columns, ALL).expect("rows")
}

/// The bytes of a table of these rows.
fn written(kinds: &[ColumnKind], rows: &[Vec<Value>], sizes: Sizes) -> Vec<u8> {
    let (stop, mut out) = (Stop::default(), Vec::new());
    let watch = Watch::new(&stop, 0);
    let columns = kinds.iter().map(|kind| TableColumn::of(Arc::from("x"), *kind)).collect();
    let limits = ReadLimits::DEFAULT;
    let mut writer =
        RowWriter::new(&mut out, columns, &limits, &watch, sizes).expect("a new table");
    rows.iter().for_each(|row| writer.push(row).expect("a row"));
    writer.finish().expect("a table");
    out
}
