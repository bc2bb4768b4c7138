//! Readings as jobs: one for each, cancelled, failed by the file or the quota, and of files that are removed.
//!
//! Not a server that ends meanwhile (`crashes`). Invariant: a reading that fails leaves the file and the tables as they were.

use gridloom::v1;
use gridloom::v1::JobState;
use integration::harness::Server;
use tokio::task::JoinSet;
use tonic::Code;

use super::{Tables, begun, chosen, guesses, hold_account, numbers, page};
use crate::files::refused;

/// How a file is read in another way than by the guesses.
fn with_header() -> v1::FileReading {
    chosen(v1::StartImportRequest { header: true, ..Default::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_with_one_reading_share_a_job() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.files.upload("a.csv", b"a,b\n1,x\n").await.expect("is uploaded").id;
    let mut calls = JoinSet::new();
    for _ in 0..6 {
        let (tables, file) = (tables.clone(), file.clone());
        calls.spawn(async move { tables.begin(&file, guesses()).await.expect("begins").id });
    }
    let jobs = calls.join_all().await;
    assert!(jobs.iter().all(|job| *job == jobs[0]), "{jobs:?}");
    let ended = tables.ended(&jobs[0]).await;
    assert_eq!(
        (ended.state(), &*ended.title, &*ended.file_id),
        (JobState::Done, "Read a.csv", &*file)
    );
    assert_eq!(tables.begin(&file, guesses()).await.expect("is done").id, jobs[0]);
    let listed = tables.list(&file).await.expect("is listed");
    assert_eq!(listed.job.map(|job| job.id), Some(jobs[0].clone()));

    // Another reading replaces the tables, and the first one begins again.
    let first = listed.tables[0].etag.clone();
    let second = tables.read(&file, with_header()).await[0].etag.clone();
    let third = tables.read(&file, guesses()).await[0].etag.clone();
    assert!(first != second && second != third && first != third);
    let usage = tables.files.usage().await;
    let table = tables.list(&file).await.expect("is listed").tables[0].size_bytes;
    assert_eq!(usage.used_bytes - usage.leaving_bytes, 8 + table);
    assert!(usage.leaving_bytes > 0, "the tables that were replaced leave");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_reading_leaves_the_tables_as_they_were() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.files.upload("n.csv", &numbers(20_000)).await.expect("is uploaded").id;
    let kept = tables.read(&file, guesses()).await;
    let usage = tables.files.usage().await;
    let held = hold_account(&server, &file).await;
    let job = tables.begin(&file, with_header()).await.expect("begins");
    begun(&held, &job).await;
    tables.cancel(&job.id).await;
    let ended = tables.ended(&job.id).await;
    assert_eq!((ended.state(), &*ended.error), (JobState::Cancelled, ""), "{ended:?}");
    drop(held);
    assert_eq!(tables.list(&file).await.expect("is listed").tables, kept);
    let after = tables.files.usage().await;
    let named = |usage: &v1::GetFileUsageResponse| usage.used_bytes - usage.leaving_bytes;
    assert_eq!(named(&after), named(&usage), "what it has written leaves");
    // It may run again, and the account has its room.
    let again = tables.begin(&file, with_header()).await.expect("begins");
    assert!(again.id != job.id);
    let done = tables.ended(&again.id).await;
    let bytes = numbers(20_000).len() as u64;
    assert_eq!((done.state(), done.progress_done), (JobState::Done, bytes), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_fails_with_its_place_and_stays() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let mut lines: String = (0..5_000).map(|at| format!("{{\"a\":{at}}}\n")).collect();
    lines.push_str("{\"a\" 1}\n");
    let csv = format!("a,b\n{}1,2,3\n", "1,2\n".repeat(5_000));
    let parquet = b"PAR1\x15 nothing of this format PAR1".to_vec();
    let cases = [
        ("a.jsonl", lines.into_bytes(), "line 5001"),
        ("a.csv", csv.into_bytes(), "line 5002"),
        ("a.parquet", parquet, "Parquet"),
    ];
    for (name, content, place) in cases {
        let file = tables.files.upload(name, &content).await.expect("is uploaded");
        let job = tables.begin(&file.id, guesses()).await.expect("begins");
        let ended = tables.ended(&job.id).await;
        assert_eq!((ended.state(), ended.attempt), (JobState::Failed, 1), "{ended:?}");
        assert!(ended.error.contains(place), "{name}: {}", ended.error);
        let listed = tables.list(&file.id).await.expect("is listed");
        assert_eq!((listed.tables.len(), listed.job.map(|job| job.id)), (0, Some(job.id)));
        assert_eq!(tables.files.file(&file.id).await.expect("is there"), file);
        assert!(tables.files.download(&file.id, 0, 0).await.expect("is downloaded") == content);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_count_for_the_quota_which_ends_a_reading() {
    let content = numbers(20_000);
    let bytes = content.len() as u64;
    let limit = (bytes + 1_000).to_string();
    let server = Server::start_with(&["--limit-account-file-bytes", &limit]);
    let tables = Tables::sign_up(&server).await;
    let file = tables.files.upload("n.csv", &content).await.expect("is uploaded").id;
    let job = tables.begin(&file, guesses()).await.expect("begins");
    let ended = tables.ended(&job.id).await;
    assert_eq!((ended.state(), ended.attempt), (JobState::Failed, 1), "{ended:?}");
    assert!(
        ended.error.contains("account_file_bytes") && ended.error.contains(&limit),
        "{ended:?}"
    );
    let usage = tables.files.usage().await;
    assert_eq!(usage.used_bytes - usage.leaving_bytes, bytes, "nothing of the table is left");
    let rest = usize::try_from(usage.most_bytes - usage.used_bytes).expect("is small");
    tables.files.upload("rest", &vec![b'x'; rest]).await.expect("fits");
    let full = refused(tables.begin(&file, guesses()).await);
    assert_eq!(full, (Code::ResourceExhausted, "STORAGE_FULL".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_file_has_no_tables_until_it_is_restored() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.files.upload("n.csv", &numbers(20_000)).await.expect("is uploaded").id;
    let kept = tables.read(&file, guesses()).await;
    let usage = tables.files.usage().await;
    let held = hold_account(&server, &file).await;
    let job = tables.begin(&file, with_header()).await.expect("begins");
    begun(&held, &job).await;
    tables.files.remove(&file, false).await.expect("is removed");
    drop(held);
    let ended = tables.ended(&job.id).await;
    assert_eq!((ended.state(), ended.attempt), (JobState::Failed, 1), "{ended:?}");
    assert!(ended.error.contains("removed"), "{}", ended.error);
    for error in [
        tables.list(&file).await.expect_err("is removed"),
        tables.begin(&file, guesses()).await.expect_err("is removed"),
        tables.preview(&file, guesses()).await.expect_err("is removed"),
        tables.rows(page(&file, 0, 1)).await.expect_err("is removed"),
        tables.files.download(&file, 0, 0).await.expect_err("is removed"),
    ] {
        assert_eq!(error.code(), Code::NotFound);
        assert!(error.message().ends_with("the file is removed; restore it first"), "{error}");
    }
    let removed = tables.files.usage().await;
    assert_eq!(removed.removed_bytes, usage.used_bytes, "the file and its tables");
    tables.files.restore(&file).await.expect("is there");
    assert_eq!(tables.list(&file).await.expect("is listed").tables, kept);
    tables.files.remove(&file, true).await.expect("is deleted");
    let gone = tables.files.usage().await;
    assert_eq!((gone.used_bytes, gone.files), (gone.leaving_bytes, 0));
}
