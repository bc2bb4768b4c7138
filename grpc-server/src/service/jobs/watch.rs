//! The watch: finds the jobs that have changed, of accounts with streams, and passes them on to their streams.
//!
//! Not what a stream begins with: it reads that itself. One task looks once a second while there is a stream, and at once
//! when jobs have changed at this node. Postgres notifies it of nothing, as it notifies no worker: each notification
//! would make commits wait for each other.
//!
//! Invariants: a look finds what has changed since the last one that succeeded, and [`OVERLAP`] before it, since a row
//! becomes visible after the time that it holds. One state of a job is passed on once, but where a look has failed. Looks
//! do not overlap, so that each finds no state older than the one before.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};

use super::table::Table;
use jobs::Queue;
use model::AccountId;
use model::limits::jobs::{ACCOUNTS_OF_LOOK, CHANGED_JOBS_AT_ONCE};
use store::{JobId, JobPlace, Store, StoreError};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Between two looks when jobs change at this node.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(100);
/// How long a look may take.
pub(super) const LOOK_WITHIN: Duration = Duration::from_secs(20);
/// More than the time between the write of a row and its commit. A row that becomes visible later is found when it
/// changes next.
const OVERLAP: Duration = Duration::from_secs(10);

/// The watch of this node.
#[derive(Debug)]
pub(super) struct JobWatch {
    store: Store,
    queue: Queue,
    table: Arc<Table>,
}

/// The states of jobs that the last look found, by the time of their change.
type Seen = HashMap<JobId, i64>;

impl JobWatch {
    pub(super) fn new(store: Store, queue: Queue, table: Arc<Table>) -> Self {
        Self { store, queue, table }
    }

    /// Looks while there is a stream.
    pub(super) async fn run(self) {
        loop {
            self.table.begun().await;
            // A stream reads itself what has changed before it began.
            let (mut since, mut seen) = (Instant::now(), Seen::new());
            loop {
                let accounts = self.table.accounts_with_streams();
                if accounts.is_empty() {
                    break;
                }
                let begun = Instant::now();
                let within = begun.duration_since(since).saturating_add(OVERLAP);
                let looked = timeout(LOOK_WITHIN, self.look(&accounts, within, &seen)).await;
                match looked {
                    Ok(Ok(found)) => (since, seen) = (begun, found),
                    Ok(Err(error)) => {
                        tracing::debug!(%error, "changed jobs not read; retrying");
                    }
                    Err(_) => tracing::debug!("changed jobs not read in time; retrying"),
                }
                sleep_until(begun + LOOK_AT_MOST_EVERY).await;
                tokio::select! {
                    // Jobs have changed here.
                    () = self.queue.changed() => {}
                    // The next look is due.
                    () = sleep_until(begun + LOOK_EVERY) => {}
                }
            }
        }
    }

    /// Passes on what has changed within so long and is not among the states of the last look. Returns all that it found.
    async fn look(
        &self,
        accounts: &[AccountId],
        within: Duration,
        seen: &Seen,
    ) -> Result<Seen, StoreError> {
        let mut found = Seen::new();
        for accounts in accounts.chunks(ACCOUNTS_OF_LOOK) {
            let mut after = JobPlace::FIRST;
            loop {
                let most = CHANGED_JOBS_AT_ONCE;
                let changed = self.store.jobs_changed(accounts, within, after, most).await?;
                let is_last = changed.len() < most as usize;
                for job in changed {
                    after = job.change();
                    found.insert(job.id, job.changed_micros);
                    if seen.get(&job.id) != Some(&job.changed_micros) {
                        self.table.deliver(&Arc::new(job));
                    }
                }
                if is_last {
                    break;
                }
            }
        }
        Ok(found)
    }
}
