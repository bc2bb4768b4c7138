//! Edits that cost more than their bytes.

use gridloom::convert::delta_to_wire;
use gridloom::v1;
use gridloom::v1::apply_edits_request::Change;
use gridloom::v1::command::Command;
use ot_engine::{AxisDelta, CellEdit, Delta, Edit, Size, Value};
use tokio_stream::StreamExt;
use tonic::Status;

use super::super::field::Field;
use super::{apply, numbers, prepare, sheet};

const HEAVY: Size = Size { rows: 1_000, cols: 100 };
/// Edits without an answer.
const UNANSWERED: usize = 60;
/// Cells of 60 KB that are cleared at once.
const FAT: Size = Size { rows: 100, cols: 20 };
const FAT_CELL_BYTES: usize = 60_000;
/// Changes that an old base is behind, and their cells.
pub(super) const BEHIND: u64 = 300;
pub(super) const BEHIND_SIZE: Size = Size { rows: 1_000, cols: 10 };

pub(in super::super) async fn insert_columns(field: Field) {
    let id = sheet(&field, 1, 1).await;
    let once = move |field: Field, _| {
        let id = id.clone();
        async move {
            let lines = v1::InsertLines { at: 0, count: 49_999_998 };
            apply(&field, &id, 0, list(vec![Command::InsertColumns(lines)])).await.map(drop)
        }
    };
    field.flood(8, once).await;
}

/// One session with many edits of the largest number of cells.
pub(in super::super) async fn pastes(field: Field) {
    let id = sheet(&field, HEAVY.rows, HEAVY.cols).await;
    let delta = delta_to_wire(&numbers(HEAVY, 7.0));
    let once = move |field: Field, _| {
        let (id, delta) = (id.clone(), delta.clone());
        async move { session(&field, &id, move |number| edit(number, &delta), UNANSWERED as u64).await }
    };
    field.flood(2, once).await;
}

/// Frames whose values take many times their bytes in memory.
pub(in super::super) async fn empty_values(field: Field) {
    let id = sheet(&field, HEAVY.rows, HEAVY.cols).await;
    let values = vec![v1::Value::default(); 990_000];
    let block = v1::CellBlock { width: HEAVY.cols, values, ..v1::CellBlock::default() };
    let delta = v1::Delta { cells: vec![block], ..v1::Delta::default() };
    let once = move |field: Field, _| {
        let (id, delta) = (id.clone(), delta.clone());
        async move { session(&field, &id, move |number| edit(number, &delta), 16).await }
    };
    field.flood(8, once).await;
}

pub(in super::super) async fn text_runs(field: Field) {
    let id = sheet(&field, 1, 1).await;
    let run = v1::TextRun { run: Some(v1::text_run::Run::Insert("a".into())) };
    let runs = vec![run; 300_000];
    let once = move |field: Field, _| {
        let (id, runs) = (id.clone(), runs.clone());
        async move {
            let edit = v1::EditText { row: Some(row(0)), col: Some(column(0)), runs };
            apply(&field, &id, 0, list(vec![Command::EditText(edit)])).await.map(drop)
        }
    };
    field.flood(4, once).await;
}

pub(in super::super) async fn command_lists(field: Field) {
    let id = sheet(&field, 3_000, 33).await;
    let once = move |field: Field, _| {
        let id = id.clone();
        async move {
            let clear = v1::ClearCells {
                row: Some(row(0)),
                col: Some(column(0)),
                height: 3_000,
                width: 33,
            };
            let moves = (0..999u32).map(|number| {
                let (from, to) = (number * 3, 2_999 - number);
                Command::MoveRows(v1::MoveLines { from, count: 1, to })
            });
            let commands = std::iter::once(Command::ClearCells(clear)).chain(moves).collect();
            apply(&field, &id, 0, list(commands)).await.map(drop)
        }
    };
    field.flood(4, once).await;
}

/// Light edits with a base many heavy changes back.
pub(in super::super) async fn old_bases(field: Field) {
    let id = long_history(&field).await;
    let once = move |field: Field, lane| {
        let id = id.clone();
        async move {
            let lane = u32::try_from(lane).unwrap_or_default();
            let cells = (0..5_000).map(|n| CellEdit {
                row: n % 1_000,
                col: lane % 10,
                edit: Edit::Set(f64::from(n).into()),
            });
            let cells: std::collections::BTreeMap<_, _> =
                cells.map(|it| ((it.row, it.col), it)).collect();
            let delta = Delta { cells: cells.into_values().collect(), ..Delta::identity() };
            apply(&field, &id, 1, Change::Delta(delta_to_wire(&delta))).await.map(drop)
        }
    };
    field.flood(4, once).await;
}

