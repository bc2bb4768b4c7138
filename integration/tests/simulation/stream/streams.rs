//! The streams, and the operations of the Redis scripts on them.
//!
//! Not calls: `stream` delays and loses those. Invariant: a stream's entries have no gap up to its head.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use integration::harness::Random;
use journal::{Followed, JournalError, Lease, OpenedStream, StreamId};
use model::{Entry, SheetId};
use ot_engine::Revision;
use tokio::sync::mpsc;
use tokio::time::Instant;
use uuid::Uuid;

/// How long a node holds a lease before it must renew it.
const LEASE: Duration = Duration::from_secs(5);
/// How long the other nodes wait for a node that lost an append conflict. In Redis a node must lose several
/// times in a row; here fewer appends run at once.
const TURN: Duration = Duration::from_millis(50);
/// Committed entries that a stream keeps: so few that lagging nodes miss some.
const KEPT: usize = 4;

/// All streams, their leases and their listeners.
#[derive(Debug)]
pub(super) struct State {
    pub(super) random: Random,
    pub(super) streams: BTreeMap<SheetId, Stream>,
    pub(super) leases: BTreeMap<SheetId, (usize, Instant)>,
    pub(super) turns: BTreeMap<SheetId, (usize, Instant)>,
    pub(super) listeners: Vec<(SheetId, mpsc::UnboundedSender<Message>)>,
    /// Appends in flight without a caller, which arrive later.
    pub(super) orphans: Vec<(usize, StreamId, Vec<Arc<Entry>>)>,
    /// Whether appends are refused.
    pub(super) full: bool,
    /// What each node holds and does not know to be committed.
    pub(super) held: BTreeMap<(usize, SheetId), BTreeSet<Revision>>,
    /// Stream ids so far.
    pub(super) names: u128,
    pub(super) seen: BTreeSet<&'static str>,
}

/// One sheet's entries.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) id: StreamId,
    pub(super) head: Revision,
    pub(super) committed: Revision,
    /// In order and without a gap, up to the head.
    pub(super) entries: Vec<Arc<Entry>>,
}

