//! Edits of an account that has no room in memory wait outside of their sheet, and those of other accounts continue.
//!
//! The server runs in this process, so that the room can be taken whole. Not the shares themselves (`memory` of the
//! sheet). Invariant: what waits is accepted once there is room.

use client::Client;
use gridloom::convert::delta_to_wire;
use gridloom::v1;
use gridloom::v1::client_frame::Frame as Outgoing;
use gridloom::v1::server_frame::Frame;
use integration::harness::{LocalServer, NativeSession, new_sheet, within};
use model::AccountId;
use ot_engine::{Delta, Revision};

/// Edits of the other account, far more than one round trip of an edit takes.
const OTHERS: u32 = 20;

fn set(row: u32) -> Delta {
    Delta::set_cell(row, 0, f64::from(row))
}

async fn apply(client: &Client, sheet: &str, row: u32) -> u64 {
    let wait = v1::WaitFor::Accepted;
    let applied = client.apply_delta(sheet, Revision(0), &set(row), wait, "").await;
    applied.expect("is accepted").revision
}

async fn next(session: &mut NativeSession) -> Frame {
    within("a frame", session.next()).await.expect("the session stays")
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_without_room_wait_and_those_of_other_accounts_continue() {
    let server = LocalServer::start(|_| {}).await;
    let ((client, token), (other, _)) = (server.sign_up().await, server.sign_up().await);
    let sheet = new_sheet(&client, "Waits", OTHERS).await;
    let others = new_sheet(&other, "Continues", OTHERS).await;
    let hello = v1::Hello { sheet_id: sheet.clone(), ..v1::Hello::default() };
    let mut session = NativeSession::open_at(&server.url(), &token, hello).await;
    while !matches!(next(&mut session).await, Frame::Welcome(_)) {}
    let account = client.who_am_i().await.expect("is signed in").account.expect("an account").id;
    let taken = server.take_room(AccountId(account.parse().expect("an id"))).await;

    // One edit by the pump of a session, and one by a call.
    let change = Some(v1::edit::Change::Delta(delta_to_wire(&set(1))));
    session.send(Outgoing::Edit(v1::Edit { sequence: 1, base_revision: 0, change, group: 0 }));
    let call = tokio::spawn({
        let (client, sheet) = (client.clone(), sheet.clone());
        async move { apply(&client, &sheet, 2).await }
    });
    for row in 0..OTHERS {
        apply(&other, &others, row).await;
    }
    let read = client.read_cells(&sheet, 0..1).await.expect("a read needs no room");
    assert_eq!(read.revision, 0, "both edits wait");
    assert!(!call.is_finished());

    drop(taken);
    let mut revisions = vec![within("the call", call).await.expect("no panic")];
    revisions.push(loop {
        match next(&mut session).await {
            Frame::Accepted(accepted) => break accepted.revision,
            Frame::Rejected(rejected) => panic!("{rejected:?}"),
            _ => {}
        }
    });
    revisions.sort_unstable();
    assert_eq!(revisions, [1, 2]);
}
