//! Unary reads and edits: by commands and by deltas, safe to retry, committed when they answer.

use gridloom::v1::{self, Command, Value, apply_edits_request::Change, command, value::Kind};
use tonic::Code;

use crate::harness::{Caller, TestServer, refused, refused_field};

fn text(text: &str) -> Value {
    Value { kind: Some(Kind::Text(text.into())) }
}

fn number(number: f64) -> Value {
    Value { kind: Some(Kind::Number(number)) }
}

fn set(row: u32, column: &str, values: Vec<Value>) -> Command {
    Command {
        command: Some(command::Command::SetCells(v1::SetCells {
            row: Some(v1::RowRef { row: Some(v1::row_ref::Row::At(row)) }),
            col: Some(v1::ColumnRef { column: Some(v1::column_ref::Column::Name(column.into())) }),
            width: 1,
            values,
        })),
    }
}

fn commands(sheet_id: &str, commands: Vec<Command>) -> v1::ApplyEditsRequest {
    v1::ApplyEditsRequest {
        sheet_id: sheet_id.into(),
        change: Some(Change::Commands(v1::CommandList { commands })),
        ..Default::default()
    }
}

fn read(sheet_id: &str) -> v1::ReadCellsRequest {
    v1::ReadCellsRequest { sheet_id: sheet_id.into(), ..Default::default() }
}

async fn apply(caller: &mut Caller, request: v1::ApplyEditsRequest) -> v1::ApplyEditsResponse {
    caller.sheets.apply_edits(request).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_are_read_back_and_survive_a_restart() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    let sheet = ada.create("Cells").await.id;
    let insert = v1::InsertLines { at: 0, count: 2 };
    let insert = Command { command: Some(command::Command::InsertRows(insert)) };
    let edit = commands(&sheet, vec![insert, set(1, "B", vec![text("hi"), number(7.0)])]);
    assert_eq!(apply(&mut ada, edit).await.revision, 1);

    let window = ada.sheets.read_cells(read(&sheet)).await.unwrap().into_inner();
    assert_eq!((window.revision, window.row_count, window.rows.len()), (1, 102, 100));
    assert_eq!(window.rows[1].values, [Value::default(), text("hi")]);
    assert_eq!(window.rows[2].values, [Value::default(), number(7.0)]);
    let named = v1::ReadCellsRequest {
        rows: Some(v1::Range { start: 1, count: 1 }),
        column_names: vec!["B".into(), "A".into()],
        ..read(&sheet)
    };
    let window = ada.sheets.read_cells(named).await.unwrap().into_inner();
    assert_eq!(window.columns.iter().map(|column| &*column.name).collect::<Vec<_>>(), ["B", "A"]);
    assert_eq!((window.start_row, &*window.rows[0].values), (1, &*vec![text("hi")]));

    let token = ada.token.clone();
    let server = server.restart().await;
    let mut ada = server.caller(&token);
    let exported = ada.export(&sheet).await.unwrap();
    assert!(exported.starts_with("A,B,C,D,E\n,,,,\n,hi,,,\n,7,,,\n,,,,\n"), "{exported}");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_is_applied_once() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    let sheet = ada.create("Once").await.id;
    let insert = v1::InsertLines { at: 0, count: 1 };
    let insert = Command { command: Some(command::Command::InsertRows(insert)) };
    let once = v1::ApplyEditsRequest {
        request_id: "the one".into(),
        ..commands(&sheet, vec![insert.clone()])
    };
    let first = apply(&mut ada, once.clone()).await;
    assert_eq!(apply(&mut ada, once.clone()).await, first);
    let token = ada.token.clone();
    let server = server.restart().await;
    let mut ada = server.caller(&token);
    assert_eq!(apply(&mut ada, once).await, first);
    assert_eq!(apply(&mut ada, commands(&sheet, vec![insert])).await.revision, 2);
    let window = ada.sheets.read_cells(read(&sheet)).await.unwrap().into_inner();
    assert_eq!(window.row_count, 102);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_is_answered_on_the_sheet_that_it_has_changed() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    let sheet = ada.create("Gone").await.id;
    // The last of a new sheet's rows: there is none at this place afterwards.
    let last = v1::DeleteLines { at: 99, count: 1 };
    let delete = Command { command: Some(command::Command::DeleteRows(last)) };
    let once =
        v1::ApplyEditsRequest { request_id: "the last".into(), ..commands(&sheet, vec![delete]) };
    let first = apply(&mut ada, once.clone()).await;
    assert_eq!(apply(&mut ada, once).await, first);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_edits_and_reads_are_refused_by_name() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    let sheet = ada.create("Bad").await.id;
    let invalid = Code::InvalidArgument;
    let mut edit = async |request| ada.sheets.apply_edits(request).await;
    let none = v1::ApplyEditsRequest { change: None, ..commands(&sheet, vec![]) };
    assert_eq!(refused_field(edit(none).await), (invalid, "change".into()));
    let empty = refused_field(edit(commands(&sheet, vec![])).await);
    assert_eq!(empty, (invalid, "commands.commands".into()));
    let (code, field) =
        refused_field(edit(commands(&sheet, vec![set(0, "No", vec![text("x")])])).await);
    assert!(field.starts_with("commands"), "{code:?} {field}");
    let beyond = edit(commands(&sheet, vec![set(100, "A", vec![text("x")])])).await;
    assert_eq!(refused(beyond), (Code::OutOfRange, "OUT_OF_RANGE".into()));
    let large = edit(commands(&sheet, vec![set(0, "A", vec![text(&"x".repeat(65_537))])])).await;
    assert_eq!(refused(large).0, invalid);
    let long = v1::ApplyEditsRequest {
        request_id: "x".repeat(101),
        ..commands(&sheet, vec![set(0, "A", vec![text("x")])])
    };
    assert_eq!(refused_field(edit(long).await), (invalid, "request_id".into()));
    let future = v1::ApplyEditsRequest {
        sheet_id: sheet.clone(),
        change: Some(Change::Delta(v1::Delta::default())),
        base_revision: 9,
        ..Default::default()
    };
    assert_eq!(refused(edit(future).await), (Code::FailedPrecondition, "BASE_IN_FUTURE".into()));

    for (request, field) in [
        (
            v1::ReadCellsRequest {
                rows: Some(v1::Range { start: 0, count: 10_001 }),
                ..read(&sheet)
            },
            "rows.count",
        ),
        (
            v1::ReadCellsRequest { column_names: vec!["A".into(), "No".into()], ..read(&sheet) },
            "column_names[1]",
        ),
    ] {
        let refusal = refused_field(ada.sheets.read_cells(request).await);
        assert_eq!(refusal, (invalid, field.to_owned()));
    }
    let beyond = v1::ReadCellsRequest {
        rows: Some(v1::Range { start: u32::MAX, count: 10 }),
        ..read(&sheet)
    };
    let window = ada.sheets.read_cells(beyond).await.unwrap().into_inner();
    assert_eq!((window.revision, window.rows.len()), (0, 0));
    server.running.shutdown().await;
}
