//! Decides which session becomes part of the sheet, when, and from where it resumes.
//!
//! A session whose client id or whose missed changes are not in memory waits for a lookup. Its frames wait
//! with it, so that a client may send edits right after `Hello`. Other sessions do not wait.
//!
//! Not here: the lookup itself, and the frames to an admitted session (`actor`). No I/O.
//!
//! Invariant: each session is admitted once or refused once, its frames follow its admission in their
//! order, and the sheet never has more sessions than its limit, the waiting ones included.

use std::mem;
use std::sync::Arc;

use gridloom::v1::resync::Reason;
use ot_engine::{ClientId, Revision};
use rustc_hash::FxHashMap;

use crate::api::message::{ClientMessage, Join, Roles};
use crate::fanout::published::SessionKey;
use crate::fanout::session::EndReason;
use crate::fanout::sessions::SessionOwner;
use crate::memory::EditHold;
use crate::ordering::clients::ClientState;
use crate::refusal::Refusal;
use model::sizes::{EARLY_BYTES, EARLY_BYTES_OF_SHEET};
use model::{AccountId, Entry};

/// Changes that a client may have missed and still resume; with more it loads the sheet again.
const RESUME_CHANGES: u64 = 100_000;
/// Frames that one session may send before it is admitted.
const EARLY_FRAMES: usize = 1_024;

/// Sessions that wait for their turn or for a lookup.
pub(crate) struct Admission {
    epoch: u64,
    /// Sessions that the sheet may have.
    sessions_most: usize,
    waiting: FxHashMap<SessionKey, Waiting>,
    /// The size of the frames of all sessions that wait, in bytes.
    bytes: usize,
}

struct Waiting {
    join: Box<Join>,
    frames: Vec<ClientMessage>,
    holds: Vec<EditHold>,
    /// The size of the frames, in bytes.
    bytes: usize,
}

/// The sheet's state in memory when a session asks to join.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// Whether the client's last edit and its last commands are in memory.
    pub(crate) client: bool,
    /// The newest revision.
    pub(crate) head: Revision,
    /// The changes after this revision are in memory.
    pub(crate) oldest: Revision,
}

/// The decision on a session that asks to join.
pub(crate) enum Decision {
    /// It is admitted, with nothing to look up.
    Admit(Admitted),
    /// Its lookup begins; [`Admission::found`] ends it.
    LookUp(Lookup),
}

/// The reads of the log that a session needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lookup {
    pub(crate) session: SessionKey,
    pub(crate) account: AccountId,
    /// The client whose last edit and last commands are looked up.
    pub(crate) client: Option<ClientId>,
    /// The changes from here to `until` are read.
    pub(crate) after: Option<Revision>,
    pub(crate) until: Revision,
}

/// The outcome of a [`Lookup`].
pub(crate) struct Found {
    pub(crate) session: SessionKey,
    /// The last edit under each id of the client that has one.
    pub(crate) clients: Result<Vec<(ClientId, ClientState)>, EndReason>,
    pub(crate) missed: Result<Vec<Arc<Entry>>, Refusal>,
}

/// A session that is admitted.
pub(crate) struct Admitted {
    pub(crate) join: Box<Join>,
    /// The last edit under each id of the client, if it was looked up and there is one.
    pub(crate) clients: Vec<(ClientId, ClientState)>,
    /// The changes that it missed, as far as they are no longer in memory.
    pub(crate) missed: Vec<Arc<Entry>>,
    /// The frames that it sent meanwhile, and the room that they take.
    pub(crate) frames: Vec<ClientMessage>,
    pub(crate) hold: EditHold,
}

