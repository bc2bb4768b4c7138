//! Columns with settings: kept over restarts and undos, refused by field, and rules that hold for every edit.
//!
//! Not what fits a rule: see the crate `values`. Invariant: each edit is made over the protocol.

use gridloom::v1::column_ref::Column as Which;
use gridloom::v1::command::Command as Part;
use gridloom::v1::value::Kind;
use gridloom::v1::{self, ColumnKind, ColumnSettings, Command, apply_edits_request::Change};
use tonic::{Code, Status};

use crate::harness::{Caller, TestServer, refused, refused_field};

fn at(column: u32) -> Option<v1::ColumnRef> {
    Some(v1::ColumnRef { column: Some(Which::At(column)) })
}

fn text(text: &str) -> v1::Value {
    v1::Value { kind: Some(Kind::Text(text.into())) }
}

fn set(col: u32, value: v1::Value) -> Part {
    Part::SetCells(v1::SetCells { row: None, col: at(col), width: 1, values: vec![value] })
}

fn update(column: u32, kind: ColumnKind, settings: ColumnSettings) -> Part {
    let (column, settings) = (at(column), Some(settings));
    Part::UpdateColumn(v1::UpdateColumn {
        column,
        kind: kind.into(),
        settings,
        ..Default::default()
    })
}

fn options(options: &[&str], refuse: bool) -> ColumnSettings {
    let options = options.iter().map(ToString::to_string).collect();
    ColumnSettings { options, refuse, ..Default::default() }
}

async fn apply(caller: &mut Caller, sheet: &str, parts: Vec<Part>) -> Result<u64, Status> {
    let commands = parts.into_iter().map(|part| Command { command: Some(part) }).collect();
    let request = v1::ApplyEditsRequest {
        sheet_id: sheet.into(),
        change: Some(Change::Commands(v1::CommandList { commands })),
        ..Default::default()
    };
    Ok(caller.sheets.apply_edits(request).await?.into_inner().revision)
}

async fn undo(caller: &mut Caller, sheet: &str) {
    let change = Some(Change::Undo(v1::Undo::default()));
    let request = v1::ApplyEditsRequest { sheet_id: sheet.into(), change, ..Default::default() };
    caller.sheets.apply_edits(request).await.unwrap();
}

