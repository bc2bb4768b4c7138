//! Sessions receive the presence of the others: cursors move with their rows and columns, a closed session
//! disappears, and a new session receives all participants.
//!
//! Not presence across servers: see `two_servers`. Invariant: positions are those of the receiver's revision.

use std::time::{Duration, Instant};

use client::net::{NewSheet, Person, Presence, Sheet};
use gridloom::v1;
use gridloom::v1::client_frame::Frame as ClientFrame;
use gridloom::v1::server_frame::Frame;
use gridloom::v1::{command, edit};
use integration::harness::{NativeSession, Server, WebSession, sign_up_with_token, within};
use ot_engine::{AxisDelta, Delta, Window};
use tonic::Code;

fn at(row: u32, col: u32) -> Option<v1::CellPosition> {
    Some(v1::CellPosition { row, col })
}

fn insert_above(row: u32) -> ClientFrame {
    let insert = v1::InsertLines { at: row, count: 1 };
    let command = v1::Command { command: Some(command::Command::InsertRows(insert)) };
    let change = edit::Change::Commands(v1::CommandList { commands: vec![command] });
    ClientFrame::Edit(v1::Edit { sequence: 1, base_revision: 0, change: Some(change), group: 0 })
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_receive_the_cursors_of_the_others() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = client.create_sheet("Shared", NewSheet::default()).await.expect("can be made");
    let (mut ada, ada_id) = NativeSession::join(server.url(), &token, &sheet.id).await;
    let (mut bob, bob_id) = NativeSession::join(server.url(), &token, &sheet.id).await;
    ada.sees(&bob_id, |bob| bob.cursor.is_none() && bob.display_name.contains("person")).await;
    let first = bob.next_presence().await;
    assert!(first.complete && first.present.len() == 2, "{first:?}");

    let range = |start, count| Some(v1::Range { start, count });
    let selection = v1::Window { rows: range(4, 3), cols: range(1, 1) };
    ada.send(ClientFrame::Presence(v1::Presence {
        revision: 0,
        cursor: at(5, 1),
        selections: vec![selection; 20],
        editing: at(5, 1),
        away: false,
    }));
    let there = bob.sees(&ada_id, |ada| ada.cursor.is_some()).await;
    assert_eq!((there.cursor, there.editing), (at(5, 1), at(5, 1)));
    assert_eq!((there.selections.len(), there.selections[0]), (16, selection));

    // After a row is inserted above, a new session receives the moved positions.
    bob.send(insert_above(2));
    while !matches!(within("the answer", bob.next()).await, Ok(Frame::Accepted(_))) {}
    let (mut eve, _) = NativeSession::join(server.url(), &token, &sheet.id).await;
    let all = eve.next_presence().await;
    assert!(all.complete && all.present.len() == 3, "{all:?}");
    let moved = all.present.iter().find(|person| person.session_id == ada_id).expect("is here");
    assert_eq!((moved.cursor, moved.editing), (at(6, 1), at(6, 1)));
    assert_eq!(moved.selections[0].rows, range(5, 3));

    // Sent in positions before the insert, received in positions after it.
    ada.send(ClientFrame::Presence(v1::Presence { cursor: at(7, 0), ..v1::Presence::default() }));
    let there = bob.sees(&ada_id, |ada| ada.cursor.is_some_and(|at| at.col == 0)).await;
    assert_eq!((there.cursor, there.editing), (at(8, 0), None));

    ada.send(ClientFrame::Presence(v1::Presence { away: true, ..v1::Presence::default() }));
    let there = bob.sees(&ada_id, |ada| ada.away).await;
    assert!(there.idle_seconds < 60, "{there:?}");

    drop(ada);
    bob.sees_leave(&ada_id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_breaks_its_promise_of_frames_is_gone_and_one_without_a_promise_stays() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = client.create_sheet("Shared", NewSheet::default()).await.expect("is made").id;
    let hello = |silence_seconds| {
        let sheet_id = sheet_id.clone();
        v1::Hello { sheet_id, silence_seconds, ..v1::Hello::default() }
    };
    let (mut ada, _) = NativeSession::join(server.url(), &token, &sheet_id).await;
    let (mut silent, stays) = WebSession::open(&server, &token, hello(0)).await;
    ada.sees(&stays.session_id, |_| true).await;
    let (mut frozen, welcome) = WebSession::open(&server, &token, hello(10)).await;
    ada.sees(&welcome.session_id, |_| true).await;
    // A client that is frozen: its connections stay, and it neither reads nor sends.
    frozen.try_ping().await.expect("is open");
    let begun = Instant::now();
    ada.sees_leave(&welcome.session_id).await;
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(9) && took < Duration::from_secs(20), "{took:?}");
    let end = loop {
        if let Err(status) = within("the end", frozen.next()).await {
            break status;
        }
    };
    assert_eq!(end.code(), Code::DeadlineExceeded, "{end:?}");
    silent.try_ping().await.expect("is open");
    let refused = NativeSession::try_open(server.url(), &token, hello(5)).await;
    assert_eq!(refused.expect_err("is too often").code(), Code::InvalidArgument);
}

/// Asks at each event until the other participant's presence is as expected.
async fn other(sheet: &Sheet, expected: impl Fn(&Presence) -> bool) -> Person {
    let mut events = sheet.changes();
    loop {
        if let [person] = &sheet.people().await.expect("is open")[..]
            && expected(&person.presence)
        {
            return person.clone();
        }
        within("an event of the other", events.recv()).await.expect("the sheet is open");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_shows_the_others_in_its_own_view() {
    let server = Server::start();
    let (client, _) = sign_up_with_token(&server).await;
    let id = client.create_sheet("Shared", NewSheet::default()).await.expect("can be made").id;
    let (ada, bob) =
        (client.open(&id).await.expect("opens"), client.open(&id).await.expect("opens"));
    within("loading", ada.wait_synced()).await.expect("loads");
    within("loading", bob.wait_synced()).await.expect("loads");
    let cell = |row: u32| Window { rows: row..row + 1, cols: 2..3 };
    let at = |row| Presence {
        cursor: Some((row, 2)),
        selections: vec![cell(row)],
        editing: Some((row, 2)),
        away: true,
    };
    ada.set_presence(at(3)).await.expect("is open");
    other(&bob, |there| *there == at(3)).await;

    // Bob's own insert above moves the cursor in his view at once.
    let insert = bob.apply(Delta::rows(AxisDelta::insert(1, 2))).await.expect("is open");
    assert_eq!(bob.people().await.expect("is open")[0].presence, at(5));
    within("the insert", insert.accepted()).await.expect("is accepted");
    assert_eq!(bob.people().await.expect("is open")[0].presence, at(5));

    // After a new connection, each receives the other's present position.
    ada.interrupt().await.expect("is open");
    within("connecting", ada.wait_synced()).await.expect("connects");
    other(&bob, |there| *there == at(5)).await;
    bob.set_presence(at(9)).await.expect("is open");
    other(&ada, |there| *there == at(9)).await;
    ada.close().await;
    let mut events = bob.changes();
    while !bob.people().await.expect("is open").is_empty() {
        within("her leave", events.recv()).await.expect("the sheet is open");
    }
}
