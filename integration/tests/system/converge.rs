//! Clients that make every kind of edit at the same time end with the same sheet, as do a fresh client,
//! `ReadCells` and SQL.
//!
//! Not a crash: see `crash`. Invariant: a seed names the random choices of a run.

use std::sync::Arc;

use client::core::{EditError, LiveSheet};
use client::net::Sheet;
use integration::harness::{Grid, Random, Server, new_sheet, opened, sign_up, within};
use ot_engine::{ColumnEdit, ColumnKind, Revision, Sequence, Value};
use tokio::task::JoinHandle;

const CLIENTS: u64 = 4;
const EDITS_OF_EACH: u32 = 80;
/// Beyond these, lines are deleted rather than inserted.
const ROWS_MAX: u32 = 60;
const COLUMNS_MAX: u32 = 12;

#[tokio::test(flavor = "multi_thread")]
async fn all_clients_end_with_the_same_sheet() {
    let seed = Random::seed();
    println!("GRIDLOOM_SEED={seed}");
    let server = Server::start();
    let client = sign_up(&server).await;
    let sheet_id = new_sheet(&client, "Together", 30).await;

    let mut editors = Vec::new();
    for number in 0..CLIENTS {
        let sheet = opened(&client, &sheet_id).await;
        editors.push(tokio::spawn(edit(sheet, Random::from_seed(seed + number))));
    }
    let (mut sheets, last) = joined(editors).await;

    let fresh = client.open(&sheet_id).await.expect("opens");
    sheets.push(fresh);
    let expected = Grid::read(&client, &sheet_id).await;
    for (number, sheet) in sheets.iter().enumerate() {
        within("all revisions", sheet.wait_revision(last)).await.expect("is connected");
        within("loading", sheet.wait_synced()).await.expect("loads");
        assert_eq!(Grid::seen_by(sheet).await, expected, "client {number}");
    }
    within("the commit", sheets[0].wait_committed(last)).await.expect("commits");
    assert_eq!(Grid::in_sql(&server.sql().await, &sheet_id).await, expected, "SQL");
    assert!(
        expected.rows.iter().flatten().any(|value| *value != Value::Empty),
        "no cell has a value"
    );
}

/// Waits for all editors. Returns their sheets and the revision of the last edit.
pub(crate) async fn joined(editors: Vec<JoinHandle<(Sheet, Revision)>>) -> (Vec<Sheet>, Revision) {
    let mut sheets = Vec::new();
    let mut last = Revision(0);
    for editor in editors {
        let (sheet, revision) = within("editing", editor).await.expect("no client failed");
        sheets.push(sheet);
        last = last.max(revision);
    }
    (sheets, last)
}

/// Makes random edits. Returns the revision of the last one.
pub(crate) async fn edit(sheet: Sheet, mut random: Random) -> (Sheet, Revision) {
    let mut tickets = Vec::new();
    for number in 0..EDITS_OF_EACH {
        let mut chance = random.clone();
        random.any();
        tickets
            .push(sheet.edit(move |live| any_edit(live, &mut chance, number)).await.expect("open"));
        if random.below(4) == 0 {
            // Waits in one of four cases, so that some edits are far ahead of their answers.
            within("an answer", sheet.wait_synced()).await.expect("is connected");
        }
    }
    let mut last = Revision(0);
    for ticket in tickets {
        last =
            last.max(within("an answer", ticket.accepted()).await.expect("is accepted").revision);
    }
    (sheet, last)
}

fn any_edit(live: &mut LiveSheet, random: &mut Random, number: u32) -> Result<Sequence, EditError> {
    let size = live.size();
    // Each delete leaves some lines, but concurrent deletes may leave none.
    if size.rows == 0 {
        return live.insert_rows(0, 1);
    }
    if size.cols == 0 {
        return live.insert_cols(0, 1);
    }
    let (row, col) = (random.below(size.rows), random.below(size.cols));
    let count = 1 + random.below(3);
    let rows = count.min(size.rows - row);
    match random.below(20) {
        0 | 1 if size.rows < ROWS_MAX => live.insert_rows(random.below(size.rows + 1), count),
        2 | 3 if size.rows > 5 => live.delete_rows(row, rows.min(size.rows - 5)),
        4..=6 if size.rows > 0 => live.move_rows(row, rows, random.below(size.rows + 1)),
        7 if size.cols < COLUMNS_MAX => live.insert_cols(random.below(size.cols + 1), 1),
        8 if size.cols > 2 => live.delete_cols(col, 1),
        9 => live.move_cols(col, 1, random.below(size.cols + 1)),
        10 => {
            let kinds = [ColumnKind::Any, ColumnKind::Number, ColumnKind::Text];
            let kind = kinds[random.below(3) as usize];
            let name = Some(format!("Column {number}").into());
            live.update_column(ColumnEdit { col, name, kind: Some(kind), ..ColumnEdit::default() })
        }
        11 => live.clear(row, 0, rows, size.cols),
        12 => {
            let values = (0..rows * size.cols).map(|_| any_value(random, number)).collect();
            live.set_cells(row, 0, size.cols, values)
        }
        _ => live.set_cell(row, col, any_value(random, number)),
    }
}

fn any_value(random: &mut Random, number: u32) -> Value {
    match random.below(8) {
        0 => Value::Bool(random.below(2) == 0),
        1 => Value::Instant(i64::from(random.below(u32::MAX)) * 1_000_003),
        2 => Value::Text(Arc::from("")),
        4 => Value::Date(random.below(20_000) as i32 - 10_000),
        5 => Value::LocalDateTime(i64::from(random.below(u32::MAX)) * 1_000_003),
        3 => Value::Text(format!("\u{1F9EE} \"{number}\"\n{}", random.any()).into()),
        _ => Value::Number(f64::from(random.below(1_000_000)) / 64.0),
    }
}
