//! A sheet of a million rows: imported with bounded memory, opened quickly, and read at any place.
//!
//! `GRIDLOOM_MILLION_ROWS` sets the number of rows.
//!
//! Not a measurement of time. Invariant: memory grows by less than a fixed bound.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use client::core::{Cell, Looking};
use client::net::{ImportOptions, OpenOptions};
use integration::harness::{Server, sign_up, within};
use ot_engine::{Revision, Value};

const ROWS: u32 = 1_000_000;
/// The most by which the import may grow the server's memory.
const GROWTH_BYTES_MAX: u64 = 300 << 20;
/// The most by which opening the sheet may grow it.
const OPEN_BYTES_MAX: u64 = 64 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_million_rows_are_imported_opened_and_read_anywhere() {
    let rows = std::env::var("GRIDLOOM_MILLION_ROWS");
    let rows: u32 = rows.map_or(ROWS, |rows| rows.parse().expect("a number of rows"));
    let server = Server::start();
    let client = sign_up(&server).await;
    let file = server.home().file("million.csv");
    write_csv(&file, rows).expect("there is room on the disk");

    let before = server.resident_bytes();
    let mut most = before;
    let options = ImportOptions { name: "Million".to_owned(), ..ImportOptions::default() };
    let csv = tokio::fs::File::open(&file).await.expect("is there");
    let imported = client.import_csv(csv, &options, |_| most = most.max(server.resident_bytes()));
    let sheet = imported.await.expect("is imported").sheet;
    assert_eq!(sheet.row_count, rows);
    let growth = most.max(server.resident_bytes()).saturating_sub(before);
    assert!(growth < GROWTH_BYTES_MAX, "the import took {} MiB", growth >> 20);

    let before = server.resident_bytes();
    let top = OpenOptions { looking: Looking::Rows(0..50), ..OpenOptions::default() };
    let live = client.open_with(&sheet.id, top).await.expect("opens");
    within("the first window", live.wait_synced()).await.expect("loads");
    let growth = server.resident_bytes().saturating_sub(before);
    assert!(growth < OPEN_BYTES_MAX, "the opening took {} MiB", growth >> 20);
    for start in [0, rows / 3, rows / 2, rows - 50] {
        live.look(Looking::Rows(start..start + 50)).await.expect("is open");
        within("a window", live.wait_synced()).await.expect("loads");
        let seen = live.read(move |live| (start..start + 50).all(|row| is_loaded(live, row)));
        assert!(seen.await.expect("is open"), "rows from {start} on");
    }

    let middle = rows / 2;
    let ticket = live.edit(move |live| live.move_rows(middle, 10, 0)).await.expect("is open");
    let moved = within("a move", ticket.committed()).await.expect("is accepted");
    assert_eq!(moved.revision, Revision(1));
    let page = client.read_cells(&sheet.id, 0..11).await.expect("can be read");
    let ids: Vec<u64> = page.rows.iter().map(|row| row.id).collect();
    let first = u64::from(middle) + 1;
    let expected: Vec<u64> = (first..first + 10).chain([1]).collect();
    assert_eq!(ids, expected, "row ids after the move");
}

fn write_csv(path: &Path, rows: u32) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "number,half,name,even,town")?;
    for row in 0..rows {
        let half = f64::from(row) / 2.0;
        writeln!(out, "{row},{half},name {row},{},Springfield", row % 2 == 0)?;
    }
    out.flush()
}

fn is_loaded(live: &client::core::LiveSheet, row: u32) -> bool {
    let name = Value::Text(format!("name {row}").into());
    live.get(row, 0) == Cell::Value(&Value::Number(f64::from(row)))
        && live.get(row, 2) == Cell::Value(&name)
        && live.get(row, 3) == Cell::Value(&Value::Bool(row.is_multiple_of(2)))
}
