//! Postgres refuses a change that was accepted: the server commits all changes before it, parks the rest,
//! closes the sheet, and serves all other sheets. The operator opens the sheet again or deletes it.

use std::process::Command;

use client::{Client, Error};
use integration::harness::{
    DEADLINE, Finished, OwnPostgres, OwnRedis, PASSWORD, Server, binaries, eventually, new_sheet,
    opened, run, sign_up, within,
};
use ot_engine::Value;
use tonic::Code;

/// Postgres refuses this text while the constraint stands.
const POISON: &str = "poison";
const REFUSE: &str =
    "alter table rows add constraint refused check (cells::text not like '%poison%')";
const TAKE: &str = "alter table rows drop constraint refused";
/// Edits before it.
const BEFORE: u32 = 5;

/// Writes some cells, then what can't be stored, and waits until the sheet is set aside.
async fn set_aside(client: &Client, sheet: &str) {
    let live = opened(client, sheet).await;
    for row in 0..BEFORE {
        let set = live.set(row, 0, f64::from(row)).await.expect("open");
        within("an edit", set.accepted()).await.expect("is accepted");
    }
    let poison = live.set(BEFORE, 0, POISON).await.expect("open");
    within("an edit", poison.accepted()).await.expect("is accepted: nobody can know yet");
    live.close().await;
    stands_still(client, sheet).await;
}

/// Opening the sheet is refused with the reason.
async fn stands_still(client: &Client, sheet: &str) {
    eventually("the sheet is set aside", async || match client.open(sheet).await {
        Err(Error::Refused(refusal)) if refusal.reason.as_deref() == Some("SET_ASIDE") => {
            assert_eq!(refusal.code, Code::FailedPrecondition);
            Some(())
        }
        _ => None,
    })
    .await;
}

/// The sheet of another person takes edits and commits them.
async fn goes_on(client: &Client, sheet: &str) {
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
    sql.batch_execute(REFUSE).await.expect("can be told");
    set_aside(&client, &sheet).await;
    goes_on(&client, &other).await;
    // What is before it is there, and it is kept itself.
    let head = "select head from sheets where id = $1::text::uuid";
    let head: i64 = sql.query_one(head, &[&sheet]).await.expect("is there").get(0);
    assert_eq!((head, parked(&sql).await), (i64::from(BEFORE), 1));
    let data = server.home().data().to_string_lossy().into_owned();
    let said = admin(&["sheet", &sheet, "--data-dir", &data]).success();
    assert!(said.contains("set aside since") && said.contains("parked changes: 1"), "{said}");
    // While it runs, the server has its data directory for itself.
    let said = admin(&["park", &sheet, "--data-dir", &data]);
    assert!(!said.status.success() && said.stderr.contains("in use"), "{said:?}");

    sql.batch_execute(TAKE).await.expect("can be told");
    let (stopped, _) = tokio::task::block_in_place(|| server.stop());
    let said = admin(&["park", &sheet, "--data-dir", &data]).success();
    assert!(said.contains("can be opened again"), "{said}");
    let said = admin(&["sheet", &sheet, "--json", "--data-dir", &data]).success();
    assert!(said.contains("\"journaled\":0") && said.contains("\"parked_changes\":1"), "{said}");
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
    server.sql().await.batch_execute(REFUSE).await.expect("can be told");
    for sheet in [&sheet, &other] {
        set_aside(&client, sheet).await;
    }
    client.delete_sheet(&sheet).await.expect("its owner may");
    assert!(client.open(&sheet).await.is_err());
    let data = server.home().data().to_string_lossy().into_owned();
    let _stopped = tokio::task::block_in_place(|| server.stop());
    let said = admin(&["delete", &other, "--data-dir", &data]).success();
    assert!(said.contains("deleted"), "{said}");
    // Where there are no data, none are made.
    let nowhere = format!("{data}/nowhere");
    let said = admin(&["delete", &other, "--data-dir", &nowhere]);
    assert!(!said.status.success() && said.stderr.contains("no embedded Postgres"), "{said:?}");
    assert!(!std::path::Path::new(&nowhere).exists(), "nothing was made");
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
    sql.batch_execute(REFUSE).await.expect("can be told");
    let elsewhere = Client::connect(servers[1].url()).await.expect("the server is there");
    let elsewhere = elsewhere.with_token(&session.token).expect("a token can be sent");
    // It is open there, too.
    let there = opened(&elsewhere, &sheet).await;
    set_aside(&client, &sheet).await;
    stands_still(&elsewhere, &sheet).await;
    goes_on(&elsewhere, &other).await;
    drop(there);
    assert_eq!(parked(&sql).await, 1);
}
