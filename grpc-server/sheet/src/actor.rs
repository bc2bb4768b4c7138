//! The actor of an open sheet: one task that owns the sheet's state and drives the cores.
//!
//! Each event is passed to one core, and the actions of the ordering core are carried out until there is none.
//!
//! | event or action | file |
//! | --- | --- |
//! | a request, and one whose turn has come | `intake`, `group_commit`, `turns` |
//! | a session that joins; a look and its rows; an undo | `joins`, `reads`, `undo` |
//! | roles; names of the sheet and of persons | `roles`, `facts` |
//! | changes, answers, the committed revision | `publish` |
//! | the journal, and lookups in Postgres | `journal_events`, `looked_up` |
//! | the first and the last event | `start`, `shutdown` |
//!
//! `requests`, `open_reads`, `lookups` and `journal_link` hold what is running.
//!
//! Not here: any decision about order, admission, windows or commits. Invariant: no lock is held. Work waits for
//! I/O only where `ordering` asks for it, and requests behind a session that joins wait for its turn.

mod caches;
mod facts;
mod group_commit;
mod intake;
mod joins;
mod journal_events;
mod journal_link;
mod looked_up;
mod lookups;
mod open_reads;
mod publish;
mod reads;
mod requests;
mod roles;
mod shutdown;
pub(crate) mod start;
mod turns;
mod undo;

use std::collections::VecDeque;
use std::sync::Arc;

use ot_engine::Revision;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinError;
use tokio::time::Instant;

use self::group_commit::{BATCH_REQUESTS, GroupCommit};
use self::journal_link::{JournalEvent, JournalLink};
use self::lookups::{HeavyTasks, LookedUp, Lookups};
use self::open_reads::{ReadEvent, Reads};
use self::requests::Requests;
use crate::admission::Admission;
use crate::api::message::Request;
use crate::durability::Committer;
use crate::fanout::published::SessionKey;
use crate::fanout::recent::RecentLog;
use crate::fanout::session::EndReason;
use crate::fanout::sessions::Sessions;
use crate::fanout::sheet_changes::SheetChanges;
use crate::fanout::wire_columns::WireColumns;
use crate::memory::CacheShare;
use crate::ordering::Ordering;
use crate::ordering::action::{Action, View};
use crate::presence::PresenceEvent;
use crate::presence::Presences;
use crate::shared::Shared;
use crate::state::SheetState;
use crate::state::row_cache::RowCache;
use crate::state::row_sizes::RowSizes;
use crate::time_travel::undo::Undos;
use model::storage::AccountStorage;
use model::{SheetId, SheetName, now_micros};

/// Events that are handled between two batches of requests while more of them are ready.
const OTHERS_IN_A_ROW: u32 = 32;
/// Queries that run at once for parked edits of one sheet.
const FETCHES_AT_ONCE: usize = 8;

/// An open sheet.
pub(crate) struct SheetActor {
    id: SheetId,
    name: SheetName,
    /// What sessions have not received of the name, roles and links.
    changes: SheetChanges,
    epoch: u64,
    shared: Arc<Shared>,
    ordering: Ordering,
    /// The requests that the ordering core knows by id.
    requests: Requests,
    journal: JournalLink,
    group_commit: GroupCommit,
    /// The sheet at the published head.
    state: SheetState,
    /// Its columns as messages.
    wire_columns: WireColumns,
    rows: RowCache,
    sizes: RowSizes,
    caches: CacheShare,
    /// The limits of the caches are lower than usual.
    caches_limited: bool,
    reads: Reads,
    log: RecentLog,
    admission: Admission,
    lookups: Lookups,
    /// The tasks among them that work on heavy edits.
    heavy: HeavyTasks,
    /// Taken for each query for a parked edit.
    fetches: Arc<Semaphore>,
    undos: Undos,
    sessions: Sessions,
    presences: Presences,
    /// The bytes that the owner has stored.
    stored: Arc<AccountStorage>,
    committer: Committer,
    committed: watch::Receiver<Revision>,
    accepted: watch::Sender<Revision>,
    /// Requests that were taken from the inbox and wait for a session to join.
    taken: VecDeque<Request>,
    /// The session that waits for its turn to join.
    joining: Option<SessionKey>,
    /// Events since the last batch of requests.
    others_in_a_row: u32,
    /// Set once the sheet ends.
    ended: Option<Ended>,
}

/// The end of a sheet.
#[derive(Clone, Debug)]
struct Ended {
    reason: EndReason,
    /// The journal does not answer, so the accepted entries are committed before the actor ends.
    flush_first: bool,
}

/// An event of the actor.
enum Wake {
    Requests,
    Journal(JournalEvent),
    Committed,
    CommitterStopped,
    Read(ReadEvent),
    LookedUp(LookedUp),
    LookupPanicked(JoinError),
    Presence(PresenceEvent),
    /// An update of presence, or of the sheet's name and roles.
    UpdateDue,
    /// All sheets are asked to fall to their share of memory.
    Pressed,
    Idle,
    InboxClosed,
}

