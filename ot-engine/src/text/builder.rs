//! Builds the runs of a text delta in normal form.
//!
//! It does not know the text. Cost: linear in the runs and in the inserted characters.
//!
//! Invariant (normal form): no run is empty, no two neighbours are of one kind, and the last run is not a
//! retain. An insert stands before a delete at the same place.

use std::sync::Arc;

use super::TextRun;

/// Inserted characters: those of a whole run, which can be shared, or a part of a text.
#[derive(Clone, Copy)]
pub(super) enum New<'a> {
    Whole(&'a Arc<str>),
    Part(&'a str),
}

impl<'a> New<'a> {
    pub(super) fn as_str(self) -> &'a str {
        match self {
            Self::Whole(new) => new,
            Self::Part(new) => new,
        }
    }
}

/// The characters inserted at one place. A single run stays shared; several runs share one buffer, so
/// that many short runs cost no more than their characters.
#[derive(Default)]
enum Inserted {
    #[default]
    Nothing,
    Whole(Arc<str>),
    Joined(String),
}

impl Inserted {
    fn and(self, new: New<'_>) -> Self {
        match (self, new) {
            (before, new) if new.as_str().is_empty() => before,
            (Self::Nothing, New::Whole(new)) => Self::Whole(Arc::clone(new)),
            (Self::Nothing, New::Part(new)) => Self::Joined(new.to_owned()),
            (Self::Whole(before), new) => Self::Joined(before.to_string()).and(new),
            (Self::Joined(mut before), new) => {
                before.push_str(new.as_str());
                Self::Joined(before)
            }
        }
    }

    fn into_run(self) -> Option<TextRun> {
        match self {
            Self::Nothing => None,
            Self::Whole(new) => Some(TextRun::Insert(new)),
            Self::Joined(new) => Some(TextRun::Insert(new.into())),
        }
    }
}

/// Collects runs in normal form.
#[derive(Default)]
pub(super) struct Builder {
    runs: Vec<TextRun>,
    /// Characters inserted at this place, not yet in `runs`.
    inserted: Inserted,
    /// Number of characters deleted at this place, not yet in `runs`.
    deleted: u64,
    /// Number of characters kept since the last changed place.
    kept: u64,
}

impl Builder {
    pub(super) fn retain(&mut self, count: u64) {
        if count > 0 {
            self.close();
            self.kept += count;
        }
    }

    pub(super) fn insert(&mut self, new: New<'_>) {
        self.inserted = std::mem::take(&mut self.inserted).and(new);
    }

    pub(super) fn delete(&mut self, count: u64) {
        self.deleted += count;
    }

    /// Ends the current place: appends the retain before it, then its insert and its delete.
    fn close(&mut self) {
        if matches!(self.inserted, Inserted::Nothing) && self.deleted == 0 {
            return;
        }
        let kept = std::mem::take(&mut self.kept);
        push_counted(&mut self.runs, kept, TextRun::Retain);
        self.runs.extend(std::mem::take(&mut self.inserted).into_run());
        let deleted = std::mem::take(&mut self.deleted);
        push_counted(&mut self.runs, deleted, TextRun::Delete);
    }

    pub(super) fn finish(mut self) -> Vec<TextRun> {
        self.close();
        self.runs
    }
}

/// Appends a run of `count` characters, if any. No valid text has `u32::MAX` characters, so validation
/// refuses a count that is cut to that.
fn push_counted(runs: &mut Vec<TextRun>, count: u64, run: impl Fn(u32) -> TextRun) {
    if count > 0 {
        runs.push(run(u32::try_from(count).unwrap_or(u32::MAX)));
    }
}
