//! Transforms two concurrent text deltas ([`transform`](TextDelta::transform)) and composes two
//! consecutive ones ([`compose`](TextDelta::compose)).
//!
//! It knows no cells. It is the classic algorithm for linear text (as in ot.js and ShareDB's
//! `text-unicode`). Cost: one pass over the runs of both.
//!
//! Invariant: TP1, with one tie rule: at one place the earlier change's insert stands left.

use super::builder::{Builder, New};
use super::run::{length, take};
use super::{TextDelta, TextRun};

impl TextDelta {
    /// Transforms `self`, which is earlier in history, and `second` against each other. The result is
    /// `(self', second')`, and `text . self . second' == text . second . self'`.
    #[must_use]
    pub fn transform(&self, second: &Self) -> (Self, Self) {
        let (mut a, mut b) = (Cursor::new(self), Cursor::new(second));
        let (mut first, mut later) = (Builder::default(), Builder::default());
        loop {
            if let Some(new) = a.insert(u32::MAX) {
                first.insert(new);
                later.retain(length(new.as_str()));
            } else if let Some(new) = b.insert(u32::MAX) {
                first.retain(length(new.as_str()));
                later.insert(new);
            } else if a.is_done() && b.is_done() {
                let (first, later) = (first.finish(), later.finish());
                return (Self::from_normal(first), Self::from_normal(later));
            } else {
                let count = a.left().min(b.left());
                match (a.walk(count), b.walk(count)) {
                    (Old::Kept, Old::Kept) => {
                        first.retain(count.into());
                        later.retain(count.into());
                    }
                    (Old::Deleted, Old::Kept) => first.delete(count.into()),
                    (Old::Kept, Old::Deleted) => later.delete(count.into()),
                    (Old::Deleted, Old::Deleted) => {}
                }
            }
        }
    }

    /// The effect of `self` and then `second`, as one change.
    #[must_use]
    pub fn compose(&self, second: &Self) -> Self {
        let (mut a, mut b) = (Cursor::new(self), Cursor::new(second));
        let mut both = Builder::default();
        loop {
            if let Some(new) = b.insert(u32::MAX) {
                both.insert(new);
            } else if let Some(count) = a.delete() {
                both.delete(count.into());
            } else if let Some(new) = a.insert(b.left()) {
                // The second change keeps or deletes the characters that the first inserts.
                if b.walk(length(new.as_str()) as u32) == Old::Kept {
                    both.insert(new);
                }
            } else if a.is_done() && b.is_done() {
                return Self::from_normal(both.finish());
            } else {
                let count = a.left().min(b.left());
                a.walk(count);
                match b.walk(count) {
                    Old::Kept => both.retain(count.into()),
                    Old::Deleted => both.delete(count.into()),
                }
            }
        }
    }
}

/// The state of old characters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Old {
    Kept,
    Deleted,
}

/// A position in the runs, also inside a run. After the last run every character is kept.
struct Cursor<'a> {
    runs: std::slice::Iter<'a, TextRun>,
    run: Option<Rest<'a>>,
}

/// The rest of a run.
enum Rest<'a> {
    Old(Old, u32),
    New(New<'a>),
}

impl<'a> Cursor<'a> {
    fn new(delta: &'a TextDelta) -> Self {
        let mut cursor = Self { runs: delta.runs().iter(), run: None };
        cursor.next_run();
        cursor
    }

    fn next_run(&mut self) {
        self.run = self.runs.next().map(|run| match run {
            TextRun::Retain(count) => Rest::Old(Old::Kept, *count),
            TextRun::Delete(count) => Rest::Old(Old::Deleted, *count),
            TextRun::Insert(new) => Rest::New(New::Whole(new)),
        });
    }

    const fn is_done(&self) -> bool {
        self.run.is_none()
    }

    /// At an insert: takes its next characters, at most `most`.
    fn insert(&mut self, most: u32) -> Option<New<'a>> {
        let Some(Rest::New(new)) = self.run else { return None };
        let mut rest = new.as_str();
        let part = if most == u32::MAX { std::mem::take(&mut rest) } else { take(&mut rest, most) };
        if rest.is_empty() {
            self.next_run();
            // `new` is the whole run, or all that earlier calls left of it.
            return Some(new);
        }
        self.run = Some(Rest::New(New::Part(rest)));
        Some(New::Part(part))
    }

    /// At a delete: takes the rest of it.
    fn delete(&mut self) -> Option<u32> {
        let Some(Rest::Old(Old::Deleted, count)) = self.run else { return None };
        self.next_run();
        Some(count)
    }

    /// How many old characters the current run still covers.
    const fn left(&self) -> u32 {
        match self.run {
            Some(Rest::Old(_, count)) => count,
            Some(Rest::New(_)) => 0,
            None => u32::MAX,
        }
    }

    /// Takes `count` old characters of the current run; at most [`Cursor::left`].
    fn walk(&mut self, count: u32) -> Old {
        let Some(Rest::Old(state, left)) = &mut self.run else { return Old::Kept };
        let state = *state;
        *left -= count;
        if *left == 0 {
            self.next_run();
        }
        state
    }
}
