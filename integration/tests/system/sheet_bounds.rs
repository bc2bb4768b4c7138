//! The sizes of one sheet: bytes of a row, spans of the order of rows.
//!
//! Not the quotas of an account (`quotas`). Invariant: an edit that leads beyond a size is refused before it is accepted,
//! and everything that is accepted is committed.

use client::Client;
use client::net::{Error, ImportOptions};
use gridloom::v1::{self, command::Command as Kind};
use integration::harness::{Server, authorized, new_wide_sheet, sign_up_with_token};
use ot_engine::{AxisDelta, CellEdit, Delta, Revision, Run, Value};

/// Three cells of the largest size, and a little.
const ROW_BYTES: usize = 200_000;
const CELL_BYTES: usize = 60_000;

fn reason<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Refused(refusal)) => {
            let reason = refusal.reason.clone().unwrap_or_default();
            assert!(refusal.message.len() > 20, "{refusal:?}");
            format!("{reason}: {}", refusal.message)
        }
        other => panic!("not refused: {other:?}"),
    }
}

async fn apply(
    client: &Client,
    sheet: &str,
    base: u64,
    cells: Vec<CellEdit>,
) -> Result<v1::ApplyEditsResponse, Error> {
    let delta = Delta { cells, ..Delta::identity() };
    client.apply_delta(sheet, Revision(base), &delta, v1::WaitFor::Accepted, "").await
}

