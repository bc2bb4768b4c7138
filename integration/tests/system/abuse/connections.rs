//! Silent connections, and more than there may be: the server closes those that show no token, and others have room.
//!
//! Not calls. Invariant: a client with a call under way, and one of another address, is always served.

use std::path::Path;
use std::time::{Duration, Instant};

use client::net::NewSheet;
use gridloom::v1;
use integration::harness::{
    Home, NativeSession, Process, Server, binaries, serve_arguments, sign_up_with_token, within,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::raw::{connect, rest};

/// Connections of one address.
const ALLOWED: usize = 20;
/// Fewer than those that strangers keep of them, beside a session and its client.
const OPEN: usize = 16;
/// Open files of a small machine, and the connections that are tried there.
const FILES: usize = 600;
const TRIED: usize = 700;
/// How long a server may take to answer on a busy machine.
const START: Duration = Duration::from_secs(90);
const GET: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
/// More than a connection without a token may be idle.
const IDLE_ENDS_WITHIN: Duration = Duration::from_secs(100);

#[tokio::test(flavor = "multi_thread")]
async fn strangers_of_one_address_displace_each_other_and_no_call_with_a_token() {
    let server = Server::start_with(&["--address-connections", &ALLOWED.to_string()]);
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = client.create_sheet("Kept", NewSheet::default()).await.expect("is made").id;
    let hello = || v1::Hello { sheet_id: sheet_id.clone(), ..v1::Hello::default() };
    let mut session = NativeSession::open(&server, &token, hello()).await;
    let mut other = from_another_address(server.authority()).await;
    assert!(is_answered(&mut other).await, "another address has room");
    let mut strangers = Vec::new();
    for _ in 0..ALLOWED * 5 {
        let mut stream = connect(server.authority()).await;
        assert!(is_answered(&mut stream).await, "a new connection has room");
        strangers.push(stream);
    }
    // The newest are there, and those before them are closed.
    for stream in &mut strangers[ALLOWED * 5 - OPEN..] {
        assert!(is_answered(stream).await, "is open");
    }
    for stream in &mut strangers[..ALLOWED * 4] {
        assert_eq!(rest(stream).await, b"", "is closed");
    }
    session.send(super::sessions::edit(1, "still here"));
    super::sessions::answer(&mut session, 1).await.expect("the session continues");
    assert!(is_answered(&mut other).await, "so does another address");
    client.who_am_i().await.expect("its client has connected again, if it had to");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_connections_at_once_the_newest_stay() {
    let server = Server::start_with(&["--address-connections", &ALLOWED.to_string()]);
    for _ in 0..10 {
        let mut strangers = Vec::new();
        for _ in 0..ALLOWED * 10 {
            strangers.push(connect(server.authority()).await);
        }
        for stream in &mut strangers[ALLOWED * 9..] {
            assert!(is_answered(stream).await, "is open");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_room_is_answered_and_there_is_room_again() {
    const SESSIONS: usize = 6;
    let server = Server::start_with(&["--address-connections", &SESSIONS.to_string()]);
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = client.create_sheet("Full", NewSheet::default()).await.expect("is made").id;
    let hello = || v1::Hello { sheet_id: sheet_id.clone(), ..v1::Hello::default() };
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS {
        sessions.push(NativeSession::open(&server, &token, hello()).await);
    }
    let mut stream = connect(server.authority()).await;
    stream.write_all(GET).await.expect("is taken");
    let refused = String::from_utf8_lossy(&rest(&mut stream).await).into_owned();
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(refused.contains("\r\nretry-after: ") && refused.contains("connections"), "{refused}");
    let stream = connect(server.authority()).await;
    let (_requests, connection) = h2::client::handshake(stream).await.expect("sends its preface");
    let ended = within("the end", connection).await.expect_err("is refused");
    assert_eq!(ended.reason(), Some(h2::Reason::ENHANCE_YOUR_CALM), "{ended:?}");
    let mut other = from_another_address(server.authority()).await;
    assert!(is_answered(&mut other).await, "another address has room");
    sessions.pop();
    let begun = Instant::now();
    while !is_answered(&mut connect(server.authority()).await).await {
        assert!(begun.elapsed() < Duration::from_secs(20), "the server makes no room");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_leaves_open_files_to_the_server_and_to_others() {
    let home = Home::new();
    let url = {
        let mut arguments = vec!["-c".to_owned(), format!("ulimit -n {FILES} && exec \"$@\"")];
        arguments.extend(["sh".to_owned(), binaries::gridloom().display().to_string()]);
        arguments.extend(serve_arguments(home.data(), "127.0.0.1:0", &[]));
        let mut process = Process::start(Path::new("/bin/sh"), &arguments, &home.log());
        let url = process.next_line(START);
        (process, url.unwrap_or_else(|| panic!("no address:\n{}", home.log_tail())))
    };
    let authority = url.1.trim_start_matches("http://");
    let mut held = Vec::new();
    for _ in 0..TRIED {
        let mut stream = connect(authority).await;
        // Some are refused.
        let _ = stream.write_all(GET).await;
        held.push(stream);
    }
    let client = client::Client::connect(format!("http://{authority}")).await;
    let client = client.expect("there is room");
    let email = "files@example.org";
    let (client, _) = client.sign_up(email, "correct horse", "").await.expect("Postgres has room");
    let sheet = client.create_sheet("Files", NewSheet::default()).await.expect("is made");
    client.export(&sheet.id).await.expect("an export has room");
    let mut other = from_another_address(authority).await;
    assert!(is_answered(&mut other).await, "another address has room");
    let log = std::fs::read_to_string(home.log()).expect("is written");
    assert!(log.contains("few open files are allowed"), "{log}");
    assert!(!log.contains("connections not accepted"), "{log}");
    drop(url);
}

/// Whether a connection is served; one that is refused is closed.
async fn is_answered(stream: &mut TcpStream) -> bool {
    if stream.write_all(GET).await.is_err() {
        return false;
    }
    let mut answer = Vec::new();
    let mut piece = [0; 1_024];
    while !answer.ends_with(b"ok\n") {
        match within("an answer or an end", stream.read(&mut piece)).await {
            Ok(count @ 1..) => answer.extend_from_slice(&piece[..count]),
            _ => return false,
        }
    }
    answer.starts_with(b"HTTP/1.1 200")
}

async fn from_another_address(authority: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.2:0".parse().expect("an address")).expect("this machine's, too");
    socket.connect(authority.parse().expect("an address")).await.expect("the server listens")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_connection_is_closed() {
    let server = Server::start();
    let (client, _) = sign_up_with_token(&server).await;
    let begun = Instant::now();
    let beginnings: [&[u8]; 4] =
        [b"", b"PRI * HT", b"GET / HT", b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: "];
    let mut silent = tokio::task::JoinSet::new();
    for beginning in beginnings {
        let mut stream = connect(server.authority()).await;
        stream.write_all(beginning).await.expect("is taken");
        silent.spawn(async move {
            rest(&mut stream).await;
        });
    }
    client.who_am_i().await.expect("other connections continue");
    while let Some(ended) = silent.join_next().await {
        ended.expect("is closed by the server");
    }
    assert!(begun.elapsed() < Duration::from_secs(45), "{:?}", begun.elapsed());
    client.who_am_i().await.expect("other connections continue");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_only_answers_pings_is_closed() {
    let server = Server::start();
    let stream = connect(server.authority()).await;
    let (requests, connection) = h2::client::handshake(stream).await.expect("is served");
    let begun = Instant::now();
    let ended = tokio::time::timeout(IDLE_ENDS_WITHIN, connection).await;
    ended.expect("ends in time").expect("ends as HTTP/2 does");
    assert!(begun.elapsed() > Duration::from_secs(50), "{:?}", begun.elapsed());
    drop(requests);
}
