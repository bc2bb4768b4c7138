//! Sheets that a test creates and opens.
//!
//! Not their cells: see `grid`. Invariant: an opened sheet has its window loaded.

use client::Client;
use client::net::{NewSheet, Sheet};
use gridloom::v1;

use crate::harness::wait::within;

/// Creates a sheet with so many rows. Returns its id.
///
/// # Panics
/// When it can't be made.
pub async fn new_sheet(client: &Client, name: &str, rows: u32) -> String {
    let new = NewSheet { rows: Some(rows), ..NewSheet::default() };
    client.create_sheet(name, new).await.expect("can be made").id
}

/// The same with so many columns, named `c0`, `c1` and so on.
///
/// # Panics
/// When it can't be made.
pub async fn new_wide_sheet(client: &Client, name: &str, rows: u32, columns: u32) -> String {
    client.create_sheet(name, wide(rows, columns)).await.expect("can be made").id
}

/// The request for such a sheet, for a caller that reports a refusal itself.
#[must_use]
pub fn wide(rows: u32, columns: u32) -> NewSheet {
    let column = |number| v1::Column { name: format!("c{number}"), ..v1::Column::default() };
    NewSheet { columns: (0..columns).map(column).collect(), rows: Some(rows) }
}

/// Opens a sheet and waits until its window is loaded.
///
/// # Panics
/// When it can't be opened.
pub async fn opened(client: &Client, id: &str) -> Sheet {
    let sheet = client.open(id).await.expect("opens");
    within("loading", sheet.wait_synced()).await.expect("loads");
    sheet
}

/// The same for a new sheet of six rows. Returns its id, too.
///
/// # Panics
/// When it can't be made.
pub async fn opened_new(client: &Client, name: &str) -> (String, Sheet) {
    let id = new_sheet(client, name, 6).await;
    let sheet = opened(client, &id).await;
    (id, sheet)
}
