//! Connections that are kept back: while calls hold all others, commits, access and heartbeats are answered.
//!
//! Not the number of connections (`store`). Invariant: the calls hold their connections until the answers are there.

use std::time::Duration;

use futures_util::future::join_all;
use model::NodeRecord;
use tokio::time::timeout;
use uuid::Uuid;

use crate::support::{Fixture, Outcome, batch, connect};

/// As many calls as there are connections in all.
const CALLS: usize = 4;
/// Far more than an answer takes, and less than a call waits for a connection.
const PATIENCE: Duration = Duration::from_secs(8);

/// The queries that wait for the transaction of a backend.
const WAITING: &str = "select count(*) from pg_stat_activity where $1 = any(pg_blocking_pids(pid))";

#[tokio::test]
async fn calls_leave_connections_to_commits_access_and_heartbeats() -> Outcome {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let free = fixture.sheet(5).await;
    let token = Uuid::new_v4().to_bytes_le().repeat(2).try_into().map_err(|_| "32 bytes")?;
    let password = store.account(fixture.owner).await?.ok_or("known")?.password_hash;
    store.insert_token(&token, (fixture.owner, &password), i64::MAX / 2, "").await?;

    // A transaction has one view of what the backends do.
    let looks = connect(&fixture.config).await;
    let mut client = connect(&fixture.config).await;
    let holder: i32 = client.query_one("select pg_backend_pid()", &[]).await?.try_get(0)?;
    let locks = client.transaction().await?;
    let mut calls = Vec::new();
    for _ in 0..CALLS {
        let sheet = fixture.sheet(1).await.id;
        locks.execute("select from sheets where id = $1 for update", &[&sheet.0]).await?;
        let store = store.clone();
        calls.push(async move { store.reopen(sheet).await });
    }
    // Each call has its connection, or its place in the queue for one, before the answers are asked for.
    let calls = tokio::spawn(join_all(calls));
    while looks.query_one(WAITING, &[&holder]).await?.try_get::<_, i64>(0)? < 2 {
        assert!(!calls.is_finished(), "the calls wait for the locks");
    }
    let node = NodeRecord {
        id: Uuid::new_v4(),
        name: "one".into(),
        address: "127.0.0.1:7400".into(),
        journal_epoch: None,
        left_epoch: None,
        confirms_email: Some(true),
    };
    timeout(PATIENCE, store.commit(&batch(&free, 0, 1))).await.map_err(|_| "no commit")??;
    timeout(PATIENCE, store.head(free.id)).await.map_err(|_| "no head for a commit")??;
    timeout(PATIENCE, store.heartbeat(&node)).await.map_err(|_| "no heartbeat")??;
    let found = timeout(PATIENCE, store.token(&token)).await.map_err(|_| "no token")??;
    assert_eq!(found.map(|found| found.account.id), Some(fixture.owner));
    assert!(!calls.is_finished(), "all connections of the calls were held");

    locks.rollback().await?;
    for reopened in calls.await? {
        reopened?;
    }
    store.end_node(node.id).await?;
    Ok(())
}
