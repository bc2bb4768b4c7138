//! Workers of several nodes: once in effect, retried, ended by time, cancellation, a lost fence, or their server.
//!
//! Not the statements. Invariant: each test's workers are stopped at its end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jobs::{Failure, Job, Kind, Outcome as JobOutcome, Queue, Workers};
use model::NodeId;
use serde_json::json;
use store::{JobId, JobState, NewJob, Store};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{WITHIN, job, kind, node, until};
use crate::support::{Fixture, Outcome};

/// What an attempt does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Succeed,
    FailLater,
    FailForGood,
    Panic,
    /// Runs until it is dropped.
    Hang,
    /// Runs until it is cancelled.
    Obey,
}

/// A kind that counts its attempts.
struct Counted {
    name: &'static str,
    act: Act,
    limit: Duration,
    of_account: usize,
    runs: Mutex<HashMap<JobId, u32>>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    begun: Notify,
    dropped: CancellationToken,
}

/// Counts an attempt until it is dropped.
struct Running<'a>(&'a Counted);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.at_once.fetch_sub(1, Ordering::Relaxed);
        self.0.dropped.cancel();
    }
}

impl Counted {
    fn new(act: Act) -> Arc<Self> {
        Self::limited(act, WITHIN)
    }

    fn limited(act: Act, limit: Duration) -> Arc<Self> {
        let (runs, begun, dropped) = (Mutex::default(), Notify::new(), CancellationToken::new());
        let (at_once, most_at_once) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (name, of_account) = (kind(), 2);
        Arc::new(Self { name, act, limit, of_account, runs, at_once, most_at_once, begun, dropped })
    }

    fn runs(&self, job: JobId) -> u32 {
        self.runs.lock().expect("whole").get(&job).copied().unwrap_or_default()
    }
}

impl Kind for Counted {
    fn name(&self) -> &'static str {
        self.name
    }

    fn at_once(&self) -> usize {
        2
    }

    fn of_account_at_once(&self) -> usize {
        self.of_account
    }

    fn time_limit(&self) -> Duration {
        self.limit
    }

    fn back_off(&self, _: u32) -> Duration {
        Duration::ZERO
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, JobOutcome> {
        Box::pin(async move {
            let now = self.at_once.fetch_add(1, Ordering::Relaxed) + 1;
            self.most_at_once.fetch_max(now, Ordering::Relaxed);
            let _running = Running(self);
            *self.runs.lock().expect("whole").entry(job.id()).or_default() += 1;
            job.progress(1, Some(4));
            self.begun.notify_one();
            match self.act {
                Act::Succeed => Ok(json!({"attempt": job.attempt()})),
                Act::FailLater => Err(Failure::Later("the mail server is busy".to_owned())),
                Act::FailForGood => Err(Failure::Final("no such mailbox".to_owned())),
                Act::Panic => panic!("a poisonous job"),
                Act::Hang => std::future::pending().await,
                Act::Obey => {
                    job.cancelled().await;
                    Err(Failure::Later("stopped".to_owned()))
                }
            }
        })
    }
}

/// Workers of one node until they are dropped.
struct Started {
    queue: Queue,
    node: NodeId,
    stop: CancellationToken,
    task: JoinHandle<()>,
    _guard: DropGuard,
}

