//! A sheet that a client has open.

use client::Client;
use client::net::{NewSheet, Sheet};

use super::within;

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
    let new = NewSheet { rows: Some(6), ..NewSheet::default() };
    let id = client.create_sheet(name, new).await.expect("can be made").id;
    let sheet = opened(client, &id).await;
    (id, sheet)
}
