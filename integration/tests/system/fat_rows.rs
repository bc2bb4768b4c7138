//! Rows that hold far more than an answer: searches, exports, undos and old revisions of them take a bounded memory.
//!
//! Not the reads of windows (`sheet_bounds`), and not what one statement returns (the tests of `store`). Invariant: the
//! sheet holds several times the bytes that the server may take for all reads together.

use client::Client;
use gridloom::v1::sheet_service_client::SheetServiceClient;
use gridloom::v1::{self, get_revision_request::At};
use integration::harness::{
    Server, authorized, new_wide_sheet, sheet_calls, sign_up_with_token, within,
};
use ot_engine::{Delta, Revision, Value};
use tokio::task::JoinSet;
use tonic::Status;
use tonic::transport::Channel;

/// 180 MB of texts.
const ROWS: u32 = 150;
const COLUMNS: u32 = 20;
const CELL_BYTES: usize = 60_000;
/// Rows of one edit: 2.4 MB.
const ROWS_OF_EDIT: u32 = 2;
/// Changes with which a sheet is opened.
const NEWEST_CHANGES: u32 = 256;
/// The most memory that the reads of one account may take together.
const GROWN: u64 = 160 << 20;

/// Sets cells, or clears them; the new revision.
async fn set(
    client: &Client,
    sheet: &str,
    head: u64,
    rows: std::ops::Range<u32>,
    value: &Value,
) -> u64 {
    let cells = rows.flat_map(|row| (0..COLUMNS).map(move |col| (row, col)));
    let delta = Delta::set_cells(cells.map(|(row, col)| (row, col, value.clone())));
    let applied =
        client.apply_delta(sheet, Revision(head), &delta, v1::WaitFor::Committed, "").await;
    applied.expect("is accepted").revision
}

/// All pages of a search: the positions of their rows.
async fn search(
    calls: &mut SheetServiceClient<Channel>,
    (token, sheet): (&str, &str),
    columns: &[u32],
) -> Vec<u32> {
    let column = |at: &u32| v1::ColumnRef { column: Some(v1::column_ref::Column::At(*at)) };
    let mut request = v1::QueryRowsRequest {
        sheet_id: sheet.to_owned(),
        columns: columns.iter().map(column).collect(),
        page_size: 1_000,
        include_total: true,
        ..v1::QueryRowsRequest::default()
    };
    let mut positions = Vec::new();
    loop {
        let page = calls.query_rows(authorized(request.clone(), token)).await.expect("is answered");
        let page = page.into_inner();
        assert_eq!(page.total, u64::from(ROWS));
        positions.extend(page.rows.iter().map(|row| row.position));
        if page.next_page_token.is_empty() {
            return positions;
        }
        request.page_token = page.next_page_token;
    }
}

/// A sheet of fat rows, with small changes as its newest: a sheet is opened with those. Its revision.
async fn fill(client: &Client, sheet: &str, text: &Value) -> u64 {
    let mut head = 0;
    for row in (0..ROWS).step_by(ROWS_OF_EDIT as usize) {
        head = set(client, sheet, head, row..row + ROWS_OF_EDIT, text).await;
    }
    for number in 0..NEWEST_CHANGES {
        let wait = match number + 1 {
            NEWEST_CHANGES => v1::WaitFor::Committed,
            _ => v1::WaitFor::Accepted,
        };
        let small = Delta::set_cells([(0, COLUMNS, f64::from(number).into())]);
        let applied = client.apply_delta(sheet, Revision(head), &small, wait, "").await;
        head = applied.expect("is accepted").revision;
    }
    head
}

/// The bytes and the rows of an export.
async fn export(
    calls: &mut SheetServiceClient<Channel>,
    (token, sheet): (&str, &str),
) -> (usize, u64) {
    let request = v1::ExportSheetRequest { sheet_id: sheet.to_owned(), ..Default::default() };
    let pieces = calls.export_sheet(authorized(request, token)).await;
    let mut pieces = pieces.expect("begins").into_inner();
    let (mut bytes, mut rows) = (0, 0);
    while let Some(piece) = within("a piece", pieces.message()).await.expect("is whole") {
        bytes += piece.data.len();
        rows = piece.rows_sent;
    }
    (bytes, rows)
}

/// Rows of an older revision.
async fn revision(
    calls: &mut SheetServiceClient<Channel>,
    (token, sheet, revision): (&str, &str, u64),
    (start, count): (u32, u32),
) -> Result<v1::GetRevisionResponse, Status> {
    let request = v1::GetRevisionRequest {
        sheet_id: sheet.to_owned(),
        rows: Some(v1::Range { start, count }),
        at: Some(At::Revision(revision)),
        ..v1::GetRevisionRequest::default()
    };
    calls.get_revision(authorized(request, token)).await.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_exports_and_undos_of_fat_rows_take_a_bounded_memory() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet = new_wide_sheet(&client, "Fat", ROWS, COLUMNS + 1).await;
    let text = Value::from("x".repeat(CELL_BYTES).as_str());
    let filled = fill(&client, &sheet, &text).await;
    // A server without the memory of all that.
    let server = server.kill().restart();
    let client = Client::connect(server.url()).await.expect("connects");
    let client = client.with_token(&token).expect("a token");
    let before = server.resident_bytes();

    let mut searches = JoinSet::new();
    for columns in [vec![], vec![COLUMNS], vec![], vec![COLUMNS, 2]] {
        let (mut calls, token, sheet) = (sheet_calls(&server).await, token.clone(), sheet.clone());
        searches.spawn(async move { search(&mut calls, (&token, &sheet), &columns).await });
    }
    for found in within("all searches", searches.join_all()).await {
        assert_eq!(found, (0..ROWS).collect::<Vec<_>>());
    }
    let mut calls = sheet_calls(&server).await;
    let (exported, rows) = export(&mut calls, (&token, &sheet)).await;
    assert_eq!(rows, u64::from(ROWS));
    assert!(exported > ROWS as usize * COLUMNS as usize * CELL_BYTES, "{exported}");

    let cleared = set(&client, &sheet, filled, 0..ROWS, &Value::Empty).await;
    for _ in 0..3 {
        let undo = client.undo(&sheet, Some(Revision(cleared)), v1::WaitFor::Committed, "").await;
        let refused = undo.expect_err("is too large").to_string();
        assert!(
            refused.contains("67108864 bytes") && refused.contains("several edits"),
            "{refused}"
        );
    }
    // The refusal names the revision before.
    let old = revision(&mut calls, (&token, &sheet, filled), (7, 1)).await.expect("is kept");
    assert!(old.rows[0].values.len() >= COLUMNS as usize, "{}", old.rows[0].values.len());
    // All of them take more than a read may: the answer has the first ones.
    let all = revision(&mut calls, (&token, &sheet, filled), (0, ROWS)).await.expect("is cut");
    assert!((1..ROWS as usize).contains(&all.rows.len()), "{}", all.rows.len());
    assert!(!all.next_page_token.is_empty());
    let grown = server.peak_bytes().saturating_sub(before);
    assert!(grown < GROWN, "the reads took {} MiB", grown >> 20);
    // A smaller change of the same cells is undone.
    let small = set(&client, &sheet, cleared, 3..4, &text).await;
    let undo = client.undo(&sheet, Some(Revision(small)), v1::WaitFor::Committed, "");
    undo.await.expect("is undone");
}
