//! An edit of as many cells as one may have, with as much text as then fits, goes through every step: journal,
//! publication, replay, commit, undo, redo, restore.
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
use ot_engine::{CellEdit, Delta, Revision};
use prost::Message as _;
use tonic::Status;

const ROWS: u32 = 1_000;
const COLUMNS: u32 = 100;
/// The limits that `Welcome` shows by default.
const CELLS: u32 = 100_000;
const MESSAGE_BYTES: usize = 4 << 20;
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

async fn in_sql(server: &Server, sheet: &str) -> Grid {
    Grid::in_sql(&server.sql().await, sheet).await
}

/// Reads until the change of a revision comes.
async fn receives(session: &mut NativeSession, revision: u64) -> Result<Delta, Status> {
    loop {
        let Frame::Changes(changes) = within("a frame", session.next()).await? else { continue };
        for encoded in changes.changes {
            let change = decode_change(encoded).expect("is a change");
            if change.head.revision == Revision(revision) {
                return Ok(change.delta);
            }
        }
    }
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
    let received = receives(&mut session, revision).await.expect("stays open");
    assert_eq!(received.cells, delta.cells);
    let stopped: Stopped = server.kill();
    drop(paused);
    let server = tokio::task::block_in_place(|| stopped.restart());
    let client = at(&server, &token).await;
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
    for revision in [revision, undone, redone, restored.0] {
        receives(&mut back, revision).await.expect("stays open");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_cells_as_an_edit_may_have_go_through_every_step() {
    goes_through_every_step(largest(1_000, many_cells)).await;
}
