//! Sessions whose last event is not in Postgres yet: one record for each, however many events it had.
//!
//! Plain data. Invariant: it never holds more than [`WAITING_SESSIONS`]; past it, the oldest of those
//! go whose end is known, since what is open matters more than what was.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use model::{AccountId, SessionRecord, SheetId};

/// Some ten megabytes.
const WAITING_SESSIONS: usize = 50_000;

/// The waiting records, by the number of the session: in the order of opening.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    records: BTreeMap<u64, Pending>,
    /// The record of the failed attempts of an account at a sheet.
    failing: FxHashMap<(SheetId, AccountId), u64>,
    lost: u64,
}

/// A record, and for how many failed attempts it stands: none, when the session was opened.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pending {
    record: SessionRecord,
    attempts: u32,
}

impl Pending {
    fn key(&self) -> (SheetId, AccountId) {
        (self.record.sheet, self.record.account)
    }

    /// The record as Postgres stores it.
    pub(super) fn to_record(&self) -> SessionRecord {
        let mut record = self.record.clone();
        if let Some(end) = record.end.as_mut().filter(|_| self.attempts > 1) {
            end.detail = format!("{} ({} attempts)", end.detail, self.attempts);
        }
        record
    }
}

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The newest event of a session.
    pub(super) fn put(&mut self, record: SessionRecord) {
        self.records.insert(record.id.number, Pending { record, attempts: 0 });
        self.shrink();
    }

    /// An attempt that failed. Clients retry: one record counts all attempts, from the first to the last.
    pub(super) fn put_failure(&mut self, record: SessionRecord) {
        self.put_attempts(Pending { record, attempts: 1 });
    }

    /// Takes back records that could not be written; newer events of a session stay.
    pub(super) fn put_back(&mut self, batch: Vec<Pending>) {
        for pending in batch {
            if pending.attempts > 0 {
                self.put_attempts(pending);
            } else {
                self.records.entry(pending.record.id.number).or_insert(pending);
            }
        }
        self.shrink();
    }

    /// Takes out the oldest.
    pub(super) fn take(&mut self, most: usize) -> Vec<Pending> {
        let mut taken = Vec::with_capacity(most.min(self.records.len()));
        while taken.len() < most
            && let Some((number, pending)) = self.records.pop_first()
        {
            self.forget_failing(number, &pending);
            taken.push(pending);
        }
        taken
    }

    /// How many were dropped since it was last asked.
    pub(super) fn lost(&mut self) -> u64 {
        std::mem::take(&mut self.lost)
    }

    fn put_attempts(&mut self, pending: Pending) {
        let known =
            self.failing.get(&pending.key()).and_then(|number| self.records.get_mut(number));
        if let Some(known) = known {
            known.attempts = known.attempts.saturating_add(pending.attempts);
            known.record.opened_micros =
                known.record.opened_micros.min(pending.record.opened_micros);
            let at = |record: &SessionRecord| record.end.as_ref().map(|end| end.at_micros);
            if at(&pending.record) > at(&known.record) {
                known.record.end = pending.record.end;
            }
            return;
        }
        self.failing.insert(pending.key(), pending.record.id.number);
        self.records.insert(pending.record.id.number, pending);
        self.shrink();
    }

    fn shrink(&mut self) {
        while self.records.len() > WAITING_SESSIONS {
            let ended = self.records.iter().find(|(_, pending)| pending.record.end.is_some());
            let oldest = ended.or_else(|| self.records.iter().next()).map(|(number, _)| *number);
            let Some((number, pending)) =
                oldest.and_then(|number| self.records.remove_entry(&number))
            else {
                return;
            };
            self.forget_failing(number, &pending);
            self.lost += 1;
        }
    }

    fn forget_failing(&mut self, number: u64, pending: &Pending) {
        if self.failing.get(&pending.key()) == Some(&number) {
            self.failing.remove(&pending.key());
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use model::{ClientKind, Ended, NodeId, SessionEnd, SessionId};

    fn record(number: u64, end: Option<Ended>) -> SessionRecord {
        let at_micros = i64::try_from(number).unwrap_or(i64::MAX);
        SessionRecord {
            id: SessionId { node: NodeId(Uuid::nil()), number },
            sheet: SheetId(Uuid::nil()),
            account: AccountId(Uuid::nil()),
            client: ClientKind::Stream,
            opened_micros: at_micros,
            end: end.map(|how| SessionEnd { at_micros, how, detail: "why".into() }),
        }
    }

    fn taken(waiting: &mut Waiting) -> Vec<SessionRecord> {
        waiting.take(10).iter().map(Pending::to_record).collect()
    }

    #[test]
    fn an_opening_and_its_end_are_one_record() {
        let mut waiting = Waiting::default();
        waiting.put(record(1, None));
        let batch = waiting.take(10);
        waiting.put(record(1, Some(Ended::Closed)));
        waiting.put_back(batch);
        assert_eq!(taken(&mut waiting), [record(1, Some(Ended::Closed))]);
        assert!(waiting.is_empty());
    }

    #[test]
    fn attempts_that_fail_are_one_record() {
        let mut waiting = Waiting::default();
        waiting.put_failure(record(1, Some(Ended::Error)));
        waiting.put_failure(record(2, Some(Ended::Error)));
        // Also when a write of some of them failed, too.
        let batch = waiting.take(10);
        waiting.put_failure(record(3, Some(Ended::Error)));
        waiting.put_back(batch);
        let records = taken(&mut waiting);
        let [one] = &records[..] else { panic!("{records:?}") };
        let end = one.end.as_ref().expect("it ended");
        assert_eq!((one.opened_micros, end.at_micros), (1, 3));
        assert_eq!((end.how, end.detail.as_str()), (Ended::Error, "why (3 attempts)"));
        waiting.put_failure(record(4, Some(Ended::Error)));
        assert_eq!(waiting.take(10).len(), 1);
    }

    #[test]
    fn what_has_ended_goes_first_when_there_is_too_much() {
        let mut waiting = Waiting::default();
        for number in 0..WAITING_SESSIONS as u64 {
            waiting.put(record(number, (number == 7).then_some(Ended::Closed)));
        }
        waiting.put(record(u64::MAX, None));
        assert_eq!((waiting.records.contains_key(&7), waiting.lost()), (false, 1));
        waiting.put(record(u64::MAX - 1, None));
        assert_eq!((waiting.records.contains_key(&0), waiting.lost()), (false, 1));
        assert_eq!(waiting.records.len(), WAITING_SESSIONS);
    }
}
