//! A sheet as a list of ids, its cache, its sessions, and outstanding answers, which arrive in any order.
//!
//! Not here: what a step of a read must be (`steps`), and which rows a look must receive (`oracle`). Law: once
//! every outstanding answer has arrived, no read is open, except those whose rows are lost.

mod steps;

use std::collections::{BTreeMap, BTreeSet};

use ot_engine::AxisDelta;
use proptest::sample::Index;

use super::oracle::Owed;
use super::*;

#[derive(Clone, Debug)]
pub(super) enum Event {
    Look {
        session: SessionKey,
        rows: Vec<Range<u32>>,
    },
    Read(Range<u32>),
    Insert {
        at: u32,
        count: u32,
    },
    Delete(Range<u32>),
    Move {
        rows: Range<u32>,
        to: u32,
    },
    /// One of the outstanding fetches arrives.
    Fetched(Index),
    Failed(Index),
    /// It never arrives.
    Lost(Index),
    /// Half of a queue becomes free: one of the waiting reads gets its credit.
    Credit(Index),
    Leave(SessionKey),
    /// The session's queue is full, or no longer.
    Fill(SessionKey),
    /// The cache gets rows.
    Cache(Range<u32>),
    /// The cache loses every second row.
    Evict,
}

/// An open look.
struct Open {
    session: SessionKey,
    owed: Owed,
    credit: bool,
    pieces: u32,
}

pub(super) struct World {
    pub(super) windows: Windows,
    sheet: Vec<u64>,
    next_row: u64,
    cache: BTreeSet<u64>,
    looks: BTreeMap<ReadId, Open>,
    /// Positions that open unary reads asked for.
    reads: BTreeMap<ReadId, Range<u32>>,
    /// The rows of each query.
    fetches: Vec<(ReadId, BTreeSet<u64>)>,
    waiting: Vec<ReadId>,
    full: BTreeSet<SessionKey>,
    /// Reads whose rows never arrive.
    lost: BTreeSet<ReadId>,
}

impl World {
    pub(super) fn new(rows: u32) -> Self {
        let sheet: Vec<u64> = (0..u64::from(rows)).collect();
        Self {
            windows: Windows::default(),
            next_row: sheet.len() as u64,
            sheet,
            cache: BTreeSet::new(),
            looks: BTreeMap::new(),
            reads: BTreeMap::new(),
            fetches: Vec::new(),
            waiting: Vec::new(),
            full: BTreeSet::new(),
            lost: BTreeSet::new(),
        }
    }

    fn row_count(&self) -> u32 {
        self.sheet.len() as u32
    }

    /// A part in thousandths as positions.
    fn positions(&self, part: &Range<u32>) -> Range<u32> {
        let at = |thousandths: u32| self.row_count() * thousandths / 1000;
        at(part.start)..at(part.end)
    }

    fn ids(&self, positions: Range<u32>) -> Vec<u64> {
        self.sheet[positions.start as usize..positions.end as usize].to_vec()
    }

    pub(super) fn play(&mut self, event: Event) {
        match event {
            Event::Look { session, rows } => {
                let rows: Vec<_> = rows.iter().map(|part| self.positions(part)).collect();
                self.look(session, rows);
            }
            Event::Read(part) => {
                // Some of it may be beyond the end.
                let rows = self.positions(&part);
                let rows = rows.start..rows.end + part.end % 7;
                let read = self.windows.read(rows.clone());
                self.reads.insert(read, rows);
                self.advance(read, &BTreeSet::new());
            }
            Event::Insert { at, count } => {
                let at = self.positions(&(0..at)).end;
                let rows: Vec<u64> = (self.next_row..).take(count as usize).collect();
                self.next_row += u64::from(count);
                self.follow(AxisDelta::insert(at, count));
                self.place(at, &rows);
            }
            Event::Delete(part) => {
                let rows = self.positions(&part);
                // A sheet that is gone soon tests little.
                let rows = rows.start..rows.end.min(rows.start + 50);
                self.follow(AxisDelta::delete(rows.start, rows.end - rows.start));
                self.remove(rows);
            }
            Event::Move { rows, to } => self.move_rows(rows, to),
            Event::Fetched(which) => {
                if let Some((read, rows)) = take(&mut self.fetches, which) {
                    self.fetched(read, &rows);
                }
            }
            Event::Failed(which) => {
                if let Some((read, _)) = take(&mut self.fetches, which) {
                    self.failed(read);
                }
            }
            Event::Lost(which) => {
                self.lost.extend(take(&mut self.fetches, which).map(|(read, _)| read));
            }
            Event::Credit(which) => {
                if let Some(read) = take(&mut self.waiting, which) {
                    self.credit(read);
                }
            }
            Event::Leave(session) => self.leave(session),
            Event::Fill(session) => {
                if !self.full.remove(&session) {
                    self.full.insert(session);
                }
            }
            Event::Cache(part) => self.cache.extend(self.ids(self.positions(&part))),
            Event::Evict => self.cache.retain(|row| row % 2 == self.next_row % 2),
        }
    }

