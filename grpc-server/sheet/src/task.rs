//! One task for each open sheet: the only owner of its state, and one select loop.
//!
//! Requests are taken from the inbox in batches; what becomes of them is in `requests`. Nothing here is
//! locked, because nothing here is shared.

use std::sync::Arc;

use ot_engine::{ClientId, Revision, Sequencer};
use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::committer::Committer;
use super::effects::SheetState;
use super::gather::{BATCH_REQUESTS, Gathering};
use super::joins::{ClientState, Joins, Prepared};
use super::log::RecentLog;
use super::message::Request;
use super::presence::Presences;
use super::presence::link::News as PresenceNews;
use super::reads::{Fetched, Reads};
use super::refusal::Refusal;
use super::rows::RowCache;
use super::session::{EndReason, Outgoing};
use super::sessions::Sessions;
use super::shared::Shared;
use super::staged::Staged;
use super::undo::Undos;
use journal::{Listener, News, Seed};
use model::SheetId;

/// Clients remembered beyond those in session; the log knows the others.
const CLIENTS_REMEMBERED: usize = 50_000;

/// An open sheet.
pub(super) struct SheetTask {
    pub(super) id: SheetId,
    pub(super) name: Arc<str>,
    pub(super) epoch: u64,
    pub(super) shared: Arc<Shared>,
    pub(super) sequencer: Sequencer,
    pub(super) state: SheetState,
    pub(super) rows: RowCache,
    pub(super) reads: Reads,
    pub(super) joins: Joins,
    pub(super) undos: Undos,
    pub(super) log: RecentLog,
    pub(super) sessions: Sessions,
    pub(super) presences: Presences,
    pub(super) clients: FxHashMap<ClientId, ClientState>,
    pub(super) committer: Committer,
    pub(super) committed: watch::Receiver<Revision>,
    pub(super) accepted: watch::Sender<Revision>,
    /// The line of entries in the journal that this sheet goes on.
    pub(super) seed: Seed,
    pub(super) listener: Listener,
    pub(super) gathering: Gathering,
    /// How often in a row the journal could not be looked at.
    pub(super) misses: u32,
    /// Whether what was accepted is brought to Postgres before the task ends, because the journal is
    /// away.
    pub(super) lingers: bool,
    /// Why the sheet can't go on, once it can't.
    pub(super) ended: Option<EndReason>,
}

/// What wakes the task.
enum Wake {
    Requests,
    News(News),
    Committed,
    Diverged,
    Fetched(Fetched),
    Prepared(Prepared),
    PresenceHeard(PresenceNews),
    PresenceDue,
    Idle,
    InboxClosed,
}

impl SheetTask {
    /// Runs until it is told to close, or until nobody has needed the sheet for a while.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<Request>) {
        let mut requests = Vec::with_capacity(BATCH_REQUESTS);
        let mut idle_since = Instant::now();
        loop {
            match self.wake(&mut inbox, &mut requests, idle_since).await {
                Wake::Requests => {
                    self.gathering.fill(&mut inbox, &mut requests).await;
                    if self.requests(&mut requests).await {
                        break;
                    }
                }
                Wake::News(news) => self.hear(news).await,
                Wake::Committed => self.announce_committed().await,
                Wake::Fetched(fetched) => self.take_fetched(fetched).await,
                Wake::Prepared(prepared) => self.prepared(prepared).await,
                // Where others commit, too, they have, and what clients saw stands.
                Wake::Diverged if self.shared.journal.is_shared() => {
                    self.end(EndReason::JournalAway);
                }
                Wake::Diverged => self.end(EndReason::Reload),
                Wake::PresenceHeard(news) => self.hear_presence(news),
                Wake::Idle if self.is_idle() => break,
                Wake::Idle | Wake::PresenceDue => {}
                Wake::InboxClosed => break,
            }
            if let Some(reason) = &self.ended {
                self.sessions.end_where(reason, |_| true);
                break;
            }
            self.tell_presence();
            if !self.is_idle() {
                idle_since = Instant::now();
            }
        }
        self.close(inbox).await;
    }

    /// The sheet can't go on: its task ends after what it is at. The first reason stays.
    pub(super) fn end(&mut self, reason: EndReason) {
        self.ended.get_or_insert(reason);
    }

    /// Waits for the next thing to do.
    async fn wake(
        &mut self,
        inbox: &mut mpsc::Receiver<Request>,
        requests: &mut Vec<Request>,
        idle_since: Instant,
    ) -> Wake {
        let presence = self.presences.due(&self.sessions);
        tokio::select! {
            // Edits first: they are what people wait for. What others did comes in with them, too: see
            // `requests`.
            biased;
            count = inbox.recv_many(requests, BATCH_REQUESTS) => {
                if count == 0 { Wake::InboxClosed } else { Wake::Requests }
            }
            // Rows that a window was waiting for.
            fetched = self.reads.fetched() => Wake::Fetched(fetched),
            // A session whose past has been looked up.
            Some(Ok(prepared)) = self.joins.join_next() => Wake::Prepared(prepared),
            // Another node has done something.
            news = self.listener.next(self.sequencer.head()) => Wake::News(news),
            // The committer got further, or found that Postgres holds something else.
            further = self.committed.changed() => {
                if further.is_ok() { Wake::Committed } else { Wake::Diverged }
            }
            // Somebody has come, moved or left, and the others may be told by now.
            () = tokio::time::sleep_until(presence.unwrap_or(idle_since)), if presence.is_some() => {
                Wake::PresenceDue
            }
            // Somebody at another server has.
            Some(news) = self.presences.heard() => Wake::PresenceHeard(news),
            // Nobody has been here for a while.
            () = tokio::time::sleep_until(idle_since + self.shared.idle) => Wake::Idle,
        }
    }

    fn is_idle(&self) -> bool {
        self.sessions.is_empty()
            && self.reads.is_empty()
            && self.joins.is_empty()
            && *self.committed.borrow() == self.sequencer.head()
    }

    /// Forgets clients without a session whose edits are all committed, once they are many.
    fn forget_clients(&mut self, committed: Revision) {
        if self.clients.len() <= CLIENTS_REMEMBERED {
            return;
        }
        let (sessions, sequencer) = (&self.sessions, &mut self.sequencer);
        self.clients.retain(|client, state| {
            let needed = state.revision > committed || sessions.session_of(*client).is_some();
            if !needed {
                sequencer.forget_client(*client);
            }
            needed
        });
    }

    /// Goes on with a request whose questions have been answered.
    async fn prepared(&mut self, prepared: Prepared) {
        match prepared {
            Prepared::Join { join, client, missed } => self.joined(join, client, missed),
            Prepared::Undo { apply, answer } => self.undo_prepared(apply, answer).await,
            Prepared::Apply { apply, client: Ok(state) } => {
                self.remember_client(apply.client, state);
                let mut staged = Staged::default();
                self.stage_apply(&mut staged, *apply).await;
                self.flush(&mut staged).await;
            }
            Prepared::Apply { apply, client: Err(_) } => {
                drop(apply.reply.send(Err(Refusal::Unavailable("Postgres"))));
            }
        }
    }

    /// Tells how far Postgres is. Another node may have brought it further than this one has followed: what
    /// led there is told first.
    async fn announce_committed(&mut self) {
        let committed = *self.committed.borrow_and_update();
        if committed > self.sequencer.head() {
            self.refresh().await;
        }
        if self.ended.is_some() {
            return;
        }
        self.rows.committed(committed);
        self.forget_clients(committed);
        self.sessions.broadcast(|| Outgoing::Committed(committed));
    }
}
