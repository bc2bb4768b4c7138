//! One attempt at a job: runs its kind within bounds, and writes what became of it.
//!
//! Not how jobs are taken: see `workers`. Invariants: a run ends with its time limit, its cancellation, the loss of its
//! fence, or the server; a panic of a kind is a failed attempt, and the worker continues.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use serde_json::Value;
use store::{JobState, Store, StoreError};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use crate::{Failure, Job, Kind};

/// Between two writes of the progress.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);
/// Between two writes of steps where the progress stays.
const STEPS_EVERY: Duration = Duration::from_secs(2);
/// How long a run may continue once its cancellation was asked for.
const CANCEL_WITHIN: Duration = Duration::from_secs(5);
/// How long a run may continue once its server stops.
const STOP_WITHIN: Duration = Duration::from_secs(3);
/// The pause before the end of an attempt is written again: Postgres was away.
const RETRY: Duration = Duration::from_secs(1);

/// What became of a run.
enum End {
    Done(Value),
    Failed(Failure),
    /// The server stops.
    GivenBack,
    /// Another attempt has the job.
    Lost,
}

/// Runs one attempt to its end.
pub(crate) async fn run(store: &Store, kind: &dyn Kind, job: &Job, stop: &CancellationToken) {
    let begun = tokio::time::Instant::now();
    let end = run_within(store, kind, job, stop).await;
    let took_ms = begun.elapsed().as_millis();
    let (id, name, attempt) = (job.id(), kind.name(), job.attempt());
    loop {
        let written = write(store, kind, job, &end).await;
        match written {
            Ok(Some(state)) => {
                let error = if let End::Failed(failure) = &end { failure.text() } else { "" };
                match state {
                    JobState::Done => {
                        tracing::debug!(%id, kind = name, attempt, took_ms, "job done");
                    }
                    JobState::Failed => {
                        tracing::warn!(%id, kind = name, attempt, error, "job failed for good");
                    }
                    state => {
                        tracing::info!(%id, kind = name, attempt, ?state, error, "job not done");
                    }
                }
                return;
            }
            Ok(None) => {
                tracing::info!(%id, kind = name, attempt, "job lost to another attempt");
                return;
            }
            Err(error) => {
                tracing::debug!(%id, kind = name, %error, "end of a job not written; retrying");
                tokio::select! {
                    () = sleep(RETRY) => {}
                    () = job.lost() => return,
                    // Other nodes take the job over.
                    () = stop.cancelled() => return,
                }
            }
        }
    }
}

async fn run_within(store: &Store, kind: &dyn Kind, job: &Job, stop: &CancellationToken) -> End {
    let run = AssertUnwindSafe(async { kind.run(job).await }).catch_unwind();
    let limit = kind.time_limit();
    let cancelled = async {
        job.cancelled().await;
        sleep(CANCEL_WITHIN).await;
    };
    let stopped = async {
        stop.cancelled().await;
        sleep(STOP_WITHIN).await;
    };
    tokio::select! {
        outcome = run => match outcome {
            Ok(Ok(result)) => End::Done(result),
            Ok(Err(failure)) => End::Failed(failure),
            // Reported where it happened.
            Err(_) => End::Failed(Failure::Later("a panic; see the server's log".to_owned())),
        },
        () = sleep(limit) => {
            End::Failed(Failure::Later(format!("not done within {} s", limit.as_secs())))
        }
        () = cancelled => End::Failed(Failure::Final("cancelled".to_owned())),
        () = stopped => End::GivenBack,
        () = job.lost() => End::Lost,
        () = write_progress(store, job) => End::Lost,
    }
}

/// Writes the progress, and the steps beside it, until the attempt has lost the job.
async fn write_progress(store: &Store, job: &Job) {
    let mut progress = job.watch_progress();
    if *progress.borrow() != (0, None) {
        // Reported before this began to watch.
        progress.mark_changed();
    }
    let mut ticks = interval(PROGRESS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // There is more progress.
            changed = progress.changed() => if changed.is_err() {
                std::future::pending::<()>().await;
            },
            // A step may have passed on rows that are no progress.
            () = sleep(STEPS_EVERY), if job.plan().is_known() => {}
        }
        ticks.tick().await;
        let now = *progress.borrow_and_update();
        match store.note_steps(job.hold(), now, job.plan().now().as_ref()).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::debug!(id = %job.id(), %error, "progress of a job not written; retrying");
                progress.mark_changed();
            }
        }
    }
}

/// Writes the end of an attempt. `None`: it has lost the job.
async fn write(
    store: &Store,
    kind: &dyn Kind,
    job: &Job,
    end: &End,
) -> Result<Option<JobState>, StoreError> {
    let hold = job.hold();
    match end {
        End::Done(result) => {
            // The last report comes with the end of the run.
            note_last(store, job).await?;
            Ok(store.finish_job(hold, result).await?.then_some(JobState::Done))
        }
        End::Failed(failure) => {
            note_last(store, job).await?;
            let back_off = kind.back_off(job.attempt());
            store.fail_job(hold, failure.text(), failure.is_final(), back_off).await
        }
        End::GivenBack => Ok(store.give_back_job(hold).await?.then_some(JobState::Waiting)),
        End::Lost => Ok(None),
    }
}

/// Writes what an attempt has reported last.
async fn note_last(store: &Store, job: &Job) -> Result<(), StoreError> {
    let (progress, steps) = (*job.watch_progress().borrow(), job.plan().now());
    if progress.1.is_some() || steps.is_some() {
        store.note_steps(job.hold(), progress, steps.as_ref()).await?;
    }
    Ok(())
}