    /// Every outstanding answer arrives: each open look gets all of its rows, and each read its answer.
    pub(super) fn finish(&mut self) {
        while !self.fetches.is_empty() || !self.waiting.is_empty() {
            if let Some((read, rows)) = self.fetches.pop() {
                self.fetched(read, &rows);
            }
            if let Some(read) = self.waiting.pop() {
                self.credit(read);
            }
        }
        let open: Vec<_> = self.looks.keys().chain(self.reads.keys()).collect();
        assert!(open.into_iter().all(|read| self.lost.contains(read)), "a read never ends");
    }

    fn look(&mut self, session: SessionKey, rows: Vec<Range<u32>>) {
        let of_session = self.looks.iter().filter(|(_, look)| look.session == session);
        let open: Vec<ReadId> = of_session.map(|(read, _)| *read).collect();
        if open.len() == LOOKS_PER_SESSION {
            self.looks.remove(&open[0]);
        }
        let owed = Owed::new(&self.sheet, &rows);
        let read = self.windows.look(session, rows, 0..9, self.row_count());
        self.looks.insert(read, Open { session, owed, credit: false, pieces: 0 });
        self.advance(read, &BTreeSet::new());
    }

    fn fetched(&mut self, read: ReadId, rows: &BTreeSet<u64>) {
        // The cache is small: of most queries it keeps a part.
        self.cache.extend(rows.iter().filter(|row| **row % 3 != 0));
        self.windows.on_fetched(read);
        self.advance(read, rows);
    }

    fn failed(&mut self, read: ReadId) {
        let open = self.looks.get(&read).map(|look| Reader::Session(look.session));
        let open = open.or(self.reads.remove(&read).map(|_| Reader::Caller));
        assert_eq!(self.windows.on_failed(read), open);
        if let Some(Reader::Session(session)) = open {
            self.looks.retain(|_, look| look.session != session);
        }
        self.advance(read, &BTreeSet::new());
    }

    fn credit(&mut self, read: ReadId) {
        if let Some(look) = self.looks.get_mut(&read) {
            look.credit = true;
        }
        self.windows.on_credit(read);
        self.advance(read, &BTreeSet::new());
    }

    fn leave(&mut self, session: SessionKey) {
        self.windows.forget(session);
        self.looks.retain(|_, look| look.session != session);
    }

    fn follow(&mut self, rows: AxisDelta) {
        self.windows.follow(&Delta { rows, ..Delta::identity() });
    }

    /// Puts rows at a position.
    fn place(&mut self, at: u32, rows: &[u64]) {
        let at = at as usize;
        let (before, after) = (at.checked_sub(1).map(|at| self.sheet[at]), self.sheet.get(at));
        for look in self.looks.values_mut() {
            look.owed.place(rows, before, after.copied());
        }
        self.sheet.splice(at..at, rows.iter().copied());
    }

    fn remove(&mut self, rows: Range<u32>) -> Vec<u64> {
        let removed: Vec<u64> = self.sheet.drain(rows.start as usize..rows.end as usize).collect();
        for look in self.looks.values_mut() {
            look.owed.delete(&removed);
        }
        removed
    }

    fn move_rows(&mut self, part: Range<u32>, to: u32) {
        let rows = self.positions(&part);
        let to = self.positions(&(0..to)).end;
        if rows.is_empty() || (rows.start..=rows.end).contains(&to) {
            return;
        }
        let count = rows.end - rows.start;
        self.follow(AxisDelta::move_lines(rows.start, count, to));
        let moved = self.remove(rows.clone());
        self.place(if to > rows.start { to - count } else { to }, &moved);
    }
}

fn take<T>(from: &mut Vec<T>, which: Index) -> Option<T> {
    (!from.is_empty()).then(|| from.swap_remove(which.index(from.len())))
}
