//! Jobs that a request enqueues once, and what a job that is done shows of its result.
//!
//! Not the calls. Invariant: each test has an account of its own.

use std::time::Duration;

use futures_util::future::join_all;
use model::AccountId;
use model::limits::edge::ACCOUNT_JOBS_WAITING;
use serde_json::json;
use store::{JobId, JobState, NewJob, Retried, Store, StoreError};

use super::{job, kind, node, take};
use crate::support::{Fixture, Outcome};

fn titled(kind: &'static str, account: AccountId) -> NewJob {
    let title = Some("Save a.csv".to_owned());
    let (account, secret) = (Some(account), None);
    NewJob { account, secret, title, is_retryable: true, ..job(kind) }
}

async fn enqueue(
    store: &Store,
    (account, kind): (AccountId, &'static str),
    request: Option<&str>,
) -> (JobId, bool) {
    let job = titled(kind, account);
    let (job, is_new) = store.enqueue_once(account, request, &job).await.expect("is enqueued");
    (job.id, is_new)
}

#[tokio::test]
async fn calls_at_once_with_one_id_of_a_request_enqueue_one_job() -> Outcome {
    let (Fixture { store, owner, .. }, kind) = (Fixture::new().await, kind());
    let of = (owner, kind);
    let calls = join_all((0..8).map(|_| enqueue(&store, of, Some("once")))).await;
    assert!(calls.iter().all(|(job, _)| *job == calls[0].0), "{calls:?}");
    assert_eq!(calls.iter().filter(|(_, is_new)| *is_new).count(), 1);
    let found = store.job_of_request(owner, "once").await?.ok_or("a job")?;
    assert_eq!((found.id, &*found.title), (calls[0].0, "Save a.csv"));
    // Of another account, with another id, and without one.
    let other = Fixture::new().await.owner;
    assert_eq!(store.job_of_request(other, "once").await?, None);
    assert_eq!(store.job_of_request(owner, "twice").await?, None);
    assert!(enqueue(&store, (other, kind), Some("once")).await.1);
    assert!(enqueue(&store, of, Some("twice")).await.1);
    let (first, second) = (enqueue(&store, of, None).await, enqueue(&store, of, None).await);
    assert!(first.1 && second.1 && first.0 != second.0);
    Ok(())
}

#[tokio::test]
async fn a_request_id_gives_its_job_also_where_no_further_one_may_wait() -> Outcome {
    let (Fixture { store, owner, .. }, kind) = (Fixture::new().await, kind());
    let (first, _) = enqueue(&store, (owner, kind), Some("once")).await;
    for _ in 1..ACCOUNT_JOBS_WAITING {
        enqueue(&store, (owner, kind), None).await;
    }
    let further = store.enqueue_once(owner, Some("new"), &titled(kind, owner)).await;
    assert!(matches!(further, Err(StoreError::TooManyJobs { .. })), "{further:?}");
    assert_eq!(store.job_of_request(owner, "new").await?, None);
    assert_eq!(enqueue(&store, (owner, kind), Some("once")).await, (first, false));
    let nul = store.enqueue_once(owner, Some("a\0b"), &titled(kind, owner)).await;
    assert!(matches!(nul, Err(StoreError::Invalid(_))), "{nul:?}");
    Ok(())
}

#[tokio::test]
async fn a_job_has_its_result_once_it_is_done_and_none_when_it_runs_again() -> Outcome {
    let (Fixture { store, owner, .. }, kind) = (Fixture::new().await, kind());
    let node = node(&store).await;
    let (id, _) = enqueue(&store, (owner, kind), Some("once")).await;
    let hold = take(&store, node, kind).await.pop().ok_or("the job")?.hold;
    let shown = async || store.job_of(owner, id).await.expect("an answer").expect("is shown");
    assert_eq!((shown().await.state, shown().await.result), (JobState::Running, None));
    store.fail_job(hold, "no room", true, Duration::ZERO).await?;
    assert_eq!(shown().await.result, None);
    let Retried::Job(again) = store.retry_job(owner, id).await? else { panic!("does not run") };
    assert_eq!(again.result, None);
    let hold = take(&store, node, kind).await.pop().ok_or("the job")?.hold;
    let result = json!({"file": "f", "rows": 3, "notes": ["A note."]});
    assert!(store.finish_job(hold, &result).await?);
    let done = shown().await;
    assert_eq!((done.state, done.result), (JobState::Done, Some(result)));
    assert_eq!(enqueue(&store, (owner, kind), Some("once")).await, (id, false));
    Ok(())
}
