//! Live sessions with frames out of order, too many edits, a slow reader, or an expired token.
//!
//! Not raw bytes: see `http`. Invariant: each refusal has a status, and other sessions are served.

use client::net::NewSheet;
use gridloom::v1;
use gridloom::v1::client_frame::Frame as ClientFrame;
use gridloom::v1::live_service_client::LiveServiceClient;
use gridloom::v1::server_frame::Frame;
use integration::harness::{LocalServer, NativeSession, Server, sign_up_with_token, within};
use ot_engine::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_stream::StreamExt as _;
use tonic::transport::Endpoint;
use tonic::{Code, Request, Status};

use super::raw::{connect, message, web_call};

#[tokio::test(flavor = "multi_thread")]
async fn frames_out_of_order_are_named() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = client.create_sheet("Order", NewSheet::default()).await.expect("is made").id;
    let hello = || v1::Hello { sheet_id: sheet_id.clone(), ..v1::Hello::default() };
    for first in [Some(edit(1, "x")), Some(ClientFrame::Ping(v1::Ping { nonce: 1 })), None] {
        let refused = first_frame(&server, &token, first).await;
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
        assert!(refused.message().contains("hello"), "{refused:?}");
    }
    let nowhere = ClientFrame::Hello(v1::Hello { sheet_id: "x".into(), ..v1::Hello::default() });
    let refused = first_frame(&server, &token, Some(nowhere)).await;
    assert!(refused.message().contains("hello.sheet_id"), "{refused:?}");

    let mut twice = NativeSession::open(&server, &token, hello()).await;
    twice.send(ClientFrame::Hello(hello()));
    let ended = end(&mut twice).await;
    assert_eq!(ended.code(), Code::InvalidArgument, "{ended:?}");
    assert!(ended.message().to_lowercase().contains("hello"), "{ended:?}");

    // A refusal names a sequence that skips or repeats a number, and the stream continues.
    let mut session = NativeSession::open(&server, &token, hello()).await;
    session.send(edit(1, "first"));
    answer(&mut session, 1).await.expect("is the next");
    for sequence in [3, 0, u64::MAX] {
        session.send(edit(sequence, "x"));
        let refused = answer(&mut session, sequence).await.expect_err("is not the next");
        let named = refused.contains("sequence") || refused.contains("number");
        assert!(named, "{sequence}: {refused}");
    }
    session.send(edit(2, "second"));
    answer(&mut session, 2).await.expect("is the next");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_is_too_fast_receives_a_retry_delay() {
    let flags = ["--limit-edits-per-second", "1", "--limit-edits-burst", "5"];
    let server = Server::start_with(&flags);
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = client.create_sheet("Fast", NewSheet::default()).await.expect("is made").id;
    let hello = || v1::Hello { sheet_id: sheet_id.clone(), ..v1::Hello::default() };
    let mut session = NativeSession::open(&server, &token, hello()).await;
    for sequence in 1..=30 {
        session.send(edit(sequence, "x"));
    }
    let mut refused = 0;
    for sequence in 1..=30 {
        if let Err(status) = answer(&mut session, sequence).await {
            assert!(
                status.contains("ResourceExhausted") && status.contains("RetryInfo"),
                "{status}"
            );
            refused += 1;
        }
    }
    assert!((20..=25).contains(&refused), "{refused} are refused");
    let mut other = NativeSession::open(&server, &token, hello()).await;
    other.send(edit(1, "y"));
    answer(&mut other, 1).await.expect("another session is not delayed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_its_token() {
    let server = LocalServer::start(|_| {}).await;
    let (client, token) = server.sign_up().await;
    let id = client.create_sheet("Mine", NewSheet::default()).await.expect("is made").id;
    let hello = v1::Hello { sheet_id: id.clone(), ..v1::Hello::default() };
    let open = async |server: &LocalServer, token: &str| {
        let url = format!("http://{}", server.addr());
        NativeSession::open_at(&url, token, hello.clone()).await
    };
    // The token is revoked during the session.
    let again = client.sign_in(&email(&client).await, integration::harness::PASSWORD).await;
    let (second, session) = again.expect("is theirs");
    let mut live = open(&server, &session.token).await;
    second.sign_out().await.expect("is signed in");
    let ended = end(&mut live).await;
    assert_eq!(ended.code(), Code::Unauthenticated, "{ended:?}");

    // The token expires during the session. A restart empties the server's cache of tokens.
    let soon = "update tokens set expires_at = now() + interval '6 seconds'";
    server.sql().await.batch_execute(soon).await.expect("can be written");
    let server = server.restart(None).await;
    let mut live = open(&server, &token).await;
    live.send(edit(1, "in time"));
    answer(&mut live, 1).await.expect("in time");
    let ended = end(&mut live).await;
    assert_eq!(ended.code(), Code::Unauthenticated, "{ended:?}");
    let late = server.client(&token).await.who_am_i().await.expect_err("is over");
    assert_eq!(late.code(), Some(Code::Unauthenticated), "{late:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_byte_by_byte_delays_no_session() {
    let server =
        Server::start_with(&["--limit-session-frames", "16", "--limit-sheet-sessions", "2"]);
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = client.create_sheet("Busy", NewSheet::default()).await.expect("is made");
    let mut hello = vec![0x0a, 36];
    hello.extend_from_slice(sheet.id.as_bytes());
    let mut watch = vec![0x0a, u8::try_from(hello.len()).expect("short")];
    watch.append(&mut hello);
    let length = u32::try_from(watch.len()).expect("short");
    let call =
        web_call("gridloom.v1.LiveService/Watch", &token, "", &message(false, length, &watch));
    let mut slow = connect(server.authority()).await;
    slow.write_all(&call).await.expect("is taken");
    let mut byte = [0];
    slow.read_exact(&mut byte).await.expect("it begins");
    let writer = client.open(&sheet.id).await.expect("opens");
    let text: Value = "x".repeat(60_000).as_str().into();
    for number in 0..400 {
        let ticket = writer.set(number % 100, 0, text.clone()).await.expect("open");
        within("an edit", ticket.accepted()).await.expect("is accepted");
        // One byte for each edit of 60,000.
        let _ = slow.read_exact(&mut byte).await;
    }
    // The server closed the slow session, so there is room for another one beside the writer's.
    let hello = v1::Hello { sheet_id: sheet.id.clone(), ..v1::Hello::default() };
    let mut third = NativeSession::open(&server, &token, hello).await;
    third.send(edit(1, "z"));
    answer(&mut third, 1).await.expect("is admitted");
    drop(slow);
}

/// The status with which the server refuses a stream with this first frame.
async fn first_frame(server: &Server, token: &str, first: Option<ClientFrame>) -> Status {
    let endpoint = Endpoint::from_shared(server.url().to_owned()).expect("an address");
    let channel = endpoint.connect().await.expect("the server is there");
    let frame = v1::CollaborateRequest { frame: Some(v1::ClientFrame { frame: first }) };
    // The stream stays open after the first frame, as a client's stream does.
    let frames = tokio_stream::once(frame).chain(tokio_stream::pending());
    let mut request = Request::new(frames);
    let bearer = format!("Bearer {token}").parse().expect("a token is ASCII");
    request.metadata_mut().insert("authorization", bearer);
    let mut service = LiveServiceClient::new(channel);
    let answer = within("an answer", service.collaborate(request)).await;
    answer.map(|_| ()).expect_err("is out of order")
}

/// Waits for the answer to an edit; an error is the refusal as text.
pub(super) async fn answer(session: &mut NativeSession, sequence: u64) -> Result<(), String> {
    loop {
        match within("an answer", session.next()).await.expect("the stream continues") {
            Frame::Accepted(accepted) if accepted.sequence == sequence => return Ok(()),
            Frame::Rejected(rejected) if rejected.sequence == sequence => {
                let status = rejected.status.expect("a refusal has a status");
                let kinds: Vec<_> =
                    status.details.iter().map(|detail| detail.type_url.clone()).collect();
                let code = Code::from_i32(status.code);
                return Err(format!("{code:?} {} {kinds:?}", status.message));
            }
            _ => {}
        }
    }
}

async fn end(session: &mut NativeSession) -> Status {
    loop {
        if let Err(status) = within("the end", session.next()).await {
            return status;
        }
    }
}

pub(super) fn edit(sequence: u64, text: &str) -> ClientFrame {
    let value = v1::Value { kind: Some(v1::value::Kind::Text(text.to_owned())) };
    let block = v1::CellBlock { row: 0, col: 0, width: 1, values: vec![value] };
    let delta = v1::Delta { cells: vec![block], ..v1::Delta::default() };
    let change = Some(v1::edit::Change::Delta(delta));
    ClientFrame::Edit(v1::Edit { sequence, base_revision: 0, change, group: 0 })
}

async fn email(client: &client::Client) -> String {
    let known = client.who_am_i().await.expect("is signed in");
    known.account.expect("has an account").email
}