async fn columns(caller: &mut Caller, sheet: &str) -> Vec<v1::Column> {
    let request = v1::GetSheetRequest { sheet_id: sheet.into() };
    caller.sheets.get_sheet(request).await.unwrap().into_inner().sheet.unwrap().columns
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_kept_with_their_column() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    let price = ColumnSettings {
        decimals: Some(2),
        thousands: true,
        unit: Some(v1::column_settings::Unit::Currency("EUR".into())),
        locale: "de".into(),
        ..Default::default()
    };
    let column = |name: &str, kind: ColumnKind, settings| v1::Column {
        name: name.into(),
        kind: kind.into(),
        settings,
        ..Default::default()
    };
    let new = v1::CreateSheetRequest {
        name: "Kinds".into(),
        columns: vec![
            column("State", ColumnKind::Choice, Some(options(&["open", "done"], false))),
            column("Price", ColumnKind::Number, Some(price.clone())),
            column("Page", ColumnKind::Link, None),
        ],
        ..Default::default()
    };
    let sheet = ada.sheets.create_sheet(new).await.unwrap().into_inner().sheet.unwrap().id;
    let delete = Part::DeleteColumns(v1::DeleteLines { at: 1, count: 1 });
    assert_eq!(apply(&mut ada, &sheet, vec![delete]).await.unwrap(), 1);
    let several = options(&["a", "b, c"], true);
    apply(&mut ada, &sheet, vec![update(0, ColumnKind::Choices, several.clone())]).await.unwrap();

    let token = ada.token.clone();
    let server = server.restart().await;
    let mut ada = server.caller(&token);
    let kept = columns(&mut ada, &sheet).await;
    assert_eq!(kept[0].kind(), ColumnKind::Choices);
    assert_eq!(kept[0].settings, Some(several));
    assert_eq!((kept[1].kind(), &kept[1].settings), (ColumnKind::Link, &None));
    for _ in 0..2 {
        undo(&mut ada, &sheet).await;
    }
    let before = columns(&mut ada, &sheet).await;
    assert_eq!(before[0].settings, Some(options(&["open", "done"], false)));
    assert_eq!((before[1].kind(), &before[1].settings), (ColumnKind::Number, &Some(price)));
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_refuses_what_does_not_fit_on_demand() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    let sheet = ada.create("Strict").await.id;
    let strict = options(&["open", "done"], true);
    apply(&mut ada, &sheet, vec![set(1, text("late"))]).await.unwrap();
    apply(&mut ada, &sheet, vec![update(1, ColumnKind::Choice, strict.clone())]).await.unwrap();

    let late = apply(&mut ada, &sheet, vec![set(0, text("free")), set(1, text("late"))]).await;
    assert!(late.as_ref().unwrap_err().message().contains("row 0, column 1 does not fit"));
    assert_eq!(refused(late), (Code::InvalidArgument, "DOES_NOT_FIT".to_owned()));
    apply(&mut ada, &sheet, vec![set(1, text("done"))]).await.unwrap();
    apply(&mut ada, &sheet, vec![set(1, v1::Value::default())]).await.unwrap();

    // The rule goes where its column goes, also in the edit that moves it.
    let insert = Part::InsertColumns(v1::InsertLines { at: 0, count: 2 });
    let moved = apply(&mut ada, &sheet, vec![insert.clone(), set(3, text("late"))]).await;
    assert!(moved.unwrap_err().message().contains("column 3"));
    apply(&mut ada, &sheet, vec![insert, set(1, text("late"))]).await.unwrap();
    let later = apply(&mut ada, &sheet, vec![set(3, text("late"))]).await;
    assert!(later.unwrap_err().message().contains("column 3"));

    // What an undo brings back was there before the rule.
    for _ in 0..4 {
        undo(&mut ada, &sheet).await;
    }
    let lenient = options(&["open"], false);
    apply(&mut ada, &sheet, vec![update(1, ColumnKind::Choice, lenient)]).await.unwrap();
    apply(&mut ada, &sheet, vec![set(1, text("late"))]).await.unwrap();
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_break_a_rule_are_refused_by_their_field() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    let sheet = ada.create("Rules").await.id;
    let long = "o".repeat(256);
    let decimals = ColumnSettings { decimals: Some(300), ..Default::default() };
    let locale = ColumnSettings { locale: "klingon".into(), ..Default::default() };
    let full: Vec<String> = (0..63).map(|number| format!("{number:0>250}")).collect();
    let large: Vec<&str> = full.iter().map(String::as_str).chain([&*long]).collect();
    for (settings, field) in [
        (options(&["a", "a"], false), "settings.options"),
        (options(&[""], false), "settings.options"),
        (options(&large, false), "settings"),
        (decimals, "settings.decimals"),
        (locale, "settings.locale"),
    ] {
        let result = apply(&mut ada, &sheet, vec![update(0, ColumnKind::Choice, settings)]).await;
        let (code, named) = refused_field(result);
        assert_eq!(code, Code::InvalidArgument);
        assert!(named.ends_with(field), "{named:?} for {field}");
    }

    let full = options(&full.iter().map(String::as_str).collect::<Vec<_>>(), false);
    let insert = Part::InsertColumns(v1::InsertLines { at: 0, count: 80 });
    apply(&mut ada, &sheet, vec![insert]).await.unwrap();
    let fill = |cols: std::ops::Range<u32>| {
        cols.map(|col| update(col, ColumnKind::Choice, full.clone())).collect::<Vec<_>>()
    };
    apply(&mut ada, &sheet, fill(0..60)).await.unwrap();
    let (code, named) = refused_field(apply(&mut ada, &sheet, fill(60..70)).await);
    assert_eq!((code, &*named), (Code::ResourceExhausted, "settings"));
    // What is replaced or deleted takes no room, and an undo finds no more than there is.
    apply(&mut ada, &sheet, fill(0..60)).await.unwrap();
    let delete = Part::DeleteColumns(v1::DeleteLines { at: 0, count: 60 });
    let deleted = apply(&mut ada, &sheet, vec![delete]).await.unwrap();
    let insert = Part::InsertColumns(v1::InsertLines { at: 0, count: 60 });
    apply(&mut ada, &sheet, vec![insert]).await.unwrap();
    apply(&mut ada, &sheet, fill(0..60)).await.unwrap();
    let change = Some(Change::Undo(v1::Undo { revision: deleted }));
    let undo = v1::ApplyEditsRequest { sheet_id: sheet.clone(), change, ..Default::default() };
    // It is refused, or reports that it has passed the deletion over.
    let _ = ada.sheets.apply_edits(undo).await;
    let options = |column: &v1::Column| column.settings.as_ref().map_or(0, |it| it.options.len());
    let kept: usize = columns(&mut ada, &sheet).await.iter().map(options).sum();
    assert_eq!(kept, 60 * 63);
    server.running.shutdown().await;
}
