//! The tables of one account under the token of another one, under unknown ids, and without a token.
//!
//! Not the rules of all calls (`rights`). Invariant: a stranger learns nothing of a file, and changes nothing of it.

use integration::harness::Server;
use tonic::{Code, Status};
use uuid::Uuid;

use super::{Tables, guesses, page, sorted, values_of};
use crate::files::Files;

/// The outcomes of all calls for a file.
async fn calls(tables: &Tables, file: &str) -> [(&'static str, Result<(), Status>); 6] {
    [
        ("PreviewFile", tables.preview(file, guesses()).await.map(drop)),
        ("ReadFile", tables.begin(file, guesses()).await.map(drop)),
        ("ListTables", tables.list(file).await.map(drop)),
        ("ReadTableRows", tables.rows(page(file, 1 << 40, 1)).await.map(drop)),
        ("MakeView", tables.make_view(sorted(file, None, &[("a", false)])).await.map(drop)),
        ("SummarizeColumn", tables.summarize(values_of(file, "a")).await.map(drop)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_finds_no_file_and_no_table() {
    let server = Server::start();
    let (ada, eve) = (Tables::sign_up(&server).await, Tables::sign_up(&server).await);
    let file = ada.files.upload("a.csv", b"a,b\n1,x\n").await.expect("is uploaded").id;
    let kept = ada.read(&file, guesses()).await;
    let none = Uuid::new_v4().to_string();
    for (tables, file) in [(&eve, &*file), (&eve, &*none), (&ada, &*none), (&ada, "no id")] {
        for (call, outcome) in calls(tables, file).await {
            assert_eq!(outcome.expect_err(call).code(), Code::NotFound, "{call}");
        }
    }
    let listed = ada.list(&file).await.expect("is listed");
    assert_eq!(listed.tables, kept);
    let jobs = "select count(*) from jobs where kind in ('read-file', 'read-small-file', 'view-table', 'view-small-table')";
    let jobs: i64 = server.sql().await.query_one(jobs, &[]).await.expect("a count").get(0);
    assert_eq!(jobs, 1, "a stranger enqueues none");

    let stranger = Files::at(&server, "no token of this server").await;
    let stranger = Tables::of(&server, stranger).await;
    for (call, outcome) in calls(&stranger, &file).await {
        assert_eq!(outcome.expect_err(call).code(), Code::Unauthenticated, "{call}");
    }
}
