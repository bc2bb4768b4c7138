//! Previews: what they show of the begin of a file, and what they refuse.
//!
//! Not the dialog. Invariant: a preview makes no table and no job.

use gridloom::v1;
use integration::harness::Server;
use tonic::Code;

use super::{Tables, chosen, guesses, numbers};
use crate::files::refused;

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_the_begin_and_makes_nothing() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let content = "Größe;Betrag\nÄpfel;1,5\nÖl;2,25\n".as_bytes();
    let file = tables.files.upload("betrag.csv", content).await.expect("is uploaded").id;
    let seen = tables.preview(&file, guesses()).await.expect("is shown");
    assert_eq!((seen.format(), seen.has_header), (v1::FileFormat::Csv, true));
    assert_eq!((&*seen.decimal_mark, seen.rows.len(), seen.worksheets.len()), (",", 2, 0));
    let table = seen.table.expect("a table");
    assert_eq!((&*table.name, &*table.delimiter, &*table.encoding), ("betrag.csv", ";", "utf-8"));
    let kinds: Vec<v1::ColumnKind> = table.columns.iter().map(v1::TableColumn::kind).collect();
    assert_eq!(kinds, [v1::ColumnKind::Text, v1::ColumnKind::Number]);

    let comma = v1::StartImportRequest { delimiter: ",".to_owned(), ..Default::default() };
    let other = tables.preview(&file, chosen(comma)).await;
    // Divided by commas, the lines have other numbers of fields.
    assert!(other.is_err_and(|status| status.code() == Code::InvalidArgument));

    let large = tables.files.upload("numbers.csv", &numbers(40_000)).await.expect("is uploaded").id;
    let seen = tables.preview(&large, guesses()).await.expect("is shown");
    assert_eq!(seen.rows.len(), 20);
    for file in [&file, &large] {
        assert_eq!(tables.list(file).await.expect("is listed"), v1::ListTablesResponse::default());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_table_is_refused_by_what_it_is() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let pdf = tables.files.upload("a.csv", b"%PDF-1.7\n...").await.expect("is uploaded").id;
    let refusal = tables.preview(&pdf, guesses()).await.expect_err("is no table");
    assert_eq!(refusal.code(), Code::InvalidArgument);
    assert!(refusal.message().contains("PDF"), "{refusal:?}");
    let line = b"{\"a\":1}\n{\"a\":2}\nnothing\n";
    let json = tables.files.upload("a.json", line).await.expect("is uploaded").id;
    let refusal = tables.preview(&json, guesses()).await.expect_err("has a bad line");
    assert!(refusal.message().starts_with("line 3"), "{refusal:?}");

    let field = |name: &str| (Code::InvalidArgument, format!("reading.{name}"));
    let header = v1::StartImportRequest { header: true, ..Default::default() };
    let of_csv = v1::FileReading { format: v1::FileFormat::Parquet.into(), ..chosen(header) };
    assert_eq!(refused(tables.preview(&json, of_csv.clone()).await), field("tables[0].options"));
    assert_eq!(refused(tables.begin(&json, of_csv).await), field("tables[0].options"));
    let unknown = v1::FileReading { format: 99, ..guesses() };
    assert_eq!(refused(tables.preview(&json, unknown).await), field("format"));
    let both = v1::StartImportRequest { header: true, no_header: true, ..Default::default() };
    let refusal = refused(tables.begin(&json, chosen(both)).await);
    assert_eq!(refusal, field("tables[0].options.header"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_line_that_looks_like_data_needs_a_choice() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let content = b"2.5,2024-05-01\n3.5,2024-05-02\n4.5,2024-05-03\n";
    let file = tables.files.upload("a.csv", content).await.expect("is uploaded").id;
    assert!(tables.preview(&file, guesses()).await.expect("is shown").is_header_in_doubt);
    let job = tables.begin(&file, guesses()).await.expect("begins");
    let ended = tables.ended(&job.id).await;
    assert_eq!((ended.state(), ended.attempt), (v1::JobState::Failed, 1), "{ended:?}");
    let no_header = v1::StartImportRequest { no_header: true, ..Default::default() };
    let seen = tables.preview(&file, chosen(no_header.clone())).await.expect("is shown");
    assert!(!seen.is_header_in_doubt && !seen.has_header);
    assert_eq!(tables.read(&file, chosen(no_header)).await[0].rows, 3);
}