async fn start(store: &Store, kind: &Arc<Counted>) -> Started {
    let (queue, node, stop) =
        (Queue::new(store.clone()), node(store).await, CancellationToken::new());
    let kinds: Vec<Arc<dyn Kind>> = vec![Arc::clone(kind) as Arc<dyn Kind>];
    let task = tokio::spawn(Workers::new(queue.clone(), node, kinds).run(stop.clone()));
    Started { queue, node, task, _guard: stop.clone().drop_guard(), stop }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_job_runs_once_among_the_workers_of_several_nodes() -> Outcome {
    let Fixture { store, .. } = Fixture::new().await;
    let kind = Counted::new(Act::Succeed);
    let nodes = [start(&store, &kind).await, start(&store, &kind).await];
    let mut enqueued = Vec::new();
    for number in 0..40 {
        let new = job(kind.name);
        nodes[number % 2].queue.enqueue(&new).await?;
        enqueued.push(new.id);
    }
    for id in enqueued {
        until(&store, id, |job| job.state == JobState::Done).await;
        assert_eq!((kind.runs(id), store.job(id).await?.ok_or("a job")?.attempt), (1, 1));
    }
    assert!(kind.most_at_once.load(Ordering::Relaxed) <= 4, "two at each node");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_a_part_of_the_places_of_a_kind() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let other = Fixture::new().await.owner;
    let mut kind = Counted::new(Act::Obey);
    Arc::get_mut(&mut kind).ok_or("is shared")?.of_account = 1;
    let of = |account| NewJob { account: Some(account), ..job(kind.name) };
    let [first, second, third, others] = [owner, owner, owner, other].map(of);
    for new in [&first, &second, &third, &others] {
        store.enqueue(new).await?;
    }
    let _workers = start(&store, &kind).await;
    // It was enqueued last, and does not wait for the three before.
    for new in [&first, &others] {
        until(&store, new.id, |job| job.state == JobState::Running).await;
    }
    let states = async |new: &NewJob| store.job(new.id).await.expect("answers").map(|it| it.state);
    for new in [&second, &third] {
        assert_eq!(states(new).await, Some(JobState::Waiting));
    }
    store.cancel_job(first.id, None).await?;
    until(&store, second.id, |job| job.state == JobState::Running).await;
    assert_eq!(states(&third).await, Some(JobState::Waiting));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_fails_for_good_after_three_attempts_or_at_once_where_none_can_succeed() -> Outcome {
    let Fixture { store, .. } = Fixture::new().await;
    for (act, runs, reason) in [
        (Act::FailLater, 3, "the mail server is busy"),
        (Act::FailForGood, 1, "no such mailbox"),
        (Act::Panic, 3, "a panic"),
    ] {
        let kind = Counted::new(act);
        let workers = start(&store, &kind).await;
        let (poison, next) = (job(kind.name), job(kind.name));
        workers.queue.enqueue(&poison).await?;
        workers.queue.enqueue(&next).await?;
        for id in [poison.id, next.id] {
            until(&store, id, |job| job.state == JobState::Failed).await;
            let failed = store.job(id).await?.ok_or("a job")?;
            assert_eq!((failed.attempt, kind.runs(id)), (runs, runs), "{act:?}");
            assert!(failed.error.ok_or("a reason")?.contains(reason), "{act:?}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_ends_at_its_time_limit() -> Outcome {
    let Fixture { store, .. } = Fixture::new().await;
    let kind = Counted::limited(Act::Hang, Duration::from_millis(50));
    let workers = start(&store, &kind).await;
    let new = job(kind.name);
    workers.queue.enqueue(&new).await?;
    until(&store, new.id, |job| job.state == JobState::Failed).await;
    let failed = store.job(new.id).await?.ok_or("a job")?;
    assert!(failed.error.ok_or("a reason")?.contains("not done within"));
    assert_eq!(kind.at_once.load(Ordering::Relaxed), 0, "nothing of it continues");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_is_cancelled_whether_or_not_it_obeys() -> Outcome {
    let Fixture { store, .. } = Fixture::new().await;
    for act in [Act::Obey, Act::Hang] {
        let kind = Counted::new(act);
        let workers = start(&store, &kind).await;
        let new = job(kind.name);
        workers.queue.enqueue(&new).await?;
        until(&store, new.id, |job| job.progress == (1, Some(4))).await;
        assert_eq!(store.cancel_job(new.id, None).await?, Some(JobState::Running), "it is asked");
        until(&store, new.id, |job| job.state == JobState::Cancelled).await;
        assert_eq!(store.job(new.id).await?.ok_or("a job")?.error, None, "{act:?}");
        assert_eq!(kind.runs(new.id), 1, "{act:?}");
        tokio::time::timeout(WITHIN, kind.dropped.cancelled()).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_has_lost_its_fence_stops() -> Outcome {
    let Fixture { store, .. } = Fixture::new().await;
    let (hangs, survivor) = (Counted::new(Act::Hang), node(&Fixture::new().await.store).await);
    let workers = start(&store, &hangs).await;
    let new = job(hangs.name);
    workers.queue.enqueue(&new).await?;
    tokio::time::timeout(WITHIN, hangs.begun.notified()).await?;
    // The others declare its node dead, and another attempt begins.
    store.end_node(workers.node.0).await?;
    store.take_over_jobs(survivor, &[]).await?;
    tokio::time::timeout(WITHIN, hangs.dropped.cancelled()).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_gives_its_jobs_back_without_an_attempt() -> Outcome {
    let Fixture { store, .. } = Fixture::new().await;
    let kind = Counted::new(Act::Hang);
    let workers = start(&store, &kind).await;
    let new = job(kind.name);
    workers.queue.enqueue(&new).await?;
    tokio::time::timeout(WITHIN, kind.begun.notified()).await?;
    workers.stop.cancel();
    tokio::time::timeout(WITHIN, workers.task).await??;
    let waiting = store.job(new.id).await?.ok_or("a job")?;
    assert_eq!((waiting.state, waiting.attempt), (JobState::Waiting, 0));
    Ok(())
}
