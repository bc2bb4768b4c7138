//! A client undoes and redoes its changes of every kind one by one, across restarts, while other changes
//! land.
//!
//! Not restores: see `history`. Invariant: after each step the view, a read and the former state are equal.

use client::Client;
use client::net::Sheet;
use gridloom::v1;
use integration::harness::{
    Grid, Random, Server, eventually, new_sheet, new_wide_sheet, opened, opened_new, sign_up,
    within,
};
use ot_engine::{AxisDelta, ColumnEdit, Delta, Revision, Value};

use crate::changes::any_effect;

const CHANGES: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn every_change_can_be_undone_and_redone() {
    let seed = Random::seed();
    println!("GRIDLOOM_SEED={seed}");
    let mut random = Random::from_seed(seed);
    let mut server = Server::start();
    let client = sign_up(&server).await;
    let (sheet_id, sheet) = opened_new(&client, "Undo").await;
    let mut states = vec![Grid::seen_by(&sheet).await];
    for number in 0..CHANGES {
        let size = sheet.snapshot().await.expect("open").size();
        let ticket = sheet.apply(any_effect(size, &mut random, number)).await.expect("open");
        within("an answer", ticket.accepted()).await.expect("is accepted");
        states.push(Grid::seen_by(&sheet).await);
    }
    for (undone, state) in states.iter().rev().skip(1).enumerate() {
        if undone == CHANGES / 2 {
            server = server.kill().restart();
        }
        check_step(&client, &sheet, &sheet_id, Step::Undo, state).await;
    }
    let nothing = undo(&client, &sheet_id, None).await.expect_err("all is undone");
    assert!(nothing.contains("nothing of yours to undo"), "{nothing}");
    for (redone, state) in states.iter().skip(1).enumerate() {
        if redone == CHANGES / 2 {
            server = server.kill().restart();
        }
        check_step(&client, &sheet, &sheet_id, Step::Redo, state).await;
    }
    assert_eq!(Grid::in_sql(&server.sql().await, &sheet_id).await, states[CHANGES]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_keeps_later_changes() {
    let server = Server::start();
    let client = sign_up(&server).await;
    let (sheet_id, sheet) = opened_new(&client, "Undo").await;
    let set = sheet.set(1, 0, "mine").await.expect("open");
    let mine = within("an answer", set.accepted()).await.expect("is accepted").revision;
    let also = sheet.set(2, 0, "also mine").await.expect("open");
    within("an answer", also.accepted()).await.expect("is accepted");
    let insert = sheet.apply(Delta::rows(AxisDelta::insert(0, 3))).await.expect("open");
    within("an answer", insert.accepted()).await.expect("is accepted");

    // An older change, by its revision: its inverse is transformed over the later changes.
    let undone = undo(&client, &sheet_id, Some(mine)).await.expect("can be undone");
    let grid = Grid::read(&client, &sheet_id).await;
    assert_eq!((&grid.rows[4][0], &grid.rows[5][0]), (&Value::Empty, &"also mine".into()));
    let again = undo(&client, &sheet_id, Some(mine)).await.expect_err("it is undone");
    assert!(again.contains("nothing of yours"), "{again}");
    let strange = undo(&client, &sheet_id, Some(undone)).await.expect_err("not an edit");
    assert!(strange.contains("nothing of yours"), "{strange}");

    // A repeated request is applied once, also after a restart.
    let name = "a request of its own";
    let wait = v1::WaitFor::Committed;
    let first = client.undo(&sheet_id, None, wait, name).await.expect("can be undone");
    let second = client.undo(&sheet_id, None, wait, name).await.expect("is answered again");
    assert_eq!(first.revision, second.revision);
    let _server = server.kill().restart();
    let third = client.undo(&sheet_id, None, wait, name).await.expect("is answered again");
    assert_eq!(first.revision, third.revision);
    assert_eq!(Grid::read(&client, &sheet_id).await.rows.len(), 6, "the insert is undone, once");
}

#[tokio::test(flavor = "multi_thread")]
async fn undeleted_rows_reach_a_session_that_never_had_them() {
    let server = Server::start();
    let client = sign_up(&server).await;
    let sheet_id = new_sheet(&client, "Long", 5_000).await;
    let command = |command| vec![v1::Command { command: Some(command) }];
    let values: Vec<_> = (0..5_000).map(|row| Value::Number(f64::from(row))).collect();
    let set = v1::command::Command::SetCells(v1::SetCells {
        row: Some(v1::RowRef { row: Some(v1::row_ref::Row::At(0)) }),
        col: Some(v1::ColumnRef { column: Some(v1::column_ref::Column::At(0)) }),
        width: 1,
        values: values.iter().map(gridloom::convert::value_to_wire).collect(),
    });
    let wait = v1::WaitFor::Committed;
    client.apply(&sheet_id, command(set), wait, "set").await.expect("fits");
    let delete = v1::DeleteLines { at: 10, count: 4_000 };
    let delete = v1::command::Command::DeleteRows(delete);
    client.apply(&sheet_id, command(delete), wait, "delete").await.expect("fits");
    let sheet = opened(&client, &sheet_id).await;
    undo(&client, &sheet_id, None).await.expect("can be undone");
    let head = client.read_cells(&sheet_id, 0..1).await.expect("can be read").revision;
    within("the undo", sheet.wait_revision(Revision(head))).await.expect("is open");
    within("loading", sheet.wait_synced()).await.expect("loads");
    let seen = Grid::seen_by(&sheet).await;
    assert!(seen.rows.iter().zip(&values).all(|(row, value)| row[0] == *value));
    assert_eq!(seen.rows.len(), 5_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_a_first_width_removes_it() {
    let server = Server::start();
    let client = sign_up(&server).await;
    let (sheet_id, sheet) = opened_new(&client, "Undo").await;
    let edit = ColumnEdit { col: 1, width: Some(90), ..ColumnEdit::default() };
    let ticket = sheet.apply(Delta::update_column(edit)).await.expect("open");
    within("an answer", ticket.accepted()).await.expect("is accepted");
    undo(&client, &sheet_id, None).await.expect("can be undone");
    let columns = client.read_cells(&sheet_id, 0..1).await.expect("can be read").columns;
    assert_eq!(columns[1].width, 0, "the column has no width");
}

/// Further edits fill the memory of recent changes while an undo is looked up.
#[tokio::test(flavor = "multi_thread")]
async fn an_undo_on_a_busy_sheet_is_carried_over_edits_that_have_left_the_memory() {
    let server = Server::start_with(&["--memory", "512MiB"]);
    let client = sign_up(&server).await;
    let sheet_id = new_wide_sheet(&client, "Busy", 100, 20).await;
    let set = async |head: Revision, row: u32, text: &str, wait| {
        let delta = Delta::set_cells((0..18).map(|col| (row, col, text.into())));
        let set = client.apply_delta(&sheet_id, head, &delta, wait, "").await;
        Revision(set.expect("is accepted").revision)
    };
    let first = set(Revision(0), 1, "before", v1::WaitFor::Committed).await;
    let mine = set(first, 1, "mine", v1::WaitFor::Committed).await;
    // Nothing but the lookup of the undo reads this table now.
    let lock = server.sql().await;
    let table = "begin; lock table before_images in access exclusive mode";
    lock.batch_execute(table).await.expect("can be locked");
    let undone = {
        let (client, sheet_id) = (client.clone(), sheet_id.clone());
        tokio::spawn(async move { undo(&client, &sheet_id, Some(mine)).await })
    };
    let sql = server.sql().await;
    let waits = "select from pg_locks where not granted and relation = 'before_images'::regclass";
    let waiting =
        async || (!sql.query(waits, &[]).await.expect("is answered").is_empty()).then_some(());
    eventually("the lookup of the undo", waiting).await;
    // 70 MiB, of which the server keeps less in memory.
    let (text, mut head) = ("x".repeat(60_000), mine);
    for row in 20..90 {
        head = set(head, row, &text, v1::WaitFor::Accepted).await;
    }
    lock.batch_execute("rollback").await.expect("is unlocked");
    within("the undo", undone).await.expect("no panic").expect("is undone");
    let read = client.read_cells(&sheet_id, 0..3).await.expect("can be read");
    let value = gridloom::convert::value_to_wire(&"before".into());
    assert_eq!(read.rows[1].values[0], value);
}

#[derive(Clone, Copy)]
enum Step {
    Undo,
    Redo,
}

/// A record that can't be read bars no other, and is not "away".
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_cant_be_read_is_passed_over_and_named() {
    let server = Server::start();
    let client = sign_up(&server).await;
    let (sheet_id, sheet) = opened_new(&client, "Undo").await;
    for row in 0..3 {
        let set = sheet.set(row, 0, "mine").await.expect("open");
        within("a commit", set.committed()).await.expect("is committed");
    }
    let damage = "update changes set delta = '\\xffff' where revision = 2";
    server.sql().await.execute(damage, &[]).await.expect("an answer");
    let refused = undo(&client, &sheet_id, Some(Revision(2))).await.expect_err("is damaged");
    assert!(refused.contains("a record that can't be read"), "{refused}");
    undo(&client, &sheet_id, None).await.expect("the third");
    let first = client.undo(&sheet_id, None, v1::WaitFor::Accepted, "").await.expect("the first");
    let passed = &first.undo.expect("is reported").passed_over;
    assert_eq!(passed.iter().map(|passed| passed.revision).collect::<Vec<_>>(), [2]);
    assert!(passed[0].why.contains("can't be read"), "{passed:?}");
}

/// One undo or redo, after which the open sheet and a read must be as `expected`.
async fn check_step(client: &Client, sheet: &Sheet, id: &str, step: Step, expected: &Grid) {
    let (wait, request) = (v1::WaitFor::Accepted, &Random::seed().to_string());
    let answer = match step {
        Step::Undo => client.undo(id, None, wait, request).await,
        Step::Redo => client.redo(id, wait, request).await,
    };
    let revision = Revision(answer.expect("can be undone or redone").revision);
    within("the change", sheet.wait_revision(revision)).await.expect("is open");
    within("loading", sheet.wait_synced()).await.expect("loads");
    assert_eq!(&Grid::seen_by(sheet).await, expected, "revision {revision}");
    assert_eq!(&Grid::read(client, id).await, expected, "revision {revision}");
}

async fn undo(client: &Client, id: &str, which: Option<Revision>) -> Result<Revision, String> {
    let answer = client.undo(id, which, v1::WaitFor::Committed, &Random::seed().to_string()).await;
    answer.map(|answer| Revision(answer.revision)).map_err(|error| error.to_string())
}
