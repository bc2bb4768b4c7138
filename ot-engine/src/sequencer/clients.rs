//! What each client has sent: the memory that makes a resend harmless.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::EntryConflict;
use crate::{ClientId, Revision, Sequence};

/// Answers to settled edits kept for each client. More than any client has in flight, so that every
/// resend of an unanswered edit finds its answer. Answers to edits that may be rolled back all stay.
const MAX_ANSWERS: usize = 256;

/// Sequence numbers that name an edit.
const NUMBERS: std::ops::RangeInclusive<u64> = 1..=Sequence::LAST.0;

#[derive(Debug, Default)]
pub(super) struct Clients {
    by_id: FxHashMap<ClientId, Client>,
}

#[derive(Debug)]
struct Client {
    /// The last number that was used, by an accepted edit or by a refused one.
    last: Sequence,
    /// Whether numbers after `last` may be missing: it is not known what was refused since.
    may_skip: bool,
    /// Accepted edits, oldest first.
    answers: VecDeque<Answer>,
}

#[derive(Debug)]
struct Answer {
    sequence: Sequence,
    revision: Revision,
    conflicts: Arc<[EntryConflict]>,
}

/// What a sequence number means.
pub(super) enum Known {
    /// It is the next edit.
    Next,
    /// It was accepted before.
    Accepted(Revision, Arc<[EntryConflict]>),
    /// The number given comes first.
    Gap(Sequence),
    /// It is used up, and there is no answer to give again.
    Used(Sequence),
    /// It names no edit of anybody, and changes nothing.
    OutOfRange,
}

impl Clients {
    pub(super) fn look_up(&self, id: ClientId, sequence: Sequence) -> Known {
        if !NUMBERS.contains(&sequence.0) {
            return Known::OutOfRange;
        }
        // A client that is not known here may be further on.
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
                Known::Accepted(answer.revision, answer.conflicts.clone())
            }
            Err(_) => Known::Used(expected),
        }
    }

    pub(super) fn accepted(
        &mut self,
        id: ClientId,
        sequence: Sequence,
        revision: Revision,
        conflicts: Arc<[EntryConflict]>,
    ) {
        let client = self.use_up(id, sequence);
        client.answers.push_back(Answer { sequence, revision, conflicts });
    }

    /// The client's edits up to `revision` are durable: the oldest answers beyond the limit go.
    pub(super) fn settled(&mut self, id: ClientId, revision: Revision) {
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

    /// An accepted edit was rolled back: its number is free again, and so are those after it.
    pub(super) fn take_back(&mut self, id: ClientId, sequence: Sequence) {
        if let Some(client) = self.by_id.get_mut(&id) {
            client.answers.retain(|answer| answer.sequence < sequence);
            client.last = Sequence(sequence.0 - 1).min(client.last);
            client.may_skip = true;
        }
    }

    pub(super) fn restore(&mut self, id: ClientId, last: Sequence, revision: Revision) {
        let answer = Answer { sequence: last, revision, conflicts: Arc::default() };
        let restored = Client { last, may_skip: true, answers: VecDeque::from([answer]) };
        // What this process has seen itself is newer than the log.
        self.by_id.entry(id).or_insert(restored);
    }

    pub(super) fn rejoined(&mut self, id: ClientId) {
        if let Some(client) = self.by_id.get_mut(&id) {
            client.may_skip = true;
        }
    }

    pub(super) fn forget(&mut self, id: ClientId) {
        self.by_id.remove(&id);
    }

    pub(super) fn check_invariants(&self, settled: Revision, head: Revision) {
        for client in self.by_id.values() {
            let kept = client.answers.iter().filter(|answer| answer.revision <= settled).count();
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
