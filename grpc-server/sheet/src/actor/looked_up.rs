//! Starts the lookups of parked edits, and continues each request whose lookup has ended.
//!
//! Not here: the queries (`lookups`). Invariant: rows of a revision after the head are used only after the journal
//! has been read up to it.

use std::sync::Arc;

use heavy_work::Caller;
use ot_engine::{Revision, RowId};

use super::SheetActor;
use super::lookups::{self, FetchedRows, LookedUp};
use super::requests::Waiting;
use crate::ordering::ParkedId;
use crate::ordering::action::{Older, RowsFor};
use crate::ordering::heavy::Heavy;
use crate::ports::journal::JournalError;
use crate::refusal::Refusal;
use crate::state::row_order::ranges_of;
use model::allowance::tokens;
use model::{AccountId, Entry};

impl SheetActor {
    pub(super) fn fetch_rows(
        &mut self,
        parked: ParkedId,
        needed: (AccountId, RowsFor),
        rows: &[RowId],
    ) {
        let (token, asked) = (self.rows.begin_read(), ranges_of(rows));
        let asked = (parked, token, asked);
        let query = lookups::rows(Arc::clone(&self.shared), self.id, needed, asked);
        self.spawn_fetch(query);
    }

    /// Reads the bound of the rows' sizes again, where it is far above what Postgres has.
    pub(super) fn read_largest_row(&mut self) {
        if self.sizes.begin_read() {
            self.lookups.spawn(lookups::largest_row(Arc::clone(&self.shared), self.id));
        }
    }

    pub(super) fn fetch_history(&mut self, parked: ParkedId, older: Older) {
        let query = lookups::history(Arc::clone(&self.shared), self.id, parked, older);
        self.spawn_fetch(query);
    }

    /// Does the work of a parked edit beside the actor.
    pub(super) fn run_heavy(&mut self, parked: ParkedId, account: Option<AccountId>, heavy: Heavy) {
        if let Some(account) = account {
            self.charge(account, heavy.work());
        }
        let caller = account.map_or(Caller::Sheet(self.id), Caller::Account);
        let work = lookups::heavy(Arc::clone(&self.shared), caller, parked, heavy);
        self.heavy.insert(parked, self.lookups.spawn(work));
    }

    /// Ends the work of an edit that is not parked any more.
    pub(super) fn end_heavy(&mut self, parked: ParkedId) {
        if let Some(task) = self.heavy.remove(&parked) {
            task.abort();
        }
    }

    /// Charges an account for steps beyond the first token of an edit.
    pub(super) fn charge(&self, account: AccountId, steps: usize) {
        self.shared.account_edits.charge(account, tokens(steps, 0) - 1);
    }

    /// Runs a query for a parked edit, after those before it.
    fn spawn_fetch(&mut self, query: impl Future<Output = LookedUp> + Send + 'static) {
        let fetches = Arc::clone(&self.fetches);
        self.lookups.spawn(async move {
            // The semaphore is never closed.
            let _permit = fetches.acquire_owned().await;
            query.await
        });
    }

    /// Continues the request whose lookup has ended.
    pub(super) fn on_looked_up(&mut self, outcome: LookedUp) {
        self.ordering.begin_turn();
        match outcome {
            LookedUp::Session(found) => self.alone(Waiting::JoinFound(found)),
            LookedUp::Undo { call, answer } => self.alone(Waiting::UndoFound { call, answer }),
            LookedUp::Apply { apply, client: Ok(state) } => {
                self.ordering.restore_client(apply.client, state);
                self.order_apply(apply);
            }
            LookedUp::Apply { apply, client: Err(_) } => {
                // A caller that has left needs no answer.
                drop(apply.reply.send(Err(Refusal::Unavailable("Postgres"))));
            }
            LookedUp::Rows(fetched) => match &fetched.rows {
                // Another node committed entries that this one has not received.
                Ok((_, revision)) if *revision > self.ordering.head() => {
                    self.alone(Waiting::FetchedRows(fetched));
                }
                _ => self.on_rows(fetched),
            },
            LookedUp::Heavy { parked, done } => {
                self.heavy.remove(&parked);
                self.ordering.on_heavy(parked, done);
            }
            LookedUp::LargestRow(largest) => self.sizes.end_read(largest),
            LookedUp::History { parked, until, changes } => {
                self.on_history(parked, until, changes);
            }
        }
    }

    /// The journal has been read since Postgres had these rows: its entries must reach their revision.
    pub(super) fn on_rows_at_turn(&mut self, fetched: FetchedRows) {
        match &fetched.rows {
            Ok((_, revision)) if *revision > self.ordering.head() => {
                self.rows.end_read(fetched.token);
                self.ordering.cut_off(&JournalError::Gap);
            }
            _ => self.on_rows(fetched),
        }
    }

    fn on_rows(&mut self, fetched: FetchedRows) {
        let FetchedRows { parked, token, asked, rows } = fetched;
        let bodies = rows.map(|(rows, _)| self.cache_fetched(asked, rows));
        self.rows.end_read(token);
        self.ordering.on_rows(parked, bodies);
    }

    /// Adds to the older changes those that left the ordering core's memory meanwhile.
    fn on_history(
        &mut self,
        parked: ParkedId,
        until: Revision,
        changes: Result<Vec<Arc<Entry>>, Refusal>,
    ) {
        let oldest = self.ordering.oldest();
        let changes = changes.map(|mut changes| {
            let later = self.log.after(until).map(|change| Arc::clone(&change.entry));
            changes.extend(later.take_while(|entry| entry.revision <= oldest));
            changes
        });
        let answer = changes.as_deref().map_err(Clone::clone);
        self.ordering.on_history(parked, answer);
        // A client that resumes from there is sent its changes from memory.
        self.log.put_back(changes.unwrap_or_default());
    }
}
