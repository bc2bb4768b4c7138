//! Jobs against a real Postgres: fences, attempts, take-over, cancellation, bounds, the workers of several nodes, and the jobs
//! that an account is shown.
//!
//! Not the kinds of the server. Invariant: each test has kinds and nodes of its own; workers of other tests may take
//! jobs of dead nodes over at any time.

mod fair;
mod laws;
mod once;
mod operated;
mod persons;
mod workers;

use std::time::Duration;

use model::{NodeId, NodeRecord};
use serde_json::json;
use store::{Hold, JobId, JobState, NewJob, Store, StoreError, TakenJob};
use uuid::Uuid;

use crate::support::{Fixture, Outcome, connect};

/// How long anything may take that these tests wait for.
pub(super) const WITHIN: Duration = Duration::from_secs(60);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// A kind that no other test has.
pub(super) fn kind() -> &'static str {
    Box::leak(Uuid::new_v4().to_string().into_boxed_str())
}

/// A live node that no other test has.
pub(super) async fn node(store: &Store) -> NodeId {
    let node = NodeId::generate();
    let record = NodeRecord {
        id: node.0,
        name: node.0.to_string(),
        address: "127.0.0.1:1".to_owned(),
        journal_epoch: None,
        left_epoch: None,
        confirms_email: None,
    };
    store.register_node(&record).await.expect("registered");
    node
}

pub(super) fn job(kind: &'static str) -> NewJob {
    let secret = Some(json!({"link": "SECRET"}));
    NewJob { secret, ..jobs::new(kind, None, &json!({"a": 1})).expect("small") }
}

/// Waits until a condition of a job holds.
pub(super) async fn until(store: &Store, id: JobId, is: impl Fn(&store::JobRecord) -> bool) {
    let mut looks = tokio::time::interval(LOOK);
    let looking = async {
        loop {
            looks.tick().await;
            let job = store.job(id).await.expect("Postgres answers").expect("a job");
            if is(&job) {
                return;
            }
        }
    };
    if tokio::time::timeout(WITHIN, looking).await.is_err() {
        panic!("{:?}", store.job(id).await);
    }
}

pub(super) async fn take(store: &Store, node: NodeId, kind: &str) -> Vec<TakenJob> {
    store.take_jobs(node, &[(kind, 10)], &[]).await.expect("Postgres answers")
}

/// Whether any write of an attempt changes something.
async fn writes(store: &Store, hold: Hold) -> Result<bool, StoreError> {
    let progress = store.note_progress(hold, (1, None)).await?;
    let failed = store.fail_job(hold, "late", true, Duration::ZERO).await?.is_some();
    let finished = store.finish_job(hold, &json!({})).await?;
    Ok(progress || failed || finished || store.give_back_job(hold).await?)
}

#[tokio::test]
async fn a_dead_nodes_job_is_taken_over_and_its_writes_change_nothing() -> Outcome {
    let Fixture { store, .. } = Fixture::new().await;
    let (kind, dead, live) = (kind(), node(&store).await, node(&store).await);
    let new = job(kind);
    store.enqueue(&new).await?;
    let first = take(&store, dead, kind).await.pop().ok_or("a job")?;
    assert!(take(&store, live, kind).await.is_empty(), "it is taken");
    store.take_over_jobs(live, &[]).await?;
    assert_eq!(store.job(new.id).await?.ok_or("a job")?.state, JobState::Running, "its node lives");
    store.end_node(dead.0).await?;
    store.take_over_jobs(live, &[]).await?;
    let second = take(&store, live, kind).await.pop().ok_or("the job again")?;
    assert_eq!((second.attempt, second.secret), (2, new.secret), "with all of its parameters");
    assert!(second.hold.fence > first.hold.fence);
    assert!(!writes(&store, first.hold).await?, "the first attempt has lost it");
    assert!(store.finish_job(second.hold, &json!({"sent": true})).await?);
    assert!(!writes(&store, second.hold).await?, "it has ended");
    let ended = store.job(new.id).await?.ok_or("a job")?;
    assert_eq!((ended.state, ended.result), (JobState::Done, Some(json!({"sent": true}))));
    Ok(())
}

