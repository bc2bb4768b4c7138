//! Windows: the rows that each session has still to receive, and the open unary reads.
//!
//! A core without I/O: it decides the next [`Action`] of each read, and the actor does it. It works in positions
//! of the head alone. Not here: ids and bodies of rows (the actor, `row_cache`), queries (`ports`), frames
//! (`fanout`).
//!
//! A look is sent in pieces, bounded in rows and bytes, so a window on a million rows costs the server one
//! piece. The sheet may change between pieces: the rest of a look is mapped over each change.
//!
//! Invariants: a look sends each position at most once, and only on credit; a session has at most
//! [`LOOKS_PER_SESSION`] looks, and none once it is forgotten; a unary read is answered from one take.

mod action;
mod look;
mod ranges;
mod unary;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::ops::Range;

use ot_engine::Delta;
use rustc_hash::FxHashMap;

use crate::fanout::published::SessionKey;
pub(crate) use action::Action;
use look::Look;
use ranges::Ranges;
use unary::Unary;

/// Open looks of one session; a further look replaces the oldest.
const LOOKS_PER_SESSION: usize = 4;

/// Names one read of the sheet, and no other after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ReadId(u64);

/// The receiver of a read's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// A session that looks.
    Session(SessionKey),
    /// The caller of a unary read.
    Caller,
}

/// All open reads of one sheet.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    open: FxHashMap<ReadId, OpenRead>,
    /// The open looks of each session, oldest first.
    looks: FxHashMap<SessionKey, VecDeque<ReadId>>,
    last: u64,
}

#[derive(Debug)]
enum OpenRead {
    Look(Look),
    Unary(Unary),
}

impl Windows {
    /// Opens a look of a session at rows and columns of a sheet of `row_count` rows.
    pub(crate) fn look(
        &mut self,
        session: SessionKey,
        rows: Vec<Range<u32>>,
        cols: Range<u32>,
        row_count: u32,
    ) -> ReadId {
        // Rows that are inserted later reach the session as changes.
        let rows = rows.into_iter().map(|rows| rows.start..rows.end.min(row_count));
        let look = Look::new(session, Ranges::new(rows), cols);
        let read = self.open(OpenRead::Look(look));
        let looks = self.looks.entry(session).or_default();
        looks.push_back(read);
        if looks.len() > LOOKS_PER_SESSION
            && let Some(oldest) = looks.pop_front()
        {
            self.open.remove(&oldest);
        }
        read
    }

    /// Opens a unary read of these positions, as far as the sheet has them when it is answered.
    pub(crate) fn read(&mut self, rows: Range<u32>) -> ReadId {
        self.open(OpenRead::Unary(Unary::new(rows)))
    }

    /// Maps the looks over a change.
    pub(crate) fn follow(&mut self, delta: &Delta) {
        if delta.keeps_axes() {
            return;
        }
        for read in self.open.values_mut() {
            if let OpenRead::Look(look) = read {
                look.follow(delta);
            }
        }
    }

    /// Closes all looks of a session.
    pub(crate) fn forget(&mut self, session: SessionKey) {
        for read in self.looks.remove(&session).into_iter().flatten() {
            self.open.remove(&read);
        }
    }

    /// Whether no read is open.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The receiver of a read that is open.
    pub(crate) fn reader(&self, read: ReadId) -> Option<Reader> {
        self.open.get(&read).map(OpenRead::reader)
    }

    /// The next action of a read in a sheet of `row_count` rows. The actor does it before it asks again.
    pub(crate) fn next(&mut self, read: ReadId, row_count: u32) -> Action {
        let action = match self.open.get_mut(&read) {
            Some(OpenRead::Look(look)) => look.next(),
            Some(OpenRead::Unary(unary)) => unary.next(row_count),
            None => Action::Nothing,
        };
        if matches!(action, Action::SendEnd { .. } | Action::Answer { .. }) {
            self.close(read);
        }
        action
    }

    /// Half of the session's queue is free.
    pub(crate) fn on_credit(&mut self, read: ReadId) {
        if let Some(OpenRead::Look(look)) = self.open.get_mut(&read) {
            look.on_credit();
        }
    }

    /// So many rows of the last take are taken, of so many bytes.
    pub(crate) fn on_rows(&mut self, read: ReadId, rows: u32, bytes: usize) {
        match self.open.get_mut(&read) {
            Some(OpenRead::Look(look)) => look.on_rows(rows, bytes),
            Some(OpenRead::Unary(unary)) => unary.on_rows(rows),
            None => {}
        }
    }

    /// The fetched rows are in memory for the next take.
    pub(crate) fn on_fetched(&mut self, read: ReadId) {
        match self.open.get_mut(&read) {
            Some(OpenRead::Look(look)) => look.on_fetched(),
            Some(OpenRead::Unary(unary)) => unary.on_fetched(),
            None => {}
        }
    }

    /// The fetch has failed: closes the read, and all looks of its session, which the
    /// actor ends. Returns the receiver of a read that was open.
    pub(crate) fn on_failed(&mut self, read: ReadId) -> Option<Reader> {
        let reader = self.close(read);
        if let Some(Reader::Session(session)) = reader {
            self.forget(session);
        }
        reader
    }

    fn open(&mut self, read: OpenRead) -> ReadId {
        self.last += 1;
        self.open.insert(ReadId(self.last), read);
        ReadId(self.last)
    }

    fn close(&mut self, read: ReadId) -> Option<Reader> {
        let reader = self.open.remove(&read)?.reader();
        if let Reader::Session(session) = reader
            && let Some(looks) = self.looks.get_mut(&session)
        {
            looks.retain(|look| *look != read);
            if looks.is_empty() {
                self.looks.remove(&session);
            }
        }
        Some(reader)
    }

    /// Checks the bookkeeping.
    ///
    /// # Panics
    /// When it is wrong, which is a defect of this module.
    #[cfg(test)]
    fn check_invariants(&self) {
        let of_session = |read: &OpenRead| matches!(read, OpenRead::Look(_));
        let looks = self.open.values().filter(|read| of_session(read)).count();
        assert_eq!(looks, self.looks.values().map(VecDeque::len).sum::<usize>());
        for (session, looks) in &self.looks {
            assert!((1..=LOOKS_PER_SESSION).contains(&looks.len()));
            let reader = Some(Reader::Session(*session));
            assert!(looks.iter().all(|read| self.reader(*read) == reader));
        }
    }
}

impl OpenRead {
    const fn reader(&self) -> Reader {
        match self {
            Self::Look(look) => Reader::Session(look.session),
            Self::Unary(_) => Reader::Caller,
        }
    }
}
