//! Summaries of columns: counts, a filter, and what is refused.
//!
//! Not each kind of values (the crate `engine`). Invariant: the counts of a summary are those of the rows that match.

use gridloom::v1;
use gridloom::v1::value::Kind;
use integration::harness::Server;
use tonic::Code;

use super::{Tables, chosen, equal, guesses, page, values_of};
use crate::files::refused;

fn number(value: Option<&v1::Value>) -> Option<f64> {
    match value?.kind.as_ref()? {
        Kind::Number(number) => Some(*number),
        _ => None,
    }
}

fn counts(summary: &v1::SummarizeColumnResponse) -> Vec<(String, u64)> {
    let count = |it: &v1::ValueCount| match it.value.as_ref().and_then(|it| it.kind.clone()) {
        Some(Kind::Text(text)) => (text, it.rows),
        other => panic!("no text: {other:?}"),
    };
    summary.values.iter().map(count).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_values_of_a_column_are_counted_in_the_rows_that_match() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let content = b"state,n\nTX,3\nCA,1\nTX,2\nNY,\nTX,1\nCA,\n";
    let file = tables.files.upload("s.csv", content).await.expect("is uploaded").id;
    tables.read(&file, guesses()).await;
    let all = tables.summarize(values_of(&file, "state")).await.expect("a summary");
    assert_eq!((all.rows, all.empty_rows, all.distinct), (6, 0, 3));
    let expected = [("TX", 3), ("CA", 2), ("NY", 1)].map(|(text, rows)| (text.to_owned(), rows));
    assert_eq!(counts(&all), expected);
    assert_eq!((all.sum, all.ranges.len()), (None, 0));
    let one = v1::SummarizeColumnRequest { values: 1, ..values_of(&file, "state") };
    assert_eq!(counts(&tables.summarize(one).await.expect("a summary")), expected[..1]);

    let filter = Some(equal("state", "TX"));
    let of_some = v1::SummarizeColumnRequest { filter, ..values_of(&file, "n") };
    let some = tables.summarize(of_some).await.expect("a summary");
    assert_eq!((some.rows, some.empty_rows, some.distinct, some.sum), (3, 0, 3, Some(6.0)));
    let ends = [some.least.as_ref(), some.greatest.as_ref()].map(number);
    assert_eq!(ends, [Some(1.0), Some(3.0)]);
    let ranged: u64 = some.ranges.iter().map(|range| range.rows).sum();
    assert_eq!(ranged, 3);
    let numbers = tables.summarize(values_of(&file, "n")).await.expect("a summary");
    assert_eq!((numbers.rows, numbers.empty_rows, numbers.sum), (6, 2, Some(7.0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_that_has_no_column_or_no_answer_is_refused() {
    let server = Server::start_with(&["--limit-message-bytes", "65536"]);
    let tables = Tables::sign_up(&server).await;
    let rows: String = (0..1_000).map(|at| format!("{at}{}\n", "x".repeat(150))).collect();
    let content = format!("text\n{rows}").into_bytes();
    let file = tables.files.upload("t.csv", &content).await.expect("is uploaded").id;
    let header = v1::StartImportRequest { header: true, ..Default::default() };
    let table = tables.read(&file, chosen(header)).await.remove(0);
    let column = refused(tables.summarize(values_of(&file, "zip")).await);
    assert_eq!(column, (Code::OutOfRange, "column.name".to_owned()));
    let other = v1::SummarizeColumnRequest { table: 1, ..values_of(&file, "text") };
    let other = refused(tables.summarize(other).await);
    assert_eq!(other, (Code::NotFound, "NOT_FOUND".to_owned()));
    let old = v1::SummarizeColumnRequest { etag: "old".to_owned(), ..values_of(&file, "text") };
    let old = refused(tables.summarize(old).await);
    assert_eq!(old, (Code::FailedPrecondition, "TABLE_CHANGED".to_owned()));
    let many =
        v1::SummarizeColumnRequest { values: 1_000, etag: table.etag, ..values_of(&file, "text") };
    let large = refused(tables.summarize(many).await);
    assert_eq!(large, (Code::ResourceExhausted, "values".to_owned()));
    let few = tables.summarize(values_of(&file, "text")).await.expect("a summary");
    assert_eq!((few.distinct, few.values.len()), (1_000, 50));
    assert_eq!(tables.rows(page(&file, 0, 1)).await.expect("a row").total, 1_000);
}
