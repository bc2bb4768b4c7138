//! A client that resumes sends its unanswered edits right after `Hello`; each of them is answered, also commands.
//!
//! Not late frames. Invariant: answers keep the order of the edits.

use gridloom::v1::client_frame::Frame as ClientFrame;
use gridloom::v1::server_frame::Frame as ServerFrame;
use gridloom::{convert, v1};
use integration::harness::{NativeSession, Server, email_of, opened, sign_up_with_token, within};
use ot_engine::Delta;

fn edit(sequence: u64, base: u64) -> ClientFrame {
    let delta = Delta::set_cell(0, 0, sequence as f64);
    let change = Some(v1::edit::Change::Delta(convert::delta_to_wire(&delta)));
    ClientFrame::Edit(v1::Edit { sequence, base_revision: base, change, group: 0 })
}

/// Reads until the edits up to `last` are accepted. Gives the first frame, which is a `Welcome`.
async fn accepted(session: &mut NativeSession, last: u64) -> v1::Welcome {
    let first = within("the first frame", session.next()).await.expect("stays open");
    let ServerFrame::Welcome(welcome) = first else { panic!("{first:?} comes before Welcome") };
    let mut next = welcome.last_sequence + 1;
    while next <= last {
        let frame = within("an answer to each edit", session.next()).await.expect("stays open");
        if let ServerFrame::Accepted(accepted) = frame {
            assert_eq!(accepted.sequence, next);
            next += 1;
        }
    }
    welcome
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_that_are_sent_right_after_hello_are_answered() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = client.create_sheet("Early", client::net::NewSheet::default()).await;
    let sheet_id = sheet.expect("is made").id;
    let hello = v1::Hello { sheet_id, ..v1::Hello::default() };
    let early = vec![edit(1, 0)];
    let fresh = NativeSession::try_open_with(server.url(), &token, hello.clone(), early).await;
    let mut fresh = fresh.expect("is admitted");
    let welcome = accepted(&mut fresh, 1).await;
    drop(fresh);

    // The new process has to look the client up in the log.
    let (stopped, _) = server.stop();
    let server = stopped.restart();
    let resume = v1::ResumePoint { epoch: welcome.epoch, revision: 1 };
    let hello = v1::Hello { client_id: welcome.client_id, resume: Some(resume), ..hello };
    let early = (2..=4).map(|sequence| edit(sequence, 1)).collect();
    let session = NativeSession::try_open_with(server.url(), &token, hello, early).await;
    let resumed = accepted(&mut session.expect("is admitted"), 4).await;
    assert!(resumed.resumed);
    assert_eq!(resumed.last_sequence, 1);
}

/// Edits after which a sheet that is opened again has an earlier one in its log alone.
const FORGETTING: u32 = 300;

/// A command that sets a cell.
fn command(sequence: u64) -> ClientFrame {
    let set = v1::SetCells {
        row: Some(v1::RowRef { row: Some(v1::row_ref::Row::At(0)) }),
        col: Some(v1::ColumnRef { column: Some(v1::column_ref::Column::At(0)) }),
        values: vec![v1::Value { kind: Some(v1::value::Kind::Number(1.0)) }],
        ..v1::SetCells::default()
    };
    let command = v1::Command { command: Some(v1::command::Command::SetCells(set)) };
    let change = Some(v1::edit::Change::Commands(v1::CommandList { commands: vec![command] }));
    ClientFrame::Edit(v1::Edit { sequence, change, ..v1::Edit::default() })
}

/// Reads until an edit is accepted. Gives its revision.
async fn revision_of(session: &mut NativeSession, sequence: u64) -> u64 {
    loop {
        let frame = within("an answer", session.next()).await.expect("stays open");
        if let ServerFrame::Accepted(accepted) = frame
            && accepted.sequence == sequence
        {
            return accepted.revision;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_whose_only_edit_was_a_command_is_known_again() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = client.create_sheet("Early", client::net::NewSheet::default()).await;
    let sheet_id = sheet.expect("is made").id;
    let hello = v1::Hello { sheet_id: sheet_id.clone(), ..v1::Hello::default() };
    let first = NativeSession::try_open_with(server.url(), &token, hello.clone(), vec![command(1)]);
    let mut first = first.await.expect("is admitted");
    let welcome = accepted(&mut first, 1).await;
    drop(first);
    let again = v1::Hello { client_id: welcome.client_id, ..hello.clone() };
    let mut session = NativeSession::open(&server, &token, again.clone()).await;
    assert_eq!(accepted(&mut session, 0).await.last_sequence, 1, "in memory");
    drop(session);

    let live = opened(&client, &sheet_id).await;
    for number in 0..FORGETTING {
        let ticket = live.set(0, 1, f64::from(number)).await.expect("open");
        within("an answer", ticket.accepted()).await.expect("is accepted");
    }
    drop(live);
    let (stopped, _) = server.stop();
    let server = stopped.restart();
    let session = NativeSession::try_open_with(
        server.url(),
        &token,
        again.clone(),
        vec![command(1), command(2)],
    );
    let mut session = session.await.expect("is admitted");
    assert_eq!(accepted(&mut session, 0).await.last_sequence, 1, "in the log");
    assert_eq!(revision_of(&mut session, 1).await, 1, "the first answer again");
    assert_eq!(revision_of(&mut session, 2).await, u64::from(FORGETTING) + 2);
    drop(session);

    // The id that wrote commands alone is no one else's either.
    let (ben, other) = sign_up_with_token(&server).await;
    client.share(&sheet_id, &email_of(&ben).await, v1::Role::Editor).await.expect("is shared");
    let foreign = NativeSession::try_open(server.url(), &other, again).await;
    let refused = match foreign {
        Ok(mut session) => within("the end", session.next()).await.expect_err("is another's"),
        Err(refused) => refused,
    };
    assert_eq!(refused.code(), tonic::Code::PermissionDenied);
}
