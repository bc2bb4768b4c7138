//! How a session becomes part of a sheet: fresh, or going on where it was.
//!
//! A join that must ask Postgres (a client id from long ago, changes no longer in memory) is
//! prepared outside the task and completed in it, so that nobody waits. Invariant: the replayed
//! changes end exactly where the live ones begin.

use std::sync::Arc;
use std::time::Instant;

use gridloom::convert;
use gridloom::pieces::FRAME_BYTES_MOST;
use gridloom::v1::{self, server_frame::Frame};
use ot_engine::{ClientId, Revision};
use tokio::task::JoinSet;

use crate::actor::SheetTask;
use crate::api::message::{Apply, Join};
use crate::fanout::published::{Item, Published, PublishedChange};
use crate::fanout::session::{EndReason, Outgoing};
use crate::fanout::sessions::Session;
use crate::fanout::viewport::Sight;
use crate::history::older_changes;
use crate::ordering::clients::ClientState;
use crate::refusal::Refusal;
use crate::shared::Shared;
use model::allowance::Bucket;
use model::{Entry, SheetId};

/// Changes that a client may have missed and still go on from; beyond, it loads afresh.
const RESUME_CHANGES: u64 = 100_000;
/// Replayed changes in one queue entry.
const REPLAY_CHANGES: usize = 1_000;

/// Joins that are being prepared.
pub(crate) type Joins = JoinSet<Prepared>;

/// A request whose questions have been answered.
pub(crate) enum Prepared {
    /// A session that wants to be part of the sheet.
    Join {
        join: Box<Join>,
        client: Result<Option<ClientState>, EndReason>,
        missed: Result<Vec<Arc<Entry>>, Refusal>,
    },
    /// An undo or a redo, looked up in the log.
    Undo { apply: Box<Apply>, answer: crate::time_travel::undo::Answer },
    /// A unary edit whose name may have been used before.
    Apply { apply: Box<Apply>, client: Result<Option<ClientState>, EndReason> },
}

impl SheetTask {
    /// Takes a session in, at once if everything it needs is in memory.
    pub(crate) fn join(&mut self, join: Box<Join>) {
        if self.sessions.len() >= self.shared.limits.sheet_sessions as usize {
            return join.outbox.end(EndReason::TooMany);
        }
        let known = !join.presented || self.clients.contains_key(&join.client);
        let missed_from = self.missed_from(&join);
        if known && missed_from.is_none() {
            return self.complete(join, Vec::new());
        }
        let (shared, sheet, oldest) = (self.shared.clone(), self.id, self.sequencer.oldest());
        self.joins.spawn(async move {
            let client =
                if known { Ok(None) } else { client_state(&shared, sheet, join.client).await };
            let missed = match missed_from {
                Some(after) => older_changes(&shared, sheet, after, oldest).await,
                None => Ok(Vec::new()),
            };
            Prepared::Join { join, client, missed }
        });
    }

    /// The resume point, when changes after it are no longer in memory.
    fn missed_from(&self, join: &Join) -> Option<Revision> {
        let (epoch, revision) = join.resume?;
        let missed = self.sequencer.head().0.saturating_sub(revision.0);
        let recent = missed <= RESUME_CHANGES;
        (epoch == self.epoch && recent && revision < self.sequencer.oldest()).then_some(revision)
    }

    /// Looks up the name of a unary edit that may be a retry.
    pub(crate) fn prepare_apply(&mut self, apply: Box<Apply>) {
        let (shared, sheet) = (self.shared.clone(), self.id);
        self.joins.spawn(async move {
            let client = client_state(&shared, sheet, apply.client).await;
            Prepared::Apply { apply, client }
        });
    }

    /// Goes on with a join whose questions have been answered.
    pub(crate) fn joined(
        &mut self,
        join: Box<Join>,
        client: Result<Option<ClientState>, EndReason>,
        missed: Result<Vec<Arc<Entry>>, Refusal>,
    ) {
        match client {
            Ok(state) => self.remember_client(join.client, state),
            Err(reason) => return join.outbox.end(reason),
        }
        match missed {
            Ok(missed) => self.complete(join, missed),
            // With nothing that it missed, it is told to start afresh, and why.
            Err(Refusal::Compacted { .. }) => self.complete(join, Vec::new()),
            Err(_) => join.outbox.end(EndReason::Unavailable),
        }
    }

    /// Takes in what the log knows of a client. `None`: it never had an edit accepted.
    pub(crate) fn remember_client(&mut self, client: ClientId, state: Option<ClientState>) {
        // Whatever happened since the question was asked is newer than the answer.
        if let (Some(state), false) = (state, self.clients.contains_key(&client)) {
            self.clients.insert(client, state);
            self.sequencer.restore_client(client, state.sequence, state.revision);
        }
    }

