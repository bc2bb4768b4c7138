//! A server that is killed while it reads a file, and a place that has lost a piece.
//!
//! Not a crash between the commit and the end of a job, which the store's tests have. Invariant: a file has the tables of one
//! reading, once.

use std::fs;

use gridloom::v1::JobState;
use integration::harness::Server;
use tonic::Code;

use super::{Tables, begun, guesses, hold_account, numbers, page};
use crate::files::refused;

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_server_was_killed_is_taken_over_and_makes_its_tables_once() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let content = numbers(150_000);
    let file = tables.files.upload("n.csv", &content).await.expect("is uploaded").id;
    let held = hold_account(&server, &file).await;
    let job = tables.begin(&file, guesses()).await.expect("begins");
    begun(&held, &job).await;
    let stopped = server.kill();
    drop(held);
    let server = stopped.restart();
    let tables = tables.again(&server).await;
    let ended = tables.ended(&job.id).await;
    assert_eq!((ended.state(), ended.attempt), (JobState::Done, 2), "{ended:?}");
    let listed = tables.list(&file).await.expect("is listed").tables;
    assert_eq!((listed.len(), listed[0].rows), (1, 150_000));
    let count = "select count(*) from file_tables";
    let count: i64 = server.sql().await.query_one(count, &[]).await.expect("a count").get(0);
    assert_eq!(count, 1);
    let usage = tables.files.usage().await;
    let used = usage.used_bytes - usage.leaving_bytes;
    assert_eq!(used, content.len() as u64 + listed[0].size_bytes, "what was begun leaves");
    let last = tables.rows(page(&file, 149_999, 9)).await.expect("a row");
    assert_eq!((last.rows.len(), last.total), (1, 150_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_there_after_a_restart_and_a_lost_piece_of_it_is_named() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.files.upload("n.csv", &numbers(10_000)).await.expect("is uploaded").id;
    let listed = tables.read(&file, guesses()).await;
    let before = tables.rows(page(&file, 9_990, 9)).await.expect("rows");
    let server = server.kill().restart();
    let tables = tables.again(&server).await;
    assert_eq!(tables.list(&file).await.expect("is listed").tables, listed);
    assert_eq!(tables.rows(page(&file, 9_990, 9)).await.expect("rows"), before);

    // A server that has read nothing of it yet.
    let server = server.kill().restart();
    let tables = tables.again(&server).await;
    let content = "select content::text from file_tables";
    let content: String = server.sql().await.query_one(content, &[]).await.expect("one").get(0);
    let folder = server.home().data().join("files/contents").join(content);
    for piece in fs::read_dir(folder).expect("its pieces") {
        fs::remove_file(piece.expect("is listed").path()).expect("is deleted");
    }
    let lost = refused(tables.rows(page(&file, 0, 1)).await);
    assert_eq!(lost, (Code::DataLoss, "PIECE_LOST".to_owned()));
    // The file itself is whole, so the same reading makes the table again.
    let again = tables.read(&file, guesses()).await;
    assert!(again[0].etag != listed[0].etag);
    assert_eq!(tables.rows(page(&file, 9_990, 9)).await.expect("rows"), before);
}
