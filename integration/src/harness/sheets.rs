//! A sheet that a client has open.

use client::Client;
use client::net::{NewSheet, Sheet};

use super::within;

/// Makes a sheet of so many rows. Gives its id.
///
/// # Panics
/// When it can't be made.
pub async fn new_sheet(client: &Client, name: &str, rows: u32) -> String {
    let new = NewSheet { rows: Some(rows), ..NewSheet::default() };
    client.create_sheet(name, new).await.expect("can be made").id
}

/// Opens a sheet and waits until all that it looks at is there.
///
/// # Panics
/// When it can't be opened.
pub async fn opened(client: &Client, id: &str) -> Sheet {
    let sheet = client.open(id).await.expect("opens");
    within("loading", sheet.wait_synced()).await.expect("loads");
    sheet
}

/// The same for a new sheet of six rows. Gives its id, too.
///
/// # Panics
/// When it can't be made.
pub async fn opened_new(client: &Client, name: &str) -> (String, Sheet) {
    let id = new_sheet(client, name, 6).await;
    let sheet = opened(client, &id).await;
    (id, sheet)
}
