//! The edit of a text: what stays, what goes and what is new, character by character.
//!
//! Lengths and places count Unicode scalar values, never bytes. Plain data: it does not know the text
//! that it was made for; [`TextDelta::reach`] says how long that must be at least.
//!
//! Invariant (normal form): no run is empty, no two runs of one kind are neighbours, an insert stands
//! before a delete at the same place, and a last retain is left out.

mod diff;
mod merge;

use std::sync::Arc;

/// A step of the walk over the old text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextRun {
    /// So many characters stay.
    Retain(u32),
    /// These characters are new here.
    Insert(Arc<str>),
    /// So many characters go.
    Delete(u32),
}

/// A change of a text. What is not walked over stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextDelta {
    runs: Arc<[TextRun]>,
}

impl TextDelta {
    /// The change that these runs describe, in normal form.
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
        builder.finish()
    }

    /// The change that takes `count` characters at `at` out and puts `new` there.
    #[must_use]
    pub fn splice(at: u32, count: u32, new: &str) -> Self {
        Self::from_runs([TextRun::Retain(at), TextRun::Insert(new.into()), TextRun::Delete(count)])
    }

    /// The runs, in normal form.
    #[must_use]
    pub fn runs(&self) -> &[TextRun] {
        &self.runs
    }

    /// Whether every character stays and none is new.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.runs.is_empty()
    }

    /// How many characters of the old text it walks over: the text must have at least as many.
    #[must_use]
    pub fn reach(&self) -> u64 {
        let walked = self.runs.iter().map(|run| match *run {
            TextRun::Retain(count) | TextRun::Delete(count) => u64::from(count),
            TextRun::Insert(_) => 0,
        });
        walked.sum()
    }

    /// How many bytes of text it brings.
    #[must_use]
    pub fn inserted_bytes(&self) -> usize {
        let new = self.runs.iter().map(|run| match run {
            TextRun::Insert(new) => new.len(),
            TextRun::Retain(_) | TextRun::Delete(_) => 0,
        });
        new.sum()
    }

    /// The text afterwards. Where the old text is too short, the change ends with it.
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

    /// The change that takes this one back, which was made on `old`.
    #[must_use]
    pub fn inverse(&self, old: &str) -> Self {
        let mut rest = old;
        let mut back = Builder::default();
        for run in &*self.runs {
            match run {
                TextRun::Retain(count) => {
                    take(&mut rest, *count);
                    back.retain((*count).into());
                }
                TextRun::Insert(new) => back.delete(length(new)),
                TextRun::Delete(count) => back.insert(New::Part(take(&mut rest, *count))),
            }
        }
        back.finish()
    }
}

impl TextDelta {
    /// The inverse as far as lengths go: what it brings back is blank. Enough to take this change out
    /// from under later ones.
    pub(crate) fn blank_inverse(&self) -> Self {
        let runs = self.runs.iter().map(|run| match run {
            TextRun::Retain(count) => TextRun::Retain(*count),
            TextRun::Insert(new) => TextRun::Delete(length(new) as u32),
            TextRun::Delete(count) => TextRun::Insert(" ".repeat(*count as usize).into()),
        });
        Self::from_runs(runs)
    }
}

/// Number of characters.
pub(crate) fn length(text: &str) -> u64 {
    text.chars().count() as u64
}

/// Cuts so many characters off the front, or as many as there are.
fn take<'a>(rest: &mut &'a str, count: u32) -> &'a str {
    let end = rest.char_indices().nth(count as usize).map_or(rest.len(), |(at, _)| at);
    let (head, tail) = rest.split_at(end);
    *rest = tail;
    head
}

/// New characters: those of a whole run, which can be shared, or some others.
#[derive(Clone, Copy)]
enum New<'a> {
    Whole(&'a Arc<str>),
    Part(&'a str),
}

impl<'a> New<'a> {
    fn as_str(self) -> &'a str {
        match self {
            Self::Whole(new) => new,
            Self::Part(new) => new,
        }
    }
}

/// The new characters of one place. A run that stays alone is shared; several are gathered in one
/// buffer, so that many short ones cost no more than their characters.
#[derive(Default)]
enum Fresh {
    #[default]
    Nothing,
    Whole(Arc<str>),
    Joined(String),
}

impl Fresh {
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

/// Puts runs together in normal form. Linear in the runs and in the characters that they bring.
#[derive(Default)]
struct Builder {
    runs: Vec<TextRun>,
    /// What is new at this place, not yet among the runs.
    new: Fresh,
    /// How many characters go at this place, likewise.
    gone: u64,
    /// How many stay since the last place that changed.
    kept: u64,
}

impl Builder {
    fn retain(&mut self, count: u64) {
        if count > 0 {
            self.close();
            self.kept += count;
        }
    }

    fn insert(&mut self, new: New<'_>) {
        self.new = std::mem::take(&mut self.new).and(new);
    }

    fn delete(&mut self, count: u64) {
        self.gone += count;
    }

    /// Ends the place: what changes there, in order, after what stays before it.
    fn close(&mut self) {
        if matches!(self.new, Fresh::Nothing) && self.gone == 0 {
            return;
        }
        let kept = std::mem::take(&mut self.kept);
        counted(&mut self.runs, kept, TextRun::Retain);
        self.runs.extend(std::mem::take(&mut self.new).into_run());
        let gone = std::mem::take(&mut self.gone);
        counted(&mut self.runs, gone, TextRun::Delete);
    }

    fn finish(mut self) -> TextDelta {
        self.close();
        TextDelta { runs: self.runs.into() }
    }
}

/// Adds a run of `count`, if any. No legal text is as long as a count can be: what is past it is past
/// the end of every text, and refused as such.
fn counted(runs: &mut Vec<TextRun>, count: u64, run: impl Fn(u32) -> TextRun) {
    if count > 0 {
        runs.push(run(u32::try_from(count).unwrap_or(u32::MAX)));
    }
}
