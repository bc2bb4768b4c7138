//! One task for each open sheet: the only owner of its state, and one select loop.
//!
//! Requests are taken from the inbox in batches; what becomes of them is in `requests`. Nothing here is
//! locked, because nothing here is shared.

mod joins;
pub(crate) mod lookups;
pub(crate) mod open_reads;
mod reads;
mod requests;
mod shutdown;
pub(crate) mod start;
mod undo;

use std::sync::Arc;

use ot_engine::{ClientId, Revision, Sequencer};
use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use self::lookups::{LookedUp, Lookups};
use self::open_reads::{ReadEvent, Reads};
use crate::admission::Admission;
use crate::api::message::Request;
use crate::durability::Committer;
use crate::fanout::recent::RecentLog;
use crate::fanout::session::{EndReason, Outgoing};
use crate::fanout::sessions::Sessions;
use crate::ordering::batch::Staged;
use crate::ordering::clients::ClientState;
use crate::ordering::group_commit::{BATCH_REQUESTS, Gathering};
use crate::presence::Presences;
use crate::presence::link::PresenceEvent;
use crate::refusal::Refusal;
use crate::row_cache::RowCache;
use crate::shared::Shared;
use crate::state::SheetState;
use crate::time_travel::undo::Undos;
use journal::{Event, Listener, StreamId};
use model::SheetId;

/// Clients remembered beyond those in session; the log knows the others.
const CLIENTS_REMEMBERED: usize = 50_000;

/// An open sheet.
pub(crate) struct SheetTask {
    pub(crate) id: SheetId,
    pub(crate) name: Arc<str>,
    pub(crate) epoch: u64,
    pub(crate) shared: Arc<Shared>,
    pub(crate) sequencer: Sequencer,
    pub(crate) state: SheetState,
    pub(crate) rows: RowCache,
    pub(crate) reads: Reads,
    pub(crate) admission: Admission,
    pub(crate) lookups: Lookups,
    pub(crate) undos: Undos,
    pub(crate) log: RecentLog,
    pub(crate) sessions: Sessions,
    pub(crate) presences: Presences,
    pub(crate) clients: FxHashMap<ClientId, ClientState>,
    pub(crate) committer: Committer,
    pub(crate) committed: watch::Receiver<Revision>,
    pub(crate) accepted: watch::Sender<Revision>,
    /// The line of entries in the journal that this sheet goes on.
    pub(crate) seed: StreamId,
    pub(crate) listener: Listener,
    pub(crate) gathering: Gathering,
    /// How often in a row the journal could not be looked at.
    pub(crate) misses: u32,
    /// Whether what was accepted is brought to Postgres before the task ends, because the journal is
    /// away.
    pub(crate) lingers: bool,
    /// Why the sheet can't go on, once it can't.
    pub(crate) ended: Option<EndReason>,
}

/// What wakes the task.
enum Wake {
    Requests,
    News(Event),
    Committed,
    Diverged,
    Read(ReadEvent),
    LookedUp(LookedUp),
    PresenceHeard(PresenceEvent),
    PresenceDue,
    Idle,
    InboxClosed,
}

impl SheetTask {
    /// Runs until it is told to close, or until nobody has needed the sheet for a while.
    pub(crate) async fn run(mut self, mut inbox: mpsc::Receiver<Request>) {
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
                Wake::Read(event) => self.on_read_event(event).await,
                Wake::LookedUp(outcome) => self.looked_up(outcome).await,
                // Where others commit, too, they have, and what clients saw stands.
                Wake::Diverged if self.shared.journal.is_shared() => {
                    self.end(EndReason::JournalAway);
                }
                Wake::Diverged => self.end(EndReason::Reload),
                Wake::PresenceHeard(event) => {
                    let (oldest, head) = (self.sequencer.oldest(), self.sequencer.head());
                    self.presences.receive(event, &self.log, oldest, head);
                }
                Wake::Idle if self.is_idle() => break,
                Wake::Idle | Wake::PresenceDue => {}
                Wake::InboxClosed => break,
            }
            if let Some(reason) = &self.ended {
                self.sessions.end_where(reason, |_| true);
                break;
            }
            let (oldest, head) = (self.sequencer.oldest(), self.sequencer.head());
            self.presences.send_due(&self.sessions, &self.log, oldest, head);
            if !self.is_idle() {
                idle_since = Instant::now();
            }
        }
        self.close(inbox).await;
    }

    /// The sheet can't go on: its task ends after what it is at. The first reason stays.
    pub(crate) fn end(&mut self, reason: EndReason) {
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
            // Rows or credit that a read waits for.
            event = self.reads.event() => Wake::Read(event),
            // A lookup has ended.
            Some(Ok(outcome)) = self.lookups.join_next() => Wake::LookedUp(outcome),
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
            Some(news) = self.presences.next_event() => Wake::PresenceHeard(news),
            // Nobody has been here for a while.
            () = tokio::time::sleep_until(idle_since + self.shared.idle) => Wake::Idle,
        }
    }

    fn is_idle(&self) -> bool {
        self.sessions.is_empty()
            && self.reads.is_empty()
            && self.admission.is_empty()
            && self.lookups.is_empty()
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

    /// Continues the request whose lookup has ended.
    async fn looked_up(&mut self, outcome: LookedUp) {
        match outcome {
            LookedUp::Session(found) => {
                let session = found.session;
                let early = self.found(found);
                let mut staged = Staged::default();
                for frame in early {
                    self.frame(&mut staged, session, frame).await;
                }
                self.flush(&mut staged).await;
            }
            LookedUp::Undo { apply, answer } => self.undo_prepared(apply, answer).await,
            LookedUp::Apply { apply, client: Ok(state) } => {
                self.remember_client(apply.client, state);
                let mut staged = Staged::default();
                self.stage_apply(&mut staged, *apply).await;
                self.flush(&mut staged).await;
            }
            LookedUp::Apply { apply, client: Err(_) } => {
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
