//! A client that resumes sends its unanswered edits right after `Hello`; each of them is answered.
//!
//! Not late frames. Invariant: answers keep the order of the edits.

use gridloom::v1::client_frame::Frame as ClientFrame;
use gridloom::v1::server_frame::Frame as ServerFrame;
use gridloom::{convert, v1};
use integration::harness::{NativeSession, Server, sign_up_with_token, within};
use ot_engine::Delta;

fn edit(sequence: u64, base: u64) -> ClientFrame {
    let delta = Delta::set_cell(0, 0, sequence as f64);
    let change = Some(v1::edit::Change::Delta(convert::delta_to_wire(&delta)));
    ClientFrame::Edit(v1::Edit { sequence, base_revision: base, change })
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
