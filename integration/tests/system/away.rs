//! A client that opens a sheet while Redis or Postgres is away is refused within seconds, with a delay
//! after which to retry.
//!
//! Not the loss of edits: see `nodes` and the drills. Invariant: a refused client has a retry delay.

use std::time::{Duration, Instant};

use client::net::{NewSheet, Refusal};
use client::{Client, Error};
use integration::harness::{
    Link, OwnPostgres, OwnRedis, Server, eventually, opened, sign_up_with_token, within,
};
use ot_engine::Revision;
use tonic::Code;

/// Five seconds, and more for a busy machine.
const REFUSED_WITHIN: Duration = Duration::from_secs(10);
/// Clients that open the sheet at once.
const CALLERS: usize = 8;

/// A client with a connection of its own opens a sheet. Returns the refusal and the time that it took.
async fn refused_open(url: String, token: String, sheet: String) -> (Refusal, Duration) {
    let client = Client::connect_lazy(url).expect("an address");
    let client = client.with_token(&token).expect("a token can be sent");
    let started = Instant::now();
    match within("an answer", client.open(&sheet)).await {
        Err(Error::Refused(refusal)) => (*refusal, started.elapsed()),
        other => panic!("not refused: {other:?}"),
    }
}

/// The sheet's task waits for an append when the clients come, and holds an edit that it can't commit,
/// because Postgres is away as well.
#[tokio::test(flavor = "multi_thread")]
async fn no_client_waits_long_for_a_silent_redis() {
    let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    let server = Server::start_sharing(&postgres.tcp_url(), &redis.url(), &[]);
    let (client, token) = sign_up_with_token(&server).await;
    let id = client.create_sheet("Waits", NewSheet::default()).await.expect("can be made").id;
    let sheet = opened(&client, &id).await;
    postgres.proxy().set(Link::Cut);
    let held = sheet.set(0, 0, 1.0).await.expect("open");
    within("an edit", held.accepted()).await.expect("is accepted");

    redis.pause();
    let unanswered = sheet.set(1, 0, 2.0).await.expect("open");
    let open = || tokio::spawn(refused_open(server.url().to_owned(), token.clone(), id.clone()));
    let opens: Vec<_> = (0..CALLERS).map(|_| open()).collect();
    for open in opens {
        let (refusal, waited) = open.await.expect("is refused");
        assert_eq!(refusal.code, Code::Unavailable, "{refusal:?}");
        assert!(refusal.retry_after.is_some(), "{refusal:?}");
        assert!(waited < REFUSED_WITHIN, "{waited:?}");
    }

    redis.resume();
    postgres.proxy().set(Link::Open);
    let accepted = within("the answer", unanswered.accepted()).await.expect("is accepted");
    within("the commit", sheet.wait_committed(accepted.revision)).await.expect("commits");
    let sql = postgres.sql().await;
    let query =
        "select count(*) from live_sessions where sheet = $1::text::uuid and ended = 'error'";
    eventually("the refused sessions are registered", || async {
        let row = sql.query_one(query, &[&id]).await.expect("an answer");
        (row.get::<_, i64>(0) >= CALLERS as i64).then_some(())
    })
    .await;
}

/// One server finds that Redis lost everything; the other can't reach Redis and reads it in Postgres.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_continues_though_another_does_not_see_that_redis_lost_all() {
    let (postgres, mut redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    let start = |journal: String| Server::start_sharing(&postgres.tcp_url(), &journal, &[]);
    let (blind, sees) = (start(redis.proxy_url()), start(redis.url()));
    let (_, token) = sign_up_with_token(&sees).await;
    let at = |server: &Server| {
        let client = Client::connect_lazy(server.url()).expect("an address");
        client.with_token(&token).expect("a token can be sent")
    };
    let id = at(&sees).create_sheet("Continues", NewSheet::default()).await.expect("is made").id;
    let there = opened(&at(&blind), &id).await;
    let here = opened(&at(&sees), &id).await;
    // Accepted: the edit is in Redis and in memory only.
    postgres.proxy().set(Link::Cut);
    let held = there.set(0, 0, 1.0).await.expect("open");
    within("an edit", held.accepted()).await.expect("is accepted");

    redis.proxy().set(Link::Silent);
    redis.lose_all();
    redis.start_again().await;
    postgres.proxy().set(Link::Open);
    let beside = here.set(1, 0, 2.0).await.expect("open");
    let beside = within("an edit beside it", beside.accepted()).await.expect("is accepted");
    assert_eq!(beside.revision, Revision(2), "the edit that the blind server accepted comes first");
    redis.proxy().set(Link::Open);
    let again = there.set(2, 0, 3.0).await.expect("open");
    let again = within("an edit at the other", again.accepted()).await.expect("is accepted");
    assert_eq!(again.revision, Revision(3));
    within("the commit", here.wait_committed(Revision(3))).await.expect("commits");
}

/// The other server reaches Redis while the client's own does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_whose_server_alone_has_lost_redis_continues_at_another() {
    let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    let database = postgres.tcp_url();
    let start = |journal: String| Server::start_sharing(&database, &journal, &[]);
    let (here, there) = (start(redis.proxy_url()), start(redis.url()));
    let (_, token) = sign_up_with_token(&here).await;
    let client = Client::connect_lazy(format!("{},{}", here.url(), there.url()));
    let client = client.expect("addresses").with_token(&token).expect("a token can be sent");
    let id = client.create_sheet("Moves", NewSheet::default()).await.expect("can be made").id;
    let sheet = opened(&client, &id).await;
    for (row, link) in [(0, Link::Open), (1, Link::Silent), (2, Link::Silent)] {
        redis.proxy().set(link);
        let ticket = sheet.set(row, 0, f64::from(row)).await.expect("open");
        let accepted = within("an edit", ticket.accepted()).await.expect("is accepted");
        assert_eq!(accepted.revision.0, u64::from(row) + 1, "each edit once");
    }
    let read = within("a read", client.read_cells(&id, 0..3)).await.expect("can be read");
    assert_eq!(read.revision, 3);
    within("the commit", sheet.wait_committed(Revision(3))).await.expect("commits");
}
