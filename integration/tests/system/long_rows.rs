//! Rows that are larger than a message: a read of them has several answers, of one revision, and a search gives them in part.
//!
//! Not the memory that they take: see `fat_rows`. Invariant: each value arrives once and whole, whatever is edited between
//! two answers.

use client::Client;
use client::net::{NewSheet, When};
use gridloom::v1;
use gridloom::v1::value::Kind;
use integration::harness::{Gridctl, Server, authorized, sheet_calls, sign_up_with_token};
use ot_engine::{AxisDelta, Delta, Revision, Value};

const MESSAGE_BYTES: &str = "16384";
const ROWS: u32 = 4;
const COLUMNS: u32 = 8;
/// The row that takes three messages.
const LONG: u32 = 1;
const TEXT_BYTES: usize = 6_000;

fn text(col: u32) -> String {
    format!("{col} ").repeat(TEXT_BYTES / 2)
}

/// A sheet with a number in each row, and with long texts in one of them.
async fn long_row(client: &Client) -> (String, u64) {
    let column = |col| v1::Column { name: format!("c{col}"), ..v1::Column::default() };
    let columns = (0..COLUMNS).map(column).collect();
    let new = NewSheet { columns, rows: Some(ROWS) };
    let sheet_id = client.create_sheet("Long", new).await.expect("is made").id;
    let numbers = (0..ROWS).map(|row| (row, COLUMNS - 1, Value::from(f64::from(row))));
    let mut revision = set(client, &sheet_id, 0, &Delta::set_cells(numbers)).await;
    for col in 0..COLUMNS - 1 {
        let cell = [(LONG, col, Value::from(text(col).as_str()))];
        revision = set(client, &sheet_id, revision, &Delta::set_cells(cell)).await;
    }
    (sheet_id, revision)
}

async fn set(client: &Client, sheet_id: &str, base: u64, delta: &Delta) -> u64 {
    let applied =
        client.apply_delta(sheet_id, Revision(base), delta, v1::WaitFor::Accepted, "").await;
    applied.expect("is accepted").revision
}

/// The texts of the long row's values, and its number.
fn is_whole(values: &[v1::Value]) -> bool {
    let is_text = |(col, value): (u32, &v1::Value)| match &value.kind {
        Some(Kind::Text(found)) => *found == text(col),
        Some(Kind::Number(number)) => col == COLUMNS - 1 && *number == f64::from(LONG),
        _ => false,
    };
    values.len() == COLUMNS as usize && (0..).zip(values).all(is_text)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answers_of_a_read_are_of_one_revision() {
    let server = Server::start_with(&["--limit-message-bytes", MESSAGE_BYTES]);
    let (client, token) = sign_up_with_token(&server).await;
    let (sheet_id, revision) = long_row(&client).await;
    let mut calls = sheet_calls(&server).await;
    let mut read = v1::ReadCellsRequest {
        sheet_id: sheet_id.clone(),
        rows: Some(v1::Range { start: 0, count: ROWS }),
        ..v1::ReadCellsRequest::default()
    };
    let (mut rows, mut values, mut head) = (Vec::new(), Vec::new(), revision);
    loop {
        let answer = calls.read_cells(authorized(read.clone(), &token)).await.expect("is read");
        let answer = answer.into_inner();
        assert_eq!((answer.revision, answer.row_count), (revision, ROWS));
        for (at, row) in (0..).zip(answer.rows) {
            let start = if at == 0 { answer.start_col as usize } else { 0 };
            rows.push((answer.start_row + at, start == 0));
            if answer.start_row + at == LONG {
                assert_eq!(values.len(), start, "continues");
                values.extend(row.values);
            }
        }
        read.page_token = answer.next_page_token;
        if read.page_token.is_empty() {
            break;
        }
        // The rows that are read move, change and are deleted.
        let edit = Delta::set_cells((0..COLUMNS).map(|col| (LONG, col, Value::from("new"))));
        head = set(&client, &sheet_id, head, &edit).await;
        head = set(&client, &sheet_id, head, &Delta::rows(AxisDelta::insert(0, 1))).await;
        head = set(&client, &sheet_id, head, &Delta::rows(AxisDelta::delete(2, 1))).await;
    }
    assert!(is_whole(&values), "{} values", values.len());
    let begun: Vec<u32> = rows.iter().filter(|(_, begins)| *begins).map(|(row, _)| *row).collect();
    assert_eq!(begun, (0..ROWS).collect::<Vec<_>>());
    assert!(rows.len() > ROWS as usize, "the long row is in one answer");

    let when = When::Revision(Revision(revision));
    let old = client.read_revision(&sheet_id, when, 0..ROWS).await.expect("is read");
    assert_eq!((old.rows.len(), old.revision), (ROWS as usize, revision));
    assert!(is_whole(&old.rows[LONG as usize].values));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_and_the_command_line_pass_a_long_row() {
    let server = Server::start_with(&["--limit-message-bytes", MESSAGE_BYTES]);
    let (client, _) = sign_up_with_token(&server).await;
    let (sheet_id, _) = long_row(&client).await;
    let mut query = v1::QueryRowsRequest { sheet_id: sheet_id.clone(), ..Default::default() };
    let mut found = Vec::new();
    loop {
        let page = client.query_rows(query.clone()).await.expect("fits");
        found.extend(page.rows.iter().map(|row| (row.position, row.values_left_out)));
        query.page_token = page.next_page_token;
        if query.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(found, (0..ROWS).map(|row| (row, row == LONG)).collect::<Vec<_>>());

    let ada = Gridctl::sign_up(&server, "ada@example.org");
    client.share(&sheet_id, "ada@example.org", v1::Role::Viewer).await.expect("is shared");
    for more in [&[][..], &["--sort", "c7"], &["--at", "8"]] {
        let printed = ada.run(&[&["rows", &sheet_id, "--json"], more].concat()).success();
        let rows: Vec<serde_json::Value> =
            printed.lines().map(|line| serde_json::from_str(line).expect("is JSON")).collect();
        assert_eq!(rows.len(), ROWS as usize, "{more:?}");
        for (at, row) in (0..ROWS).zip(&rows) {
            assert_eq!(row["row"], at + 1, "{more:?}");
        }
        let values = &rows[LONG as usize]["values"];
        for col in 0..COLUMNS - 1 {
            assert_eq!(values[format!("c{col}")], text(col), "{more:?}");
        }
    }
}
