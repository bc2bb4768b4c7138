//! Numbers at the ends of 64 bits: the server refuses a number that no table can store, by field and rule,
//! before it journals the edit; the sheet continues.
//!
//! Not the limits of sizes. Invariant: no number ends the sheet.

use client::net::NewSheet;
use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use integration::harness::{NativeSession, Server, sign_up_with_token, within};

use super::sessions::{answer, edit};

/// The last number that may name an edit.
const LAST: u64 = i64::MAX as u64 - 1;

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_whose_number_no_table_holds_is_refused_and_the_sheet_continues() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = client.create_sheet("Ends", NewSheet::default()).await.expect("is made").id;
    let hello = || v1::Hello { sheet_id: sheet_id.clone(), ..v1::Hello::default() };
    for number in [0, LAST + 1, 1 << 63, u64::MAX] {
        // A session without earlier edits may begin with any number.
        let mut fresh = NativeSession::open(&server, &token, hello()).await;
        for frame in [edit(number, "x"), commands(number)] {
            fresh.send(frame);
            let refused = answer(&mut fresh, number).await.expect_err("can't be stored");
            assert!(refused.contains("InvalidArgument"), "{number}: {refused}");
            assert!(refused.contains("sequence: must be from 1 to"), "{number}: {refused}");
        }
        fresh.send(edit(1, "later"));
        answer(&mut fresh, 1).await.expect("a refused number is not used up");
    }
    let mut last = NativeSession::open(&server, &token, hello()).await;
    last.send(edit(LAST, "the last"));
    answer(&mut last, LAST).await.expect("is the last number");
    committed(&mut last, 5).await;
    drop(last);
    within("the deletion", client.delete_sheet(&sheet_id)).await.expect("is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resume_point_that_no_table_holds_is_answered() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = client.create_sheet("Ends", NewSheet::default()).await.expect("is made").id;
    for revision in [1, 1 << 63, u64::MAX] {
        for epoch in [1, u64::MAX] {
            let resume = Some(v1::ResumePoint { epoch, revision });
            let hello = v1::Hello { sheet_id: sheet_id.clone(), resume, ..v1::Hello::default() };
            let mut session = NativeSession::open(&server, &token, hello).await;
            let first = within("an answer", session.next()).await.expect("the sheet lives");
            assert!(matches!(first, Frame::Resync(_)), "{epoch}, {revision}: {first:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deltas_and_commands_share_one_sequence() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = client.create_sheet("Mixed", NewSheet::default()).await.expect("is made").id;
    let hello = v1::Hello { sheet_id, ..v1::Hello::default() };
    let mut session = NativeSession::open(&server, &token, hello).await;
    let columns = |count| v1::command::Command::InsertColumns(v1::InsertLines { at: 0, count });
    let too_many = std::iter::repeat_n(columns(1), 1_001).collect();
    let frames = [
        (edit(1, "x"), true),
        (commands(2), true),
        (edit(3, "y"), true),
        // Refused by the sheet, and refused before it reaches the sheet: both use their numbers up.
        (list(4, vec![columns(50_000_000)]), false),
        (commands(5), true),
        (list(6, too_many), false),
        (commands(7), true),
        (edit(8, "z"), true),
    ];
    for (number, (frame, is_accepted)) in (1..).zip(frames) {
        session.send(frame);
        let answer = answer(&mut session, number).await;
        assert_eq!(answer.is_ok(), is_accepted, "{number}: {answer:?}");
    }
}

fn commands(sequence: u64) -> v1::client_frame::Frame {
    list(sequence, vec![v1::command::Command::ClearCells(v1::ClearCells::default())])
}

fn list(sequence: u64, commands: Vec<v1::command::Command>) -> v1::client_frame::Frame {
    let commands = commands.into_iter().map(|it| v1::Command { command: Some(it) }).collect();
    let change = Some(v1::edit::Change::Commands(v1::CommandList { commands }));
    v1::client_frame::Frame::Edit(v1::Edit { sequence, base_revision: 0, change, group: 0 })
}

async fn committed(session: &mut NativeSession, revision: u64) {
    loop {
        match within("a commit", session.next()).await.expect("the stream continues") {
            Frame::Committed(committed) if committed.revision >= revision => return,
            _ => {}
        }
    }
}
