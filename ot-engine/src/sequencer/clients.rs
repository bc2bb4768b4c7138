//! The sequence numbers and answers of each client, so that a resend is not applied twice.
//!
//! It knows no sessions and no deltas.
//!
//! Invariant: each number of a client is used once, and the answers to staged edits are kept.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::entry::EntryConflict;
use crate::{ClientId, Revision, Sequence};

/// Answers to durable edits that are kept for each client. It is more than a client has in flight, so
/// that every resend of an unanswered edit finds its answer. All answers to staged edits are kept.
const MAX_ANSWERS: usize = 256;

/// Valid sequence numbers.
const NUMBERS: std::ops::RangeInclusive<u64> = 1..=Sequence::LAST.0;

#[derive(Debug, Default)]
pub(super) struct Clients {
    by_id: FxHashMap<ClientId, Client>,
}

#[derive(Debug)]
struct Client {
    /// The last used number, of an accepted or a refused edit.
    last: Sequence,
    /// Whether numbers after `last` may be missing, because refused edits are not in the log.
    may_skip: bool,
    /// Accepted edits, oldest first.
    answers: VecDeque<Answer>,
}

#[derive(Debug)]
struct Answer {
    sequence: Sequence,
    revision: Revision,
    /// Number of the edit's own conflicts; the history has them.
    conflicts: u32,
}

/// The state of a sequence number.
pub(super) enum Known {
    /// The number of the next edit.
    Next,
    /// An accepted edit has the number; with the number of its conflicts.
    Accepted(Revision, u32),
    /// An earlier number is missing: this one must come next.
    Gap(Sequence),
    /// The number is used, and its answer is not kept. This one must come next.
    Used(Sequence),
    /// The number is not valid.
    OutOfRange,
}

impl Clients {
    pub(super) fn look_up(&self, id: ClientId, sequence: Sequence) -> Known {
        if !NUMBERS.contains(&sequence.0) {
            return Known::OutOfRange;
        }
        // The log of a client that is not known here may contain later numbers.
        let Some(client) = self.by_id.get(&id) else { return Known::Next };
        let expected = client.last.next();
        if sequence > expected && !client.may_skip {
            return Known::Gap(expected);
        }
        if sequence >= expected {
            return Known::Next;
        }
        match client.answers.binary_search_by_key(&sequence, |answer| answer.sequence) {
            Ok(index) => {
                let answer = &client.answers[index];
                Known::Accepted(answer.revision, answer.conflicts)
            }
            Err(_) => Known::Used(expected),
        }
    }

    pub(super) fn accepted(
        &mut self,
        id: ClientId,
        sequence: Sequence,
        revision: Revision,
        conflicts: &[EntryConflict],
    ) {
        let own = conflicts.iter().filter(|it| it.author == id && it.revision == revision);
        let conflicts = u32::try_from(own.count()).unwrap_or(u32::MAX);
        let client = self.use_up(id, sequence);
        client.answers.push_back(Answer { sequence, revision, conflicts });
    }

    /// The client's edits up to `revision` are durable: drops the oldest answers above the limit.
    pub(super) fn durable(&mut self, id: ClientId, revision: Revision) {
        let Some(client) = self.by_id.get_mut(&id) else { return };
        while client.answers.len() > MAX_ANSWERS
            && client.answers.front().is_some_and(|oldest| oldest.revision <= revision)
        {
            client.answers.pop_front();
        }
    }

    pub(super) fn refused(&mut self, id: ClientId, sequence: Sequence) {
        self.use_up(id, sequence);
    }

    fn use_up(&mut self, id: ClientId, sequence: Sequence) -> &mut Client {
        let new = || Client { last: sequence, may_skip: false, answers: VecDeque::new() };
        let client = self.by_id.entry(id).or_insert_with(new);
        client.last = sequence;
        client.may_skip = false;
        client
    }

    /// Rolls back an accepted edit: its number and the later ones are free again.
    pub(super) fn roll_back(&mut self, id: ClientId, sequence: Sequence) {
        if let Some(client) = self.by_id.get_mut(&id) {
            // Answers ascend, so the ones to remove are the newest.
            while client.answers.back().is_some_and(|newest| newest.sequence >= sequence) {
                client.answers.pop_back();
            }
            client.last = Sequence(sequence.0 - 1).min(client.last);
            client.may_skip = true;
            if client.last == Sequence(0) {
                // As if it had never sent an edit.
                self.by_id.remove(&id);
            }
        }
    }

    pub(super) fn restore(&mut self, id: ClientId, last: Sequence, revision: Revision) {
        let answer = Answer { sequence: last, revision, conflicts: 0 };
        let restored = Client { last, may_skip: true, answers: VecDeque::from([answer]) };
        // The state of a client that this process knows is newer than the log.
        self.by_id.entry(id).or_insert(restored);
    }

    pub(super) fn rejoined(&mut self, id: ClientId) {
        if let Some(client) = self.by_id.get_mut(&id) {
            client.may_skip = true;
        }
    }

    /// Forgets a client without an accepted edit.
    pub(super) fn forget_refused(&mut self, id: ClientId) {
        if self.by_id.get(&id).is_some_and(|client| client.answers.is_empty()) {
            self.by_id.remove(&id);
        }
    }

    /// How many clients are known.
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn forget(&mut self, id: ClientId) {
        self.by_id.remove(&id);
    }

    pub(super) fn check_invariants(&self, durable: Revision, head: Revision) {
        for client in self.by_id.values() {
            let kept = client.answers.iter().filter(|answer| answer.revision <= durable).count();
            assert!(kept <= MAX_ANSWERS, "answers are bounded");
            let ascend =
                |a: &Answer, b: &Answer| a.sequence < b.sequence && a.revision < b.revision;
            assert!(client.answers.iter().is_sorted_by(|a, b| ascend(a, b)), "answers ascend");
            let newest = client.answers.back();
            assert!(newest.is_none_or(|last| last.sequence <= client.last), "last number");
            assert!(newest.is_none_or(|last| last.revision <= head), "answers beyond the head");
        }
    }
}
