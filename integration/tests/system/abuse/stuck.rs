//! Requests that never end and answers that the client never reads: the server ends both, and holds little
//! memory meanwhile. A quiet stream stays open.
//!
//! Not slow sessions: see `slow_reader`. Invariant: each call ends within its limit of time.

use std::time::{Duration, Instant};

use bytes::Bytes;
use client::net::NewSheet;
use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http::{HeaderMap, Request};
use integration::harness::{NativeSession, Server, WebSession, sign_up_with_token, within};
use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinSet;
use tonic::Code;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::raw::{connect, message, rest, status, web_call};
use super::sessions::{answer, edit};

/// More than the server waits for the rest of a message, and for a reader to read some bytes.
const MESSAGE_ENDS_WITHIN: Duration = Duration::from_secs(60);
const ANSWER_ENDS_WITHIN: Duration = Duration::from_secs(110);
/// The calls that one connection without a token may have open.
const CALLS: usize = 60;
/// What the requests of one connection may hold.
const HELD_BYTES: u64 = 64 << 20;
const GROWTH_BYTES: u64 = 60 * 1024 * 1024;

/// A connection whose peer opens windows of so many bytes and answers pings.
pub(crate) async fn h2(server: &Server, window: u32) -> SendRequest<Bytes> {
    let stream = connect(server.authority()).await;
    let mut builder = h2::client::Builder::new();
    builder.initial_window_size(window);
    let (requests, connection) = builder.handshake(stream).await.expect("answers over HTTP/2");
    tokio::spawn(connection);
    requests.ready().await.expect("is open")
}

pub(crate) fn post(
    requests: &mut SendRequest<Bytes>,
    path: &str,
    token: &str,
) -> (ResponseFuture, SendStream<Bytes>) {
    let request = Request::post(format!("http://x/{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {token}"))
        .body(())
        .expect("is valid");
    requests.send_request(request, false).expect("there is room")
}

