//! Two servers on one Postgres and one Redis act as one: presence crosses servers, and a deleted sheet or a
//! revoked token ends sessions on both.
//!
//! Not edits across servers: see `nodes`. Invariant: both servers share one Redis.

use std::time::Duration;

use client::net::NewSheet;
use gridloom::v1;
use gridloom::v1::client_frame::Frame as ClientFrame;
use gridloom::v1::server_frame::Frame;
use integration::harness::{
    Link, NativeSession, OwnPostgres, OwnRedis, Server, eventually, sign_up_with_token,
    wait_for_locks, within,
};
use redis::AsyncCommands as _;
use tonic::Code;

/// Two servers on one Postgres and one Redis. In this order, so that servers end first.
pub(crate) struct Two {
    pub(crate) here: Server,
    pub(crate) there: Server,
    redis: OwnRedis,
    postgres: OwnPostgres,
}

impl Two {
    pub(crate) async fn start() -> Self {
        let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
        let (database, journal) = (postgres.tcp_url(), redis.url());
        let start = || Server::start_sharing(&database, &journal, &["--drain-seconds", "1"]);
        Self { here: start(), there: start(), redis, postgres }
    }

    /// The URL of their Postgres.
    pub(crate) fn database(&self) -> String {
        self.postgres.tcp_url()
    }
}

/// Less than the time limit of a statement.
const BEFORE_A_LOOKUP_ENDS: Duration = Duration::from_secs(5);

/// How a session ends.
async fn end(session: &mut NativeSession) -> Code {
    loop {
        if let Err(status) = within("the end", session.next()).await {
            return status.code();
        }
    }
}

fn at(row: u32, col: u32) -> Option<v1::CellPosition> {
    Some(v1::CellPosition { row, col })
}

