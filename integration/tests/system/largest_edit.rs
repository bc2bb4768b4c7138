//! The largest edits that are accepted go through every step: journal, publication, replay, commit, undo, redo, restore.
//!
//! Not many of them at once: see `heavy`. Invariant: after each step SQL has the state that the step leads to.

use client::Client;
use gridloom::convert::{decode_change, delta_to_wire};
use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use integration::harness::{
    Grid, NativeSession, Paused, Server, Stopped, eventually, new_wide_sheet, sign_up_with_token,
    within,
};
use ot_engine::{AxisDelta, CellEdit, Delta, Revision, Run};
use prost::Message as _;
use tonic::Status;

const ROWS: u32 = 1_000;
const COLUMNS: u32 = 100;
/// The limits that `Welcome` shows by default.
const CELLS: u32 = 100_000;
const MESSAGE_BYTES: usize = 4 << 20;
const CELL_BYTES: usize = 64 << 10;
/// A request besides its delta.
const REQUEST_BYTES: usize = 200;

/// The largest change that `make` makes of a size and that fits a message.
fn largest(most: usize, make: impl Fn(usize) -> Delta) -> Delta {
    let fits = |size: usize| {
        let bytes = delta_to_wire(&make(size)).encoded_len() + REQUEST_BYTES;
        bytes <= MESSAGE_BYTES
    };
    let (mut low, mut high) = (0, most + 1);
    while high - low > 1 {
        let middle = low.midpoint(high);
        if fits(middle) { low = middle } else { high = middle }
    }
    make(low)
}

/// As many cells as an edit may have, and as much text as then fits.
fn many_cells(size: usize) -> Delta {
    let text = "x".repeat(size);
    let cell = |at| CellEdit::set(at / COLUMNS, at % COLUMNS, text.as_str());
    Delta { cells: (0..CELLS).map(cell).collect(), ..Delta::identity() }
}

/// Texts as large as a cell may hold.
fn large_cells(count: usize) -> Delta {
    let text = "y".repeat(CELL_BYTES);
    let count = u32::try_from(count).expect("few");
    let cells = (0..count).map(|row| CellEdit::set(row, 0, text.as_str())).collect();
    Delta { cells, ..Delta::identity() }
}

/// New rows with their cells.
fn new_rows(size: usize) -> Delta {
    let rows = CELLS / COLUMNS;
    let insert = [Run::Keep(3), Run::Insert { count: rows, first: None }];
    let text = "z".repeat(size);
    let cell = |at: u32| CellEdit::set(3 + at / COLUMNS, at % COLUMNS, text.as_str());
    let cells = (0..CELLS).map(cell).collect();
    Delta { rows: AxisDelta::from_runs(insert), cells, ..Delta::identity() }
}

async fn in_sql(server: &Server, sheet: &str) -> Grid {
    Grid::in_sql(&server.sql().await, sheet).await
}

/// Reads until the changes of revisions have come, each once and in order.
async fn receives(session: &mut NativeSession, revisions: &[u64]) -> Result<Vec<Delta>, Status> {
    let mut received = Vec::new();
    while received.len() < revisions.len() {
        let Frame::Changes(changes) = within("a frame", session.next()).await? else { continue };
        for encoded in changes.changes {
            let change = decode_change(encoded).expect("is a change");
            let next = revisions.get(received.len()).copied().map(Revision);
            if next == Some(change.head.revision) {
                received.push(change.delta);
            }
        }
    }
    Ok(received)
}

async fn at(server: &Server, token: &str) -> Client {
    let client = Client::connect(server.url()).await.expect("connects");
    client.with_token(token).expect("a token")
}

async fn goes_through_every_step(delta: Delta) {
    let server = tokio::task::block_in_place(Server::start);
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = new_wide_sheet(&client, "Largest", ROWS, COLUMNS).await;
    let hello = || v1::Hello { sheet_id: sheet.clone(), ..v1::Hello::default() };
    let mut session = NativeSession::open(&server, &token, hello()).await;
    let Ok(Frame::Welcome(welcome)) = session.next().await else { panic!("no welcome") };
    let before = in_sql(&server, &sheet).await;

    // Accepted while Postgres does not answer, and received by a session; then the server dies.
    let paused = Paused::postgres(server.home().data());
    let wait = v1::WaitFor::Accepted;
    let accepted = client.apply_delta(&sheet, Revision(0), &delta, wait, "").await;
    let revision = accepted.expect("is accepted").revision;
    let received = receives(&mut session, &[revision]).await.expect("stays open");
    assert_eq!(received[0].cells, delta.cells);
    let stopped: Stopped = server.kill();
    drop(paused);
    let server = tokio::task::block_in_place(|| stopped.restart());
    let client = at(&server, &token).await.at_place(client.place());
    eventually("the commit", async || {
        let head = "select max(head) from sheets";
        let head: i64 = server.sql().await.query_one(head, &[]).await.expect("an answer").get(0);
        (head == 1).then_some(())
    })
    .await;
    let wait = v1::WaitFor::Committed;
    let after = in_sql(&server, &sheet).await;
    assert_ne!(after, before);

    let undone = client.undo(&sheet, None, wait, "").await.expect("is undone").revision;
    assert_eq!(in_sql(&server, &sheet).await, before);
    let redone = client.redo(&sheet, wait, "").await.expect("is redone").revision;
    assert_eq!(in_sql(&server, &sheet).await, after);
    client.restore_revision(&sheet, Revision(undone), "").await.expect("is restored");
    assert_eq!(in_sql(&server, &sheet).await, before);
    let restored = client.restore_revision(&sheet, Revision(redone), "").await;
    let restored = restored.expect("is restored");
    assert_eq!(in_sql(&server, &sheet).await, after);

    // A session that resumes from before receives all of them.
    let resume = Some(v1::ResumePoint { epoch: welcome.epoch, revision: 0 });
    let mut back = NativeSession::open(&server, &token, v1::Hello { resume, ..hello() }).await;
    receives(&mut back, &[revision, undone, redone, restored.0]).await.expect("stays open");
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_cells_as_an_edit_may_have_go_through_every_step() {
    goes_through_every_step(largest(1_000, many_cells)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_fill_a_message_go_through_every_step() {
    goes_through_every_step(largest(100, large_cells)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_rows_that_fill_a_message_go_through_every_step() {
    goes_through_every_step(largest(1_000, new_rows)).await;
}
