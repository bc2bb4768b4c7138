//! Reads of much, for callers that do not read the answers.

use gridloom::v1;
use ot_engine::{CellEdit, Delta, Edit, Size};
use prost::Message;
use tokio::task::JoinSet;
use tonic::Status;

use super::super::field::Field;
use super::connections::{broken, call, ended, handshake};
use super::edits::{BEHIND, long_history};
use super::{numbers, prepare, sheet};

/// Rows of five cells of 60 KB each.
const FAT: Size = Size { rows: 120, cols: 5 };
const FAT_CELL_BYTES: usize = 60_000;
const SEARCHED: Size = Size { rows: 20_000, cols: 5 };

pub(super) async fn fat_sheet(field: &Field) -> String {
    let id = sheet(field, FAT.rows, FAT.cols).await;
    let text = "x".repeat(FAT_CELL_BYTES);
    let mut revision = 0;
    for block in 0..FAT.rows / 10 {
        let rows = block * 10..block * 10 + 10;
        let cells = rows.flat_map(|row| (0..FAT.cols).map(move |col| (row, col)));
        let cells =
            cells.map(|(row, col)| CellEdit { row, col, edit: Edit::Set(text.as_str().into()) });
        let delta = Delta { cells: cells.collect(), ..Delta::identity() };
        revision = prepare(field, &id, revision, &delta).await;
    }
    id
}

fn read(id: &str, start: u32, count: u32) -> v1::ReadCellsRequest {
    let rows = Some(v1::Range { start, count });
    v1::ReadCellsRequest { sheet_id: id.to_owned(), rows, ..v1::ReadCellsRequest::default() }
}

pub(in super::super) async fn fat_reads(field: Field) {
    let id = fat_sheet(&field).await;
    let once = move |field: Field, lane| {
        let id = id.clone();
        async move {
            // Some are too large, some just small enough.
            let count = if lane % 2 == 0 { FAT.rows } else { 12 };
            let mut calls = field.sheets().await?.max_decoding_message_size(usize::MAX);
            calls.read_cells(field.request(read(&id, 0, count))).await.map(drop)
        }
    };
    field.flood(16, once).await;
}

/// Calls whose answers are left on the server's side.
pub(in super::super) async fn unread(field: Field) {
    let id = fat_sheet(&field).await;
    let once = move |field: Field, _| {
        let id = id.clone();
        async move {
            let requests = handshake(&field, 0).await?;
            let mut running = JoinSet::new();
            for _ in 0..100 {
                let mut requests = requests.clone().ready().await.map_err(broken)?;
                let head = call("gridloom.v1.SheetService/ReadCells", field.token());
                let (response, mut body) = requests.send_request(head, false).map_err(broken)?;
                let message = read(&id, 0, 12).encode_to_vec();
                let mut framed = vec![0, 0, 0, 0, u8::try_from(message.len()).unwrap_or(u8::MAX)];
                framed.extend(message);
                field.sent(framed.len());
                body.send_data(framed.into(), true).map_err(broken)?;
                running.spawn(async move {
                    let mut body = response.await.map_err(broken)?.into_body();
                    while let Some(data) = body.data().await {
                        data.map_err(broken)?;
                    }
                    Ok(())
                });
            }
            ended(&field, running).await
        }
    };
    field.flood(4, once).await;
}

pub(in super::super) async fn unread_looks(field: Field) {
    let id = fat_sheet(&field).await;
    let once = move |field: Field, _| {
        let id = id.clone();
        async move {
            let all = |count| Some(v1::Range { start: 0, count });
            let window = Some(v1::Window { rows: all(FAT.rows), cols: all(FAT.cols) });
            let hello = v1::Hello { sheet_id: id, window, ..v1::Hello::default() };
            let message = v1::WatchRequest { hello: Some(hello) };
            let answers = field.live().await?.watch(field.request(message)).await?;
            // Held, and not read.
            field.over().await;
            drop(answers);
            Ok(())
        }
    };
    field.flood(30, once).await;
}