/// A message to a listener.
#[derive(Clone, Debug)]
pub(super) enum Message {
    Entries(Vec<Arc<Entry>>),
    Committed(Revision),
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: Random::from_seed(seed ^ 0x57ea),
            streams: BTreeMap::new(),
            leases: BTreeMap::new(),
            turns: BTreeMap::new(),
            listeners: Vec::new(),
            orphans: Vec::new(),
            full: false,
            held: BTreeMap::new(),
            names: 0,
            seen: BTreeSet::new(),
        }
    }

    /// A node has appended or applied entries.
    pub(super) fn hold(&mut self, node: usize, entries: &[Arc<Entry>]) {
        for entry in entries {
            self.held.entry((node, entry.sheet)).or_default().insert(entry.revision);
        }
    }

    /// A node holds nothing of a sheet up to a revision.
    pub(super) fn let_go(&mut self, node: usize, sheet: SheetId, revision: Revision) {
        if let Some(held) = self.held.get_mut(&(node, sheet)) {
            held.retain(|kept| *kept > revision);
        }
        self.held.retain(|_, held| !held.is_empty());
    }

    /// As `append.lua`.
    pub(super) fn append(
        &mut self,
        node: usize,
        id: StreamId,
        entries: &[Arc<Entry>],
    ) -> Result<(), JournalError> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(()) };
        let (sheet, previous) = (first.sheet, Revision(first.revision.0 - 1));
        let turn = self.turns.get(&sheet).filter(|(_, until)| Instant::now() < *until);
        let turn = turn.map(|(node, _)| *node);
        let stream = self.streams.get_mut(&sheet).filter(|stream| stream.id == id);
        let Some(stream) = stream else {
            self.seen.insert("gap");
            return Err(JournalError::Gap);
        };
        if self.full {
            self.seen.insert("full journal");
            return Err(JournalError::Full);
        }
        if stream.head != previous {
            self.seen.insert("lost");
            if turn.is_none() {
                self.turns.insert(sheet, (node, Instant::now() + TURN));
            }
            let theirs = stream.entries.iter().filter(|entry| entry.revision > previous);
            return Err(JournalError::Lost(theirs.cloned().collect()));
        }
        if turn.is_some_and(|turn| turn != node) {
            self.seen.insert("another's turn");
            return Err(JournalError::Lost(Vec::new()));
        }
        stream.entries.extend(entries.iter().cloned());
        stream.head = last.revision;
        self.turns.remove(&sheet);
        self.publish(sheet, &Message::Entries(entries.to_vec()));
        Ok(())
    }

    pub(super) fn publish(&mut self, sheet: SheetId, message: &Message) {
        let Self { listeners, random, seen, .. } = self;
        for (_, listener) in listeners.iter().filter(|(listened, _)| *listened == sheet) {
            if random.below(8) == 0 {
                seen.insert("event lost");
            } else {
                // The listener may be gone.
                let _ = listener.send(message.clone());
            }
        }
    }

    /// As `open.lua`, and the checks after it.
    pub(super) fn open_stream(&mut self, sheet: SheetId, head: Revision) -> OpenedStream {
        let Some(stream) = self.streams.get(&sheet) else {
            self.names += 1;
            let id = StreamId::named(Uuid::from_u128(self.names));
            let stream = Stream { id, head, committed: head, entries: Vec::new() };
            self.streams.insert(sheet, stream);
            self.seen.insert("stream begun");
            return OpenedStream::Begun(id);
        };
        if stream.head < head {
            self.streams.remove(&sheet);
            self.seen.insert("stream too old");
            return OpenedStream::Again;
        }
        let known = stream.entries.iter().filter(|entry| entry.revision >= head);
        let known: Vec<_> = known.cloned().collect();
        let next = known.iter().find(|entry| entry.revision > head);
        let whole = match next {
            Some(next) => next.revision == head.next(),
            None => stream.head == head,
        };
        if whole { OpenedStream::At(stream.id, known) } else { OpenedStream::Again }
    }

    pub(super) fn follow(
        &mut self,
        sheet: SheetId,
        id: StreamId,
        after: Revision,
    ) -> Result<Followed, JournalError> {
        let stream = self.streams.get(&sheet).filter(|stream| stream.id == id);
        let stream = stream.ok_or(JournalError::Gap)?;
        let entries = stream.entries.iter().filter(|entry| entry.revision > after);
        let entries: Vec<_> = entries.cloned().collect();
        let joins = entries.first().map_or(stream.head <= after, |e| e.revision == after.next());
        if !joins || stream.head < after {
            self.seen.insert("gap");
            return Err(JournalError::Gap);
        }
        Ok(Followed { entries, committed: Some(stream.committed) })
    }

    /// As `commit.lua`.
    pub(super) fn committed(&mut self, sheet: SheetId, revision: Revision) {
        let Some(stream) = self.streams.get_mut(&sheet).filter(|stream| revision <= stream.head)
        else {
            return;
        };
        stream.committed = stream.committed.max(revision);
        let done = stream.entries.iter().filter(|entry| entry.revision <= revision).count();
        stream.entries.drain(..done.saturating_sub(KEPT));
        self.publish(sheet, &Message::Committed(revision));
    }

    pub(super) fn lease(&mut self, node: usize, sheet: SheetId) -> Lease {
        let holder = self.leases.get(&sheet).filter(|(_, until)| Instant::now() < *until);
        let holder = holder.map(|(node, _)| *node);
        if holder.is_some_and(|holder| holder != node) {
            return Lease::HeldByOther;
        }
        let before = self.leases.insert(sheet, (node, Instant::now() + LEASE));
        if holder.is_some() {
            return Lease::Held;
        }
        if before.is_some_and(|(former, _)| former != node) {
            self.seen.insert("lease taken over");
        }
        Lease::Acquired
    }
}