impl SheetActor {
    /// Runs until the sheet is closed, or until it has been idle for a while.
    async fn run(mut self, mut inbox: mpsc::Receiver<Request>) {
        let mut requests = Vec::with_capacity(BATCH_REQUESTS);
        let mut idle_since = Instant::now();
        while self.ended.is_none() {
            match self.wake(&mut inbox, &mut requests, idle_since).await {
                Wake::Requests => {
                    if self.ordering.is_idle() {
                        self.group_commit.fill(&mut inbox, &mut requests).await;
                    }
                    self.on_requests(&mut requests);
                }
                Wake::Journal(event) => self.on_journal(event),
                Wake::Committed => self.on_committed(),
                Wake::CommitterStopped => self.on_committer_stopped(),
                Wake::Read(event) => self.on_read_event(event),
                Wake::LookedUp(outcome) => self.on_looked_up(outcome),
                // Heavy work whose edit is gone.
                Wake::LookupPanicked(error) if error.is_cancelled() => {}
                Wake::LookupPanicked(error) => {
                    tracing::error!(sheet = %self.id, %error, "lookup ended early, sheet reloads");
                    self.end(EndReason::Reload);
                }
                Wake::Presence(event) => {
                    let (oldest, head) = (self.ordering.oldest(), self.ordering.head());
                    self.presences.receive(event, &self.log, oldest, head);
                }
                Wake::Idle if self.is_idle() => break,
                Wake::Idle | Wake::UpdateDue | Wake::Pressed => {}
                Wake::InboxClosed => break,
            }
            self.carry_out_actions();
            self.take_in();
            self.carry_out_actions();
            self.limit_caches();
            let (oldest, head) = (self.ordering.oldest(), self.ordering.head());
            self.presences.send_due(&self.sessions, &self.log, oldest, head);
            self.changes.send_due(&self.sessions, &self.name.name);
            if !self.is_idle() {
                idle_since = Instant::now();
            }
        }
        self.close(inbox).await;
    }

    /// Waits for the next event. After a batch of requests all other events that are ready go first, up to a
    /// limit; so a busy inbox delays none of them by more than a batch, and they do not block the inbox.
    async fn wake(
        &mut self,
        inbox: &mut mpsc::Receiver<Request>,
        requests: &mut Vec<Request>,
        idle_since: Instant,
    ) -> Wake {
        let has_room = self.taken.is_empty() && self.ordering.has_room();
        let others_first = self.others_in_a_row < OTHERS_IN_A_ROW;
        let received = async {
            match inbox.recv_many(requests, BATCH_REQUESTS).await {
                0 => Wake::InboxClosed,
                _ => Wake::Requests,
            }
        };
        let wake = if others_first {
            tokio::select! {
                biased;
                wake = self.other_event(idle_since) => wake,
                wake = received, if has_room => wake,
            }
        } else {
            tokio::select! {
                biased;
                wake = received, if has_room => wake,
                wake = self.other_event(idle_since) => wake,
            }
        };
        self.others_in_a_row =
            if matches!(wake, Wake::Requests) { 0 } else { self.others_in_a_row.saturating_add(1) };
        wake
    }

    /// Waits for the next event that is no request. Safe to cancel.
    async fn other_event(&mut self, idle_since: Instant) -> Wake {
        let presence = self.presences.due(&self.sessions);
        let update = presence.into_iter().chain(self.changes.due()).min();
        let head = self.ordering.head();
        tokio::select! {
            biased;
            event = self.journal.next(head) => Wake::Journal(event),
            event = self.reads.event() => Wake::Read(event),
            Some(outcome) = self.lookups.join_next() => match outcome {
                Ok(outcome) => Wake::LookedUp(outcome),
                Err(error) => Wake::LookupPanicked(error),
            },
            further = self.committed.changed() => {
                if further.is_ok() { Wake::Committed } else { Wake::CommitterStopped }
            }
            () = tokio::time::sleep_until(update.unwrap_or(idle_since)), if update.is_some() => {
                Wake::UpdateDue
            }
            Some(event) = self.presences.next_event() => Wake::Presence(event),
            () = self.caches.pressed() => Wake::Pressed,
            () = tokio::time::sleep_until(idle_since + self.shared.idle) => Wake::Idle,
        }
    }

    /// Carries out the actions of the ordering core until there is none.
    fn carry_out_actions(&mut self) {
        while self.ended.is_none() {
            let rows = &mut self.rows;
            let mut view = View {
                state: &self.state,
                row: &mut |row| rows.get(row),
                sizes: &self.sizes,
                stored: &self.stored,
                now_micros: now_micros(),
            };
            let Some(action) = self.ordering.next(&mut view) else { return };
            self.carry_out(action);
        }
    }

    fn carry_out(&mut self, action: Action) {
        match action {
            Action::Append(entries) => self.journal.append(entries),
            Action::Follow(after) => self.journal.follow(after),
            Action::AwaitEntries => self.journal.await_entries(),
            Action::Followed(entries) => {
                self.group_commit.conflicted();
                self.shared.journal.followed(&entries);
            }
            Action::Publish(items) => self.publish(items),
            Action::Answer(request, answer) => self.answer(request, answer),
            Action::Turn(request) => self.on_turn(request),
            Action::EndSession(session) => {
                self.stop_reads(session);
                self.sessions.end(session, EndReason::Unavailable);
            }
            Action::FetchRows(parked, account, rows, needed) => {
                self.fetch_rows(parked, (account, needed), &rows);
            }
            Action::FetchHistory(parked, older) => self.fetch_history(parked, older),
            Action::EndHeavy(parked) => self.end_heavy(parked),
            Action::Charge(account, steps) => self.charge(account, steps),
            Action::RunHeavy(parked, account, heavy) => self.run_heavy(parked, account, heavy),
            Action::Stop(stop) => self.on_stop(stop),
        }
    }

    fn is_idle(&self) -> bool {
        self.sessions.is_empty()
            && self.ordering.is_idle()
            && self.reads.is_empty()
            && self.admission.is_empty()
            && self.lookups.is_empty()
            && *self.committed.borrow() == self.ordering.head()
    }

    /// Ends the sheet: its actor stops after the event at hand. The first reason stays.
    fn end(&mut self, reason: EndReason) {
        self.ended.get_or_insert(Ended { reason, flush_first: false });
    }
}

#[cfg(test)]
mod tests;
