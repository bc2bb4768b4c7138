//! The session registry: a row in Postgres holds each session from its opening to its end, also when the
//! server crashes or Postgres is away.
//!
//! Not the events of a session. Invariant: each session has one row, with one end.

use std::process::Command;

use client::net::NewSheet;
use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use integration::harness::{
    DEADLINE, Link, NativeSession, OwnPostgres, Server, WebSession, binaries, eventually, run,
    sign_up_with_token, within,
};
use serde_json::Value;
use tokio_postgres::Client as Sql;

fn hello(sheet: &str) -> v1::Hello {
    v1::Hello { sheet_id: sheet.to_owned(), ..v1::Hello::default() }
}

/// Waits until the registry has this end of a session (`open` while it lasts). Returns the detail.
async fn becomes(sql: &Sql, session: &str, expected: &str) -> String {
    let query = "select coalesce(ended, 'open'), detail from live_sessions
        where replace(node::text, '-', '') || '-' || to_hex(number) = $1";
    eventually(&format!("{session} is {expected}"), || async {
        let row = sql.query_opt(query, &[&session]).await.expect("an answer")?;
        (row.get::<_, &str>(0) == expected).then(|| row.get(1))
    })
    .await
}

/// The output of `gridloom admin sessions` for a server.
fn listed(server: &Server, flags: &[&str]) -> Vec<Value> {
    let mut command = Command::new(binaries::gridloom());
    command.args(["admin", "sessions", "--json", "--data-dir"]).arg(server.home().data());
    let output = run(
        {
            command.args(flags);
            command
        },
        DEADLINE,
    )
    .success();
    output.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_session_is_registered_from_its_opening_to_its_end() {
    let server = Server::start_with(&["--drain-seconds", "1"]);
    let (client, token) = sign_up_with_token(&server).await;
    let sheet =
        client.create_sheet("Registered", NewSheet::default()).await.expect("can be made").id;
    let (first, first_id) = NativeSession::join(server.url(), &token, &sheet).await;
    let (web, welcome) = WebSession::open(&server, &token, hello(&sheet)).await;
    let sql = server.sql().await;
    becomes(&sql, &first_id, "open").await;
    becomes(&sql, &welcome.session_id, "open").await;

    let open_now = listed(&server, &[]);
    assert_eq!(open_now.len(), 2, "{open_now:?}");
    let one = open_now.iter().find(|one| one["session"] == first_id.as_str()).expect("is listed");
    assert_eq!((&one["sheet"], &one["client"]), (&sheet.as_str().into(), &"stream".into()));
    assert!(one["email"].as_str().is_some_and(|email| email.starts_with("person")), "{one}");
    let authority = server.authority().to_owned();
    assert!(one["node_name"].as_str().is_some_and(|name| name.ends_with(&authority)), "{one}");

    drop(first);
    becomes(&sql, &first_id, "closed").await;
    let ended = listed(&server, &["--ended", "--sheet", &sheet]);
    assert_eq!((ended.len(), &ended[0]["ended"]), (1, &"closed".into()), "{ended:?}");
    drop((sql, web));

    // A killed server writes no end; its next run writes it.
    let (lost, lost_id) = NativeSession::join(server.url(), &token, &sheet).await;
    let sql = server.sql().await;
    becomes(&sql, &lost_id, "open").await;
    drop(sql);
    let server = server.kill().restart();
    drop(lost);
    let sql = server.sql().await;
    assert_eq!(becomes(&sql, &lost_id, "lost").await, "its node was gone");

    // A server that is asked to stop writes the end of each session.
    let (drained, drained_id) = NativeSession::join(server.url(), &token, &sheet).await;
    becomes(&sql, &drained_id, "open").await;
    drop(sql);
    let server = server.stop().0.restart();
    drop(drained);
    becomes(&server.sql().await, &drained_id, "drained").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_without_postgres_are_registered_when_it_is_back() {
    let own = OwnPostgres::start().await;
    let server = Server::start_with(&["--database-url", &own.tcp_url()]);
    let (client, token) = sign_up_with_token(&server).await;
    let new = || client.create_sheet("Registered", NewSheet::default());
    let (loaded, other) = (new().await.expect("is made").id, new().await.expect("is made").id);
    let (mut kept, kept_id) = NativeSession::join(server.url(), &token, &loaded).await;
    let sql = own.sql().await;
    becomes(&sql, &kept_id, "open").await;

    own.proxy().set(Link::Cut);
    let (brief, brief_id) = NativeSession::join(server.url(), &token, &loaded).await;
    drop(brief);
    for _ in 0..2 {
        let refused = NativeSession::try_open(server.url(), &token, hello(&other)).await;
        let status = refused.expect_err("it can't be loaded");
        assert_eq!(status.code(), tonic::Code::Unavailable, "{status}");
    }
    let (late, late_id) = NativeSession::join(server.url(), &token, &loaded).await;
    own.proxy().set(Link::Open);

    becomes(&sql, &brief_id, "closed").await;
    becomes(&sql, &late_id, "open").await;
    becomes(&sql, &kept_id, "open").await;
    let sheet: uuid::Uuid = other.parse().expect("an id");
    let failed = "select detail from live_sessions where sheet = $1 and ended = 'error'";
    let detail = eventually("the refusals are registered", || async {
        let rows = sql.query(failed, &[&sheet]).await.expect("an answer");
        (rows.len() == 1).then(|| rows[0].get::<_, String>(0))
    })
    .await;
    assert!(detail.contains("away") && detail.ends_with("(2 attempts)"), "{detail}");
    kept.send(gridloom::v1::client_frame::Frame::Ping(v1::Ping { nonce: 1 }));
    while !matches!(within("a pong", kept.next()).await, Ok(Frame::Pong(_))) {}
    drop(late);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sessions_of_a_dead_server_are_closed_by_another() {
    let own = OwnPostgres::start().await;
    let survivor = Server::start_with(&["--database-url", &own.tcp_url()]);
    let dies = Server::start_with(&["--database-url", &own.tcp_url()]);
    let (client, token) = sign_up_with_token(&dies).await;
    let sheet = client.create_sheet("Lost", NewSheet::default()).await.expect("is made").id;
    let (session, id) = NativeSession::join(dies.url(), &token, &sheet).await;
    let sql = own.sql().await;
    becomes(&sql, &id, "open").await;
    let dead = dies.kill();
    drop(session);
    becomes(&sql, &id, "lost").await;
    drop((dead, survivor));
}
