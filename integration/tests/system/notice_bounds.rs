//! What the streams of notices of one account may ask of the database.
//!
//! Not what they send: see `chat`. Invariant: no test depends on how fast a query is.

use client::Client;
use gridloom::v1::notice_service_watch_response::Event;
use integration::harness::{Server, eventually, sign_up};
use tokio::task::JoinSet;

/// Queries about notices that wait for a lock.
const WAITING: &str = "select count(*) from pg_stat_activity
    where wait_event_type = 'Lock' and query like '%notice_heads%' and pid <> pg_backend_pid()";

/// Opens streams of an account, each until its first event.
fn open(client: &Client, count: usize) -> JoinSet<Event> {
    let mut opened = JoinSet::new();
    for _ in 0..count {
        let client = client.clone();
        opened.spawn(async move { client.watch_notices(None).next().await.expect("is opened") });
    }
    opened
}

#[tokio::test(flavor = "multi_thread")]
async fn the_streams_of_one_account_read_a_few_at_a_time() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let (holder, looker) = (server.sql().await, server.sql().await);
    holder
        .batch_execute("begin; lock table notices in access exclusive mode")
        .await
        .expect("is locked");
    let waiting = async |count: i64| {
        let row = looker.query_one(WAITING, &[]).await.expect("a count");
        let waits: i64 = row.get(0);
        assert!(waits <= count, "{waits} wait");
        (waits == count).then_some(())
    };
    let mut of_ada = open(&ada, 12);
    eventually("two that wait", async || waiting(2).await).await;
    // Those of another account have turns of their own, and no further one of the first account comes before.
    let mut of_ben = open(&ben, 1);
    eventually("a third", async || waiting(3).await).await;
    holder.batch_execute("commit").await.expect("is given back");
    for opened in [&mut of_ada, &mut of_ben] {
        while let Some(event) = opened.join_next().await {
            assert!(matches!(event.expect("is no panic"), Event::Started(_)));
        }
    }
}