pub(in super::super) async fn searches(field: Field) {
    let id = sheet(&field, SEARCHED.rows, SEARCHED.cols).await;
    prepare(&field, &id, 0, &numbers(SEARCHED, 1.0)).await;
    let once = move |field: Field, _| {
        let id = id.clone();
        async move {
            let condition = |number: u32| {
                let value = v1::Value { kind: Some(v1::value::Kind::Text(format!("{number}%_"))) };
                let condition = v1::Condition {
                    column: Some(v1::ColumnRef {
                        column: Some(v1::column_ref::Column::At(number % SEARCHED.cols)),
                    }),
                    operator: v1::condition::Operator::Contains.into(),
                    values: vec![value],
                    ignore_case: true,
                };
                v1::RowFilter { filter: Some(v1::row_filter::Filter::Condition(condition)) }
            };
            let any = v1::RowFilterList { filters: (0..64).map(condition).collect() };
            let message = v1::QueryRowsRequest {
                sheet_id: id,
                filter: Some(v1::RowFilter { filter: Some(v1::row_filter::Filter::Any(any)) }),
                include_total: true,
                ..v1::QueryRowsRequest::default()
            };
            field.sheets().await?.query_rows(field.request(message)).await.map(drop)
        }
    };
    field.flood(24, once).await;
}

/// Searches whose rows hold more than an answer: with all columns, and with one.
pub(in super::super) async fn fat_searches(field: Field) {
    let id = fat_sheet(&field).await;
    let once = move |field: Field, lane| {
        let sheet_id = id.clone();
        async move {
            let at = |at| v1::ColumnRef { column: Some(v1::column_ref::Column::At(at)) };
            let columns = if lane % 2 == 0 { Vec::new() } else { vec![at(FAT.cols - 1)] };
            let message = v1::QueryRowsRequest {
                sheet_id,
                columns,
                page_size: 1_000,
                include_total: true,
                ..v1::QueryRowsRequest::default()
            };
            let mut calls = field.sheets().await?.max_decoding_message_size(usize::MAX);
            calls.query_rows(field.request(message)).await.map(drop)
        }
    };
    field.flood(24, once).await;
}

pub(in super::super) async fn histories(field: Field) {
    let id = long_history(&field).await;
    let once = move |field: Field, lane| {
        let sheet_id = id.clone();
        async move {
            let mut calls = field.sheets().await?.max_decoding_message_size(usize::MAX);
            if lane % 2 == 0 {
                let message = v1::GetRevisionRequest {
                    sheet_id,
                    at: Some(v1::get_revision_request::At::Revision(1 + lane as u64)),
                    ..v1::GetRevisionRequest::default()
                };
                return calls.get_revision(field.request(message)).await.map(drop);
            }
            let message = v1::ListChangesRequest { sheet_id, ..v1::ListChangesRequest::default() };
            calls.list_changes(field.request(message)).await.map(drop)
        }
    };
    field.flood(16, once).await;
}

/// Sessions that miss many heavy changes, leave, and come again.
pub(in super::super) async fn resumes(field: Field) {
    let id = long_history(&field).await;
    let once = move |field: Field, lane| {
        let id = id.clone();
        async move {
            let revision = 1 + lane as u64 % BEHIND;
            let resume = Some(v1::ResumePoint { epoch: 1, revision });
            let hello = v1::Hello { sheet_id: id, resume, ..v1::Hello::default() };
            let message = v1::WatchRequest { hello: Some(hello) };
            let mut answers = field.live().await?.watch(field.request(message)).await?.into_inner();
            for _ in 0..8 {
                if answers.message().await?.is_none() {
                    return Err(Status::cancelled("the session has ended"));
                }
            }
            Ok(())
        }
    };
    field.flood(16, once).await;
}
