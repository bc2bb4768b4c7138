//! The recurring jobs: delete old history, and delete records that have expired. One of each runs in the cluster.
//!
//! Not what is deleted of a sheet: see `retention`. Invariant: a run that ends in the middle leaves nothing half done;
//! the next one deletes the rest.

use std::time::Duration;

use futures_util::future::BoxFuture;
use jobs::{Job, Kind, Outcome};
use serde_json::json;

use crate::retention::{Pruned, Pruner};
use model::limits::edge::{
    DONE_JOBS_KEPT, FAILED_JOBS_KEPT, GUESTS_KEPT, NOTICES_KEPT, UNCONFIRMED_KEPT,
};
use model::now_micros;
use store::Store;

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

/// Deletes expired tokens, links and sign-ins with a provider, guests and accounts that can't sign in, full buckets of attempts, the records of
/// old jobs, and old notices.
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
        let store = &self.0;
        Box::pin(async move {
            store.forget_full_buckets().await?;
            let tokens = store.delete_expired_tokens(now_micros()).await?;
            let links = store.delete_expired_links(now_micros()).await?;
            store.delete_expired_provider_sign_ins(now_micros()).await?;
            let members = store.end_gone_members().await?;
            let accounts = store.delete_gone_accounts(GUESTS_KEPT, UNCONFIRMED_KEPT).await?;
            let jobs = store.forget_jobs(DONE_JOBS_KEPT, FAILED_JOBS_KEPT).await?;
            store.forget_notices(NOTICES_KEPT).await?;
            store.forget_threads().await?;
            store.forget_watchers().await?;
            Ok(json!({
                "tokens": tokens, "links": links, "members": members, "accounts": accounts, "jobs": jobs
            }))
        })
    }
}
