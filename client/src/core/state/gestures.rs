//! The place of the edits, and the gestures that they are parts of: what an undo goes by.
//!
//! It makes no undo. Invariant: a group is kept while its edit is unanswered, so an edit that is sent again has it.

use std::collections::VecDeque;

use ot_engine::Sequence;

/// The group of each unanswered edit that has one.
#[derive(Clone, Debug, Default)]
pub(in crate::core) struct Gestures {
    /// The group of the edits from now on; 0: each is a gesture of its own.
    pub(in crate::core) group: u64,
    groups: VecDeque<(Sequence, u64)>,
    /// The group of the last edit.
    last: u64,
}

impl Gestures {
    /// Those of a restored sheet.
    pub(in crate::core) fn restored(groups: impl IntoIterator<Item = (Sequence, u64)>) -> Self {
        Self { groups: groups.into_iter().collect(), ..Self::default() }
    }

    /// Whether the next edit belongs to another gesture than the last one. Edits without a group do not stay apart from
    /// each other: a program that names none may have them joined.
    pub(in crate::core) const fn is_another(&self) -> bool {
        self.group != self.last
    }

    /// Notes an edit of the current group. `first` is the first unanswered edit.
    pub(in crate::core) fn note(&mut self, sequence: Sequence, first: Sequence) {
        self.last = self.group;
        while self.groups.front().is_some_and(|(of, _)| *of < first) {
            self.groups.pop_front();
        }
        if self.group != 0 && self.groups.back().is_none_or(|(of, _)| *of < sequence) {
            self.groups.push_back((sequence, self.group));
        }
    }

    /// The group of an unanswered edit; 0 for none.
    pub(in crate::core) fn of(&self, sequence: Sequence) -> u64 {
        let found = self.groups.binary_search_by_key(&sequence, |(of, _)| *of);
        found.map_or(0, |at| self.groups[at].1)
    }

    /// The groups of all unanswered edits that have one.
    pub(in crate::core) fn all(&self) -> impl Iterator<Item = (Sequence, u64)> {
        self.groups.iter().copied()
    }
}