fn there(cursor: Option<v1::CellPosition>) -> ClientFrame {
    ClientFrame::Presence(v1::Presence { cursor, ..v1::Presence::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_at_different_servers_see_each_other() {
    let two = Two::start().await;
    let (client, token) = sign_up_with_token(&two.here).await;
    let sheet = client.create_sheet("Shared", NewSheet::default()).await.expect("can be made").id;
    client.set_account_color(v1::AccountColor::Cyan).await.expect("is set");
    let (mut ada, ada_id) = NativeSession::join(two.here.url(), &token, &sheet).await;
    let (mut bob, bob_id) = NativeSession::join(two.there.url(), &token, &sheet).await;
    assert_ne!(ada_id, bob_id);
    ada.send(there(at(5, 1)));
    let seen = bob.sees(&ada_id, |ada| ada.cursor == at(5, 1)).await;
    assert_eq!(seen.color(), v1::AccountColor::Cyan);
    bob.send(there(at(2, 2)));
    ada.sees(&bob_id, |bob| bob.cursor == at(2, 2)).await;

    ada.send(ClientFrame::Presence(v1::Presence { away: true, ..v1::Presence::default() }));
    bob.sees(&ada_id, |ada| ada.away).await;
    ada.send(there(at(5, 1)));
    bob.sees(&ada_id, |ada| ada.cursor == at(5, 1) && !ada.away).await;

    // A new session receives the participants of both servers.
    let (mut eve, eve_id) = NativeSession::join(two.there.url(), &token, &sheet).await;
    eve.sees(&ada_id, |ada| ada.cursor == at(5, 1)).await;
    ada.sees(&eve_id, |_| true).await;
    drop(eve);
    ada.sees_leave(&eve_id).await;

    // The participants of a dead server are removed.
    let dead = two.there.kill();
    ada.sees_leave(&bob_id).await;
    drop((dead, bob));
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_or_signing_out_at_one_server_ends_sessions_at_all() {
    let two = Two::start().await;
    let (client, token) = sign_up_with_token(&two.here).await;
    let sheet = client.create_sheet("Shared", NewSheet::default()).await.expect("can be made").id;
    let (mut session, _) = NativeSession::join(two.there.url(), &token, &sheet).await;
    client.delete_sheet(&sheet).await.expect("is theirs");
    assert_eq!(end(&mut session).await, Code::NotFound);
    let hello = v1::Hello { sheet_id: sheet.clone(), ..v1::Hello::default() };
    let refused = NativeSession::try_open(two.there.url(), &token, hello).await;
    assert_eq!(refused.expect_err("is deleted").code(), Code::NotFound);

    let other = client.create_sheet("Other", NewSheet::default()).await.expect("can be made").id;
    let (mut session, _) = NativeSession::join(two.there.url(), &token, &other).await;
    client.sign_out().await.expect("is signed in");
    assert_eq!(end(&mut session).await, Code::Unauthenticated);
    let hello = v1::Hello { sheet_id: other, ..v1::Hello::default() };
    let refused = NativeSession::try_open(two.there.url(), &token, hello).await;
    assert_eq!(refused.expect_err("is signed out").code(), Code::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_ends_while_postgres_is_silent() {
    let two = Two::start().await;
    let (client, token) = sign_up_with_token(&two.here).await;
    let sheet = client.create_sheet("Shared", NewSheet::default()).await.expect("can be made").id;
    let (mut session, _) = NativeSession::join(two.there.url(), &token, &sheet).await;
    let sql = two.postgres.sql().await;
    let hash: Vec<u8> = sql.query_one("select hash from tokens", &[]).await.expect("one").get(0);
    let mut redis = two.redis.connection().await;
    // As the server publishes it to which the sign-out came; Postgres answers no query any more.
    two.postgres.proxy().set(Link::Silent);
    let event = [b"t".as_slice(), &hash].concat();
    let receivers: u32 = redis.publish("gridloom:invalidations", event).await.expect("is sent");
    assert!(receivers >= 2, "{receivers}");
    assert_eq!(end(&mut session).await, Code::Unauthenticated);
    let hello = v1::Hello { sheet_id: sheet, ..v1::Hello::default() };
    let opened = NativeSession::try_open(two.there.url(), &token, hello).await;
    assert_eq!(opened.expect_err("the token is not taken as valid").code(), Code::Unavailable);
    two.postgres.proxy().set(Link::Open);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_ends_while_a_name_is_looked_up() {
    let two = Two::start().await;
    let (client, token) = sign_up_with_token(&two.here).await;
    let sheet = client.create_sheet("Shared", NewSheet::default()).await.expect("can be made").id;
    let (mut session, _) = NativeSession::join(two.there.url(), &token, &sheet).await;
    let (lock, sql) = (two.postgres.sql().await, two.postgres.sql().await);
    lock.batch_execute("begin; lock table sheets in access exclusive mode").await.expect("locked");
    let mut redis = two.redis.connection().await;
    // As the server publishes it at which the sheet was renamed.
    let event = [b"n".as_slice(), &id_bytes(&sheet)].concat();
    let _: u32 = redis.publish("gridloom:invalidations", event).await.expect("is sent");
    wait_for_locks(&sql, 1).await;
    client.sign_out().await.expect("is signed in");
    let ended = tokio::time::timeout(BEFORE_A_LOOKUP_ENDS, end(&mut session)).await;
    assert_eq!(ended.expect("waits for no name"), Code::Unauthenticated);
    lock.batch_execute("rollback").await.expect("is unlocked");
}

fn id_bytes(sheet: &str) -> [u8; 16] {
    *uuid::Uuid::parse_str(sheet).expect("an id").as_bytes()
}

/// Two servers of which one may be kept from publishing, while its keys and the other server work as before.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_published_is_published_once_it_can_be() {
    let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    let (database, journal) = (postgres.tcp_url(), redis.url());
    let mut operator = redis.connection().await;
    let mut allow = async |channels: &str| {
        let mut rule = redis::cmd("ACL");
        rule.arg(&["SETUSER", "here", "on", ">secret", "~*", "+@all", channels]);
        rule.query_async::<()>(&mut operator).await.expect("a rule");
    };
    allow("allchannels").await;
    let of_here = journal.replace("redis://", "redis://here:secret@");
    let here = Server::start_sharing(&database, &of_here, &["--drain-seconds", "1"]);
    let there = Server::start_sharing(&database, &journal, &["--drain-seconds", "1"]);
    let (ada, token) = sign_up_with_token(&here).await;
    let sheet = ada.create_sheet("Stock", NewSheet::default()).await.expect("can be made");
    let (cell, sheet) = ((1, &*sheet.columns[0].id), sheet.id.clone());
    let id = uuid::Uuid::new_v4().to_string();
    let comment = ada.add_comment(&sheet, cell, "why?", &id).await.expect("is made");
    let (mut session, _) = NativeSession::join(there.url(), &token, &sheet).await;
    allow("resetchannels").await;
    ada.resolve_comment(&comment.thread_id, true).await.expect("may resolve");
    ada.share(&sheet, "cy@example.org", v1::Role::Editor).await.expect("is shared");
    ada.rename_sheet(&sheet, "Stock of May", None).await.expect("is renamed");
    eventually("two topics are refused", async || {
        let mut log = redis::cmd("ACL");
        log.arg("LOG");
        let mut reader = redis.connection().await;
        let refused: Vec<redis::Value> = log.query_async(&mut reader).await.ok()?;
        let refused = format!("{refused:?}");
        let topics = ["gridloom:invalidations", "gridloom:people"];
        topics.iter().all(|topic| refused.contains(topic)).then_some(())
    })
    .await;
    allow("allchannels").await;
    let mut seen = v1::SheetChange::default();
    while !(seen.comments && seen.sharing && seen.name == "Stock of May") {
        if let Frame::Sheet(change) = within("a change", session.next()).await.expect("stays open")
        {
            seen.comments |= change.comments;
            seen.sharing |= change.sharing;
            seen.name = change.name;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_count_at_all_servers_together() {
    let two = Two::start().await;
    // An account that has signed in from this network would wait instead.
    let email = "not-from-here@example.org";
    let sign_in = async |server: &Server| {
        let client = client::Client::connect(server.url()).await.expect("listens");
        let refused = client.sign_in(email, "guess guess").await.expect_err("is wrong");
        refused.code()
    };
    for guess in 0..10 {
        let server = if guess % 2 == 0 { &two.here } else { &two.there };
        assert_eq!(sign_in(server).await, Some(Code::Unauthenticated));
    }
    for server in [&two.here, &two.there] {
        assert_eq!(sign_in(server).await, Some(Code::ResourceExhausted));
    }
}
