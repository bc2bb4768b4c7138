//! A server that is killed under load loses no accepted edit and applies none twice.
//!
//! Each writer appends rows with unique values and records the accepted ones. `GRIDLOOM_CRASH_ROUNDS` sets
//! the number of rounds.
//!
//! Not a loss of the disk. Invariant: each value is written by one edit.

use std::collections::HashMap;
use std::sync::Arc;

use client::Client;
use client::net::Sheet;
use integration::harness::{Grid, Server, new_sheet, opened, sign_up, within};
use ot_engine::{AxisDelta, CellEdit, Delta, Revision, Value};
use tokio::sync::watch;

const WRITERS: usize = 4;
/// Edits accepted between a start and the kill.
const EDITS_OF_A_ROUND: usize = 150;
const ROUNDS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_no_edit_and_applies_none_twice() {
    let rounds = std::env::var("GRIDLOOM_CRASH_ROUNDS");
    let rounds = rounds.map_or(ROUNDS, |rounds| rounds.parse().expect("a number of rounds"));
    let mut server = Server::start();
    let client = sign_up(&server).await;
    let sheet_id = new_sheet(&client, "Log", 1).await;

    let (stop, stopped) = watch::channel(false);
    let accepted = Arc::new(watch::channel(0).0);
    let mut writers = Vec::new();
    for number in 0..WRITERS {
        let sheet = opened(&client, &sheet_id).await;
        writers.push(tokio::spawn(write(sheet, number, accepted.clone(), stopped.clone())));
    }
    for round in 0..rounds {
        let so_far = *accepted.borrow();
        let enough = |count: &usize| *count >= so_far + EDITS_OF_A_ROUND;
        within(&format!("round {round}"), accepted.subscribe().wait_for(enough))
            .await
            .expect("there are writers");
        server = server.kill().restart();
    }
    stop.send(true).expect("there are writers");
    let mut written = HashMap::new();
    for writer in writers {
        written.extend(within("the last answer", writer).await.expect("no writer failed"));
    }
    check(&server, &client, &sheet_id, &written).await;
}

/// Appends rows until `stopped`. Returns each value with the revision of its edit.
async fn write(
    sheet: Sheet,
    number: usize,
    accepted: Arc<watch::Sender<usize>>,
    stopped: watch::Receiver<bool>,
) -> HashMap<String, Revision> {
    let mut written = HashMap::new();
    while !*stopped.borrow() {
        let value = format!("{number}-{}", written.len());
        let text = Value::Text(value.as_str().into());
        let ticket = sheet.edit(move |live| {
            let end = live.row_count();
            let mut append = Delta::rows(AxisDelta::insert(end, 1));
            append.cells.push(CellEdit::set(end, 0, text));
            live.edit(append)
        });
        let ticket = ticket.await.expect("the live sheet stays open");
        let answer = ticket.accepted().await.expect("is accepted, sooner or later");
        written.insert(value, answer.revision);
        accepted.send_modify(|count| *count += 1);
    }
    written
}

async fn check(
    server: &Server,
    client: &Client,
    sheet_id: &str,
    written: &HashMap<String, Revision>,
) {
    let mut revisions: Vec<u64> = written.values().map(|revision| revision.0).collect();
    revisions.sort_unstable();
    let all: Vec<u64> = (1..=written.len() as u64).collect();
    assert_eq!(revisions, all, "each accepted edit is one revision");

    let grid = Grid::read(client, sheet_id).await;
    let mut found: HashMap<&str, usize> = HashMap::new();
    for row in &grid.rows {
        if let Value::Text(text) = &row[0] {
            *found.entry(text).or_default() += 1;
        }
    }
    for value in written.keys() {
        assert_eq!(found.remove(value.as_str()), Some(1), "how often {value:?} is there");
    }
    assert!(found.is_empty(), "no writer wrote {found:?}");

    let sheet = client.open(sheet_id).await.expect("opens");
    let last = Revision(written.len() as u64);
    within("the commit", sheet.wait_committed(last)).await.expect("commits");
    let sql = server.sql().await;
    assert_eq!(Grid::in_sql(&sql, sheet_id).await, grid, "SQL");
    let log = "select count(*), max(revision), count(distinct (client, sequence)) from changes \
        where sheet = $1::text::uuid";
    let log = sql.query_one(log, &[&sheet_id]).await.expect("the log can be read");
    let (count, head, names): (i64, i64, i64) = (log.get(0), log.get(1), log.get(2));
    assert_eq!([count, head, names], [written.len() as i64; 3], "the operation log");
}
