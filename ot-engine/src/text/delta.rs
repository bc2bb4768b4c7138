//! The change of a text: runs over the old text.
//!
//! Plain data: it does not know the text. [`TextDelta::reach`] is the least length the text must have.
//!
//! Invariant: the runs are in normal form (see `builder.rs`).

use std::sync::Arc;

use super::TextRun;
use super::builder::{Builder, New};
use super::run::{length, take};

/// A change of a text. Characters after the last run stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextDelta {
    runs: Arc<[TextRun]>,
}

impl TextDelta {
    /// Brings any sequence of runs into normal form.
    #[must_use]
    pub fn from_runs(runs: impl IntoIterator<Item = TextRun>) -> Self {
        let mut builder = Builder::default();
        for run in runs {
            match run {
                TextRun::Retain(count) => builder.retain(count.into()),
                TextRun::Insert(new) => builder.insert(New::Whole(&new)),
                TextRun::Delete(count) => builder.delete(count.into()),
            }
        }
        Self::from_normal(builder.finish())
    }

    /// A change from runs that are in normal form already, as [`Builder::finish`] returns them.
    pub(super) fn from_normal(runs: Vec<TextRun>) -> Self {
        Self { runs: runs.into() }
    }

    /// Replaces `count` characters at `at` with `new`.
    #[must_use]
    pub fn splice(at: u32, count: u32, new: &str) -> Self {
        Self::from_runs([TextRun::Retain(at), TextRun::Insert(new.into()), TextRun::Delete(count)])
    }

    /// The runs, in normal form.
    #[must_use]
    pub fn runs(&self) -> &[TextRun] {
        &self.runs
    }

    /// Whether the change has no effect.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.runs.is_empty()
    }

    /// How many characters of the old text the runs cover. The text must have at least as many.
    #[must_use]
    pub fn reach(&self) -> u64 {
        let covered = self.runs.iter().map(|run| match *run {
            TextRun::Retain(count) | TextRun::Delete(count) => u64::from(count),
            TextRun::Insert(_) => 0,
        });
        covered.sum()
    }

    /// How many bytes of text the change inserts.
    #[must_use]
    pub fn inserted_bytes(&self) -> usize {
        let new = self.runs.iter().map(|run| match run {
            TextRun::Insert(new) => new.len(),
            TextRun::Retain(_) | TextRun::Delete(_) => 0,
        });
        new.sum()
    }

    /// The text after the change. Where the old text is too short, the runs end with it.
    #[must_use]
    pub fn apply(&self, old: &str) -> String {
        let mut rest = old;
        let mut text = String::with_capacity(old.len() + self.inserted_bytes());
        for run in &*self.runs {
            match run {
                TextRun::Retain(count) => text.push_str(take(&mut rest, *count)),
                TextRun::Insert(new) => text.push_str(new),
                TextRun::Delete(count) => {
                    take(&mut rest, *count);
                }
            }
        }
        text.push_str(rest);
        text
    }

    /// The inverse of this change on the text `old`.
    #[must_use]
    pub fn inverse(&self, old: &str) -> Self {
        let mut rest = old;
        let mut inverse = Builder::default();
        for run in &*self.runs {
            match run {
                TextRun::Retain(count) => {
                    take(&mut rest, *count);
                    inverse.retain((*count).into());
                }
                TextRun::Insert(new) => inverse.delete(length(new)),
                TextRun::Delete(count) => inverse.insert(New::Part(take(&mut rest, *count))),
            }
        }
        Self::from_normal(inverse.finish())
    }

    /// The inverse as far as lengths go: it inserts blanks for deleted characters. It suffices to
    /// remove this change from under later ones.
    pub(crate) fn blank_inverse(&self) -> Self {
        let runs = self.runs.iter().map(|run| match run {
            TextRun::Retain(count) => TextRun::Retain(*count),
            TextRun::Insert(new) => TextRun::Delete(length(new) as u32),
            TextRun::Delete(count) => TextRun::Insert(" ".repeat(*count as usize).into()),
        });
        Self::from_runs(runs)
    }
}
