//! The streams of jobs at this node, and what waits for each of them.
//!
//! Not the looks for jobs that have changed (`watch`), nor what a stream sends (`stream`). Invariants: an account is in the
//! table exactly as long as one of its streams lives. For a stream at most [`STREAMED_JOBS_WAITING`] jobs wait, each in its
//! newest state; beyond that none do, and the stream reads Postgres.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use tokio::sync::Notify;

use model::AccountId;
use model::limits::jobs::STREAMED_JOBS_WAITING;
use store::{JobId, PersonJob};

/// The table.
#[derive(Debug, Default)]
pub(super) struct Table {
    accounts: Mutex<FxHashMap<AccountId, Vec<Arc<Slot>>>>,
    /// The first stream has begun.
    begun: Notify,
}

/// What waits for one stream.
#[derive(Debug)]
struct Slot {
    /// The only job that the stream sends; `None`: all of its account.
    only: Option<JobId>,
    waiting: Mutex<Waiting>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    jobs: BTreeMap<JobId, Arc<PersonJob>>,
    /// More jobs have changed than may wait.
    is_over: bool,
}

/// The place of one stream in the table, until it is dropped.
#[derive(Debug)]
pub(super) struct Watching {
    table: Arc<Table>,
    account: AccountId,
    slot: Arc<Slot>,
}

/// What has waited for a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// Jobs in their newest states.
    Jobs(Vec<Arc<PersonJob>>),
    /// More than may wait.
    TooMany,
}

impl Table {
    /// A stream begins.
    pub(super) fn watch(self: &Arc<Self>, account: AccountId, only: Option<JobId>) -> Watching {
        let slot = Slot { only, waiting: Mutex::default(), changed: Notify::new() };
        let slot = Arc::new(slot);
        self.accounts().entry(account).or_default().push(Arc::clone(&slot));
        self.begun.notify_one();
        Watching { table: Arc::clone(self), account, slot }
    }

    /// Resolves when there may be a stream. One task waits.
    pub(super) async fn begun(&self) {
        self.begun.notified().await;
    }

    /// The accounts with streams.
    pub(super) fn accounts_with_streams(&self) -> Vec<AccountId> {
        self.accounts().keys().copied().collect()
    }

    /// Passes a job on to the streams of its account.
    pub(super) fn deliver(&self, job: &Arc<PersonJob>) {
        let accounts = self.accounts();
        for slot in accounts.get(&job.account).into_iter().flatten() {
            slot.put(job);
        }
    }

    fn accounts(&self) -> MutexGuard<'_, FxHashMap<AccountId, Vec<Arc<Slot>>>> {
        // Each change is one call, so that a poisoned table is whole.
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    fn put(&self, job: &Arc<PersonJob>) {
        if self.only.is_some_and(|only| only != job.id) {
            return;
        }
        let mut waiting = self.waiting();
        if waiting.is_over {
            return;
        }
        waiting.jobs.insert(job.id, Arc::clone(job));
        if waiting.jobs.len() > STREAMED_JOBS_WAITING {
            *waiting = Waiting { is_over: true, ..Waiting::default() };
        }
        drop(waiting);
        self.changed.notify_one();
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // Its parts are changed together, and no code between them can panic.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watching {
    /// Resolves when something may wait, also when it came before the call.
    pub(super) async fn changed(&self) {
        self.slot.changed.notified().await;
    }

    /// Whether something waits.
    pub(super) fn has_more(&self) -> bool {
        let waiting = self.slot.waiting();
        waiting.is_over || !waiting.jobs.is_empty()
    }

    /// Takes all that waits.
    pub(super) fn take(&self) -> Taken {
        let Waiting { jobs, is_over } = std::mem::take(&mut *self.slot.waiting());
        if is_over { Taken::TooMany } else { Taken::Jobs(jobs.into_values().collect()) }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut accounts = self.table.accounts();
        if let Some(slots) = accounts.get_mut(&self.account) {
            slots.retain(|slot| !Arc::ptr_eq(slot, &self.slot));
            if slots.is_empty() {
                accounts.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use uuid::Uuid;

    use super::*;
    use crate::service::jobs::sample::running;

    const ADA: AccountId = AccountId(Uuid::from_u128(1));
    const BEN: AccountId = AccountId(Uuid::from_u128(2));

    /// A job in the state that it has since `changed_micros`.
    fn job(number: usize, changed_micros: i64) -> Arc<PersonJob> {
        let id = JobId(Uuid::from_u128(number as u128));
        Arc::new(PersonJob { changed_micros, ..running(id, ADA) })
    }

    #[tokio::test]
    async fn a_stream_takes_the_newest_state_of_each_job_of_its_account() {
        let table = Arc::<Table>::default();
        let (all, only) = (table.watch(ADA, None), table.watch(ADA, Some(job(2, 0).id)));
        let of_ben = table.watch(BEN, None);
        for (number, changed) in [(1, 1), (2, 2), (1, 3)] {
            table.deliver(&job(number, changed));
        }
        assert!(all.has_more() && only.has_more() && !of_ben.has_more());
        all.changed().await;
        assert_eq!(all.take(), Taken::Jobs(vec![job(1, 3), job(2, 2)]));
        assert_eq!(only.take(), Taken::Jobs(vec![job(2, 2)]));
        assert_eq!((all.take(), all.has_more()), (Taken::Jobs(vec![]), false));
        assert!(
            all.changed().now_or_never().is_none() && of_ben.changed().now_or_never().is_none()
        );
    }

    #[test]
    fn a_stream_that_is_not_read_holds_no_more_jobs_than_may_wait() {
        let table = Arc::<Table>::default();
        let watching = table.watch(ADA, None);
        for number in 0..STREAMED_JOBS_WAITING {
            table.deliver(&job(number, 1));
            table.deliver(&job(number, 2));
        }
        assert_eq!(watching.slot.waiting().jobs.len(), STREAMED_JOBS_WAITING);
        for number in 0..3 * STREAMED_JOBS_WAITING {
            table.deliver(&job(number, 3));
        }
        assert!(watching.slot.waiting().jobs.is_empty() && watching.has_more());
        assert_eq!(watching.take(), Taken::TooMany);
        table.deliver(&job(7, 4));
        assert_eq!(watching.take(), Taken::Jobs(vec![job(7, 4)]));
    }

    #[test]
    fn an_account_is_in_the_table_as_long_as_a_stream_lives() {
        let table = Arc::<Table>::default();
        let (one, two) = (table.watch(ADA, None), table.watch(ADA, None));
        drop(one);
        assert_eq!(table.accounts_with_streams(), [ADA]);
        drop(two);
        assert_eq!(table.accounts_with_streams(), []);
        table.deliver(&job(1, 1));
    }
}
