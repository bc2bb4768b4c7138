//! A core, the tables that it commits to, and the events and faults of both.
//!
//! A core that stops is opened again for the entries that the tables lack, as a sheet is. Not here: the driver.
//!
//! Invariants, checked with each ask: a batch continues the core's head, and is within the limits of a transaction;
//! a pause is within the limit of its cause; a core waits only when every entry is committed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ot_engine::Revision;

use super::super::backlog::Backlog;
use super::super::merged::BatchLimits;
use super::super::outage::{LONGEST_BACKOFF, RETRY_DEFECT};
use super::super::pace::{AGE_LIMIT, REST_LIMIT};
use super::super::{Ask, Durability, LEASE_INTERVAL, Lease, Stop};
use crate::durability::sample::{Maker, SHEET, Tables};
use crate::state::WriteSet;
use model::{CommitBatch, Entry, Origin};
use store::StoreError;

const LIMITS: BatchLimits = BatchLimits { entries: 12, cells: 9, bytes: 1_000 };

/// What goes wrong with one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// The tables ignore the ask, and the answer is that Postgres is away.
    Away,
    /// The tables carry the ask out, and the answer is that Postgres is away.
    AnswerLost,
    /// The ask fails for a reason that does not end with an outage.
    Defect,
    OtherNode,
    Acquired,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) fault: Fault,
    pub(super) millis: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Move {
    Edit {
        place: u32,
        bytes: usize,
        restores: bool,
    },
    /// Answers the outstanding ask, or asks.
    Answer(Answer),
    /// Another node commits so many entries, and may report it.
    OtherCommits {
        entries: usize,
        reported: bool,
    },
    Reopen,
}

pub(super) struct World {
    now: Instant,
    core: Durability,
    outstanding: Option<Ask>,
    tables: Tables,
    maker: Maker,
    entries: Vec<(Arc<Entry>, WriteSet)>,
    /// When each entry reached this core.
    arrived: Vec<Instant>,
    quarantine: Option<Revision>,
    /// The tables refuse this entry.
    poison: Option<Revision>,
    set_aside: Option<(Revision, String)>,
    /// The longest pause that the last failure allows.
    pause: Duration,
    asks: usize,
}

impl World {
    pub(super) fn new(poison: Option<u64>) -> Self {
        let now = Instant::now();
        Self {
            now,
            core: open(Revision(0), None),
            outstanding: None,
            tables: Tables::default(),
            maker: Maker::default(),
            entries: Vec::new(),
            arrived: Vec::new(),
            quarantine: None,
            poison: poison.map(Revision),
            set_aside: None,
            pause: Duration::ZERO,
            asks: 0,
        }
    }

    pub(super) fn step(&mut self, step: Move) {
        match step {
            _ if self.set_aside.is_some() => {}
            Move::Edit { place, bytes, restores } => self.edit(place, bytes, restores),
            Move::Answer(answer) => match self.outstanding.take() {
                Some(ask) => self.answer(ask, answer),
                None => self.ask(),
            },
            Move::OtherCommits { entries, reported } => self.other_commits(entries, reported),
            Move::Reopen => {
                self.core.on_closed();
                self.outstanding = None;
                self.reopen();
            }
        }
    }

    /// Nothing fails any more: everything is committed, or the sheet is set aside, within few asks.
    pub(super) fn run_to_end(&mut self) {
        self.asks = 0;
        let most = 100 + 20 * self.entries.len();
        let answer = Answer { fault: Fault::None, millis: 1 };
        while self.set_aside.is_none() && !matches!(self.outstanding, Some(Ask::Wait)) {
            self.step(Move::Answer(answer));
            assert!(self.asks < most, "no progress: {:?}", self.core);
        }
    }

    pub(super) fn check(&self) {
        let poison = self.poison.filter(|poison| *poison <= self.maker.head());
        let Some(poison) = poison else {
            assert_eq!((&self.set_aside, self.quarantine), (&None, None));
            return self.tables.check(&self.maker);
        };
        let before: Vec<_> = (1..poison.0).map(Revision).collect();
        assert_eq!(self.tables.log, before, "all entries before the refused one");
        let (head, reason) = self.set_aside.as_ref().expect("the sheet is set aside");
        assert_eq!(head.next(), poison);
        assert!(reason.contains(&poison.to_string()), "{reason}");
    }

    fn edit(&mut self, place: u32, bytes: usize, restores: bool) {
        let origin = if restores { Origin::Restore } else { Origin::Edit };
        let entry = self.maker.write(place, bytes, origin);
        let writes = self.maker.apply(&entry);
        self.core.on_entry(self.now, entry.clone(), writes.clone());
        self.entries.push((entry, writes));
        self.arrived.push(self.now);
        // What arrives ends a wait.
        self.outstanding.take_if(|ask| matches!(ask, Ask::Wait | Ask::SleepUntil(_)));
    }

    fn other_commits(&mut self, count: usize, reported: bool) {
        let lacking = self.entries.iter().skip(self.tables.head.0 as usize).take(count);
        for (entry, writes) in lacking {
            if Some(entry.revision) == self.poison {
                break;
            }
            self.tables.commit_entry(entry, writes);
        }
        if reported {
            self.core.on_committed_by_other(self.tables.head);
            self.outstanding.take_if(|ask| matches!(ask, Ask::Wait | Ask::SleepUntil(_)));
        }
    }

