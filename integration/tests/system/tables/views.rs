//! Views: their rows and positions, one for each question, their bytes, and their end.
//!
//! Not each rule of a filter and an order (the crate `engine`). Invariant: a view has the rows of the table that its file
//! has now.

use gridloom::v1;
use gridloom::v1::JobState;
use gridloom::v1::value::Kind;
use integration::harness::Server;
use tokio::task::JoinSet;
use tonic::Code;

use super::{Tables, begun, chosen, equal, guesses, hold_account, numbers, page, sorted};
use crate::files::refused;

const CITIES: &[u8] = b"state,city,n\nTX,b,3\nCA,a,1\nTX,a,2\nNY,c,\nTX,b,1\n";

/// A page of rows of a view.
fn of_view(file: &str, view: &v1::View, first: u64, count: u32) -> v1::ReadTableRowsRequest {
    v1::ReadTableRowsRequest { view_id: view.id.clone(), ..page(file, first, count) }
}

fn city(row: &v1::PreviewRow) -> &str {
    match row.values.get(1).and_then(|value| value.kind.as_ref()) {
        Some(Kind::Text(text)) => text,
        _ => "",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_has_the_rows_that_match_in_its_order_with_their_positions() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.files.upload("c.csv", CITIES).await.expect("is uploaded").id;
    tables.read(&file, guesses()).await;
    let before = tables.files.usage().await.used_bytes;
    let asked = sorted(&file, Some(equal("state", "TX")), &[("city", true), ("n", false)]);
    let begun = tables.make_view(asked.clone()).await.expect("begins");
    let job = begun.job.expect("a job");
    assert_eq!((&*job.kind, &*job.title), ("view-small-table", "Filter and sort c.csv"));
    let ended = tables.ended(&job.id).await;
    assert_eq!((ended.state(), &*ended.error), (JobState::Done, ""), "{ended:?}");
    let view = tables.make_view(asked.clone()).await.expect("is there").view.expect("a view");
    assert_eq!((&*ended.view_id, ended.rows), (&*view.id, 3));
    assert_eq!((view.table, view.rows), (0, 3));
    let used = tables.files.usage().await.used_bytes;
    assert_eq!(used, before + view.size_bytes, "its bytes count");

    let all = tables.rows(of_view(&file, &view, 0, 9)).await.expect("rows");
    assert_eq!((all.total, &*all.positions), (3, &[4, 0, 2][..]));
    assert_eq!(all.rows.iter().map(city).collect::<Vec<_>>(), ["b", "b", "a"]);
    let part = tables.rows(of_view(&file, &view, 1, 1)).await.expect("a row");
    assert_eq!((part.rows.len(), &*part.positions), (1, &[0][..]));
    let end = tables.rows(of_view(&file, &view, 3, 1)).await.expect("the end");
    assert!(end.rows.is_empty() && end.positions.is_empty());
    let after = refused(tables.rows(of_view(&file, &view, 4, 1)).await);
    assert_eq!(after, (Code::OutOfRange, "first".to_owned()));
    assert!(tables.rows(page(&file, 0, 9)).await.expect("rows").positions.is_empty());

    // The same question with columns by their positions.
    let at = |at| Some(v1::ColumnRef { column: Some(v1::column_ref::Column::At(at)) });
    let mut same = asked;
    same.order_by[0].column = at(1);
    same.order_by[1].column = at(2);
    let found = tables.make_view(same).await.expect("is there");
    assert_eq!((found.view, found.job), (Some(view), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_with_one_question_share_a_job_and_its_pages_are_all_rows() {
    const ROWS: u32 = 20_000;
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.files.upload("n.csv", &numbers(ROWS)).await.expect("is uploaded").id;
    tables.read(&file, guesses()).await;
    let asked = sorted(&file, None, &[("at", true)]);
    let held = hold_account(&server, &file).await;
    let mut calls = JoinSet::new();
    for _ in 0..6 {
        let (tables, asked) = (tables.clone(), asked.clone());
        let begin = async move { tables.make_view(asked).await.expect("begins").job };
        calls.spawn(async move { begin.await.expect("a job").id });
    }
    let jobs = calls.join_all().await;
    assert!(jobs.iter().all(|job| *job == jobs[0]), "{jobs:?}");
    held.batch_execute("commit").await.expect("commits");
    let ended = tables.ended(&jobs[0]).await;
    assert_eq!((ended.state(), ended.rows), (JobState::Done, ROWS.into()), "{ended:?}");
    let view = tables.view(asked).await;
    let mut next = u64::from(ROWS);
    loop {
        let answer = tables.rows(of_view(&file, &view, u64::from(ROWS) - next, 1_000)).await;
        let answer = answer.expect("a page");
        assert_eq!(answer.rows.len(), answer.positions.len());
        if answer.rows.is_empty() {
            break;
        }
        for position in answer.positions {
            next -= 1;
            assert_eq!(position, next);
        }
    }
    assert_eq!(next, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_goes_when_its_file_is_read_again_and_an_odd_question_is_refused() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.files.upload("c.csv", CITIES).await.expect("is uploaded").id;
    let asked = sorted(&file, None, &[("city", false)]);
    let not_read = refused(tables.make_view(asked.clone()).await);
    assert_eq!(not_read, (Code::NotFound, "NOT_FOUND".to_owned()));
    let first = tables.read(&file, guesses()).await.remove(0);
    let view = tables.view(asked.clone()).await;
    for id in ["no id", "00000000-0000-7000-8000-000000000000"] {
        let request = v1::ReadTableRowsRequest { view_id: id.to_owned(), ..page(&file, 0, 1) };
        let gone = refused(tables.rows(request).await);
        assert_eq!(gone, (Code::NotFound, "VIEW_GONE".to_owned()));
    }
    let header = v1::StartImportRequest { header: true, ..Default::default() };
    tables.read(&file, chosen(header)).await;
    let gone = refused(tables.rows(of_view(&file, &view, 0, 1)).await);
    assert_eq!(gone, (Code::NotFound, "VIEW_GONE".to_owned()));
    let old = v1::MakeViewRequest { etag: first.etag, ..asked.clone() };
    let changed = refused(tables.make_view(old).await);
    assert_eq!(changed, (Code::FailedPrecondition, "TABLE_CHANGED".to_owned()));
    assert!(tables.view(asked).await.id != view.id);

    let neither = refused(tables.make_view(sorted(&file, None, &[])).await);
    assert_eq!(neither, (Code::InvalidArgument, "filter".to_owned()));
    let column = refused(tables.make_view(sorted(&file, None, &[("zip", false)])).await);
    assert_eq!(column, (Code::OutOfRange, "order_by[0].column.name".to_owned()));
    let nine = [("city", false); 9];
    let levels = refused(tables.make_view(sorted(&file, None, &nine)).await);
    assert_eq!(levels, (Code::InvalidArgument, "order_by".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_view_is_none_and_one_whose_server_was_killed_is_made_once() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.files.upload("n.csv", &numbers(50_000)).await.expect("is uploaded").id;
    let table = tables.read(&file, guesses()).await.remove(0);
    let asked = sorted(&file, None, &[("text", false)]);
    let held = hold_account(&server, &file).await;
    let job = tables.make_view(asked.clone()).await.expect("begins").job.expect("a job");
    begun(&held, &job).await;
    tables.cancel(&job.id).await;
    let ended = tables.ended(&job.id).await;
    assert_eq!((ended.state(), &*ended.error), (JobState::Cancelled, ""), "{ended:?}");
    let again = tables.make_view(asked.clone()).await.expect("begins").job.expect("a job");
    assert!(again.id != job.id);
    begun(&held, &again).await;
    let stopped = server.kill();
    drop(held);
    let server = stopped.restart();
    let tables = tables.again(&server).await;
    let ended = tables.ended(&again.id).await;
    assert_eq!((ended.state(), ended.attempt), (JobState::Done, 2), "{ended:?}");
    let view = tables.view(asked).await;
    assert_eq!((&*view.id, view.rows), (&*again.id, 50_000));
    let count = "select count(*) from file_views";
    let count: i64 = server.sql().await.query_one(count, &[]).await.expect("a count").get(0);
    assert_eq!(count, 1);
    let usage = tables.files.usage().await;
    let used = usage.used_bytes - usage.leaving_bytes;
    let content = numbers(50_000).len() as u64;
    assert_eq!(used, content + table.size_bytes + view.size_bytes, "what was begun leaves");
}
