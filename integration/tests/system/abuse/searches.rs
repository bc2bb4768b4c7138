//! A search that Postgres does not end keeps the turn of its account, also when its caller is gone.
//!
//! Not the end of a search in Postgres: see `queries` of the store's tests. Invariant: no test waits for a time.

use client::Client;
use gridloom::v1;
use integration::harness::{LocalServer, Paused, eventually, new_sheet, within};

/// Searches of the other account, far more than one takes.
const OTHERS: usize = 5;

/// A search that waits for the lock of a backend.
const WAITING: &str = "select pid from pg_stat_activity where $1 = any(pg_blocking_pids(pid))";

async fn search(client: Client, sheet_id: String) -> usize {
    let request = v1::QueryRowsRequest { sheet_id, ..v1::QueryRowsRequest::default() };
    client.query_rows(request).await.expect("has its turn").rows.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_keeps_its_turn_until_postgres_has_ended_it() {
    let server = LocalServer::start(|_| {}).await;
    let ((client, _), (other, _)) = (server.sign_up().await, server.sign_up().await);
    let (sheet, others) = (new_sheet(&client, "Own", 3).await, new_sheet(&other, "Other", 3).await);
    // A transaction has one view of what the backends do.
    let (looks, lock) = (server.sql().await, server.sql().await);
    let holder = lock.query_one("select pg_backend_pid()", &[]).await.expect("an answer");
    let holder: i32 = holder.get(0);
    let sql = "begin; lock table rows in access exclusive mode";
    lock.batch_execute(sql).await.expect("can be locked");
    let leaves = tokio::spawn(search(client.clone(), sheet.clone()));
    let waiting = async || {
        let found = looks.query_opt(WAITING, &[&holder]).await.expect("an answer");
        found.map(|row| row.get::<_, i32>(0))
    };
    let backend = eventually("the search is in Postgres", waiting).await;

    // A backend that is stopped ends nothing.
    let stopped = Paused::backend(backend);
    lock.batch_execute("rollback").await.expect("is unlocked");
    leaves.abort();
    assert!(leaves.await.is_err_and(|error| error.is_cancelled()), "its caller is gone");
    let next = tokio::spawn(search(client, sheet));
    for _ in 0..OTHERS {
        assert_eq!(within("another's search", search(other.clone(), others.clone())).await, 3);
    }
    assert!(!next.is_finished(), "an account has one search at a time");
    drop(stopped);
    assert_eq!(within("the next search", next).await.expect("no panic"), 3);
}