fn command(kind: Kind) -> Vec<v1::Command> {
    vec![v1::Command { command: Some(kind) }]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_grows_to_its_limit_and_no_further_and_all_of_it_is_committed() {
    let server = Server::start_with(&["--limit-row-bytes", &ROW_BYTES.to_string()]);
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = new_wide_sheet(&client, "Wide", 20, 12).await;
    let text = "x".repeat(CELL_BYTES);
    let large = |row, col| CellEdit::set(row, col, text.as_str());
    let mut head = 0;
    // One row by many edits, not waiting for their commits.
    for col in 0..3 {
        head = apply(&client, &sheet, head, vec![large(0, col)]).await.expect("fits").revision;
    }
    let refused = reason(apply(&client, &sheet, head, vec![large(0, 3)]).await);
    assert!(refused.starts_with("ROW_TOO_LARGE") && refused.contains("200000"), "{refused}");
    // A cell that is replaced, one that shrinks, and small ones have room.
    for cell in [large(0, 1), CellEdit::set(0, 4, 1.0)] {
        head = apply(&client, &sheet, head, vec![cell]).await.expect("fits").revision;
    }
    // Each way to one row too large: at once, in a new row, by a text edit, by a deleted column.
    let at_once: Vec<_> = (0..4).map(|col| large(1, col)).collect();
    assert!(reason(apply(&client, &sheet, head, at_once).await).starts_with("ROW_TOO_LARGE"));
    let insert = [Run::Insert { count: 1, first: None }];
    let delta = Delta {
        rows: AxisDelta::from_runs(insert),
        cells: (0..4).map(|col| large(0, col)).collect(),
        ..Delta::identity()
    };
    let inserted =
        client.apply_delta(&sheet, Revision(head), &delta, v1::WaitFor::Accepted, "").await;
    assert!(reason(inserted).starts_with("ROW_TOO_LARGE"));
    let typed = CellEdit::text(0, 5, ot_engine::TextDelta::splice(0, 0, &text));
    assert!(reason(apply(&client, &sheet, head, vec![typed]).await).starts_with("ROW_TOO_LARGE"));
    let delete = command(Kind::DeleteColumns(v1::DeleteLines { at: 0, count: 1 }));
    let deleted = client.apply(&sheet, delete, v1::WaitFor::Committed, "").await;
    head = deleted.expect("is deleted").revision;
    assert!(reason(apply(&client, &sheet, head, vec![large(0, 6)]).await).contains("deleted"));

    // A server that has no row in memory, and knows the bound from Postgres.
    let server = server.kill().restart();
    let client = Client::connect(server.url()).await.expect("connects");
    let client = client.with_token(&token).expect("a token");
    let refused = apply(&client, &sheet, head, vec![large(0, 6)]).await;
    assert!(reason(refused).starts_with("ROW_TOO_LARGE"));
    for row in 2..8 {
        let cells = (0..3).map(|col| large(row, col)).collect();
        head = apply(&client, &sheet, head, cells).await.expect("fits").revision;
    }
    let clear = CellEdit::set(0, 0, Value::Empty);
    head = apply(&client, &sheet, head, vec![clear]).await.expect("shrinks").revision;
    head = apply(&client, &sheet, head, vec![large(0, 6)]).await.expect("has room").revision;
    let last = Delta { cells: vec![CellEdit::set(0, 7, true)], ..Delta::identity() };
    let last = client.apply_delta(&sheet, Revision(head), &last, v1::WaitFor::Committed, "").await;
    last.expect("all is committed");
    let sizes = "select max(octet_length(cells::text)) from rows";
    let largest: i32 = server.sql().await.query_one(sizes, &[]).await.expect("rows").get(0);
    assert!((180_000..=200_000).contains(&largest), "{largest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_has_the_limit_of_a_row() {
    let server = Server::start_with(&["--limit-row-bytes", &ROW_BYTES.to_string()]);
    let (client, _) = sign_up_with_token(&server).await;
    let text = "x".repeat(CELL_BYTES);
    let file = format!("A,B,C,D\n{text},{text},{text},{text}\n");
    let options = ImportOptions { name: "Import".into(), ..ImportOptions::default() };
    let imported = client.import_csv(file.as_bytes(), &options, |_| {}).await.map(|_| ());
    assert!(reason(imported).contains("row_bytes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_stand_in_a_bounded_number_of_spans() {
    let server = Server::start_with(&["--limit-sheet-spans", "40"]);
    let (client, _) = sign_up_with_token(&server).await;
    let sheet = new_wide_sheet(&client, "Pieces", 200, 2).await;
    let mut inserted = 0;
    let refused = loop {
        let insert = v1::InsertLines { at: 2 * inserted + 1, count: 1 };
        let list = command(Kind::InsertRows(insert));
        match client.apply(&sheet, list, v1::WaitFor::Committed, "").await {
            Ok(_) => inserted += 1,
            full => break reason(full),
        }
        assert!(inserted < 100, "never refused");
    };
    assert!(refused.starts_with("TOO_MANY_SPANS") && refused.contains("40"), "{refused}");
    assert!(inserted >= 15, "{inserted}");
    let moved = v1::MoveLines { from: 100, count: 1, to: 50 };
    let moved = client.apply(&sheet, command(Kind::MoveRows(moved)), v1::WaitFor::Committed, "");
    assert!(reason(moved.await).starts_with("TOO_MANY_SPANS"));
    // Cells, deletions and reads are as before.
    let head = u64::from(inserted);
    let head = apply(&client, &sheet, head, vec![CellEdit::set(0, 0, 1.0)]).await.expect("fits");
    let delete = command(Kind::DeleteRows(v1::DeleteLines { at: 1, count: 2 * inserted }));
    client.apply(&sheet, delete, v1::WaitFor::Committed, "").await.expect("are deleted");
    let insert = command(Kind::InsertRows(v1::InsertLines { at: 1, count: 1 }));
    client.apply(&sheet, insert, v1::WaitFor::Committed, "").await.expect("has room again");
    let got = client.sheet(&sheet).await.expect("is read");
    assert_eq!((got.row_count, got.column_count, got.columns.len()), (200 - inserted + 1, 2, 2));
    assert!(got.revision > head.revision);
}

/// Rows of four cells of the largest size: 360 of them are 90 MiB.
const FAT_ROWS: u32 = 360;

/// Each fat row has its number in column 7.
async fn has_all_rows(client: &Client, sheet: &str) {
    let all = client.read_cells(sheet, 0..FAT_ROWS).await.expect("is read");
    let numbers = all.rows.iter().map(|row| row.values[7].kind.clone());
    let expected = (0..FAT_ROWS).map(|row| Some(v1::value::Kind::Number(row.into())));
    assert!(numbers.eq(expected), "{}", all.rows.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_of_few_columns_reads_no_other_and_one_of_many_bytes_has_several_answers() {
    let server = Server::start_with(&["--row-cache-bytes", "1MiB"]);
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = new_wide_sheet(&client, "Fat", FAT_ROWS, 10).await;
    let text = "x".repeat(64 << 10);
    let mut head = 0;
    for rows in (0..FAT_ROWS).step_by(12) {
        let fat = (rows..rows + 12).flat_map(|row| (0..4).map(move |col| (row, col)));
        let mut cells: Vec<_> =
            fat.map(|(row, col)| CellEdit::set(row, col, text.as_str())).collect();
        cells.extend((rows..rows + 12).map(|row| CellEdit::set(row, 7, f64::from(row))));
        cells.sort_unstable_by_key(CellEdit::key);
        head = apply(&client, &sheet, head, cells).await.expect("fits").revision;
    }
    let last = Delta { cells: vec![CellEdit::set(0, 8, true)], ..Delta::identity() };
    let last = client.apply_delta(&sheet, Revision(head), &last, v1::WaitFor::Committed, "").await;
    let mut head = last.expect("is committed").revision;

    let read = async |cols, column_names: &[&str]| {
        let request = v1::ReadCellsRequest {
            sheet_id: sheet.clone(),
            rows: Some(v1::Range { start: 0, count: FAT_ROWS }),
            cols,
            column_names: column_names.iter().map(|name| (*name).to_owned()).collect(),
            page_token: String::new(),
        };
        let request = authorized(request, &token);
        let endpoint = tonic::transport::Endpoint::from_shared(server.url().to_owned());
        let channel = endpoint.expect("an address").connect().await.expect("the server is there");
        let mut calls = v1::sheet_service_client::SheetServiceClient::new(channel);
        calls.read_cells(request).await.map(tonic::Response::into_inner)
    };
    // All columns are more than one read returns: the answer is cut, and its token leads through the rest.
    let cut = read(None, &[]).await.expect("is cut");
    assert!((1..FAT_ROWS as usize).contains(&cut.rows.len()), "{}", cut.rows.len());
    assert!(!cut.next_page_token.is_empty());
    has_all_rows(&client, &sheet).await;

    // The columns of numbers alone are some kilobytes, by position and by name, whatever the rows hold besides.
    let before = server.resident_bytes();
    for round in 0..6 {
        let by_position = read(Some(v1::Range { start: 7, count: 1 }), &[]).await;
        let by_name = read(None, &["c7", "c8"]).await.expect("is small");
        let by_position = by_position.expect("is small");
        for (at, (one, two)) in by_position.rows.iter().zip(&by_name.rows).enumerate() {
            let number = Some(v1::value::Kind::Number(at as f64));
            assert_eq!((&one.values[0].kind, &two.values[0].kind), (&number, &number));
        }
        assert_eq!((by_position.rows.len(), by_name.columns.len()), (FAT_ROWS as usize, 2));
        // A cell that is accepted and not committed is in the answer, and a column that moves is found.
        let cells = vec![CellEdit::set(round + 1, 8, f64::from(round))];
        head = apply(&client, &sheet, head, cells).await.expect("fits").revision;
        let seen = read(Some(v1::Range { start: 8, count: 1 }), &[]).await.expect("is small");
        let seen = &seen.rows[round as usize + 1].values[0].kind;
        assert_eq!(*seen, Some(v1::value::Kind::Number(f64::from(round))));
    }
    let growth = server.resident_bytes().saturating_sub(before);
    assert!(growth < 48 << 20, "the reads took {} MiB", growth >> 20);
}
