//! One connection with many sessions: each session keeps its rights, its bound and its end, and does not notice the
//! others.
//!
//! Not the silence of a client, which is tested with a clock of its own (`service::live::connection`). Invariant: each
//! connection is one request over HTTP/1.1, as a browser makes it.

#[path = "connect/notices.rs"]
mod notices;

use client::net::NewSheet;
use gridloom::v1::client_frame::Frame as ClientFrame;
use gridloom::v1::server_frame::Frame;
use gridloom::{convert, v1};
use integration::harness::{
    ConnectEvent, Grid, NativeSession, PASSWORD, Server, WebConnection, email_of, new_sheet,
    sign_up, sign_up_with_token, within,
};
use model::limits::edge::{CONNECTION_SESSIONS, CONNECTION_SILENT};
use ot_engine::{Delta, Value};
use tonic::Code;

/// More than all buffers hold between the server and a client that does not read.
const TEXT_BYTES: usize = 60_000;
const EDITS: u32 = 400;

fn hello(sheet: &str) -> v1::Hello {
    v1::Hello { sheet_id: sheet.to_owned(), ..v1::Hello::default() }
}

/// Sets the first cell of a row, on a revision that the session knows.
fn edit(sequence: u64, base_revision: u64, row: u32, value: f64) -> ClientFrame {
    let delta = convert::delta_to_wire(&Delta::set_cell(row, 0, value));
    let change = Some(v1::edit::Change::Delta(delta));
    ClientFrame::Edit(v1::Edit { sequence, base_revision, change, group: 0 })
}

/// The revision that a frame reaches.
fn reached(frame: &Frame) -> u64 {
    match frame {
        Frame::Changes(changes) => changes.through,
        Frame::Accepted(accepted) => accepted.revision,
        _ => 0,
    }
}