impl Admission {
    pub(crate) fn new(epoch: u64, sessions_most: usize) -> Self {
        Self { epoch, sessions_most, waiting: FxHashMap::default(), bytes: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// A session asks to join. It waits, and its frames with it, until [`Admission::decide`].
    ///
    /// # Errors
    /// The join, when the sheet has as many sessions as it may have.
    pub(crate) fn arrive(
        &mut self,
        join: Box<Join>,
        sessions: usize,
    ) -> Result<(), (Box<Join>, EndReason)> {
        if sessions + self.waiting.len() >= self.sessions_most {
            return Err((join, EndReason::TooMany));
        }
        self.waiting
            .insert(join.key, Waiting { join, frames: Vec::new(), holds: Vec::new(), bytes: 0 });
        Ok(())
    }

    /// The client of a session that waits. `None`: the session has left.
    pub(crate) fn client(&self, session: SessionKey) -> Option<ClientId> {
        self.waiting.get(&session).map(|waiting| waiting.join.client)
    }

    /// Decides on a session at its turn. `None`: the session has left.
    pub(crate) fn decide(&mut self, session: SessionKey, known: Known) -> Option<Decision> {
        let join = &self.waiting.get(&session)?.join;
        let client = (join.presented && !known.client).then_some(join.client);
        let after = self.missed_from(join, known);
        if client.is_some() || after.is_some() {
            let (account, until) = (join.owner.account, known.oldest);
            return Some(Decision::LookUp(Lookup { session, account, client, after, until }));
        }
        let Waiting { join, frames, holds, .. } = self.remove(session)?;
        let (missed, hold) = (Vec::new(), EditHold::all(holds));
        Some(Decision::Admit(Admitted { join, clients: Vec::new(), missed, frames, hold }))
    }

    /// The resume point, when changes after it are no longer in memory.
    fn missed_from(&self, join: &Join, known: Known) -> Option<Revision> {
        let (epoch, revision) = join.resume?;
        let recent = known.head.0.saturating_sub(revision.0) <= RESUME_CHANGES;
        (epoch == self.epoch && recent && revision < known.oldest).then_some(revision)
    }

    /// Keeps the frames of a session that waits, and returns those of any other session.
    ///
    /// # Errors
    /// The join of a session that sent more frames than the server keeps, with the reason.
    pub(crate) fn frames(
        &mut self,
        session: SessionKey,
        frames: Vec<ClientMessage>,
        hold: &EditHold,
    ) -> Result<Vec<ClientMessage>, (Box<Join>, EndReason)> {
        let Some(waiting) = self.waiting.get_mut(&session) else { return Ok(frames) };
        let bytes: usize = frames.iter().map(ClientMessage::bytes).sum();
        waiting.bytes += bytes;
        self.bytes += bytes;
        waiting.frames.extend(frames);
        waiting.holds.push(hold.clone());
        let of_session = waiting.frames.len() > EARLY_FRAMES || waiting.bytes > EARLY_BYTES;
        if of_session || self.bytes > EARLY_BYTES_OF_SHEET {
            return self
                .leave(session)
                .map_or(Ok(Vec::new()), |join| Err((join, EndReason::Early)));
        }
        Ok(Vec::new())
    }

    /// A session that waits has left, or is ended; its join, if it waited.
    pub(crate) fn leave(&mut self, session: SessionKey) -> Option<Box<Join>> {
        self.remove(session).map(|waiting| waiting.join)
    }

    fn remove(&mut self, session: SessionKey) -> Option<Waiting> {
        let waiting = self.waiting.remove(&session)?;
        self.bytes -= waiting.bytes;
        Some(waiting)
    }

    /// A session that waits continues under another token.
    pub(crate) fn refresh(&mut self, session: SessionKey, token_hash: [u8; 32]) {
        if let Some(waiting) = self.waiting.get_mut(&session) {
            waiting.join.owner.token_hash = token_hash;
        }
    }

    /// Removes the sessions that wait under a token.
    pub(crate) fn revoke(&mut self, token_hash: [u8; 32]) -> Vec<Join> {
        self.remove_where(|join| join.owner.token_hash == token_hash)
    }

    fn remove_where(&mut self, which: impl Fn(&Join) -> bool) -> Vec<Join> {
        let removed = self.waiting.extract_if(|_, it| which(&it.join));
        let removed: Vec<Waiting> = removed.map(|(_, waiting)| waiting).collect();
        self.bytes -= removed.iter().map(|waiting| waiting.bytes).sum::<usize>();
        removed.into_iter().map(|waiting| *waiting.join).collect()
    }

    /// The owners of the sessions that wait.
    pub(crate) fn owners(&mut self) -> impl Iterator<Item = &mut SessionOwner> {
        self.waiting.values_mut().map(|waiting| &mut waiting.join.owner)
    }

    /// Sets the roles of the sessions that wait. Removes those whose account has none.
    pub(crate) fn set_roles(&mut self, roles: &Roles) -> Vec<Join> {
        for waiting in self.waiting.values_mut() {
            let owner = &mut waiting.join.owner;
            if let Some(Some(role)) = roles.newer(owner) {
                owner.role = role;
                owner.role_asked = roles.asked;
            }
        }
        self.remove_where(|join| roles.newer(&join.owner) == Some(None))
    }

    /// Removes all sessions that wait, because the sheet closes.
    pub(crate) fn close(&mut self) -> impl Iterator<Item = Box<Join>> {
        self.bytes = 0;
        mem::take(&mut self.waiting).into_values().map(|waiting| waiting.join)
    }

    /// Ends the lookup of a session. `None`: the session has left meanwhile.
    pub(crate) fn found(
        &mut self,
        found: Found,
    ) -> Option<Result<Admitted, (Box<Join>, EndReason)>> {
        let Waiting { join, frames, holds, .. } = self.remove(found.session)?;
        let clients = match found.clients {
            Ok(clients) => clients,
            Err(reason) => return Some(Err((join, reason))),
        };
        let missed = match found.missed {
            Ok(missed) => missed,
            // Without the changes the session loads the sheet again, and receives the reason.
            Err(Refusal::Compacted { .. }) => Vec::new(),
            Err(_) => return Some(Err((join, EndReason::Unavailable))),
        };
        Some(Ok(Admitted { join, clients, missed, frames, hold: EditHold::all(holds) }))
    }

    /// The revision at which a client resumes, or the reason why it loads the sheet again.
    ///
    /// # Errors
    /// The reason of the `Resync`.
    pub(crate) fn resume(
        &self,
        asked: Option<(u64, Revision)>,
        missed: &[Arc<Entry>],
        known: Known,
    ) -> Result<Option<Revision>, Reason> {
        let Some((epoch, revision)) = asked else { return Ok(None) };
        if epoch != self.epoch || revision > known.head {
            return Err(Reason::Epoch);
        }
        // More changes may have left memory since the lookup began: those that it read must reach to the oldest
        // one in memory.
        let read = missed.last().map_or(revision, |last| last.revision);
        if read < known.oldest { Err(Reason::Compacted) } else { Ok(Some(revision)) }
    }
}

#[cfg(test)]
mod tests;