    fn reopen(&mut self) {
        self.core = open(self.tables.head, self.quarantine);
        self.pause = Duration::ZERO;
        for (at, (entry, writes)) in self.entries.iter().enumerate() {
            if entry.revision > self.tables.head {
                self.core.on_entry(self.now, entry.clone(), writes.clone());
                self.arrived[at] = self.now;
            }
        }
    }

    fn ask(&mut self) {
        self.asks += 1;
        let ask = self.core.next(self.now);
        match &ask {
            Ask::Wait => assert_eq!(self.core.head(), self.maker.head(), "an entry is forgotten"),
            Ask::SleepUntil(until) => self.check_pause(*until),
            Ask::Commit(batch) => self.check_batch(batch),
            Ask::Report(head) => assert!(*head <= self.tables.head, "it is not committed"),
            _ => {}
        }
        self.outstanding = Some(ask);
    }

    fn check_pause(&self, until: Instant) {
        assert!(until > self.now && until - self.now <= self.pause, "{:?}", self.core);
        if self.pause == REST_LIMIT {
            let oldest = self.arrived[self.core.head().0 as usize];
            assert!(until <= oldest + AGE_LIMIT, "a rest beyond the age: {:?}", self.core);
        }
    }

    fn check_batch(&self, batch: &CommitBatch) {
        assert_eq!(batch.previous, self.core.head());
        let revisions = batch.entries.iter().map(|entry| entry.revision.0);
        assert!(revisions.eq(batch.previous.0 + 1..=batch.head.0), "in order, without gaps");
        let bytes: usize = batch.entries.iter().map(|entry| journal::entry_bytes(entry)).sum();
        let alone = batch.entries.len() == 1;
        assert!(alone || bytes <= LIMITS.bytes, "{bytes} bytes");
        assert!(alone || batch.row_patches.len() <= LIMITS.cells);
        assert!(batch.entries.len() <= LIMITS.entries);
        assert!(alone || self.quarantine.is_none_or(|until| batch.head > until), "in quarantine");
        let restores = |entry: &Arc<Entry>| entry.origin.restores_lines();
        assert!(!batch.entries.iter().skip(1).any(restores), "it begins a batch");
    }

    fn answer(&mut self, ask: Ask, Answer { fault, millis }: Answer) {
        self.now += Duration::from_millis(millis);
        let now = self.now;
        let failed = |fault| matches!(fault, Fault::Away | Fault::AnswerLost | Fault::Defect);
        let away = || StoreError::Unavailable("away".into());
        match ask {
            Ask::Lease => self.answer_lease(fault),
            Ask::Head if failed(fault) => self.core.on_head(now, Err(away())),
            Ask::Head => self.core.on_head(now, Ok(self.tables.head)),
            Ask::Turn => self.core.on_turn(now),
            Ask::Commit(batch) => self.answer_commit(&batch, fault),
            Ask::NoteOrder if failed(fault) => self.core.on_order_noted(Err(away())),
            Ask::NoteOrder => self.core.on_order_noted(Ok(())),
            Ask::SetAside(..) if failed(fault) => {
                self.quarantine = None;
                self.pause = RETRY_DEFECT;
                self.core.on_set_aside(now, Err(away()));
            }
            Ask::SetAside(head, reason) => {
                self.core.on_set_aside(now, Ok(()));
                assert!(matches!(self.core.next(now), Ask::Stop(Stop::SetAside)));
                self.set_aside = Some((head, reason));
            }
            Ask::EndQuarantine => self.quarantine = None,
            Ask::SleepUntil(until) => self.now = now.max(until),
            Ask::Report(_) | Ask::Wait => {}
            Ask::Stop(stop) => {
                if let Stop::Quarantine(until) = stop {
                    self.quarantine = Some(until);
                }
                self.reopen();
            }
        }
    }

    fn answer_lease(&mut self, fault: Fault) {
        let lease = match fault {
            Fault::None | Fault::AnswerLost => Some(Lease::Kept),
            Fault::Acquired => Some(Lease::Acquired),
            Fault::OtherNode => Some(Lease::OtherNode),
            Fault::Away | Fault::Defect => None,
        };
        if lease == Some(Lease::OtherNode) {
            self.pause = LEASE_INTERVAL;
        }
        self.core.on_lease(self.now, lease);
    }

    fn answer_commit(&mut self, batch: &CommitBatch, fault: Fault) {
        let refused = batch.entries.iter().any(|entry| Some(entry.revision) == self.poison);
        let (pause, answer) = match fault {
            Fault::Away => (LONGEST_BACKOFF, Err(StoreError::Unavailable("away".into()))),
            Fault::Defect => (RETRY_DEFECT, Err(StoreError::Internal("defect".into()))),
            _ if refused => (Duration::ZERO, Err(StoreError::Refused("never".into()))),
            Fault::AnswerLost => {
                let lost = StoreError::Unavailable("lost".into());
                (LONGEST_BACKOFF, self.tables.commit(batch).and(Err(lost)))
            }
            _ => (REST_LIMIT, self.tables.commit(batch).map(|_| ())),
        };
        self.pause = pause;
        self.core.on_commit(self.now, answer);
    }
}

fn open(head: Revision, quarantine: Option<Revision>) -> Durability {
    let mut core = Durability::new(SHEET, head, quarantine, 7);
    core.backlog = Backlog::new(LIMITS);
    core.backlog.single = quarantine.is_some();
    core
}
