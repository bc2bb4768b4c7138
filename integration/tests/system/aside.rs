//! Postgres refuses a change that was accepted: the server commits all changes before it, parks the rest,
//! closes the sheet, and serves all other sheets. The operator opens the sheet again or deletes it.
//!
//! Not the search for the refused change: the tests of the sheet's durability do that. Invariant: no other sheet is
//! affected.

use std::process::Command;

use client::{Client, Error};
use integration::harness::{
    DEADLINE, Finished, OwnPostgres, OwnRedis, PASSWORD, Server, binaries, eventually, new_sheet,
    opened, run, sign_up, within,
};
use ot_engine::Value;
use tonic::Code;

use crate::backup::replace_history;

/// Postgres refuses this text while the constraint stands.
const POISON: &str = "poison";
const REFUSE: &str =
    "alter table rows add constraint refused check (cells::text not like '%poison%')";
const TAKE: &str = "alter table rows drop constraint refused";
/// Edits before the refused one.
const BEFORE: u32 = 5;

/// Sets some cells, then one that Postgres refuses, and waits until the sheet is set aside.
async fn set_aside(client: &Client, sheet: &str) {
    let live = opened(client, sheet).await;
    for row in 0..BEFORE {
        let set = live.set(row, 0, f64::from(row)).await.expect("open");
        within("an edit", set.accepted()).await.expect("is accepted");
    }
    let poison = live.set(BEFORE, 0, POISON).await.expect("open");
    within("an edit", poison.accepted()).await.expect("is accepted: only the commit fails");
    live.close().await;
    is_set_aside(client, sheet).await;
}

async fn is_set_aside(client: &Client, sheet: &str) {
    is_refused(client, sheet, "SET_ASIDE").await;
}

/// Waits until the server refuses to open the sheet for this reason.
async fn is_refused(client: &Client, sheet: &str, reason: &str) {
    eventually("the sheet is refused", async || match client.open(sheet).await {
        Err(Error::Refused(refusal)) if refusal.reason.as_deref() == Some(reason) => {
            assert_eq!(refusal.code, Code::FailedPrecondition);
            Some(())
        }
        _ => None,
    })
    .await;
}

/// The server accepts and commits an edit of another sheet.
async fn is_served(client: &Client, sheet: &str) {
    let live = opened(client, sheet).await;
    let set = live.set(0, 0, "fine").await.expect("open");
    within("an edit", set.committed()).await.expect("is committed");
}

fn admin(arguments: &[&str]) -> Finished {
    let mut command = Command::new(binaries::gridloom());
    command.arg("admin").args(arguments);
    run(command, DEADLINE)
}

