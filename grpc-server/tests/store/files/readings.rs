//! Jobs that read a file: one for each reading, and the newest one.
//!
//! Not the tables (`tables`). Invariant: each test has an account of its own.

use futures_util::future::join_all;
use model::{AccountId, FileId};
use serde_json::json;
use store::{FileReading, JobId, JobState, NewJob, Retried, Store};

use super::tables::commit;
use super::{file, unique_digest, wide_store};
use crate::jobs::{kind, node, take};
use crate::support::{Fixture, Outcome};

/// A job that reads a file.
fn reading_job(reading: FileReading<'_>, kind: &'static str) -> NewJob {
    let parameters = json!({"reading": reading.reading});
    NewJob {
        title: Some("Read a.csv".to_owned()),
        file: Some(reading.file),
        is_retryable: true,
        ..jobs::new(kind, Some(reading.account), &parameters).expect("has a form")
    }
}

fn of<'a>(account: AccountId, file: FileId, kind: &'a str, reading: &'a str) -> FileReading<'a> {
    FileReading { account, file, kind, reading }
}

async fn enqueue(store: &Store, reading: FileReading<'_>, kind: &'static str) -> (JobId, bool) {
    let job = reading_job(reading, kind);
    let (job, is_new) = store.enqueue_reading(reading, &job).await.expect("is enqueued");
    assert_eq!((job.file, job.is_retryable), (Some(reading.file), true));
    (job.id, is_new)
}

#[tokio::test]
async fn eight_calls_at_once_with_one_reading_enqueue_one_job() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, kind) = (wide_store(&fixture).await, kind());
    let (made, _) = file(&store, fixture.owner, "a.csv", 10, unique_digest()).await;
    let reading = of(fixture.owner, made.id, kind, "by the guesses");
    let calls = join_all((0..8).map(|_| enqueue(&store, reading, kind))).await;
    assert!(calls.iter().all(|(job, _)| *job == calls[0].0), "{calls:?}");
    assert_eq!(calls.iter().filter(|(_, is_new)| *is_new).count(), 1);
    Ok(())
}

#[tokio::test]
async fn a_reading_is_found_while_it_waits_runs_or_its_tables_are_there() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (kind, node) = (kind(), node(&store).await);
    let (made, _) = file(&store, owner, "a.csv", 10, unique_digest()).await;
    assert_eq!(store.newest_job_about(owner, made.id, kind).await?, None);
    let reading = of(owner, made.id, kind, "by the guesses");
    let (first, _) = enqueue(&store, reading, kind).await;
    assert_eq!(enqueue(&store, reading, kind).await, (first, false));
    let hold = take(&store, node, kind).await.pop().ok_or("the job")?.hold;
    assert_eq!(enqueue(&store, reading, kind).await, (first, false), "it runs");
    commit(&store, hold, owner, made.id).await;
    assert_eq!(enqueue(&store, reading, kind).await, (first, false), "it is done");
    let done = store.job_of_reading(reading).await?.ok_or("the job")?;
    assert_eq!((done.id, done.state), (first, JobState::Done));
    let tables = store.file_tables(owner, made.id).await?;
    assert!(store.note_damage(tables[0].0.content).await?);
    assert_eq!(store.job_of_reading(reading).await?, None, "its tables are to be made again");

    // Another reading replaces the tables, and the first one is to be read again.
    let other = of(owner, made.id, kind, "with a semicolon");
    let (second, is_new) = enqueue(&store, other, kind).await;
    assert!(is_new && second != first);
    let newest = store.newest_job_about(owner, made.id, kind).await?.ok_or("a job")?;
    assert_eq!(newest.id, second);
    let hold = take(&store, node, kind).await.pop().ok_or("the job")?.hold;
    commit(&store, hold, owner, made.id).await;
    assert_eq!(store.job_of_reading(reading).await?, None);
    let (third, is_new) = enqueue(&store, reading, kind).await;
    assert!(is_new && third != first);
    Ok(())
}

#[tokio::test]
async fn a_reading_that_failed_or_is_about_to_be_cancelled_is_no_answer() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (kind, node) = (kind(), node(&store).await);
    let (made, _) = file(&store, owner, "a.csv", 10, unique_digest()).await;
    let reading = of(owner, made.id, kind, "by the guesses");
    let (first, _) = enqueue(&store, reading, kind).await;
    let hold = take(&store, node, kind).await.pop().ok_or("the job")?.hold;
    store.cancel_job(first, Some(owner)).await?;
    let (second, is_new) = enqueue(&store, reading, kind).await;
    assert!(is_new && second != first, "the first one ends soon");
    store.fail_job(hold, "cancelled", false, std::time::Duration::ZERO).await?;
    let hold = take(&store, node, kind).await.pop().ok_or("the job")?.hold;
    assert_eq!(hold.job, second);
    store.fail_job(hold, "line 7: no object", true, std::time::Duration::ZERO).await?;
    assert_eq!(store.job_of_reading(reading).await?, None);
    let stranger = of(AccountId::generate(), made.id, kind, "by the guesses");
    assert_eq!(store.job_of_reading(stranger).await?, None);
    Ok(())
}

#[tokio::test]
async fn a_job_whose_file_is_deleted_for_good_does_not_run_again() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let kind = kind();
    let (made, _) = file(&store, owner, "a.csv", 10, unique_digest()).await;
    let (other, _) = file(&store, owner, "b.csv", 10, unique_digest()).await;
    let reading = of(owner, made.id, kind, "by the guesses");
    let mut join = reading_job(reading, kind);
    join.parameters = json!({"operation": {"join": {"other": {"file": other.id.to_string()}}}});
    let joined = join.id;
    assert!(store.enqueue(&join).await?);
    let (read, _) = enqueue(&store, reading, kind).await;
    for (file, gone, kept) in [(other.id, joined, Some(read)), (made.id, read, None)] {
        for job in kept.into_iter().chain([gone]) {
            store.cancel_job_of(owner, job).await?;
            let again = store.retry_job(owner, job).await?;
            assert!(matches!(again, Retried::Job(_)), "{again:?}");
            store.cancel_job_of(owner, job).await?;
        }
        store.remove_file(owner, file).await?;
        let removed = store.job_of(owner, gone).await?.ok_or("the job")?;
        assert!(removed.is_retryable, "the file may be restored");
        assert!(store.delete_file_for_good(owner, file).await?);
        let gone_now = store.job_of(owner, gone).await?.ok_or("the job")?;
        assert!(!gone_now.is_retryable);
        assert_eq!(store.retry_job(owner, gone).await?, Retried::NotRetryable);
        assert!(store.any_job(gone).await?.is_some_and(|found| !found.job.is_retryable));
        if let Some(kept) = kept {
            assert!(store.job_of(owner, kept).await?.ok_or("the job")?.is_retryable);
        }
    }
    Ok(())
}
