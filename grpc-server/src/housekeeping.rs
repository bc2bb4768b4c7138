//! The recurring jobs: delete old history, and delete records that have expired. One of each runs in the cluster.
//!
//! Not what is deleted of a sheet: see `retention`. Invariant: a run that ends in the middle leaves nothing half done;
//! the next one deletes the rest.

use std::time::Duration;

use futures_util::future::BoxFuture;
use jobs::{Job, Kind, Outcome};
use serde_json::{Map, Value, json};

use crate::retention::{Pruned, Pruner};
use model::limits::edge::{
    DONE_JOBS_KEPT, FAILED_JOBS_KEPT, GUESTS_KEPT, NOTICES_KEPT, UNCONFIRMED_KEPT,
};
use model::now_micros;
use store::{Store, StoreError};

/// Between the end of one run and the beginning of the next.
const PRUNE_EVERY: Duration = Duration::from_secs(10 * 60);
/// A first run on a large database takes hours; what it leaves is the next one's.
const PRUNE_WITHIN: Duration = Duration::from_secs(6 * 60 * 60);
const SWEEP_EVERY: Duration = Duration::from_secs(60 * 60);
const SWEEP_WITHIN: Duration = Duration::from_secs(10 * 60);

/// Deletes the history that is not kept.
pub(crate) struct Prune(pub(crate) Pruner);

impl Kind for Prune {
    fn name(&self) -> &'static str {
        "prune"
    }

    fn at_once(&self) -> usize {
        1
    }

    fn time_limit(&self) -> Duration {
        PRUNE_WITHIN
    }

    fn every(&self) -> Option<Duration> {
        Some(PRUNE_EVERY)
    }

    fn run<'a>(&'a self, _: &'a Job) -> BoxFuture<'a, Outcome> {
        Box::pin(async {
            let pruned = self.0.run(now_micros()).await?;
            if pruned != Pruned::default() {
                tracing::info!(?pruned, "old history deleted");
            }
            let Pruned { changes, bodies, sheets, sessions } = pruned;
            Ok(
                json!({"changes": changes, "bodies": bodies, "sheets": sheets, "sessions": sessions}),
            )
        })
    }
}

/// Deletes expired tokens, links and sign-ins with a provider, guests and accounts that can't sign in, full buckets of
/// attempts, the records of old jobs, and old notices. What may take longest comes last.
pub(crate) struct Sweep(pub(crate) Store);

impl Kind for Sweep {
    fn name(&self) -> &'static str {
        "sweep"
    }

    fn at_once(&self) -> usize {
        1
    }

    fn time_limit(&self) -> Duration {
        SWEEP_WITHIN
    }

    fn every(&self) -> Option<Duration> {
        Some(SWEEP_EVERY)
    }

    fn run<'a>(&'a self, _: &'a Job) -> BoxFuture<'a, Outcome> {
        let (store, now) = (&self.0, now_micros());
        let steps: Vec<Step<'a>> = vec![
            ("buckets", counted(store.forget_full_buckets())),
            ("tokens", counted(store.delete_expired_tokens(now))),
            ("links", counted(store.delete_expired_links(now))),
            ("provider_sign_ins", counted(store.delete_expired_provider_sign_ins(now))),
            ("members", counted(store.end_gone_members())),
            ("jobs", counted(store.forget_jobs(DONE_JOBS_KEPT, FAILED_JOBS_KEPT))),
            ("watchers", counted(store.forget_watchers())),
            ("notices", counted(store.forget_notices(NOTICES_KEPT))),
            ("threads", counted(store.forget_threads())),
            ("accounts", counted(store.delete_gone_accounts(GUESTS_KEPT, UNCONFIRMED_KEPT))),
        ];
        Box::pin(each(steps))
    }
}

/// A step of a sweep: its name, and what it has deleted, where it counts that.
type Step<'a> = (&'static str, BoxFuture<'a, Result<Value, StoreError>>);

fn counted<'a, T: Into<Value>>(
    step: impl Future<Output = Result<T, StoreError>> + Send + 'a,
) -> BoxFuture<'a, Result<Value, StoreError>> {
    Box::pin(async move { step.await.map(Into::into) })
}

/// Runs all steps. One that fails keeps no other from its turn; the first error is that of the sweep.
async fn each(steps: Vec<Step<'_>>) -> Outcome {
    let (mut deleted, mut failed) = (Map::new(), None);
    for (name, step) in steps {
        match step.await {
            Ok(Value::Null) => {}
            Ok(count) => drop(deleted.insert(name.to_owned(), count)),
            Err(error) => {
                tracing::warn!(step = name, %error, "a step of the sweep has failed; the next sweep tries it again");
                failed = failed.or(Some(error));
            }
        }
    }
    failed.map_or(Ok(Value::Object(deleted)), |error| Err(error.into()))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use jobs::Failure;

    use super::*;

    #[tokio::test]
    async fn a_step_that_fails_keeps_no_other_from_its_turn() {
        let run = AtomicUsize::new(0);
        let step = |outcome: Result<u64, StoreError>| {
            counted(async {
                run.fetch_add(1, Ordering::Relaxed);
                outcome
            })
        };
        let steps =
            |second| vec![("one", step(Ok(1))), ("two", step(second)), ("three", step(Ok(3)))];
        let failed = each(steps(Err(StoreError::TooSlow))).await;
        assert!(matches!(failed, Err(Failure::Later(_))), "{failed:?}");
        assert_eq!(run.load(Ordering::Relaxed), 3);
        assert_eq!(each(steps(Ok(2))).await, Ok(json!({"one": 1, "two": 2, "three": 3})));
    }
}
