//! Frames larger than a message reach all sessions with the cells in view, over gRPC and grpc-web, and the
//! server closes none of them.
//!
//! Not the smallest limit: see `small_messages`. Invariant: no session is ended.

use std::path::PathBuf;
use std::process::Command;

use client::Client;
use client::core::{LiveOptions, LiveSheet, Looking};
use client::net::{NewSheet, OpenOptions, Sheet};
use gridloom::convert::decode_change;
use gridloom::v1;
use gridloom::v1::client_frame::Frame as ClientFrame;
use gridloom::v1::server_frame::Frame;
use integration::harness::binaries::repository;
use integration::harness::{
    DEADLINE, Grid, NativeSession, Server, WebSession, run, sign_up_with_token, within,
};
use ot_engine::{Delta, Revision, Value};
use tonic::Status;

/// The largest text of a cell, by default.
const CELL_BYTES: usize = 64 * 1024;

fn large(letter: &str) -> Value {
    letter.repeat(CELL_BYTES).as_str().into()
}

/// Sets so many rows of four large cells, row by row.
async fn fill(sheet: &Sheet, rows: u32) -> Revision {
    let mut last = Revision(0);
    for row in 0..rows {
        let values = vec![large("x"); 4];
        let ticket = sheet.edit(move |live| live.set_cells(row, 0, 4, values)).await.expect("fits");
        last = within("an edit", ticket.accepted()).await.expect("is accepted").revision;
    }
    last
}

async fn new_sheet(client: &Client, columns: usize, rows: u32) -> String {
    let columns = vec![v1::Column::default(); columns];
    let new = NewSheet { columns, rows: Some(rows) };
    client.create_sheet("Large", new).await.expect("is made").id
}

async fn looking(client: &Client, sheet_id: &str) -> Sheet {
    let options = OpenOptions { looking: Looking::All, ..OpenOptions::default() };
    client.open_with(sheet_id, options).await.expect("opens")
}

async fn clear(sheet: &Sheet, rows: u32) -> Revision {
    let ticket = sheet.edit(move |live| live.clear(0, 0, rows, 4)).await.expect("fits");
    within("an edit", ticket.accepted()).await.expect("is accepted").revision
}

