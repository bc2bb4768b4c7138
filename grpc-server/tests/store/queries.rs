//! Searches that take long: Postgres ends them when their caller is gone, and the worst ones that are allowed at
//! its own time limit.
//!
//! Not what a search finds. Invariant: no test waits for a time, each waits for a state of the backend.

use std::future::{pending, ready};

use model::{CellTest, RowFilter, RowOrder, RowQuery, SheetRecord};
use ot_engine::Value;
use store::{Found, StoreError};
use tokio::sync::oneshot;
use tokio_postgres::Client;

use crate::support::{Fixture, Outcome, connect};

mod pages;
mod texts;

/// Rows of a sheet in which a search for blank rows takes minutes.
const MANY_ROWS: u32 = 50_000_000;

fn query(filter: RowFilter, order: Vec<RowOrder>) -> RowQuery {
    RowQuery {
        filter,
        order,
        after: None,
        limit: 10,
        total: true,
        columns: None,
        bytes_most: usize::MAX,
    }
}

fn cell(sheet: &SheetRecord, column: usize, test: CellTest, ignore_case: bool) -> RowFilter {
    RowFilter::Cell { column: sheet.columns[column].id, test, ignore_case }
}

/// Whether a backend runs the search with this many negations: each test has a number of its own.
async fn is_searching(client: &Client, negations: usize) -> bool {
    let sql = "select from pg_stat_activity where state = 'active' and query like $1";
    let text = format!("%generate_series%and {}((%", "(not ".repeat(negations));
    !client.query(sql, &[&text]).await.expect("an answer").is_empty()
}

/// Begins a search for blank rows.
async fn slow_search(
    fixture: &Fixture,
    negations: usize,
    gone: impl Future<Output = ()> + Send + 'static,
) -> tokio::task::JoinHandle<Result<Found, StoreError>> {
    let sheet = fixture.sheet(MANY_ROWS).await;
    let finder = fixture.store.finder(sheet.id).await.expect("an answer").expect("the sheet");
    let order = vec![RowOrder { column: sheet.columns[0].id, descending: true }];
    let blank = cell(&sheet, 1, CellTest::IsEmpty, false);
    let blank = (0..negations).fold(blank, |inner, _| RowFilter::Not(Box::new(inner)));
    let blank = query(blank, order);
    tokio::spawn(async move { finder.find(&blank, gone).await })
}

#[tokio::test]
async fn a_search_whose_caller_is_gone_ends_in_postgres() -> Outcome {
    let fixture = Fixture::new().await;
    let client = connect(&fixture.config).await;
    let (leave, gone) = oneshot::channel::<()>();
    let search = slow_search(&fixture, 2, async move { drop(gone.await) }).await;
    while !is_searching(&client, 2).await {
        assert!(!search.is_finished(), "the search is too fast for this test");
    }
    leave.send(()).expect("the search waits for it");
    assert!(matches!(search.await?, Err(StoreError::TooSlow)));
    // Postgres sends the error of an ended query just before it notes that the backend is idle.
    while is_searching(&client, 2).await {}
    Ok(())
}

#[tokio::test]
async fn a_search_that_is_dropped_is_cancelled() -> Outcome {
    let fixture = Fixture::new().await;
    let client = connect(&fixture.config).await;
    let search = slow_search(&fixture, 4, pending()).await;
    while !is_searching(&client, 4).await {
        assert!(!search.is_finished(), "the search is too fast for this test");
    }
    search.abort();
    assert!(search.await.is_err_and(|error| error.is_cancelled()));
    while is_searching(&client, 4).await {}
    Ok(())
}

/// Nodes of a filter around `leaves`, as many as a query may have and as deep.
fn nested(leaves: Vec<RowFilter>) -> RowFilter {
    let mut nodes = leaves.len();
    let mut list = leaves;
    while nodes < 240 {
        list.push(RowFilter::Not(Box::new(RowFilter::All(Vec::new()))));
        nodes += 2;
    }
    (0..6).fold(RowFilter::Any(list), |inner, _| RowFilter::Not(Box::new(inner)))
}

#[tokio::test]
async fn the_worst_filters_that_are_allowed_are_planned_at_once() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = fixture.sheet(10).await;
    let text = |n: usize| Value::Text(format!("{n}-{}", "x".repeat(300)).into());
    let texts = |count: usize| (0..count).map(text).collect::<Vec<_>>();
    let shapes = [
        // One list of all values, and the values spread over all conditions.
        vec![cell(&sheet, 0, CellTest::In(texts(1_000)), true)],
        vec![cell(&sheet, 0, CellTest::In(texts(1_000)), false)],
        (0..64).map(|_| cell(&sheet, 0, CellTest::In(texts(15)), true)).collect(),
        (0..64).map(|at| cell(&sheet, at % 2, CellTest::Contains("x".into()), true)).collect(),
        (0..64).map(|at| cell(&sheet, at % 2, CellTest::IsEmpty, false)).collect(),
        Vec::new(),
    ];
    let order: Vec<_> = (0..8)
        .map(|at| RowOrder { column: sheet.columns[at % 2].id, descending: at % 3 == 0 })
        .collect();
    for leaves in shapes {
        let finder = fixture.store.finder(sheet.id).await?.expect("the sheet");
        // Its own time limit would be an error.
        finder.find(&query(nested(leaves), order.clone()), pending()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_list_of_values_of_all_kinds_is_one_parameter_and_finds_each() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = fixture.sheet(6).await;
    let values = [
        Value::from("Pear"),
        Value::from("apple"),
        Value::Number(1.5),
        Value::Bool(true),
        Value::Instant(1_700_000_000_000_000),
    ];
    let mut batch = crate::support::batch(&sheet, 0, 1);
    batch.row_patches = (1..)
        .zip(&values)
        .map(|(row, value)| crate::support::patch(&sheet, row, &[(0, value.clone())]))
        .collect();
    fixture.store.commit(&batch).await?;
    let wanted = vec![
        Value::from("pEAR"),
        Value::from("Apple"),
        Value::Number(1.5),
        Value::Instant(1_700_000_000_000_000),
    ];
    for (ignore_case, expected) in [(true, vec![0, 1, 2, 4]), (false, vec![2, 4])] {
        let finder = fixture.store.finder(sheet.id).await?.expect("the sheet");
        let filter = cell(&sheet, 0, CellTest::In(wanted.clone()), ignore_case);
        let found = finder.find(&query(filter, Vec::new()), pending()).await?;
        let rows: Vec<u32> = found.rows.iter().map(|row| row.position).collect();
        assert_eq!((rows, found.total), (expected.clone(), Some(expected.len() as u64)));
    }
    // A caller that is gone before the search begins gets no rows, or all of them.
    let finder = fixture.store.finder(sheet.id).await?.expect("the sheet");
    let all = query(RowFilter::All(Vec::new()), Vec::new());
    let outcome = finder.find(&all, ready(())).await;
    assert!(matches!(outcome, Ok(_) | Err(StoreError::TooSlow)), "{outcome:?}");
    Ok(())
}
