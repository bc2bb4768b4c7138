//! Pages of rows: their columns, their sizes, their ends, and a table that is replaced.
//!
//! Not the values of formats (`formats`). Invariant: pages one after the other are all rows.

use gridloom::v1;
use gridloom::v1::value::Kind;
use integration::harness::Server;
use tonic::Code;

use super::{Tables, chosen, guesses, numbers, page};
use crate::files::refused;

const ROWS: u32 = 2_500;

fn text(row: &v1::PreviewRow, column: usize) -> String {
    match row.values.get(column).and_then(|value| value.kind.as_ref()) {
        None => String::new(),
        Some(Kind::Text(text)) => text.clone(),
        Some(Kind::Number(number)) => number.to_string(),
        Some(other) => panic!("neither a number nor a text: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_one_after_the_other_are_all_rows() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let content = numbers(ROWS);
    let file = tables.files.upload("numbers.csv", &content).await.expect("is uploaded").id;
    tables.read(&file, guesses()).await;
    let content = String::from_utf8(content).expect("a text");
    let mut lines = content.lines().skip(1);
    let mut first = 0;
    for count in [0, 7, 1_000, 5_000].into_iter().cycle() {
        let answer = tables.rows(page(&file, first, count)).await.expect("a page");
        assert_eq!(answer.total, u64::from(ROWS));
        let most = if count == 0 { 100 } else { count.min(1_000) };
        let left = u64::from(ROWS) - first;
        assert_eq!(answer.rows.len() as u64, left.min(most.into()));
        for row in &answer.rows {
            assert_eq!(lines.next(), Some(&*format!("{},{}", text(row, 0), text(row, 1))));
        }
        first += answer.rows.len() as u64;
        if answer.rows.is_empty() {
            break;
        }
    }
    assert_eq!((first, lines.next()), (ROWS.into(), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_come_in_the_order_of_the_request_and_what_is_not_there_is_refused() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.files.upload("a.csv", b"a,b,c\n1,x,\n2,y,z\n").await.expect("is uploaded").id;
    let not_read = tables.rows(page(&file, 0, 1)).await;
    assert_eq!(not_read.expect_err("it is not read").code(), Code::NotFound);
    tables.read(&file, guesses()).await;
    let columns = v1::ReadTableRowsRequest { columns: vec![2, 0, 1], ..page(&file, 0, 9) };
    let rows = tables.rows(columns).await.expect("rows").rows;
    let shown: Vec<Vec<String>> =
        rows.iter().map(|row| (0..3).map(|at| text(row, at)).collect()).collect();
    assert_eq!(shown, [["", "1", "x"], ["z", "2", "y"]]);
    let twice = v1::ReadTableRowsRequest { columns: vec![1, 0, 1], ..page(&file, 0, 9) };
    assert_eq!(refused(tables.rows(twice).await), (Code::InvalidArgument, "columns".to_owned()));
    let all = tables.rows(page(&file, 0, 9)).await.expect("rows").rows;
    assert_eq!((all[0].values.len(), all[1].values.len()), (2, 3), "an empty end is left out");

    assert!(tables.rows(page(&file, 2, 1)).await.expect("the end").rows.is_empty());
    let after = refused(tables.rows(page(&file, 3, 1)).await);
    assert_eq!(after, (Code::OutOfRange, "first".to_owned()));
    let column = v1::ReadTableRowsRequest { columns: vec![3], ..page(&file, 0, 1) };
    assert_eq!(refused(tables.rows(column).await), (Code::InvalidArgument, "columns".to_owned()));
    let table = v1::ReadTableRowsRequest { table: 1, ..page(&file, 0, 1) };
    assert_eq!(refused(tables.rows(table).await), (Code::NotFound, "NOT_FOUND".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_table_that_was_replaced_is_refused_where_its_etag_is_named() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file =
        tables.files.upload("a.csv", b"code,n\n007,1\nA-7,2\n").await.expect("is uploaded").id;
    let first = tables.read(&file, guesses()).await.remove(0);
    let of_first = v1::ReadTableRowsRequest { etag: first.etag.clone(), ..page(&file, 0, 9) };
    let rows = tables.rows(of_first.clone()).await.expect("rows").rows;
    assert_eq!((text(&rows[0], 0), text(&rows[1], 0)), ("007".to_owned(), "A-7".to_owned()));

    let kinds = vec![v1::ColumnKind::Number.into()];
    let by_number = v1::StartImportRequest { kinds, ..Default::default() };
    let second = tables.read(&file, chosen(by_number)).await.remove(0);
    assert!(second.etag != first.etag);
    let shown: Vec<(v1::ColumnKind, u64)> =
        second.columns.iter().map(|column| (column.kind(), column.misfits)).collect();
    assert_eq!(shown, [(v1::ColumnKind::Number, 1), (v1::ColumnKind::Number, 0)]);
    let changed = refused(tables.rows(of_first).await);
    assert_eq!(changed, (Code::FailedPrecondition, "TABLE_CHANGED".to_owned()));
    let rows = tables.rows(page(&file, 0, 9)).await.expect("rows").rows;
    assert_eq!((text(&rows[0], 0), text(&rows[1], 0)), ("7".to_owned(), "A-7".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn large_rows_are_left_to_the_next_page_and_one_that_no_answer_holds_is_refused() {
    let server = Server::start_with(&["--limit-message-bytes", "65536"]);
    let tables = Tables::sign_up(&server).await;
    let long = |bytes: usize| "x".repeat(bytes);
    let texts = [long(40_000), long(20_000), long(100_000)];
    let content = format!("a,b\n1,{}\n2,{}\n3,{}\n4,end\n", texts[0], texts[1], texts[2]);
    let file = tables.files.upload("long.csv", content.as_bytes()).await.expect("is uploaded").id;
    tables.read(&file, guesses()).await;
    let first = tables.rows(page(&file, 0, 9)).await.expect("the first ones").rows;
    assert_eq!(first.len(), 2, "60,000 bytes fit");
    let refusal = refused(tables.rows(page(&file, 2, 9)).await);
    assert_eq!(refusal, (Code::ResourceExhausted, "columns".to_owned()));
    let narrow = v1::ReadTableRowsRequest { columns: vec![0], ..page(&file, 2, 9) };
    assert_eq!(tables.rows(narrow).await.expect("rows").rows.len(), 2);
}
