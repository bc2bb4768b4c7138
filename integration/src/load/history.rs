//! What one writer did: the edits on the way, and those that were accepted.

use std::collections::VecDeque;

use ot_engine::{Revision, Sequence};

use super::clock::Ticks;

/// One edit of one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Written {
    pub(super) row: u32,
    pub(super) col: u32,
    pub(super) stamp: f64,
}

/// An edit with its place in the order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) revision: Revision,
    pub(super) written: Written,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    sequence: Sequence,
    at: Ticks,
    written: Written,
}

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct History {
    unanswered: VecDeque<Sent>,
    /// Accepted, not known to be committed: the revision and when it was sent.
    uncommitted: VecDeque<(Revision, Ticks)>,
    pub(super) accepted: Vec<Entry>,
}

impl History {
    pub(super) fn sent(&mut self, sequence: Sequence, at: Ticks, written: Written) {
        self.unanswered.push_back(Sent { sequence, at, written });
    }

    /// How many edits are on the way.
    pub(super) fn unanswered(&self) -> usize {
        self.unanswered.len()
    }

    /// Whether everything that was sent is answered and in Postgres.
    pub(super) fn is_settled(&self) -> bool {
        self.unanswered.is_empty() && self.uncommitted.is_empty()
    }

    /// The last revision that is this writer's.
    pub(super) fn last(&self) -> Revision {
        self.accepted.last().map_or(Revision(0), |entry| entry.revision)
    }

    /// An edit was accepted. Gives when it was sent.
    pub(super) fn accept(&mut self, sequence: Sequence, revision: Revision) -> Option<Ticks> {
        let sent = self.answer(sequence)?;
        self.accepted.push(Entry { revision, written: sent.written });
        self.uncommitted.push_back((revision, sent.at));
        Some(sent.at)
    }

    /// An edit was refused, or given up.
    pub(super) fn refuse(&mut self, sequence: Sequence) {
        self.answer(sequence);
    }

    /// Everything up to `revision` is in Postgres. Tells of each edit when it was sent.
    pub(super) fn commit(&mut self, revision: Revision, mut each: impl FnMut(Ticks)) {
        while let Some((first, sent)) = self.uncommitted.front()
            && *first <= revision
        {
            each(*sent);
            self.uncommitted.pop_front();
        }
    }

    /// Answers come in the order of sending, but for edits that were given up.
    fn answer(&mut self, sequence: Sequence) -> Option<Sent> {
        let at = self.unanswered.iter().position(|sent| sent.sequence == sequence)?;
        self.unanswered.remove(at)
    }
}