#[tokio::test]
async fn a_job_of_dead_nodes_fails_for_good_after_three_attempts() -> Outcome {
    let Fixture { store, .. } = Fixture::new().await;
    let (kind, new) = (kind(), job(kind()));
    let new = NewJob { kind, ..new };
    store.enqueue(&new).await?;
    for attempt in 1..=3 {
        let dead = node(&store).await;
        assert_eq!(take(&store, dead, kind).await.pop().ok_or("a job")?.attempt, attempt);
        store.end_node(dead.0).await?;
        store.take_over_jobs(node(&store).await, &[]).await?;
        until(&store, new.id, |job| job.state != JobState::Running).await;
    }
    let ended = store.job(new.id).await?.ok_or("a job")?;
    assert_eq!((ended.state, ended.attempt), (JobState::Failed, 3));
    assert!(ended.error.ok_or("a reason")?.contains("server ended"));
    Ok(())
}

#[tokio::test]
async fn a_take_without_an_answer_is_given_back_by_its_own_node() -> Outcome {
    let Fixture { store, .. } = Fixture::new().await;
    let (kind, node) = (kind(), node(&store).await);
    let (kept, lost) = (job(kind), job(kind));
    store.enqueue(&kept).await?;
    let running = take(&store, node, kind).await.pop().ok_or("a job")?.hold;
    store.enqueue(&lost).await?;
    drop(take(&store, node, kind).await);
    store.take_over_jobs(node, &[running]).await?;
    assert_eq!(store.job(kept.id).await?.ok_or("a job")?.state, JobState::Running);
    assert_eq!(store.job(lost.id).await?.ok_or("a job")?.state, JobState::Waiting);
    Ok(())
}

#[tokio::test]
async fn no_ended_job_keeps_its_secret_and_none_is_printed() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, kind, node) = (&fixture.store, kind(), node(&fixture.store).await);
    let client = connect(&fixture.config).await;
    assert!(!format!("{:?}", job(kind)).contains("SECRET"));
    for end in 0..4 {
        let new = job(kind);
        store.enqueue(&new).await?;
        if end == 0 {
            store.cancel_job(new.id, None).await?;
        } else {
            let taken = take(store, node, kind).await.pop().ok_or("a job")?;
            assert!(!format!("{taken:?}").contains("SECRET"));
            match end {
                1 => drop(store.finish_job(taken.hold, &json!({})).await?),
                2 => drop(store.fail_job(taken.hold, "no", true, Duration::ZERO).await?),
                _ => {
                    store.cancel_job(new.id, None).await?;
                    store.fail_job(taken.hold, "cancelled", false, Duration::ZERO).await?;
                }
            }
        }
        assert!(store.job(new.id).await?.ok_or("a job")?.state.is_ended(), "{end}");
        let sql = "select to_jsonb(jobs)::text from jobs where id = $1";
        let row = client.query_one(sql, &[&new.id.0]).await?;
        assert!(!row.get::<_, String>(0).contains("SECRET"), "{end}");
    }
    Ok(())
}

