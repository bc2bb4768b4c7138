//! Two changes of one text: side by side ([`transform`](TextDelta::transform)) and in a row
//! ([`compose`](TextDelta::compose)). Both walk the runs of both once.
//!
//! The classic algorithm for linear text (as in ot.js and ShareDB's `text-unicode`), with one rule of
//! ties: at one place the earlier change's insert stands left.

use super::{Builder, New, TextDelta, TextRun, length, take};

impl TextDelta {
    /// Both changes, each as it is applied after the other; `self` stands earlier in history. The
    /// law: `text . self . second' == text . second . self'`.
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
                return (first.finish(), later.finish());
            } else {
                let count = a.left().min(b.left());
                match (a.walk(count), b.walk(count)) {
                    (Old::Stays, Old::Stays) => {
                        first.retain(count.into());
                        later.retain(count.into());
                    }
                    (Old::Goes, Old::Stays) => first.delete(count.into()),
                    (Old::Stays, Old::Goes) => later.delete(count.into()),
                    (Old::Goes, Old::Goes) => {}
                }
            }
        }
    }

    /// `self`, then `second`, as one change.
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
                // The second walks over what the first brought.
                if b.walk(length(new.as_str()) as u32) == Old::Stays {
                    both.insert(new);
                }
            } else if a.is_done() && b.is_done() {
                return both.finish();
            } else {
                let count = a.left().min(b.left());
                a.walk(count);
                match b.walk(count) {
                    Old::Stays => both.retain(count.into()),
                    Old::Goes => both.delete(count.into()),
                }
            }
        }
    }
}

/// What becomes of old characters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Old {
    Stays,
    Goes,
}

/// A walk over the runs, where a run can be left half-way. Past the last run everything stays.
struct Cursor<'a> {
    runs: std::slice::Iter<'a, TextRun>,
    run: Option<Rest<'a>>,
}

/// What is left of a run.
enum Rest<'a> {
    Old(Old, u32),
    New(New<'a>),
}

impl<'a> Cursor<'a> {
    fn new(delta: &'a TextDelta) -> Self {
        let mut cursor = Self { runs: delta.runs.iter(), run: None };
        cursor.next_run();
        cursor
    }

    fn next_run(&mut self) {
        self.run = self.runs.next().map(|run| match run {
            TextRun::Retain(count) => Rest::Old(Old::Stays, *count),
            TextRun::Delete(count) => Rest::Old(Old::Goes, *count),
            TextRun::Insert(new) => Rest::New(New::Whole(new)),
        });
    }

    const fn is_done(&self) -> bool {
        self.run.is_none()
    }

    /// At an insert: its next characters, at most so many.
    fn insert(&mut self, most: u32) -> Option<New<'a>> {
        let Some(Rest::New(new)) = self.run else { return None };
        let mut rest = new.as_str();
        let part = if most == u32::MAX { std::mem::take(&mut rest) } else { take(&mut rest, most) };
        if rest.is_empty() {
            self.next_run();
            // None of it was taken before, or `new` is what was left.
            return Some(new);
        }
        self.run = Some(Rest::New(New::Part(rest)));
        Some(New::Part(part))
    }

    /// At a delete: all of it that is left.
    fn delete(&mut self) -> Option<u32> {
        let Some(Rest::Old(Old::Goes, count)) = self.run else { return None };
        self.next_run();
        Some(count)
    }

    /// How many old characters this run still walks over.
    const fn left(&self) -> u32 {
        match self.run {
            Some(Rest::Old(_, count)) => count,
            Some(Rest::New(_)) => 0,
            None => u32::MAX,
        }
    }

    /// Walks over old characters, no more than are left of this run.
    fn walk(&mut self, count: u32) -> Old {
        let Some(Rest::Old(fate, left)) = &mut self.run else { return Old::Stays };
        let fate = *fate;
        *left -= count;
        if *left == 0 {
            self.next_run();
        }
        fate
    }
}
