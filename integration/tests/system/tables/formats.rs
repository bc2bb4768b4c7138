//! Files that other programs write, as DuckDB reads them: CSV with umlauts and codes, semicolons, UTF-16, JSON lines, Parquet,
//! XLSX.
//!
//! Not each type (the crate `tables`). Invariant: each compared row has the values of the other program.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use gridloom::v1;
use gridloom::v1::value::Kind;
use integration::harness::{Server, binaries};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Tables, guesses, page};

/// More rows than a row group of a table has.
const ROWS: u32 = 140_000;
/// The begin, the border of two row groups of a table, and the end.
const POSITIONS: [u32; 9] = [0, 1, 1_999, 2_999, 131_071, 131_072, 131_073, 139_998, 139_999];

/// How another program reads a file.
#[derive(Deserialize)]
struct Oracle {
    columns: Vec<String>,
    total: u64,
    rows: Vec<(u64, Vec<Value>)>,
}

/// Writes the files, and reads them with the other program.
fn write(directory: &Path) -> BTreeMap<String, Oracle> {
    let python = std::env::var_os("GRIDLOOM_PYTHON")
        .map_or_else(|| binaries::repository().join("target/tools/python/bin/python"), Into::into);
    let script = binaries::repository().join("integration/tests/system/tables/write.py");
    let positions = POSITIONS.map(|at| at.to_string()).join(",");
    let mut command = Command::new(python);
    command.arg(script).arg(directory).arg(ROWS.to_string()).arg(positions);
    let output = command.output().expect("Python runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`make setup-test` installs what it needs: {errors}");
    let oracle = fs::read(directory.join("oracle.json")).expect("is written");
    serde_json::from_slice(&oracle).expect("JSON")
}

/// A value as the oracle has it.
fn shown(value: &v1::Value) -> Value {
    match &value.kind {
        None => Value::Null,
        Some(Kind::Bool(value)) => json!(value),
        Some(Kind::Number(number)) => json!(number),
        Some(Kind::Text(text)) => json!(text),
        Some(Kind::DateDays(days)) => json!({"days": days}),
        Some(Kind::LocalDatetimeMicros(micros)) => json!({"micros": micros}),
        Some(other) => panic!("no file has {other:?}"),
    }
}

/// Whether two values are the same; the other program has whole numbers apart from others.
fn is_same(ours: &Value, theirs: &Value) -> bool {
    match (ours.as_f64(), theirs.as_f64()) {
        (Some(ours), Some(theirs)) => ours == theirs,
        _ => ours == theirs,
    }
}

/// A row of the width of its table.
fn widened(row: &v1::PreviewRow, width: usize) -> Vec<Value> {
    let mut row: Vec<Value> = row.values.iter().map(shown).collect();
    assert!(row.last() != Some(&Value::Null), "empty values at the end are left out");
    row.resize(width, Value::Null);
    row
}

/// Compares the first table of a file with what the other program reads.
async fn is_read_so(tables: &Tables, file: &str, table: &v1::Table, oracle: &Oracle) {
    let names: Vec<&str> = table.columns.iter().map(|column| &*column.name).collect();
    let expected: Vec<&str> = oracle.columns.iter().map(String::as_str).collect();
    assert_eq!((&names, table.rows), (&expected, oracle.total));
    for (at, theirs) in &oracle.rows {
        let answer = tables.rows(page(file, *at, 1)).await.expect("a row");
        assert_eq!((answer.rows.len(), answer.total), (1, oracle.total));
        let ours = widened(&answer.rows[0], names.len());
        let same = ours.iter().zip(theirs).all(|(ours, theirs)| is_same(ours, theirs));
        assert!(
            same && ours.len() == theirs.len(),
            "{}, row {at}: {ours:?} {theirs:?}",
            table.name
        );
    }
    // A page across all borders is the rows one by one.
    if oracle.total > 131_072 {
        let across = tables.rows(page(file, 131_060, 24)).await.expect("a page");
        for (at, row) in (131_060..).zip(&across.rows) {
            let one = tables.rows(page(file, at, 1)).await.expect("a row");
            assert_eq!(&one.rows[0], row, "row {at}");
        }
        assert_eq!(across.rows.len(), 24);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_other_programs_are_read_as_these_read_them() {
    let directory = tempfile::tempdir().expect("can make a temporary directory");
    let oracles = write(directory.path());
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    assert_eq!(oracles.len(), 6, "each format has a file");
    for (name, oracle) in &oracles {
        let content = fs::read(directory.path().join(name)).expect("is written");
        let file = tables.files.upload(name, &content).await.expect("is uploaded").id;
        let read = tables.read(&file, guesses()).await;
        let first = &read[0];
        let worksheets: Vec<&str> = read.iter().map(|table| &*table.name).collect();
        let of_book = || vec!["Lager", "Größen"];
        let expected = if name == "book.xlsx" { of_book() } else { vec![name.as_str()] };
        assert_eq!(worksheets, expected);
        assert!(first.size_bytes > 0 && !first.etag.is_empty(), "{first:?}");
        is_read_so(&tables, &file, first, oracle).await;
        let of_csv = match &**name {
            "stock.csv" => (",", "utf-8"),
            "betrag.csv" => (";", "utf-8"),
            "utf16.csv" => (";", "utf-16le"),
            _ => ("", ""),
        };
        assert_eq!((&*first.delimiter, &*first.encoding), of_csv, "{name}");
        let has_types = first.columns.iter().all(|column| !column.file_type.is_empty());
        assert_eq!(has_types, name == "stock.parquet", "{:?}", first.columns);
        assert!(first.columns.iter().all(|column| column.misfits == 0), "{:?}", first.columns);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_worksheet_is_read_where_it_is_chosen_and_an_unknown_one_is_named() {
    let directory = tempfile::tempdir().expect("can make a temporary directory");
    write(directory.path());
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let content = fs::read(directory.path().join("book.xlsx")).expect("is written");
    let file = tables.files.upload("book.xlsx", &content).await.expect("is uploaded").id;
    let worksheet = |name: &str| {
        let table = v1::TableReading { worksheet: name.to_owned(), ..Default::default() };
        v1::FileReading { format: v1::FileFormat::Xlsx.into(), tables: vec![table] }
    };
    let read = tables.read(&file, worksheet("Größen")).await;
    assert_eq!((read.len(), &*read[0].name, read[0].rows), (1, "Größen", 2));
    let rows = tables.rows(page(&file, 0, 0)).await.expect("rows").rows;
    let shown: Vec<Vec<Value>> = rows.iter().map(|row| widened(row, 2)).collect();
    assert_eq!(shown, [[json!("L"), json!(5.0)], [json!("XL"), json!(7.5)]]);

    let job = tables.begin(&file, worksheet("Missing")).await.expect("begins");
    let ended = tables.ended(&job.id).await;
    assert_eq!((ended.state(), ended.attempt), (v1::JobState::Failed, 1));
    assert!(ended.error.contains("Missing"), "{}", ended.error);
    assert_eq!(tables.list(&file).await.expect("is listed").tables, read, "they stay");
}
