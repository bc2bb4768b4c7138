//! The edits of one writer: those on the way, and those that were accepted.

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
    /// Accepted and not yet committed: the revision, and when the edit was due.
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

    /// Whether all edits that were sent are answered and committed.
    pub(super) fn is_settled(&self) -> bool {
        self.unanswered.is_empty() && self.uncommitted.is_empty()
    }

    /// The last revision of this writer.
    pub(super) fn last(&self) -> Revision {
        self.accepted.last().map_or(Revision(0), |entry| entry.revision)
    }

    /// An edit was accepted. Gives when it was due.
    pub(super) fn accept(&mut self, sequence: Sequence, revision: Revision) -> Option<Ticks> {
        let sent = self.answer(sequence)?;
        self.accepted.push(Entry { revision, written: sent.written });
        self.uncommitted.push_back((revision, sent.at));
        Some(sent.at)
    }

    /// An edit was refused, or lost to a resync.
    pub(super) fn refuse(&mut self, sequence: Sequence) {
        self.answer(sequence);
    }

    /// Everything up to `revision` is in Postgres. Calls `each` with the time at which an edit was due.
    pub(super) fn commit(&mut self, revision: Revision, mut each: impl FnMut(Ticks)) {
        while let Some((first, sent)) = self.uncommitted.front()
            && *first <= revision
        {
            each(*sent);
            self.uncommitted.pop_front();
        }
    }

    /// Answers come in the order of sending, except for edits that a resync lost.
    fn answer(&mut self, sequence: Sequence) -> Option<Sent> {
        let at = self.unanswered.iter().position(|sent| sent.sequence == sequence)?;
        self.unanswered.remove(at)
    }
}
