//! A server reports its start and its end by health checks and frames, and its sessions move to another
//! server. No client delays its shutdown.
//!
//! Not a crash. Invariant: each wait for an end has a deadline.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use client::Client;
use client::net::NewSheet;
use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use integration::harness::{
    DEADLINE, Home, Link, NativeSession, OwnPostgres, OwnRedis, Process, Server, binaries,
    eventually, opened, serve_arguments, sign_up_with_token, within,
};
use ot_engine::Value;
use tonic::Code;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

/// More than all buffers hold between the server and a client that does not read.
const TEXT_BYTES: usize = 60_000;
const EDITS: u32 = 200;
/// One second to drain and one to close, and more for a busy machine.
const STOPPED_WITHIN: Duration = Duration::from_secs(20);

/// The HTTP code of `/healthz`; `None` without an answer.
fn healthz(authority: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(authority).ok()?;
    stream.set_read_timeout(Some(DEADLINE)).ok()?;
    let request =
        format!("GET /healthz HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_reads_does_not_delay_the_shutdown() {
    let server = Server::start_with(&["--drain-seconds", "1"]);
    assert_eq!(healthz(server.authority()), Some(200));
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = client.create_sheet("Busy", NewSheet::default()).await.expect("can be made");
    let hello = v1::Hello { sheet_id: sheet.id.clone(), ..v1::Hello::default() };
    let unread = NativeSession::open(&server, &token, hello.clone()).await;
    // Two connections without a whole request.
    let mut mute = TcpStream::connect(server.authority()).expect("connects");
    mute.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").expect("is sent");
    let mut half = TcpStream::connect(server.authority()).expect("connects");
    half.write_all(b"POST /gridloom.v1.SheetService/ListSheets HTTP/1.1\r\n").expect("is sent");

    let writer = client.open(&sheet.id).await.expect("opens");
    let text: Value = "x".repeat(TEXT_BYTES).as_str().into();
    for number in 0..EDITS {
        let ticket = writer.set(number % 100, 0, text.clone()).await.expect("open");
        within("an edit", ticket.accepted()).await.expect("is accepted");
    }
    let mut reader = NativeSession::open(&server, &token, hello).await;
    let started = Instant::now();
    let stopping = tokio::task::spawn_blocking(move || server.stop());
    let mut draining = false;
    let end = loop {
        match within("the end", reader.next()).await {
            Ok(frame) => draining |= matches!(frame, Frame::Draining(_)),
            Err(status) => break status,
        }
    };
    assert!(draining, "no Draining frame came before the end");
    assert_eq!(end.code(), Code::Unavailable, "{end:?}");
    let (_stopped, status) = stopping.await.expect("it stops");
    assert!(status.success(), "{status}");
    assert!(started.elapsed() < STOPPED_WITHIN, "{:?}", started.elapsed());
    drop((unread, mute, half));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_move_to_another_server_when_theirs_stops() {
    let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    let (database, journal) = (postgres.tcp_url(), redis.url());
    let start = || Server::start_sharing(&database, &journal, &["--drain-seconds", "5"]);
    let (here, there) = (start(), start());
    let (_, token) = sign_up_with_token(&here).await;
    let client = Client::connect_lazy(format!("{},{}", here.url(), there.url()));
    let client = client.expect("addresses").with_token(&token).expect("a token can be sent");
    let id = client.create_sheet("Moves", NewSheet::default()).await.expect("can be made").id;
    let sheet = opened(&client, &id).await;
    let before = sheet.set(0, 0, 1.0).await.expect("open");
    within("an edit", before.accepted()).await.expect("is accepted");

    let stopping = tokio::task::spawn_blocking(move || here.stop());
    let (_stopped, status) = stopping.await.expect("it stops");
    assert!(status.success(), "{status}");
    let after = sheet.set(1, 0, 2.0).await.expect("open");
    within("an edit at the other server", after.accepted()).await.expect("is accepted");
    let sql = postgres.sql().await;
    let sheet_id: uuid::Uuid = id.parse().expect("an id");
    let query = "select count(*) from live_sessions where sheet = $1 and ended is null";
    eventually("one session, at the other server", || async {
        let row = sql.query_one(query, &[&sheet_id]).await.expect("an answer");
        (row.get::<_, i64>(0) == 1).then_some(())
    })
    .await;
    drop((sheet, there));
}

/// Starts a server at a free address, without waiting until it serves.
fn start_without_waiting(home: &Home, database: &str, journal: &str) -> (Process, String) {
    let authority = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        listener.local_addr().expect("it is bound").to_string()
    };
    let flags = ["--database-url", database, "--redis-url", journal].map(str::to_owned);
    let arguments = serve_arguments(home.data(), &authority, &flags);
    (Process::start(&binaries::gridloom(), &arguments, &home.log()), authority)
}

/// Waits until the gRPC health service reports this status for the whole server. Each attempt has a new connection,
/// because a starting server replaces its listener.
async fn reports(authority: &str, expected: ServingStatus) {
    let ask = || async {
        let channel = Endpoint::from_shared(format!("http://{authority}")).expect("an address");
        let mut health = HealthClient::new(channel.connect_lazy());
        let answer = health.check(HealthCheckRequest::default()).await.ok()?.into_inner();
        (answer.status() == expected).then_some(())
    };
    eventually(expected.as_str_name(), ask).await;
}

/// The server is alive but not ready until `there` brings back the missing part; then it is ready.
async fn waits_and_serves(mut process: Process, authority: &str, there: impl FnOnce()) {
    let starting = || std::future::ready(healthz(authority).filter(|code| *code == 503));
    eventually("it lives", starting).await;
    reports(authority, ServingStatus::NotServing).await;
    there();
    let ready = || std::future::ready(healthz(authority).filter(|code| *code == 200));
    eventually("it is ready", ready).await;
    reports(authority, ServingStatus::Serving).await;
    let line = process.next_line(DEADLINE).expect("it prints its address");
    assert_eq!(line, format!("http://{authority}"));
    process.terminate();
    assert!(process.wait(DEADLINE).is_some_and(|status| status.success()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_waits_for_postgres_lives_and_is_not_ready() {
    let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    postgres.proxy().set(Link::Cut);
    let home = Home::new();
    let (process, authority) = start_without_waiting(&home, &postgres.tcp_url(), &redis.url());
    eventually("it listens", || std::future::ready(healthz(&authority))).await;
    let caller = Client::connect(&format!("http://{authority}")).await.expect("it listens");
    let refused = caller.sign_in("ada@example.org", "any password").await.expect_err("too early");
    assert_eq!(refused.code(), Some(Code::Unavailable), "{refused}");
    waits_and_serves(process, &authority, || postgres.proxy().set(Link::Open)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_waits_for_redis_lives_and_is_not_ready() {
    let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    redis.proxy().set(Link::Cut);
    let home = Home::new();
    let (process, authority) =
        start_without_waiting(&home, &postgres.tcp_url(), &redis.proxy_url());
    waits_and_serves(process, &authority, || redis.proxy().set(Link::Open)).await;
}

/// A balancer moves the clients of a server that is not ready.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_loses_redis_is_not_ready_until_it_is_back() {
    let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    let server = Server::start_sharing(&postgres.tcp_url(), &redis.proxy_url(), &[]);
    let answers = |code| std::future::ready(healthz(server.authority()).filter(|it| *it == code));
    eventually("it is ready", || answers(200)).await;
    for link in [Link::Silent, Link::Cut] {
        redis.proxy().set(link);
        eventually("it is not ready", || answers(503)).await;
        reports(server.authority(), ServingStatus::NotServing).await;
        redis.proxy().set(Link::Open);
        eventually("it is ready again", || answers(200)).await;
        reports(server.authority(), ServingStatus::Serving).await;
    }
}
