//! Derivations as jobs: once for a request id, cancelled, without a source, at a killed server, and within the quota.
//!
//! Not their rows. Invariant: a derivation that is not done has made no file, and one that is done has made one.

use gridloom::v1;
use gridloom::v1::JobState;
use gridloom::v1::derive_table_request::Operation;
use integration::harness::{Server, authorized};
use tonic::Code;

use super::{add, csv, of_file, source};
use crate::files::refused;
use crate::tables::saves::calls;
use crate::tables::{Tables, begun, hold_account, named, numbers};

/// A file of so many rows, and a column that doubles their numbers.
async fn doubled(tables: &Tables, rows: u32) -> (String, v1::DeriveTableRequest) {
    let file = tables.read_file("n.csv", &numbers(rows)).await;
    let request = of_file(&file, Operation::Add(add(&[("twice", "[at] * 2")])));
    (file, request)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_makes_one_file_whatever_has_become_of_its_source() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let (file, request) = doubled(&tables, 10).await;
    let request = v1::DeriveTableRequest { request_id: "once".to_owned(), ..request };
    let (done, text) = tables.derived(&server, request.clone()).await;
    assert_eq!(text.lines().count(), 11);
    tables.files.remove(&file, false).await.expect("is removed");
    let known = tables.derive(&server, request.clone()).await.expect("is known");
    assert_eq!((&known.id, known.state()), (&done.id, JobState::Done));
    let further = v1::DeriveTableRequest { request_id: String::new(), ..request.clone() };
    let error = tables.derive(&server, further).await.expect_err("its source is removed");
    assert_eq!(error.code(), Code::NotFound);
    assert!(error.message().ends_with("the file is removed; restore it first"), "{error}");
    tables.files.restore(&file).await.expect("is restored");
    assert_eq!(tables.files.usage().await.files, 2);
    // The id of another call.
    let saved = v1::SaveTableRequest {
        source: Some(source(&file)),
        saved: csv(),
        request_id: request.request_id,
    };
    let mut transfers = calls(&server).await;
    let request = authorized(saved, tables.token());
    let other = transfers.save_table(request).await.map(drop);
    assert_eq!(refused(other), (Code::InvalidArgument, "request_id".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_derivation_that_is_cancelled_makes_no_file_and_may_run_again() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let (file, request) = doubled(&tables, 20_000).await;
    let before = tables.files.usage().await;
    let held = hold_account(&server, &file).await;
    let job = tables.derive(&server, request.clone()).await.expect("begins");
    begun(&held, &job).await;
    tables.cancel(&job.id).await;
    let ended = tables.ended(&job.id).await;
    assert_eq!((ended.state(), &*ended.made_file_id), (JobState::Cancelled, ""), "{ended:?}");
    drop(held);
    let after = tables.files.usage().await;
    assert_eq!(after.files, before.files);
    assert_eq!(after.used_bytes - after.leaving_bytes, before.used_bytes);
    assert!(ended.is_retryable);
    let (done, text) = tables.derived(&server, request).await;
    assert_eq!((done.rows, text.lines().count()), (20_000, 20_001));
    assert!(text.ends_with(",39998\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_derivation_ends_when_one_of_its_tables_is_gone() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let (file, request) = doubled(&tables, 20_000).await;
    let other = tables.read_file("other.csv", b"at,name\n1,x\n2,y\n").await;
    let joined = Operation::Join(v1::JoinTable {
        other: Some(source(&other)),
        keys: vec![v1::JoinKey { column: named("at"), other: None }],
        rows: 0,
    });
    let joined = of_file(&file, joined);
    for (request, gone, words) in
        [(request, &file, "the file was removed"), (joined, &other, "the table that is joined")]
    {
        let held = hold_account(&server, &file).await;
        let job = tables.derive(&server, request).await.expect("begins");
        begun(&held, &job).await;
        tables.files.remove(gone, false).await.expect("is removed");
        let ended = tables.ended(&job.id).await;
        drop(held);
        assert_eq!((ended.state(), ended.attempt), (JobState::Failed, 1), "{ended:?}");
        assert!(ended.error.starts_with(words), "{ended:?}");
        tables.files.restore(gone).await.expect("is restored");
        assert_eq!(tables.files.usage().await.files, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_derivation_whose_server_was_killed_is_taken_over_and_makes_one_file() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let (file, request) = doubled(&tables, 20_000).await;
    let held = hold_account(&server, &file).await;
    let job = tables.derive(&server, request).await.expect("begins");
    begun(&held, &job).await;
    let stopped = server.kill();
    drop(held);
    let server = stopped.restart();
    let tables = tables.again(&server).await;
    let ended = tables.ended(&job.id).await;
    assert_eq!((ended.state(), ended.attempt, ended.rows), (JobState::Done, 2, 20_000));
    assert_eq!(tables.files.usage().await.files, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_file_counts_for_the_quota_which_ends_its_derivation() {
    let content = numbers(20_000);
    // The file and its table, and not the new file beside them.
    let limit = (content.len() * 5 / 2).to_string();
    let server = Server::start_with(&["--limit-account-file-bytes", &limit]);
    let tables = Tables::sign_up(&server).await;
    let (_, request) = doubled(&tables, 20_000).await;
    let before = tables.files.usage().await;
    let rest = before.most_bytes - before.used_bytes;
    let job = tables.derive(&server, request.clone()).await.expect("begins");
    let ended = tables.ended(&job.id).await;
    assert_eq!((ended.state(), ended.attempt), (JobState::Failed, 1), "{rest} are left: {ended:?}");
    assert!(ended.error.contains("account_file_bytes"), "{ended:?}");
    let after = tables.files.usage().await;
    assert_eq!(after.used_bytes - after.leaving_bytes, before.used_bytes);
    let rest = usize::try_from(after.most_bytes - after.used_bytes).expect("is small");
    tables.files.upload("rest", &vec![b'x'; rest]).await.expect("fits");
    let full = refused(tables.derive(&server, request).await);
    assert_eq!(full, (Code::ResourceExhausted, "STORAGE_FULL".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_steps_of_a_derivation_end_with_the_one_that_writes() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let (_, request) = doubled(&tables, 1_000).await;
    let (done, _) = tables.derived(&server, request).await;
    let request = authorized(v1::GetJobPlanRequest { job_id: done.id }, tables.token());
    let plan = tables.jobs.clone().get_job_plan(request).await.expect("is shown").into_inner();
    let steps: Vec<_> = plan.steps.iter().map(|step| (step.name.as_str(), step.rows)).collect();
    assert_eq!(steps, [("read and filter", 1_000), ("compute", 1_000), ("write", 1_000)]);
}