pub(in super::super) async fn undos(field: Field) {
    let id = sheet(&field, 100_000, 2).await;
    let mut revision = 0;
    for block in 0..4 {
        let cells = (0..25_000).map(|row| CellEdit {
            row: block * 25_000 + row,
            col: 0,
            edit: Edit::Set(f64::from(row).into()),
        });
        let delta = Delta { cells: cells.collect(), ..Delta::identity() };
        revision = prepare(&field, &id, revision, &delta).await;
    }
    let once = move |field: Field, _| {
        let id = id.clone();
        async move {
            let lines = v1::DeleteLines { at: 0, count: 100_000 };
            let deleted = apply(&field, &id, 0, list(vec![Command::DeleteRows(lines)])).await?;
            let undo = v1::Undo { revision: deleted.revision };
            apply(&field, &id, 0, Change::Undo(undo)).await.map(drop)
        }
    };
    field.flood(1, once).await;
}

/// To clear many large cells is a small edit, and its undo is not.
pub(in super::super) async fn fat_undos(field: Field) {
    let id = sheet(&field, FAT.rows, FAT.cols).await;
    let text = "x".repeat(FAT_CELL_BYTES);
    let mut revision = 0;
    for rows in (0..FAT.rows).step_by(3) {
        let cells =
            (rows..FAT.rows.min(rows + 3)).flat_map(|row| (0..FAT.cols).map(move |col| (row, col)));
        let delta = Delta::set_cells(cells.map(|(row, col)| (row, col, text.as_str().into())));
        revision = prepare(&field, &id, revision, &delta).await;
    }
    let cells = (0..FAT.rows).flat_map(|row| (0..FAT.cols).map(move |col| (row, col)));
    let clear = Delta::set_cells(cells.map(|(row, col)| (row, col, Value::Empty)));
    let revision = prepare(&field, &id, revision, &clear).await;
    let once = move |field: Field, _| {
        let id = id.clone();
        async move { apply(&field, &id, 0, Change::Undo(v1::Undo { revision })).await.map(drop) }
    };
    field.flood(8, once).await;
}

/// A sheet with many heavy changes behind its present revision.
pub(super) async fn long_history(field: &Field) -> String {
    let id = sheet(field, BEHIND_SIZE.rows, BEHIND_SIZE.cols).await;
    let mut revision = 0;
    for number in 0..BEHIND {
        revision = prepare(field, &id, revision, &numbers(BEHIND_SIZE, number as f64)).await;
    }
    // A move: the cells of an old base change their rows.
    prepare(field, &id, revision, &Delta::rows(AxisDelta::move_lines(0, 10, 500))).await;
    id
}

/// A session that sends so many frames at once and reads until each has an answer.
pub(super) async fn session(
    field: &Field,
    sheet: &str,
    frame: impl Fn(u64) -> v1::client_frame::Frame + Send + 'static,
    count: u64,
) -> Result<(), Status> {
    let hello = v1::Hello { sheet_id: sheet.to_owned(), ..v1::Hello::default() };
    let counted = field.clone();
    let frames = (0..=count).map(move |number| {
        let frame = match number {
            0 => v1::client_frame::Frame::Hello(hello.clone()),
            _ => frame(number),
        };
        let frame = v1::CollaborateRequest { frame: Some(v1::ClientFrame { frame: Some(frame) }) };
        counted.sent(prost::Message::encoded_len(&frame));
        frame
    });
    let frames = tokio_stream::iter(frames).chain(tokio_stream::pending());
    let mut live = field.live().await?;
    let mut answers = live.collaborate(field.with_token(frames)).await?.into_inner();
    let mut answered = 0;
    while answered < count {
        let Some(answer) = answers.message().await? else { return Ok(()) };
        use v1::server_frame::Frame::{Accepted, Rejected};
        let frame = answer.frame.and_then(|frame| frame.frame);
        if matches!(frame, Some(Accepted(_) | Rejected(_))) {
            answered += 1;
        }
    }
    Ok(())
}

/// The frame with an edit of a delta, on the sheet as it was made.
fn edit(sequence: u64, delta: &v1::Delta) -> v1::client_frame::Frame {
    let change = Some(v1::edit::Change::Delta(delta.clone()));
    v1::client_frame::Frame::Edit(v1::Edit { sequence, base_revision: 0, change, group: 0 })
}

fn list(commands: Vec<Command>) -> Change {
    let commands = commands.into_iter().map(|command| v1::Command { command: Some(command) });
    Change::Commands(v1::CommandList { commands: commands.collect() })
}

fn row(at: u32) -> v1::RowRef {
    v1::RowRef { row: Some(v1::row_ref::Row::At(at)) }
}

fn column(at: u32) -> v1::ColumnRef {
    v1::ColumnRef { column: Some(v1::column_ref::Column::At(at)) }
}