#[tokio::test]
async fn jobs_that_wait_have_limits_also_for_calls_at_once() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let most = model::limits::edge::ACCOUNT_JOBS_WAITING;
    let kind = kind();
    let of_owner = || NewJob { account: Some(owner), ..job(kind) };
    let calls = (0..most + 10).map(|_| {
        let (store, job) = (store.clone(), of_owner());
        tokio::spawn(async move { store.enqueue(&job).await })
    });
    let mut refused = 0;
    for call in calls.collect::<Vec<_>>() {
        match call.await? {
            Ok(enqueued) => assert!(enqueued),
            Err(StoreError::TooManyJobs { limit, .. }) if limit == most => refused += 1,
            Err(error) => return Err(error.into()),
        }
    }
    assert_eq!(refused, 10);
    store.enqueue(&job(kind)).await?;
    let node = node(&store).await;
    for taken in take(&store, node, kind).await {
        store.finish_job(taken.hold, &json!({})).await?;
    }
    store.enqueue(&of_owner()).await?;
    let large = "x".repeat(model::limits::edge::JOB_PARAMETERS_BYTES);
    for large in [
        NewJob { parameters: json!(large), ..job(kind) },
        NewJob { secret: Some(json!(large)), ..job(kind) },
    ] {
        let refused = store.enqueue(&large).await;
        assert!(matches!(refused, Err(StoreError::Invalid(_))), "{refused:?}");
    }
    let stranger = NewJob { account: Some(model::AccountId::generate()), ..job(kind) };
    let refused = store.enqueue(&stranger).await;
    assert!(matches!(refused, Err(StoreError::NotFound("account"))), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn a_recurring_job_waits_or_runs_once_in_the_cluster() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, kind, node) = (&fixture.store, kind(), node(&fixture.store).await);
    let client = connect(&fixture.config).await;
    let every = Duration::from_secs(3_600);
    let rows =
        "select count(*), min(run_at) > now() from jobs where kind = $1 and ended_at is null";
    for run in 0..3 {
        for _ in 0..3 {
            store.enqueue_recurring(kind, every).await?;
        }
        let row = client.query_one(rows, &[&kind]).await?;
        assert_eq!((row.get::<_, i64>(0), row.get::<_, bool>(1)), (1, true), "run {run}");
        assert!(take(store, node, kind).await.is_empty(), "it is not due");
        client.execute("update jobs set run_at = now() where kind = $1", &[&kind]).await?;
        let taken = take(store, node, kind).await.pop().ok_or("it is due")?;
        store.enqueue_recurring(kind, Duration::ZERO).await?;
        assert!(take(store, node, kind).await.is_empty(), "one runs");
        assert!(store.finish_job(taken.hold, &json!({})).await?);
    }
    Ok(())
}

#[tokio::test]
async fn old_records_are_deleted_by_how_they_ended() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, kind, node) = (&fixture.store, kind(), node(&fixture.store).await);
    let client = connect(&fixture.config).await;
    let (done, failed) = (job(kind), job(kind));
    for new in [&done, &failed] {
        store.enqueue(new).await?;
        let taken = take(store, node, kind).await.pop().ok_or("a job")?;
        match new.id == done.id {
            true => drop(store.finish_job(taken.hold, &json!({})).await?),
            false => drop(store.fail_job(taken.hold, "no\0", true, Duration::ZERO).await?),
        }
    }
    let day = Duration::from_secs(86_400);
    let old = "update jobs set ended_at = now() - interval '2 days' where kind = $1";
    client.execute(old, &[&kind]).await?;
    assert!(store.forget_jobs(day, day * 30).await? >= 1);
    assert!(store.job(done.id).await?.is_none());
    assert_eq!(store.job(failed.id).await?.ok_or("kept")?.error.as_deref(), Some("no"));
    Ok(())
}

#[tokio::test]
async fn a_waiting_job_is_cancelled_at_once_and_only_by_its_account() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let new = NewJob { account: Some(owner), ..job(kind()) };
    store.enqueue(&new).await?;
    assert_eq!(store.cancel_job(new.id, Some(model::AccountId::generate())).await?, None);
    assert_eq!(store.job(new.id).await?.ok_or("a job")?.state, JobState::Waiting);
    assert_eq!(store.cancel_job(new.id, Some(owner)).await?, Some(JobState::Cancelled));
    assert_eq!(store.cancel_job(new.id, Some(owner)).await?, None, "it has ended");
    Ok(())
}