async fn parked(sql: &tokio_postgres::Client) -> i64 {
    let row = sql.query_one("select count(*) from parked_changes", &[]).await;
    row.expect("the table is there").get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_set_aside_and_opened_again_by_the_operator() {
    let server = tokio::task::block_in_place(Server::start);
    let client = sign_up(&server).await;
    let (sheet, other) =
        (new_sheet(&client, "Struck", 10).await, new_sheet(&client, "Fine", 10).await);
    let sql = server.sql().await;
    sql.batch_execute(REFUSE).await.expect("the statement runs");
    set_aside(&client, &sheet).await;
    is_served(&client, &other).await;
    // Postgres has the edits before the refused one, and the table of parked changes has that one.
    let head = "select head from sheets where id = $1::text::uuid";
    let head: i64 = sql.query_one(head, &[&sheet]).await.expect("is there").get(0);
    assert_eq!((head, parked(&sql).await), (i64::from(BEFORE), 1));
    let data = server.home().data().to_string_lossy().into_owned();
    let output = admin(&["sheet", &sheet, "--data-dir", &data]).success();
    assert!(output.contains("set aside since") && output.contains("parked changes: 1"), "{output}");
    // The running server has its data directory locked.
    let output = admin(&["park", &sheet, "--data-dir", &data]);
    assert!(!output.status.success() && output.stderr.contains("in use"), "{output:?}");

    sql.batch_execute(TAKE).await.expect("the statement runs");
    let (stopped, _) = tokio::task::block_in_place(|| server.stop());
    let output = admin(&["park", &sheet, "--data-dir", &data]).success();
    assert!(output.contains("can be opened again"), "{output}");
    let output = admin(&["sheet", &sheet, "--json", "--data-dir", &data]).success();
    assert!(
        output.contains("\"journaled\":0") && output.contains("\"parked_changes\":1"),
        "{output}"
    );
    let _server = tokio::task::block_in_place(|| stopped.restart());
    let live = opened(&client, &sheet).await;
    let view = live.snapshot().await.expect("open");
    assert_eq!(view.get(BEFORE - 1, 0), Some(&Value::Number(f64::from(BEFORE - 1))));
    assert_eq!(view.get(BEFORE, 0), Some(&Value::Empty), "it is parked");
    let set = live.set(BEFORE, 0, "other").await.expect("open");
    within("an edit", set.committed()).await.expect("is committed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_that_is_set_aside_can_be_deleted() {
    let server = tokio::task::block_in_place(Server::start);
    let client = sign_up(&server).await;
    let (sheet, other) =
        (new_sheet(&client, "Struck", 10).await, new_sheet(&client, "Struck too", 10).await);
    server.sql().await.batch_execute(REFUSE).await.expect("the statement runs");
    for sheet in [&sheet, &other] {
        set_aside(&client, sheet).await;
    }
    client.delete_sheet(&sheet).await.expect("its owner may");
    assert!(client.open(&sheet).await.is_err());
    let data = server.home().data().to_string_lossy().into_owned();
    let _stopped = tokio::task::block_in_place(|| server.stop());
    let output = admin(&["delete", &other, "--data-dir", &data]).success();
    assert!(output.contains("deleted"), "{output}");
    // The command creates no data directory.
    let nowhere = format!("{data}/nowhere");
    let output = admin(&["delete", &other, "--data-dir", &nowhere]);
    assert!(
        !output.status.success() && output.stderr.contains("no embedded Postgres"),
        "{output:?}"
    );
    assert!(!std::path::Path::new(&nowhere).exists(), "the command created it");
}

/// Postgres was restored from a backup that another server has continued: the journal does not follow on it.
#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_of_two_histories_can_be_deleted_and_parked() {
    let server = tokio::task::block_in_place(Server::start);
    let client = sign_up(&server).await;
    let (deleted, parked) =
        (new_sheet(&client, "Deleted", 10).await, new_sheet(&client, "Parked", 10).await);
    // No commit ends, so the journal holds all edits.
    let lock = server.sql().await;
    lock.batch_execute("begin; lock table changes in share mode").await.expect("can be locked");
    for sheet in [&deleted, &parked] {
        let live = opened(&client, sheet).await;
        for row in 0..BEFORE {
            let set = live.set(row, 0, f64::from(row)).await.expect("open");
            within("an edit", set.accepted()).await.expect("is accepted");
        }
    }
    let stopped = tokio::task::block_in_place(|| server.kill());
    let data = stopped.home().data().to_owned();
    replace_history(&data).await;
    let server = tokio::task::block_in_place(|| stopped.restart());
    for sheet in [&deleted, &parked] {
        is_refused(&client, sheet, "HISTORIES_DIFFER").await;
    }
    client.delete_sheet(&deleted).await.expect("its owner may");

    let data = data.to_string_lossy();
    let (stopped, _) = tokio::task::block_in_place(|| server.stop());
    let output = admin(&["park", &parked, "--data-dir", &data]).success();
    assert!(output.contains("can be opened again"), "{output}");
    for sheet in [&deleted, &parked] {
        let output = admin(&["sheet", sheet, "--json", "--data-dir", &data]).success();
        let kept = format!("\"parked_changes\":{BEFORE}");
        assert!(output.contains("\"journaled\":0") && output.contains(&kept), "{output}");
    }
    let _server = tokio::task::block_in_place(|| stopped.restart());
    let live = opened(&client, &parked).await;
    let set = live.set(0, 0, "other").await.expect("open");
    within("an edit", set.committed()).await.expect("is committed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_set_aside_on_all_servers() {
    let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    let start = || Server::start_sharing(&postgres.tcp_url(), &redis.url(), &[]);
    let servers = [start(), start()];
    let client = Client::connect(servers[0].url()).await.expect("the server is there");
    let (client, session) =
        client.sign_up("aside@example.org", PASSWORD, "").await.expect("is new");
    let (sheet, other) =
        (new_sheet(&client, "Struck", 10).await, new_sheet(&client, "Fine", 10).await);
    let sql = postgres.sql().await;
    sql.batch_execute(REFUSE).await.expect("the statement runs");
    let there = Client::connect(servers[1].url()).await.expect("the server is there");
    let there = there.with_token(&session.token).expect("a token can be sent");
    // The second server has the sheet open, too.
    let open_there = opened(&there, &sheet).await;
    set_aside(&client, &sheet).await;
    is_set_aside(&there, &sheet).await;
    is_served(&there, &other).await;
    drop(open_there);
    assert_eq!(parked(&sql).await, 1);
}
