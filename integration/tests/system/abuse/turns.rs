//! One account that uses all that is shared: other accounts are served meanwhile.
//!
//! Not rates (`accounts`). Invariant: whatever an account holds, it leaves a place for the others.

use client::Client;
use client::net::NewSheet;
use gridloom::v1;
use integration::harness::{
    Server, authorized, new_wide_sheet, sheet_calls, sign_up_with_token, within,
};
use ot_engine::{CellEdit, Delta, Edit, Revision};
use tonic::{Code, Streaming};

/// More exports than the server carries out at once.
const EXPORTS: usize = 8;
/// A sheet of so many cells of 64 KiB is more than a connection and an export buffer.
const ROWS: u32 = 120;

/// A sheet of 7.5 MiB.
pub(super) async fn large_sheet(client: &Client) -> String {
    let sheet = new_wide_sheet(client, "Large", ROWS, 1).await;
    let text = "x".repeat(64 * 1024);
    for (rows, revision) in
        [(0..ROWS / 3), (ROWS / 3..ROWS / 3 * 2), (ROWS / 3 * 2..ROWS)].into_iter().zip(0..)
    {
        let cell = |row| CellEdit { row, col: 0, edit: Edit::Set(text.as_str().into()) };
        let delta = Delta { cells: rows.map(cell).collect(), ..Delta::identity() };
        let applied =
            client.apply_delta(&sheet, Revision(revision), &delta, v1::WaitFor::Committed, "");
        applied.await.expect("is accepted");
    }
    sheet
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_and_imports_of_one_account_leave_places_for_another() {
    let server = Server::start();
    let (greedy, token) = sign_up_with_token(&server).await;
    let (other, others_token) = sign_up_with_token(&server).await;
    let sheet = large_sheet(&greedy).await;

    // Exports that are begun and not read.
    let mut held: Vec<Streaming<v1::ExportSheetResponse>> = Vec::new();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..EXPORTS {
        let (mut calls, request) = (sheet_calls(&server).await, authorized(export(&sheet), &token));
        waiting.spawn(async move { calls.export_sheet(request).await });
    }
    for _ in 0..2 {
        let begun = within("an export", waiting.join_next()).await.expect("is one").expect("ends");
        held.push(begun.expect("is begun").into_inner());
    }

    let begun = all_imports(&server, &token).await;

    let own = other.create_sheet("Small", NewSheet::default()).await.expect("is made").id;
    let mut calls = sheet_calls(&server).await;
    let exported = calls.export_sheet(authorized(export(&own), &others_token));
    let mut exported = within("another's export", exported).await.expect("begins").into_inner();
    while within("a piece", exported.message()).await.expect("is whole").is_some() {}
    let start = v1::StartImportRequest { name: "Mine".into(), ..Default::default() };
    let imported = calls.start_import(authorized(start, &others_token));
    let imported = within("another's import", imported).await.expect("begins").into_inner();
    let chunk = |import_id| {
        let data = "a,b\n1,2\n".into();
        v1::ImportChunkRequest { import_id, offset: 0, data }
    };
    // Each of them takes a place, if it can.
    let mut sending = tokio::task::JoinSet::new();
    for import_id in begun {
        let mut calls = sheet_calls(&server).await;
        let request = authorized(chunk(import_id), &token);
        sending.spawn(async move { calls.import_chunk(request).await });
    }
    for _ in 0..2 {
        let sent = within("a piece", sending.join_next()).await.expect("is one").expect("ends");
        sent.expect("is taken");
    }
    let sent = calls.import_chunk(authorized(chunk(imported.import_id), &others_token));
    within("another's piece", sent).await.expect("is taken");

    // A turn comes back when its caller leaves.
    held.pop();
    let next = within("the next export", waiting.join_next()).await.expect("is one").expect("ends");
    next.expect("is begun");
}

/// Begins as many imports as an account may have.
async fn all_imports(server: &Server, token: &str) -> Vec<String> {
    let mut begun = Vec::new();
    let refused = loop {
        let start = v1::StartImportRequest { name: "Begun".into(), ..Default::default() };
        match sheet_calls(server).await.start_import(authorized(start, token)).await {
            Ok(started) => begun.push(started.into_inner().import_id),
            Err(status) => break status,
        }
    };
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
    assert!(refused.message().contains("this account"), "{refused:?}");
    begun
}

pub(super) fn export(sheet: &str) -> v1::ExportSheetRequest {
    v1::ExportSheetRequest { sheet_id: sheet.to_owned(), ..Default::default() }
}