    fn complete(&mut self, mut join: Box<Join>, missed: Vec<Arc<Entry>>) {
        self.sequencer.rejoined(join.client);
        let client = self.clients.get(&join.client).copied();
        if client.is_some_and(|state| state.account != join.owner.account) {
            return join.outbox.end(EndReason::ForeignClient);
        }
        let resync = self.check_resume(&mut join, &missed);
        if let Some(reason) = resync {
            join.outbox.frame(Frame::Resync(v1::Resync { reason: reason.into() }));
        }
        let last_sequence = client.map_or(0, |state| state.sequence.0);
        join.outbox.frame(Frame::Welcome(self.welcome(&join, last_sequence)));
        let sight = self.replay(&join, missed);
        let account = join.owner.account;
        self.clients.entry(join.client).or_insert_with(|| ClientState::new(account));
        let Join { key, session_id, owner, client, outbox, .. } = *join;
        self.presences.join(key, session_id, &owner);
        let allowance = Bucket::full(self.shared.limits.session_edits(), Instant::now());
        self.sessions.insert(key, Session { client, owner, outbox, allowance, sight });
    }

    /// Decides whether the client can go on; if not, it starts afresh and is told why.
    fn check_resume(&self, join: &mut Join, missed: &[Arc<Entry>]) -> Option<v1::resync::Reason> {
        let (epoch, revision) = join.resume?;
        let reason = if epoch != self.epoch || revision > self.sequencer.head() {
            Some(v1::resync::Reason::Epoch)
        } else if revision < self.sequencer.oldest() && missed.is_empty() {
            Some(v1::resync::Reason::Compacted)
        } else {
            None
        };
        if reason.is_some() {
            join.resume = None;
        }
        reason
    }

    fn welcome(&self, join: &Join, last_sequence: u64) -> v1::Welcome {
        let fresh = join.resume.is_none();
        let limits = &self.shared.limits;
        v1::Welcome {
            session_id: join.session_id.clone(),
            client_id: convert::client_id_to_wire(join.client),
            epoch: self.epoch,
            revision: join.resume.map_or(self.sequencer.head(), |(_, revision)| revision).0,
            committed_revision: self.committed.borrow().min(self.sequencer.head()).0,
            role: join.owner.role.into(),
            columns: if fresh { self.wire_columns() } else { Vec::new() },
            row_count: if fresh { self.state.row_count() } else { 0 },
            limits: Some(v1::Limits {
                message_bytes: limits.message_bytes,
                edits_per_second: limits.edits_per_second,
                edits_burst: limits.edits_burst,
                account_edits_per_second: limits.account_edits_per_second,
                account_edits_burst: limits.account_edits_burst,
                account_calls_per_second: limits.account_calls_per_second,
                account_calls_burst: limits.account_calls_burst,
                frame_bytes: FRAME_BYTES_MOST as u32,
                ..convert::limits_to_wire(&self.shared.edit_limits)
            }),
            resumed: !fresh,
            last_sequence,
            name: self.name.to_string(),
        }
    }

    fn wire_columns(&self) -> Vec<v1::Column> {
        self.state.columns().iter().map(crate::fanout::cells::column_to_wire).collect()
    }

    /// Queues what a client missed. Its window is in the positions of its resume point, and its
    /// stream carries it through the replay, as is done here to know where it ends.
    fn replay(&self, join: &Join, missed: Vec<Arc<Entry>>) -> Sight {
        let mut sight = Sight::new(join.window.clone());
        join.outbox.push(Outgoing::Window(join.window.clone()));
        let Some((_, revision)) = join.resume else { return sight };
        let from = missed.last().map_or(revision, |entry| entry.revision);
        let mut changes = missed
            .into_iter()
            .map(|entry| Arc::new(PublishedChange::new(entry)))
            .chain(self.log.after(from))
            .inspect(|change| sight.follow(change))
            .map(Item::Change)
            .peekable();
        while changes.peek().is_some() {
            let items = changes.by_ref().take(REPLAY_CHANGES).collect();
            join.outbox.push_missed(Arc::new(Published::new(items)));
        }
        drop(changes);
        sight
    }
}

/// Looks a client id up in the operation log.
async fn client_state(
    shared: &Shared,
    sheet: SheetId,
    client: ClientId,
) -> Result<Option<ClientState>, EndReason> {
    match shared.records.client_state(sheet, client).await {
        Ok(state) => Ok(state.map(|state| ClientState {
            account: state.account,
            sequence: state.sequence,
            revision: state.revision,
        })),
        Err(error) => {
            tracing::warn!(%sheet, %error, "a client could not be looked up");
            Err(EndReason::Unavailable)
        }
    }
}