/// Reads until a change of this revision comes; gives how many cells it sets.
async fn cells_of(revision: u64, frame: impl AsyncFnMut() -> Result<Frame, Status>) -> usize {
    let mut frame = frame;
    loop {
        let Frame::Changes(changes) = within("a frame", frame()).await.expect("stays open") else {
            continue;
        };
        for encoded in changes.changes {
            let change = decode_change(encoded).expect("is a change");
            if change.head.revision == Revision(revision) {
                return change.delta.cells.len();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_and_a_restore_larger_than_a_message_reach_all() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = new_sheet(&client, 4, 25).await;
    let hello = || v1::Hello { sheet_id: sheet_id.clone(), ..v1::Hello::default() };
    let mut native = NativeSession::open(&server, &token, hello()).await;
    let (mut web, welcome) = WebSession::open(&server, &token, hello()).await;
    let sdk = looking(&client, &sheet_id).await;
    let filled = fill(&sdk, 25).await;
    let cleared = clear(&sdk, 25).await;

    let wait = v1::WaitFor::Committed;
    let undone = client.undo(&sheet_id, None, wait, "").await.expect("is undone").revision;
    assert_eq!(cells_of(undone, async || native.next().await).await, 100);
    assert_eq!(cells_of(undone, async || web.next().await).await, 100);
    within("the undo", sdk.wait_revision(Revision(undone))).await.expect("stays open");

    // A session that resumes receives the undo, too.
    let resume = Some(v1::ResumePoint { epoch: welcome.epoch, revision: cleared.0 });
    let mut back = NativeSession::open(&server, &token, v1::Hello { resume, ..hello() }).await;
    assert_eq!(cells_of(undone, async || back.next().await).await, 100);

    clear(&sdk, 25).await;
    let restored = client.restore_revision(&sheet_id, filled, "").await.expect("is restored");
    assert_eq!(cells_of(restored.0, async || native.next().await).await, 100);
    assert_eq!(cells_of(restored.0, async || web.next().await).await, 100);
    within("the restore", sdk.wait_revision(restored)).await.expect("stays open");
    assert_eq!(Grid::seen_by(&sdk).await, Grid::in_sql(&server.sql().await, &sheet_id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_larger_than_a_message_is_seen() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = new_sheet(&client, 70, 3).await;
    let writer = client.open(&sheet_id).await.expect("opens");
    for col in (0..64).step_by(16) {
        let set = move |live: &mut LiveSheet| live.set_cells(1, col, 16, vec![large("x"); 16]);
        let ticket = writer.edit(set).await.expect("fits");
        within("an edit", ticket.committed()).await.expect("is accepted");
    }
    let there = Grid::in_sql(&server.sql().await, &sheet_id).await;
    let native = looking(&client, &sheet_id).await;
    within("the rows", native.wait_synced()).await.expect("stays open");
    assert_eq!(Grid::seen_by(&native).await, there);

    let options = LiveOptions { looking: Looking::All, ..LiveOptions::default() };
    let mut live = LiveSheet::new(sheet_id.clone(), options);
    let (mut web, welcome) = WebSession::open(&server, &token, live.hello()).await;
    let mut frame = Frame::Welcome(welcome);
    loop {
        live.on_frame(v1::ServerFrame { frame: Some(frame) }).expect("keeps to the protocol");
        web.send(live.outgoing(), 1).await;
        if live.is_synced() {
            break;
        }
        frame = within("a frame", web.next()).await.expect("stays open");
    }
    let seen = (0..70).map(|col| live.view().and_then(|view| view.get(1, col)).cloned());
    assert_eq!(seen.collect::<Option<Vec<_>>>(), Some(there.rows[1].clone()));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_look_loads_a_whole_wide_sheet() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = new_sheet(&client, 200, 1_000).await;
    let writer = client.open(&sheet_id).await.expect("opens");
    let text = Value::from("x".repeat(50).as_str());
    for row in (0..1_000).step_by(250) {
        let values = vec![text.clone(); 250 * 200];
        let ticket = writer.edit(move |live| live.set_cells(row, 0, 200, values)).await;
        within("an edit", ticket.expect("fits").committed()).await.expect("is accepted");
    }
    let reader = looking(&client, &sheet_id).await;
    within("the rows", reader.wait_synced()).await.expect("stays open");
    let grid = Grid::seen_by(&reader).await;
    assert!(grid.rows.iter().flatten().all(|value| *value == text));

    // A session that begins to read late: the server has all rows in its cache.
    let hello = v1::Hello { sheet_id: sheet_id.clone(), ..v1::Hello::default() };
    let mut late = NativeSession::open(&server, &token, hello).await;
    let revision = writer.progress().revision.0;
    late.send(ClientFrame::Look(v1::Look { revision, ..v1::Look::default() }));
    let ticket = writer.set(0, 0, text).await.expect("fits");
    within("an edit", ticket.committed()).await.expect("is accepted");
    let mut rows = 0;
    loop {
        match within("a frame", late.next()).await.expect("is not taken for a slow reader") {
            Frame::Window(cells) if cells.last => break,
            Frame::Window(cells) => rows += cells.rows.len(),
            Frame::Resync(resync) => panic!("{resync:?}"),
            _ => {}
        }
    }
    assert_eq!(rows, 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_conflicts_larger_than_a_message_arrive() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = new_sheet(&client, 5_000, 60).await;
    let writer = client.open(&sheet_id).await.expect("opens");
    // Names of a kibibyte, so that a welcome is larger than a message.
    let name = "n".repeat(1_000);
    for cols in [0..2_500, 2_500..5_000_u32] {
        let edits = cols.map(|col| ot_engine::ColumnEdit {
            col,
            name: Some(name.as_str().into()),
            kind: None,
            width: None,
            settings: None,
        });
        let delta = Delta { columns: edits.collect(), ..Delta::identity() };
        let ticket = writer.apply(delta).await.expect("fits");
        within("an edit", ticket.committed()).await.expect("is accepted");
    }
    let hello = || v1::Hello { sheet_id: sheet_id.clone(), ..v1::Hello::default() };
    let (_web, welcome) = WebSession::open(&server, &token, hello()).await;
    assert!(welcome.columns.len() == 5_000 && welcome.columns.iter().all(|c| c.name == name));
    let mut native = NativeSession::open(&server, &token, hello()).await;
    let Ok(Frame::Welcome(_)) = native.next().await else { panic!("the first frame is a welcome") };

    // A conflict holds the lost and the kept value: larger than a message, though each edit fits one.
    let base = writer.progress().revision;
    let cells = |letter: &str| {
        Delta::set_cells((0..50).map(|row| (row, 0, large(letter))).collect::<Vec<_>>())
    };
    let ticket = writer.apply(cells("a")).await.expect("fits");
    within("an edit", ticket.accepted()).await.expect("is accepted");
    native.send(ClientFrame::Edit(v1::Edit {
        sequence: 1,
        base_revision: base.0,
        change: Some(v1::edit::Change::Delta(gridloom::convert::delta_to_wire(&cells("b")))),
        group: 0,
    }));
    let mut events = writer.changes();
    loop {
        match within("a frame", native.next()).await.expect("stays open") {
            Frame::Accepted(accepted) => break assert_eq!(accepted.sequence, 1),
            Frame::Rejected(rejected) => panic!("{rejected:?}"),
            _ => {}
        }
    }
    loop {
        let event = within("an event", events.recv()).await.expect("stays open");
        if let client::core::Event::Changed(changed) = event {
            break assert_eq!(changed.overwritten.len(), 50);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recipe_of_the_manual_puts_a_large_frame_together() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = new_sheet(&client, 4, 2).await;
    let (_web, welcome) = WebSession::open(
        &server,
        &token,
        v1::Hello { sheet_id: sheet_id.clone(), ..v1::Hello::default() },
    )
    .await;
    let sheet = client.open(&sheet_id).await.expect("opens");
    fill(&sheet, 2).await;
    let cleared = clear(&sheet, 2).await;
    let wait = v1::WaitFor::Committed;
    let undone = client.undo(&sheet_id, None, wait, "").await.expect("is undone").revision;

    let python = std::env::var_os("GRIDLOOM_PYTHON")
        .map_or_else(|| repository().join("target/tools/python/bin/python"), PathBuf::from);
    let mut command = Command::new(python);
    command.arg(repository().join("integration/tests/system/pieces.py"));
    command.args([server.authority(), &token, &sheet_id]);
    command.args([welcome.epoch.to_string(), cleared.to_string()]);
    command.arg(repository().join("proto/gridloom/v1/live.proto"));
    let finished = tokio::task::spawn_blocking(move || run(command, DEADLINE)).await;
    let printed = finished.expect("python runs").success();
    assert_eq!(printed.trim(), format!("{undone} 8"));
}
