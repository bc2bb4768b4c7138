//! Pruned history: kept revisions are exact, a pruned one is refused with COMPACTED, the tables shrink, and
//! connected sessions see no effect.
//!
//! Not the age of real time: the server prunes as if it were later. Invariant: the floor never falls.

use std::net::SocketAddr;

use client::core::Event;
use client::net::{ChangesOptions, Sheet, When};
use client::{Client, Error};
use gridloom::convert::delta_to_wire;
use gridloom::v1;
use gridloom::v1::sheet_service_client::SheetServiceClient;
use integration::harness::{Grid, LocalServer, Random, opened_new, within};
use ot_engine::{AxisDelta, CellEdit, Delta, Revision, Value};
use tonic::transport::Endpoint;

use crate::changes::{any_change, any_effect};

const DAY: i64 = 24 * 60 * 60;
/// More seconds than a floor must have stood before rows below it are deleted.
const LATER: i64 = 10 * 60;
/// Changes that are kept in these tests.
const KEPT: u64 = 20;
const CHANGES: usize = 90;

#[tokio::test(flavor = "multi_thread")]
async fn kept_revisions_are_exact_and_pruned_ones_are_refused() {
    let seed = Random::seed();
    println!("GRIDLOOM_SEED={seed}");
    let mut random = Random::from_seed(seed);
    let server = keeping(KEPT as u32).await;
    let (client, _) = server.sign_up().await;
    let (id, sheet) = opened_new(&client, "Kept").await;
    let mut events = sheet.changes();
    let mut states = vec![Grid::seen_by(&sheet).await];
    let mut floor = 0;
    for round in 1..=3 {
        while states.len() < CHANGES / 3 * round {
            step(&client, &id, &sheet, &mut states, &mut random).await;
        }
        flush(&client, &id).await;
        server.prune_after(LATER * round as i64).await;
        let head = states.len() as u64 - 1;
        let new_floor = check_tables(&server, &id, head).await;
        assert!(new_floor >= floor, "the floor rises");
        floor = new_floor;
        for (revision, state) in (0..).map(Revision).zip(&states) {
            if revision.0 >= floor {
                assert_eq!(&Grid::at(&client, &id, revision).await, state, "revision {revision}");
            } else {
                let gone = client.read_revision(&id, When::Revision(revision), 0..1).await;
                compacted(gone, &format!("the oldest one is {floor}"));
            }
        }
    }
    assert!(floor >= CHANGES as u64 / 2, "most of the history is pruned: {floor}");

    // The list ends at the floor.
    let listed = client.changes(&id, &ChangesOptions::default(), 999).await.expect("is listed");
    assert_eq!(listed.last().map(|change| change.revision), Some(floor));
    let page = client.changes_page(&id, &ChangesOptions::default(), 1, "").await;
    assert_eq!(page.expect("is listed").oldest_revision, floor);
    let first = client.read_revision(&id, When::Revision(Revision(floor)), 0..1).await;
    assert_eq!(first.expect("is kept").time_micros, listed[listed.len() - 1].time_micros);
    let before = listed[listed.len() - 1].time_micros - 1;
    compacted(client.read_revision(&id, When::TimeMicros(before), 0..1).await, "no longer kept");

    // Restores and undos reach back to the floor.
    compacted(client.restore_revision(&id, Revision(floor - 1), "gone").await, "no longer kept");
    let gone = client.undo(&id, Some(Revision(floor)), v1::WaitFor::Accepted, "gone").await;
    compacted(gone, "can no longer be taken back");
    let restored = client.restore_revision(&id, Revision(floor), "first").await.expect("is kept");
    seen(&client, &sheet, &id, restored, &states[floor as usize]).await;
    while let Ok(event) = events.try_recv() {
        let cut = matches!(event, Event::Resync { .. } | Event::Resynced { .. });
        assert!(!cut, "a connected session was cut off: {event:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kept_change_can_be_undone() {
    let seed = Random::seed();
    println!("GRIDLOOM_SEED={seed}");
    let mut random = Random::from_seed(seed);
    let server = keeping(KEPT as u32).await;
    let (client, token) = server.sign_up().await;
    let (id, sheet) = opened_new(&client, "Kept").await;
    let mut states = vec![Grid::seen_by(&sheet).await];
    while states.len() < CHANGES {
        let size = sheet.snapshot().await.expect("open").size();
        let change = match states.len() {
            // One row that is certainly deleted.
            1 => Delta { cells: vec![CellEdit::set(0, 0, "gone")], ..Delta::identity() },
            2 => Delta::rows(AxisDelta::delete(0, 1)),
            number => any_effect(size, &mut random, number),
        };
        apply(&sheet, change).await;
        states.push(Grid::seen_by(&sheet).await);
        // The floor stands where a commit ends, and a slow commit has many changes.
        if states.len().is_multiple_of(10) {
            flush(&client, &id).await;
        }
    }
    flush(&client, &id).await;
    server.prune_after(0).await;
    assert!(server.prune_after(LATER).await.bodies > 0, "rows were deleted before the floor");
    sheet.close().await;
    // The restart empties the server's memory.
    let server = server.restart(None).await;
    let client = server.client(&token).await.at_place(client.place());
    let sheet = client.open(&id).await.expect("opens");
    let floor = floor(&server, &id).await;
    for state in states[floor as usize..].iter().rev().skip(1) {
        let name = random.any().to_string();
        let undone = client.undo(&id, None, v1::WaitFor::Accepted, &name).await;
        let revision = Revision(undone.expect("can be undone").revision);
        seen(&client, &sheet, &id, revision, state).await;
    }
    // The next change to undo is the one at the floor, whose before images are pruned.
    let gone = client.undo(&id, None, v1::WaitFor::Accepted, "gone").await;
    compacted(gone, "can no longer be taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_deleted_with_the_last_revision_that_shows_them() {
    let server = keeping(3).await;
    let (client, _) = server.sign_up().await;
    let (id, sheet) = opened_new(&client, "Kept").await;
    for row in 0..4 {
        let set = sheet.set(row, 0, format!("row {row}").as_str()).await.expect("open");
        within("an answer", set.committed()).await.expect("is committed");
    }
    // Each edit has a commit of its own, so that a floor may stand on any of them.
    flush(&client, &id).await;
    let deleted = apply(&sheet, Delta::rows(AxisDelta::delete(0, 1))).await;
    flush(&client, &id).await;
    for number in 0..3 {
        let set = sheet.set(2, 1, f64::from(number)).await.expect("open");
        within("an answer", set.committed()).await.expect("is committed");
    }
    let kept = apply(&sheet, Delta::rows(AxisDelta::delete(0, 1))).await;
    flush(&client, &id).await;

    server.prune_after(0).await;
    let bodies = "select string_agg(cells ->> '1', ',' order by id) from rows";
    let all: String = server.sql().await.query_one(bodies, &[]).await.expect("is read").get(0);
    assert_eq!(all, "row 0,row 1,row 2,row 3", "a concurrent undo may still restore one");
    assert_eq!(server.prune_after(LATER).await.bodies, 1);
    let some: String = server.sql().await.query_one(bodies, &[]).await.expect("is read").get(0);
    assert_eq!(some, "row 1,row 2,row 3");

    let gone = client.undo(&id, Some(deleted), v1::WaitFor::Accepted, "gone").await;
    compacted(gone, "can no longer be taken back");
    let undone = client.undo(&id, Some(kept), v1::WaitFor::Accepted, "kept").await;
    let revision = Revision(undone.expect("is kept").revision);
    within("the undo", sheet.wait_revision(revision)).await.expect("is open");
    let grid = Grid::read(&client, &id).await;
    assert_eq!(grid.rows[0][0], Value::from("row 1"), "with its cells");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_was_away_too_long_receives_a_resync() {
    let server = keeping(KEPT as u32).await;
    let (client, token) = server.sign_up().await;
    let (id, traveller) = opened_new(&client, "Kept").await;
    let mut events = traveller.changes();
    let first = set_committed(&client, &id, "first").await;
    within("the first", traveller.wait_revision(Revision(first))).await.expect("is open");
    let home = server.addr();

    // At another address, so that the traveller can't connect.
    let server = server.restart(None).await;
    let moved = server.client(&token).await;
    for number in 0..KEPT * 2 {
        set_committed(&moved, &id, &format!("edit {number}")).await;
    }
    server.prune_after(0).await;
    let floor = floor(&server, &id).await;
    assert!(floor > first, "changes that the traveller has not received are pruned");
    let server = server.restart(Some(home)).await;
    let resync = loop {
        let event = within("the resync", events.recv()).await.expect("not too many");
        if let Event::Resync { reason } = event {
            break reason;
        }
    };
    assert_eq!(resync, v1::resync::Reason::Compacted);
    within("loading", traveller.wait_synced()).await.expect("loads");
    within("the head", traveller.wait_revision(Revision(first + KEPT * 2))).await.expect("is open");
    assert_eq!(Grid::seen_by(&traveller).await, Grid::read(&client, &id).await);
    let own = traveller.set(1, 1, "back").await.expect("open");
    within("an answer", own.accepted()).await.expect("is accepted");
    assert_eq!(Grid::seen_by(&traveller).await, Grid::read(&client, &id).await);

    // An edit on a pruned base is refused; a repeated edit of pruned history is applied once.
    let refused = delta_on(home, &token, &id, first).await.expect_err("its base is gone");
    assert!(refused.message().contains("no longer kept"), "{refused}");
    assert_eq!(refused.code(), tonic::Code::OutOfRange);
    delta_on(home, &token, &id, floor).await.expect("its base is kept");
    let again = set_committed(&client, &id, "first").await;
    assert_eq!(again, first, "the same name gives the same answer");
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_changes_and_deleted_sheets_are_pruned_by_age() {
    let server = LocalServer::start(|options| options.history_days = 90).await;
    let (client, _) = server.sign_up().await;
    let (id, sheet) = opened_new(&client, "Kept").await;
    for number in 0..5 {
        set_committed(&client, &id, &format!("edit {number}")).await;
    }
    assert_eq!(server.prune_after(89 * DAY).await.changes, 0);
    assert_eq!(
        server.prune_after(91 * DAY).await.changes,
        4,
        "the last change is kept for its author"
    );
    let seen = Grid::read(&client, &id).await;
    assert_eq!(Grid::at(&client, &id, Revision(5)).await, seen);
    let set = sheet.set(0, 1, "later").await.expect("open");
    within("an answer", set.committed()).await.expect("is committed");
    client.undo(&id, None, v1::WaitFor::Committed, "later").await.expect("can be undone");
    assert_eq!(Grid::read(&client, &id).await, seen);

    client.delete_sheet(&id).await.expect("is theirs");
    assert_eq!(server.prune_after(29 * DAY).await.sheets, 0);
    client.undelete_sheet(&id).await.expect("can be restored");
    client.delete_sheet(&id).await.expect("is theirs");
    assert_eq!(server.prune_after(31 * DAY).await.sheets, 1);
    let gone = client.undelete_sheet(&id).await.expect_err("is gone");
    assert_eq!(gone.code(), Some(tonic::Code::NotFound));
    let left = "select (select count(*) from sheets) + (select count(*) from columns)
        + (select count(*) from spans) + (select count(*) from rows)
        + (select count(*) from changes) + (select count(*) from before_images)
        + (select count(*) from checkpoints) + (select count(*) from prunings)
        + (select count(*) from past_clients) + (select count(*) from purges)";
    let left: i64 = server.sql().await.query_one(left, &[]).await.expect("is read").get(0);
    assert_eq!(left, 0, "no row of the sheet is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_during_pruning_is_complete_or_refused() {
    let seed = Random::seed();
    println!("GRIDLOOM_SEED={seed}");
    let mut random = Random::from_seed(seed);
    let server = keeping(KEPT as u32).await;
    let (client, _) = server.sign_up().await;
    let (id, sheet) = opened_new(&client, "Kept").await;
    let mut states = vec![Grid::seen_by(&sheet).await];
    for _ in 0..4 {
        let more = states.len() + 15;
        while states.len() < more {
            step(&client, &id, &sheet, &mut states, &mut random).await;
        }
        flush(&client, &id).await;
        let oldest = floor(&server, &id).await;
        let pruning = async {
            server.prune_after(0).await;
            server.prune_after(LATER).await
        };
        let reading = async {
            for _ in 0..30 {
                let at = oldest + u64::from(random.below((states.len() as u64 - oldest) as u32));
                match Grid::try_at(&client, &id, Revision(at)).await {
                    Ok(seen) => assert_eq!(seen, states[at as usize], "revision {at}"),
                    gone => compacted(gone, "no longer kept"),
                }
            }
        };
        tokio::join!(pruning, reading);
    }
}

/// Starts a server that keeps so many changes.
async fn keeping(changes: u32) -> LocalServer {
    LocalServer::start(|options| {
        options.history_changes = changes;
        options.checkpoint_changes = 7;
    })
    .await
}

/// One more random change, or an undo.
async fn step(
    client: &Client,
    id: &str,
    sheet: &Sheet,
    states: &mut Vec<Grid>,
    random: &mut Random,
) {
    let revision = if random.below(6) == 0 {
        let name = random.any().to_string();
        match client.undo(id, None, v1::WaitFor::Accepted, &name).await {
            Ok(undone) => Revision(undone.revision),
            // Nothing of theirs is left to undo.
            Err(_) => return,
        }
    } else {
        let size = sheet.snapshot().await.expect("open").size();
        apply(sheet, any_change(size, random, states.len())).await
    };
    within("the change", sheet.wait_revision(revision)).await.expect("is open");
    within("loading", sheet.wait_synced()).await.expect("loads");
    states.push(Grid::seen_by(sheet).await);
    assert_eq!(revision.0, states.len() as u64 - 1);
}

/// Checks by SQL which changes are left. Returns the oldest revision.
async fn check_tables(server: &LocalServer, id: &str, head: u64) -> u64 {
    let floor = floor(server, id).await;
    assert!(floor <= head - KEPT.min(head), "{floor} of {head}");
    let left = "select
        (select count(*) from changes where sheet = $1::text::uuid),
        (select min(revision) from changes where sheet = $1::text::uuid),
        (select min(revision) from before_images where sheet = $1::text::uuid)";
    let left = server.sql().await.query_one(left, &[&id]).await.expect("can be read");
    let (count, oldest, overwritten): (i64, i64, i64) = (left.get(0), left.get(1), left.get(2));
    assert_eq!((count as u64, oldest as u64), (head - floor + 1, floor));
    assert!(overwritten as u64 >= floor, "{overwritten} below {floor}");
    floor
}

async fn floor(server: &LocalServer, id: &str) -> u64 {
    let floor = "select min(revision) from checkpoints where sheet = $1::text::uuid";
    let row = server.sql().await.query_one(floor, &[&id]).await.expect("can be read");
    row.get::<_, i64>(0) as u64
}

/// Waits until every edit is in Postgres.
async fn flush(client: &Client, id: &str) {
    // The query waits for the commit.
    client.query_rows(flush_query(id)).await.expect("can be read");
}

fn flush_query(id: &str) -> v1::QueryRowsRequest {
    v1::QueryRowsRequest { sheet_id: id.to_owned(), ..Default::default() }
}

/// A unary edit whose request id is its text. Returns its revision.
async fn set_committed(client: &Client, id: &str, text: &str) -> u64 {
    let value = gridloom::convert::value_to_wire(&Value::from(text));
    let set = v1::SetCells {
        row: Some(v1::RowRef { row: Some(v1::row_ref::Row::At(0)) }),
        col: Some(v1::ColumnRef { column: Some(v1::column_ref::Column::At(0)) }),
        width: 1,
        values: vec![value],
    };
    let command = v1::Command { command: Some(v1::command::Command::SetCells(set)) };
    let applied = client.apply(id, vec![command], v1::WaitFor::Committed, text).await;
    applied.expect("fits").revision
}

/// Sends a delta with this base revision.
async fn delta_on(
    server: SocketAddr,
    token: &str,
    id: &str,
    revision: u64,
) -> Result<(), tonic::Status> {
    let delta = Delta { cells: vec![CellEdit::set(3, 0, "delta")], ..Delta::identity() };
    let change = v1::apply_edits_request::Change::Delta(delta_to_wire(&delta));
    let mut request = tonic::Request::new(v1::ApplyEditsRequest {
        sheet_id: id.to_owned(),
        base_revision: revision,
        change: Some(change),
        ..Default::default()
    });
    let authorization = format!("Bearer {token}").parse().expect("a token is ASCII");
    request.metadata_mut().insert("authorization", authorization);
    let server = Endpoint::from_shared(format!("http://{server}")).expect("an address");
    let channel = server.connect().await.expect("the server is there");
    SheetServiceClient::new(channel).apply_edits(request).await.map(|_| ())
}

/// Waits for a revision, then compares the open sheet and a read with the expected cells.
async fn seen(client: &Client, sheet: &Sheet, id: &str, revision: Revision, expected: &Grid) {
    within("the change", sheet.wait_revision(revision)).await.expect("is open");
    within("loading", sheet.wait_synced()).await.expect("loads");
    assert_eq!(&Grid::seen_by(sheet).await, expected, "revision {revision}");
    assert_eq!(&Grid::read(client, id).await, expected, "revision {revision}");
}

/// Checks that the call was refused with COMPACTED and this text.
fn compacted<T: std::fmt::Debug>(result: Result<T, Error>, text: &str) {
    let Err(Error::Refused(refusal)) = result else { panic!("not refused: {result:?}") };
    assert_eq!(refusal.reason.as_deref(), Some("COMPACTED"), "{refusal:?}");
    assert_eq!(refusal.code, tonic::Code::OutOfRange, "{refusal:?}");
    assert!(refusal.message.contains(text), "{refusal:?} does not hold {text}");
}

async fn apply(sheet: &Sheet, delta: Delta) -> Revision {
    let ticket = sheet.apply(delta).await.expect("open");
    within("an answer", ticket.accepted()).await.expect("is accepted").revision
}
