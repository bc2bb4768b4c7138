//! A client that was disconnected for ten thousand edits resumes at its revision, with its own edits.
//!
//! Not a pruned base: see `retention`. Invariant: the client's own edit is kept.

use integration::harness::{Grid, Server, new_sheet, opened, sign_up, within};
use ot_engine::{Revision, Value};

const EDITS: u32 = 10_000;
const ROWS: u32 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_was_away_catches_up() {
    // One client makes all these edits, so its rate needs a higher limit.
    let server = Server::start_with(&["--limit-edits-burst", "20000"]);
    let client = sign_up(&server).await;
    let sheet_id = new_sheet(&client, "Away", ROWS).await;
    let traveller = opened(&client, &sheet_id).await;

    let busy = opened(&client, &sheet_id).await;
    traveller.interrupt().await.expect("is open");
    let mut last = None;
    for number in 0..EDITS {
        let ticket = busy.set(number % ROWS, number % 4, f64::from(number)).await.expect("open");
        last = Some(ticket);
    }
    let last = last.expect("there were edits");
    let revision = within("the last edit", last.accepted()).await.expect("is accepted").revision;

    let ticket = traveller.set(0, 4, "from away").await.expect("open");
    let own = within("the answer", ticket.accepted()).await.expect("is accepted").revision;
    assert!(own > Revision(0));
    within("catching up", traveller.wait_revision(revision.max(own))).await.expect("connects");
    within("loading", traveller.wait_synced()).await.expect("loads");
    let seen = Grid::seen_by(&traveller).await;
    assert_eq!(seen, Grid::read(&client, &sheet_id).await);
    assert_eq!(seen.rows[0][4], Value::from("from away"));
}
