//! Two live handles on one sheet: both edit, one loses its connection, and at the end both have the same cells.
//!
//! It is not a test of the server. Run it against a server:
//!
//!     cargo run -p client --example two_handles -- http://127.0.0.1:7400

use std::io::Write;
use std::time::Instant;

use client::net::NewSheet;
use client::{Client, Error};
use gridloom::v1;
use uuid::Uuid;

/// Number of edits of each handle.
const EDITS: u32 = 2_000;
/// Number of rows of the sheet.
const ROWS: u32 = 200;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "http://127.0.0.1:7400".to_owned());
    let (client, _) = Client::connect(url)
        .await?
        .sign_up(&format!("{}@example.org", Uuid::new_v4()), "a long password", "Example")
        .await?;
    let columns = ["left", "right", "both"]
        .map(|name| v1::Column { name: name.to_owned(), ..v1::Column::default() });
    let new = NewSheet { columns: columns.into(), rows: Some(ROWS) };
    let sheet = client.create_sheet("Two handles", new).await?;
    let (left, right) = (client.open(&sheet.id).await?, client.open(&sheet.id).await?);

    let started = Instant::now();
    let breaks = async {
        for _ in 0..5 {
            let seen = left.progress().revision;
            left.wait_revision(seen.next()).await?;
            left.interrupt().await?;
        }
        Ok::<_, Error>(())
    };
    let (one, other, broken) = tokio::join!(write(&left, 0), write(&right, 1), breaks);
    let last = one?.max(other?);
    broken?;
    let took = started.elapsed();

    for handle in [&left, &right] {
        handle.wait_revision(last).await?;
        handle.wait_synced().await?;
    }
    let (ours, theirs) = (left.snapshot().await?, right.snapshot().await?);
    let cells = || (0..ours.size().rows).flat_map(|row| (0..3).map(move |col| (row, col)));
    let same = ours.size() == theirs.size()
        && cells().all(|(row, col)| ours.get(row, col) == theirs.get(row, col));
    let committed = left.wait_committed(last).await?.committed;
    writeln!(
        std::io::stdout(),
        "{} edits in {took:.2?}; revision {last}, committed {committed}; both have the same cells: {same}",
        2 * EDITS
    )?;
    Ok(())
}

/// Sets cells as fast as possible, sometimes moves rows, and waits until all edits are accepted.
async fn write(sheet: &client::net::Sheet, column: u32) -> Result<ot_engine::Revision, Error> {
    let mut tickets = Vec::new();
    for edit in 0..EDITS {
        let value = f64::from(edit);
        let col = if edit % 2 == 0 { column } else { 2 };
        tickets.push(sheet.set(edit % ROWS, col, value).await?);
        if edit % 100 == 99 {
            tickets.push(sheet.edit(move |live| live.move_rows(edit % 90, 3, 150)).await?);
        }
    }
    let mut last = ot_engine::Revision(0);
    for ticket in tickets {
        last = last.max(ticket.accepted().await?.revision);
    }
    Ok(last)
}