/// The status that a call ends with, in its headers or behind its body.
pub(crate) async fn end_of(response: ResponseFuture) -> i32 {
    let response = response.await.expect("is answered");
    let code = |headers: &HeaderMap| headers.get("grpc-status")?.to_str().ok()?.parse().ok();
    if let Some(code) = code(response.headers()) {
        return code;
    }
    let mut body = response.into_body();
    while let Some(data) = body.data().await {
        data.expect("stays open");
    }
    let trailers = body.trailers().await.expect("stays open").expect("a call ends with trailers");
    code(&trailers).expect("a call ends with a status")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_never_finished_ends_and_holds_no_memory() {
    let server = Server::start();
    let (_, token) = sign_up_with_token(&server).await;
    let before = server.resident_bytes();
    let begun = Instant::now();
    let mut ends = JoinSet::new();
    // Messages without their last byte, within the limit and above it. (A reflection stream ends with OK.)
    let calls = [
        ("gridloom.v1.AccountService/SignUp", "", 8_000, Code::DeadlineExceeded),
        ("gridloom.v1.AccountService/SignIn", "", 4 << 20, Code::OutOfRange),
        ("grpc.health.v1.Health/Check", "", 4_000, Code::DeadlineExceeded),
        ("grpc.health.v1.Health/Check", "", 4 << 20, Code::OutOfRange),
        ("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "", 4_000, Code::Ok),
        ("gridloom.v1.SheetService/ApplyEdits", &*token, 2_000, Code::DeadlineExceeded),
    ];
    let mut connections = Vec::new();
    for (path, token, length, code) in calls {
        let mut requests = h2(&server, 65_535).await;
        for _ in 0..CALLS {
            let (response, mut body) = post(&mut requests, path, token);
            let part = vec![0; (length as usize - 1).min(10_000)];
            body.send_data(message(false, length, &part).into(), false).expect("is open");
            ends.spawn(async move {
                let ended = end_of(response).await;
                drop(body);
                (path, ended, code)
            });
        }
        connections.push(requests);
    }
    // The same call as a browser makes it: grpc-web on HTTP/1.1.
    let call =
        web_call("gridloom.v1.AccountService/SignUp", "", "", &message(false, 8_000, &[0; 99]));
    let call =
        String::from_utf8_lossy(&call).replace("content-length: 104", "content-length: 8005");
    let mut stream = connect(server.authority()).await;
    stream.write_all(call.as_bytes()).await.expect("is taken");
    ends.spawn(async move {
        let ended = String::from_utf8_lossy(&rest(&mut stream).await).into_owned();
        ("grpc-web", status(&ended).0, Code::DeadlineExceeded)
    });
    let next = async |ends: &mut JoinSet<_>| {
        let next = tokio::time::timeout(MESSAGE_ENDS_WITHIN, ends.join_next()).await;
        next.expect("each of them ends")
    };
    while let Some(end) = next(&mut ends).await {
        let (path, ended, code) = end.expect("ends");
        assert_eq!(ended, code as i32, "{path}");
        let grown = server.resident_bytes().saturating_sub(before);
        assert!(grown < GROWTH_BYTES, "{grown} bytes more");
    }
    assert!(begun.elapsed() < MESSAGE_ENDS_WITHIN, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_never_read_is_reset_and_holds_no_memory() {
    let site = tempfile::tempdir().expect("a place for files");
    std::fs::write(site.path().join("index.html"), vec![b'x'; 1 << 20]).expect("is written");
    let server = Server::start_with(&["--web-dir", site.path().to_str().expect("is UTF-8")]);
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = client.create_sheet("Read", NewSheet::default()).await.expect("is made").id;
    let before = server.resident_bytes();
    let begun = Instant::now();
    let mut unread = Vec::new();
    for _ in 0..5 {
        let mut requests = h2(&server, 0).await;
        for _ in 0..CALLS {
            let request = Request::get("http://x/").body(()).expect("is valid");
            let (response, _) = requests.send_request(request, true).expect("there is room");
            unread.push(within("the head", response).await.expect("is answered").into_body());
        }
        let (response, mut body) = post(&mut requests, "gridloom.v1.SheetService/GetSheet", &token);
        let asked = prost::Message::encode_to_vec(&v1::GetSheetRequest { sheet_id: sheet.clone() });
        let length = u32::try_from(asked.len()).expect("is short");
        body.send_data(message(false, length, &asked).into(), true).expect("is open");
        unread.push(within("the head", response).await.expect("is answered").into_body());
    }
    let grown = server.resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH_BYTES, "{grown} bytes more");
    for body in unread {
        reset(body).await;
    }
    assert!(begun.elapsed() < ANSWER_ENDS_WITHIN, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_holds_few_requests_under_way_also_with_a_token() {
    /// Requests of which each lacks its last byte.
    const REQUESTS: usize = 80;
    const MESSAGE: usize = 4 << 20;
    const HELD_FOR: Duration = Duration::from_secs(35);
    const LOOK_EVERY: Duration = Duration::from_millis(100);
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let before = server.resident_bytes();
    let begun = Instant::now();
    let mut requests = h2(&server, 65_535).await;
    let mut ends = JoinSet::new();
    for _ in 0..REQUESTS {
        let path = "gridloom.v1.SheetService/ApplyEdits";
        let (response, mut body) = post(&mut requests, path, &token);
        let length = u32::try_from(MESSAGE).expect("is short");
        let part = message(false, length, &vec![0; MESSAGE - 1]);
        body.send_data(part.into(), false).expect("is open");
        ends.spawn(async move {
            let ended = end_of(response).await;
            drop(body);
            ended
        });
    }
    let mut ended = 0;
    // The memory is largest long before the first ones have waited too long.
    while begun.elapsed() < HELD_FOR {
        if let Ok(Some(end)) = tokio::time::timeout(LOOK_EVERY, ends.join_next()).await {
            let codes = [Code::ResourceExhausted as i32, Code::DeadlineExceeded as i32];
            assert!(codes.contains(&end.expect("ends")), "is refused, or has waited too long");
            ended += 1;
        }
        let grown = server.resident_bytes().saturating_sub(before);
        assert!(grown < HELD_BYTES / 2 * 5, "{grown} bytes more");
    }
    assert!(ended > 0, "those that have no room are refused");
    drop(requests);
    client.who_am_i().await.expect("other connections continue");
    let (stopped, _) = server.stop();
    let log = std::fs::read_to_string(stopped.home().log()).expect("is written");
    assert!(log.contains("call refused: it would hold too many bytes"), "{log}");
}

/// Waits until the server has reset the stream.
async fn reset(mut body: RecvStream) {
    let end = tokio::time::timeout(ANSWER_ENDS_WITHIN, body.data()).await;
    let error = end.expect("ends in time").expect("has no ordinary end").expect_err("is reset");
    assert!(error.is_reset() || error.is_go_away(), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_can_not_be_decoded_ends_its_session_with_a_status() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = client.create_sheet("Large", NewSheet::default()).await.expect("is made").id;
    let hello = v1::Hello { sheet_id, ..v1::Hello::default() };
    let mut session = NativeSession::open(&server, &token, hello).await;
    session.send(edit(1, &"x".repeat(5 << 20)));
    let ended = loop {
        if let Err(status) = within("the end", session.next()).await {
            break status;
        }
    };
    assert_eq!(ended.code(), Code::InvalidArgument, "{ended:?}");
    assert!(ended.message().starts_with("frame: "), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_stream_stays_open() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = client.create_sheet("Quiet", NewSheet::default()).await.expect("is made").id;
    let hello = || v1::Hello { sheet_id: sheet_id.clone(), ..v1::Hello::default() };
    let mut native = NativeSession::open(&server, &token, hello()).await;
    let (mut web, _) = WebSession::open(&server, &token, hello()).await;
    let endpoint = Endpoint::from_shared(server.url().to_owned()).expect("an address");
    let mut health = HealthClient::new(endpoint.connect().await.expect("is there"));
    let watched = health.watch(HealthCheckRequest::default()).await.expect("is watched");
    let mut watched = watched.into_inner();
    watched.message().await.expect("stays open").expect("has a status");
    let end = async {
        tokio::select! {
            more = watched.message() => format!("{more:?}"),
            more = quiet(&mut native) => more,
        }
    };
    let nothing = tokio::time::timeout(ANSWER_ENDS_WITHIN, end).await;
    assert!(nothing.is_err(), "{nothing:?}");
    native.send(edit(1, "still here"));
    answer(&mut native, 1).await.expect("is accepted");
    within("the edit", async {
        while !matches!(web.next().await.expect("stays open"), Frame::Changes(_)) {}
    })
    .await;
    health.check(HealthCheckRequest::default()).await.expect("stays open");
}

/// Reads until the session ends; the test expects that it does not.
async fn quiet(session: &mut NativeSession) -> String {
    loop {
        if let Err(status) = session.next().await {
            return format!("{status:?}");
        }
    }
}
