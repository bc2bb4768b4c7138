//! Several servers are one for those who are on them: people see each other across servers, and what
//! ends at one ends at all.

use client::net::NewSheet;
use gridloom::convert;
use gridloom::v1;
use gridloom::v1::client_frame::Frame as Said;
use gridloom::v1::server_frame::Frame;
use integration::harness::{
    NativeSession, OwnPostgres, OwnRedis, Server, sign_up_with_token, within,
};
use tonic::Code;

/// Two servers on one Postgres and one Redis. In this order, so that servers end first.
struct Two {
    here: Server,
    there: Server,
    _redis: OwnRedis,
    _postgres: OwnPostgres,
}

impl Two {
    async fn start() -> Self {
        let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
        let (database, journal) = (postgres.tcp_url(), redis.url());
        let flags = ["--database-url", &database, "--redis-url", &journal, "--drain-seconds", "1"];
        let start = || tokio::task::block_in_place(|| Server::start_with(&flags));
        Self { here: start(), there: start(), _redis: redis, _postgres: postgres }
    }
}

/// A session, and its name.
async fn open(server: &Server, token: &str, sheet_id: &str) -> (NativeSession, String) {
    let hello = v1::Hello { sheet_id: sheet_id.to_owned(), ..v1::Hello::default() };
    let mut session = NativeSession::open(server, token, hello).await;
    match within("the welcome", session.next()).await.expect("the session opens") {
        Frame::Welcome(welcome) => (session, welcome.session_id),
        other => panic!("{other:?} before the welcome"),
    }
}

/// The next news of who is where.
async fn news(session: &mut NativeSession) -> v1::PresenceChange {
    loop {
        let heard = within("presence", session.next()).await.expect("the stream goes on");
        if let Frame::Presence(change) = heard {
            return convert::decode_presence(change).expect("is a change");
        }
    }
}

/// What is told of one session, until it is as expected.
async fn seen(
    session: &mut NativeSession,
    whom: &str,
    expected: impl Fn(&v1::Participant) -> bool,
) -> v1::Participant {
    loop {
        let change = news(session).await;
        let found = change.present.into_iter().find(|person| person.session_id == whom);
        if let Some(person) = found.filter(&expected) {
            return person;
        }
    }
}

async fn gone(session: &mut NativeSession, whom: &str) {
    while !news(session).await.left.iter().any(|left| left == whom) {}
}

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

fn there(cursor: Option<v1::CellPosition>) -> Said {
    Said::Presence(v1::Presence { cursor, ..v1::Presence::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn people_at_different_servers_see_each_other() {
    let two = Two::start().await;
    let (client, token) = sign_up_with_token(&two.here).await;
    let sheet = client.create_sheet("Shared", NewSheet::default()).await.expect("can be made").id;
    let (mut ada, ada_id) = open(&two.here, &token, &sheet).await;
    let (mut bob, bob_id) = open(&two.there, &token, &sheet).await;
    assert_ne!(ada_id, bob_id);
    ada.send(there(at(5, 1)));
    seen(&mut bob, &ada_id, |ada| ada.cursor == at(5, 1)).await;
    bob.send(there(at(2, 2)));
    seen(&mut ada, &bob_id, |bob| bob.cursor == at(2, 2)).await;

    // Who comes later is told of all, wherever they are.
    let (mut eve, eve_id) = open(&two.there, &token, &sheet).await;
    seen(&mut eve, &ada_id, |ada| ada.cursor == at(5, 1)).await;
    seen(&mut ada, &eve_id, |_| true).await;
    drop(eve);
    gone(&mut ada, &eve_id).await;

    // A server that dies takes its people with it.
    let dead = two.there.kill();
    gone(&mut ada, &bob_id).await;
    drop((dead, bob));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_at_one_server_ends_at_all() {
    let two = Two::start().await;
    let (client, token) = sign_up_with_token(&two.here).await;
    let sheet = client.create_sheet("Shared", NewSheet::default()).await.expect("can be made").id;
    let (mut session, _) = open(&two.there, &token, &sheet).await;
    client.delete_sheet(&sheet).await.expect("is theirs");
    assert_eq!(end(&mut session).await, Code::NotFound);
    let hello = v1::Hello { sheet_id: sheet.clone(), ..v1::Hello::default() };
    let refused = NativeSession::try_open(two.there.url(), &token, hello).await;
    assert_eq!(refused.expect_err("is deleted").code(), Code::NotFound);

    let other = client.create_sheet("Other", NewSheet::default()).await.expect("can be made").id;
    let (mut session, _) = open(&two.there, &token, &other).await;
    client.sign_out().await.expect("is signed in");
    assert_eq!(end(&mut session).await, Code::Unauthenticated);
    let hello = v1::Hello { sheet_id: other, ..v1::Hello::default() };
    let refused = NativeSession::try_open(two.there.url(), &token, hello).await;
    assert_eq!(refused.expect_err("is signed out").code(), Code::Unauthenticated);
}