/// The answer to the edit of a session.
async fn accepted(connection: &mut WebConnection, session: u32) -> u64 {
    let accepted = |event| match event {
        ConnectEvent::Frame(number, Frame::Accepted(accepted)) if number == session => {
            Some(accepted.revision)
        }
        ConnectEvent::End(number, status) if number == session => panic!("{status:?}"),
        _ => None,
    };
    connection.until("an answer", accepted).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sessions_of_one_connection_converge() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = new_sheet(&client, "Shared", 6).await;
    let mut connection = WebConnection::open(server.url(), &token).await;
    assert_eq!(u64::from(connection.opened.silence_seconds), CONNECTION_SILENT.as_secs());
    let mut clients = Vec::new();
    for session in [1, 2] {
        clients.push(connection.join(session, hello(&sheet)).await.client_id);
    }
    assert_ne!(clients[0], clients[1]);
    for (session, row) in [(1, 0), (2, 1)] {
        connection.send(session, vec![edit(1, 0, row, f64::from(session))]).await.expect("is open");
        let revision = accepted(&mut connection, session).await;
        assert_eq!(revision, u64::from(session));
    }
    connection.answers(1, 7).await;
    connection.answers(2, 7).await;
    let grid = Grid::read(&client, &sheet).await;
    assert_eq!(grid.rows[0][0], Value::from(1.0));
    assert_eq!(grid.rows[1][0], Value::from(2.0));
    connection.keep(9).await.expect("is open");
    let pong = |event| matches!(event, ConnectEvent::Pong(9)).then_some(());
    connection.until("a pong", pong).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_ends_ends_its_session_alone() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up_with_token(&server).await);
    let email = email_of(&ben.0).await;
    let lent = new_sheet(&ada, "Lent", 6).await;
    ada.share(&lent, &email, v1::Role::Editor).await.expect("is shared");
    let own = new_sheet(&ben.0, "Own", 6).await;
    let mut connection = WebConnection::open(server.url(), &ben.1).await;
    connection.join(1, hello(&lent)).await;
    connection.join(2, hello(&own)).await;
    ada.unshare(&lent, &email).await.expect("has a role");
    let ended = connection.end_of(1).await;
    assert_eq!(Code::from_i32(ended.code), Code::PermissionDenied, "{ended:?}");
    assert!(!ended.details.is_empty(), "{ended:?}");
    connection.answers(2, 1).await;
    // The number is free, and the answer is the same as for any other call.
    let refused = connection.attach(1, hello(&lent)).await.expect_err("has no role");
    assert_eq!(refused.code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_revoked_ends_its_own_sessions() {
    let server = Server::start();
    let (ada, token) = sign_up_with_token(&server).await;
    let sheet = new_sheet(&ada, "Mine", 6).await;
    let email = email_of(&ada).await;
    let (second, session) = ada.sign_in(&email, PASSWORD).await.expect("is theirs");
    let mut connection = WebConnection::open(server.url(), &token).await;
    connection.join(1, hello(&sheet)).await;
    connection.attach_as(&session.token, 2, hello(&sheet)).await.expect("is theirs");
    connection.welcome(2).await;
    second.sign_out().await.expect("is signed in");
    let ended = connection.end_of(2).await;
    assert_eq!(Code::from_i32(ended.code), Code::Unauthenticated, "{ended:?}");
    connection.answers(1, 1).await;
    // The token of the connection ends it.
    ada.sign_out().await.expect("is signed in");
    let end = within("the end", async {
        loop {
            if let Err(status) = connection.next().await {
                return status;
            }
        }
    });
    assert_eq!(end.await.code(), Code::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_not_read_ends_alone() {
    let server = Server::start_with(&["--limit-session-frames", "16"]);
    let (client, token) = sign_up_with_token(&server).await;
    let busy = client.create_sheet("Busy", NewSheet::default()).await.expect("can be made").id;
    let quiet = new_sheet(&client, "Quiet", 6).await;
    let mut connection = WebConnection::open(server.url(), &token).await;
    connection.join(1, hello(&quiet)).await;
    connection.join(2, hello(&busy)).await;
    let writer = client.open(&busy).await.expect("opens");
    let text: Value = "x".repeat(TEXT_BYTES).as_str().into();
    for number in 0..EDITS {
        let ticket = writer.set(number % 100, 0, text.clone()).await.expect("open");
        within("an edit", ticket.accepted()).await.expect("is accepted");
        if number % 20 == 0 {
            connection.keep(1).await.expect("is open");
        }
    }
    // No frame is read; an edit of the quiet session is taken all the same.
    connection.send(1, vec![edit(1, 0, 0, 5.0)]).await.expect("is open");
    let mut resync = false;
    let ended = |event| match event {
        ConnectEvent::Frame(2, frame) => {
            assert!(!resync, "nothing comes after the resync but the end: {frame:?}");
            let slow = v1::resync::Reason::SlowReader;
            resync = matches!(frame, Frame::Resync(sent) if sent.reason() == slow);
            None
        }
        ConnectEvent::End(2, status) => Some(status),
        ConnectEvent::End(1, status) => panic!("the quiet session ended: {status:?}"),
        _ => None,
    };
    let ended = connection.until("the end of the slow session", ended).await;
    assert_eq!(Code::from_i32(ended.code), Code::ResourceExhausted, "{ended:?}");
    connection.answers(1, 3).await;
    assert_eq!(Grid::read(&client, &quiet).await.rows[0][0], Value::from(5.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_resume_on_another_connection() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheets = [new_sheet(&client, "One", 6).await, new_sheet(&client, "Two", 6).await];
    let mut connection = WebConnection::open(server.url(), &token).await;
    let mut points = Vec::new();
    for (session, sheet) in (1..).zip(&sheets) {
        let welcome = connection.join(session, hello(sheet)).await;
        connection.send(session, vec![edit(1, 0, 0, 1.0)]).await.expect("is open");
        let revision = accepted(&mut connection, session).await;
        let resume = Some(v1::ResumePoint { epoch: welcome.epoch, revision });
        points.push(v1::Hello { client_id: welcome.client_id, resume, ..hello(sheet) });
    }
    drop(connection);
    for sheet in &sheets {
        let writer = client.open(sheet).await.expect("opens");
        let ticket = writer.set(1, 0, 2.0).await.expect("open");
        within("an edit", ticket.accepted()).await.expect("is accepted");
    }
    let mut next = WebConnection::open(server.url(), &token).await;
    // Both at once: what one misses does not wait for the other.
    for (session, point) in (1..).zip(points) {
        next.attach(session, point).await.expect("is attached");
    }
    let (mut welcomed, mut caught_up) = (0, [false; 2]);
    let both = |event| {
        let ConnectEvent::Frame(session, frame) = event else { return None };
        if let Frame::Welcome(welcome) = &frame {
            assert!(welcome.resumed, "{welcome:?}");
            assert_eq!(welcome.last_sequence, 1);
            welcomed += 1;
        }
        caught_up[session as usize - 1] |= reached(&frame) >= 2;
        (welcomed == 2 && caught_up == [true; 2]).then_some(())
    };
    next.until("both are up to date", both).await;
    for session in [1, 2] {
        next.send(session, vec![edit(2, 2, 2, 3.0)]).await.expect("is open");
        assert_eq!(accepted(&mut next, session).await, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_has_a_bound_of_sessions_and_each_receives_each_change() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = new_sheet(&client, "Crowded", 6).await;
    let mut connection = WebConnection::open(server.url(), &token).await;
    let most = u32::try_from(CONNECTION_SESSIONS).expect("a small number");
    assert_eq!(connection.opened.sessions, most);
    for session in 0..most {
        connection.join(session, hello(&sheet)).await;
    }
    let refused = connection.attach(most, hello(&sheet)).await.expect_err("is full");
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(refused.message().contains("connection_sessions"), "{refused:?}");
    let used = connection.attach(3, hello(&sheet)).await.expect_err("is in use");
    assert_eq!(used.code(), Code::InvalidArgument);
    connection.send(0, vec![edit(1, 0, 0, 1.0)]).await.expect("is open");
    let mut missing: Vec<bool> = vec![true; CONNECTION_SESSIONS];
    let all = |event| {
        if let ConnectEvent::Frame(session, Frame::Changes(_) | Frame::Accepted(_)) = event {
            missing[session as usize] = false;
        }
        (!missing.contains(&true)).then_some(())
    };
    connection.until("the change in each session", all).await;
    // A detached session makes room.
    connection.detach(5).await.expect("is open");
    connection.detach(5).await.expect("is no error");
    within("the number is free", async {
        while connection.attach(5, hello(&sheet)).await.is_err() {}
    })
    .await;
    connection.welcome(5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_see_a_detached_session_leave_and_a_cut_connection() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = new_sheet(&client, "Watched", 6).await;
    let (mut watcher, _) = NativeSession::join(server.url(), &token, &sheet).await;
    let mut connection = WebConnection::open(server.url(), &token).await;
    let mut ids = Vec::new();
    for session in [1, 2, 3] {
        ids.push(connection.join(session, hello(&sheet)).await.session_id);
        watcher.sees(&ids[ids.len() - 1], |_| true).await;
    }
    connection.detach(2).await.expect("is open");
    watcher.sees_leave(&ids[1]).await;
    connection.answers(1, 1).await;
    drop(connection);
    let mut left = Vec::new();
    while left.len() < 2 {
        left.extend(watcher.next_presence().await.left);
    }
    left.sort();
    let mut expected = [ids[0].clone(), ids[2].clone()];
    expected.sort();
    assert_eq!(left, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ended_is_not_found() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = new_sheet(&client, "Gone", 6).await;
    let mut connection = WebConnection::open(server.url(), &token).await;
    connection.opened.connection_id.push('0');
    assert_eq!(connection.keep(1).await.expect_err("is unknown").code(), Code::NotFound);
    assert_eq!(connection.detach(1).await.expect_err("is unknown").code(), Code::NotFound);
    let refused = connection.attach(1, hello(&sheet)).await.expect_err("is unknown");
    assert_eq!(refused.code(), Code::NotFound);
    connection.opened.connection_id.pop();
    let malformed = connection.attach(1, hello("no id")).await.expect_err("is no id");
    assert_eq!(malformed.code(), Code::InvalidArgument);
    // A refused attach leaves its number free.
    connection.join(1, hello(&sheet)).await;
}
