//! Fresh reads of a sheet's cells: by `ReadCells`, and by an export from Postgres.
//!
//! Not a client's view. Invariant: a read holds every row of the sheet.

use client::Client;
use gridloom::v1;
use rustc_hash::FxHashMap;

use crate::load::error::LoadError;

/// Values of one `ReadCells` answer, so that it fits into one message.
const VALUES_PER_READ: u32 = 100_000;
/// Rows of one `ReadCells` call.
const ROWS_PER_READ: u32 = 10_000;

/// The cells that are not empty, by position.
pub(crate) type Cells = FxHashMap<(u32, u32), f64>;

/// Reads a whole sheet as it is now, with its revision.
pub(crate) async fn read(
    client: &Client,
    sheet: &str,
    rows: u32,
    columns: u32,
) -> Result<(u64, Cells), LoadError> {
    let step = (VALUES_PER_READ / columns).clamp(1, ROWS_PER_READ);
    let mut cells = Cells::default();
    let mut revision = 0;
    let mut start = 0;
    while start < rows {
        let end = start.saturating_add(step).min(rows);
        let page = client.read_cells(sheet, start..end).await;
        let page = page.map_err(|error| LoadError::server("reading the sheet", error))?;
        revision = page.revision;
        for (row, values) in (start..).zip(&page.rows) {
            for (col, value) in (0..).zip(&values.values) {
                if let Some(v1::value::Kind::Number(number)) = value.kind {
                    cells.insert((row, col), number);
                }
            }
        }
        start = end;
    }
    Ok((revision, cells))
}

/// Reads a whole sheet as it is in Postgres.
pub(crate) async fn export(client: &Client, sheet: &str) -> Result<Cells, LoadError> {
    let fail = |error| LoadError::server("exporting the sheet", error);
    let mut export = client.export(sheet).await.map_err(fail)?;
    let mut text = Vec::new();
    while let Some(piece) = export.next().await.map_err(fail)? {
        text.extend_from_slice(&piece.data);
    }
    parse(&text)
}

fn parse(csv: &[u8]) -> Result<Cells, LoadError> {
    let mut cells = Cells::default();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(csv);
    for (row, record) in (0..).zip(reader.records()) {
        let record = record.map_err(|error| LoadError::server("reading the export", error))?;
        for (col, field) in (0..).zip(&record) {
            if !field.is_empty() {
                let number = field
                    .parse()
                    .map_err(|error| LoadError::server("a number in the export", error))?;
                cells.insert((row, col), number);
            }
        }
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_read_by_position() {
        let cells = parse(b"A,B\n,1\n,\n8796093022208,2.5\n").expect("well formed");
        let mut found: Vec<_> = cells.into_iter().collect();
        found.sort_by_key(|cell| cell.0);
        assert_eq!(found, [((0, 1), 1.0), ((2, 0), 8_796_093_022_208.0), ((2, 1), 2.5)]);
        assert!(parse(b"A\nx\n").is_err());
    }
}
