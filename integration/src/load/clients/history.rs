//! The edits of one writer: those in flight, and the accepted ones.
//!
//! Not their times. Invariant: an edit is answered once.

use std::collections::VecDeque;

use ot_engine::{Revision, Sequence};

use crate::load::measure::clock::Ticks;

/// One edit of one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Written {
    pub(crate) row: u32,
    pub(crate) col: u32,
    pub(crate) stamp: f64,
}

/// An edit with its place in the order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) revision: Revision,
    pub(crate) written: Written,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    sequence: Sequence,
    at: Ticks,
    written: Written,
}

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct History {
    unanswered: VecDeque<Sent>,
    /// Accepted and not yet committed: the revision, and when the edit was due.
    uncommitted: VecDeque<(Revision, Ticks)>,
    pub(crate) accepted: Vec<Entry>,
}

impl History {
    pub(crate) fn sent(&mut self, sequence: Sequence, at: Ticks, written: Written) {
        self.unanswered.push_back(Sent { sequence, at, written });
    }

    /// The number of edits in flight.
    pub(crate) fn unanswered(&self) -> usize {
        self.unanswered.len()
    }

    /// Whether all edits that were sent are answered and committed.
    pub(crate) fn is_settled(&self) -> bool {
        self.unanswered.is_empty() && self.uncommitted.is_empty()
    }

    /// The last revision of this writer.
    pub(crate) fn last(&self) -> Revision {
        self.accepted.last().map_or(Revision(0), |entry| entry.revision)
    }

    /// An edit was accepted. Gives when it was due.
    pub(crate) fn accept(&mut self, sequence: Sequence, revision: Revision) -> Option<Ticks> {
        let sent = self.answer(sequence)?;
        self.accepted.push(Entry { revision, written: sent.written });
        self.uncommitted.push_back((revision, sent.at));
        Some(sent.at)
    }

    /// An edit was refused, or lost to a resync.
    pub(crate) fn refuse(&mut self, sequence: Sequence) {
        self.answer(sequence);
    }

    /// Everything up to `revision` is in Postgres. Calls `each` with the time at which an edit was due.
    pub(crate) fn commit(&mut self, revision: Revision, mut each: impl FnMut(Ticks)) {
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
