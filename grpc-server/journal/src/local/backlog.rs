//! The appends that wait for the writer, and which of them share a frame.
//!
//! Small appends are written first: an edit of one person does not wait for the pastes of another. After a frame with
//! large ones the next frame has small ones alone, if any may be written, and the one after it has a large one again.
//!
//! Invariant: the appends of a sheet keep their order, and of two frames one has the oldest append that is large and stands
//! first of its sheet, so each is written.

use rustc_hash::FxHashSet;

use super::append::Append;
use model::SheetId;
use model::sizes::GROUP_BYTES;

/// The appends that wait.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    appends: Vec<Append>,
    /// The last frame had large appends.
    after_large: bool,
}

/// The appends of one frame.
#[derive(Debug, Default)]
struct Group {
    appends: Vec<Append>,
    bytes: usize,
}

impl Backlog {
    pub(super) fn is_empty(&self) -> bool {
        self.appends.is_empty()
    }

    pub(super) fn push(&mut self, append: Append) {
        self.appends.push(append);
    }

    /// Takes the appends of the next frame. Cost: the appends that wait.
    pub(super) fn take_group(&mut self) -> Vec<Append> {
        let mut group = Group::default();
        let mut left = group.take(std::mem::take(&mut self.appends), 0, Append::is_small);
        let small = group.appends.len();
        if small == 0 || !self.after_large {
            left = group.take(left, 1, |append| !append.is_small());
        }
        self.after_large = group.appends.len() > small;
        self.appends = left;
        group.appends
    }
}

impl Group {
    /// Takes those that are wanted, `least` of them also where they pass the size of a group; returns the others.
    fn take(
        &mut self,
        waiting: Vec<Append>,
        mut least: usize,
        wanted: impl Fn(&Append) -> bool,
    ) -> Vec<Append> {
        let mut passed = FxHashSet::<SheetId>::default();
        let mut left = Vec::new();
        for append in waiting {
            let fits = least > 0 || self.bytes + append.records.len() <= GROUP_BYTES;
            let follows = append.entries.iter().all(|entry| !passed.contains(&entry.sheet));
            if wanted(&append) && fits && follows {
                least = least.saturating_sub(1);
                self.bytes += append.records.len();
                self.appends.push(append);
            } else {
                passed.extend(append.entries.iter().map(|entry| entry.sheet));
                left.push(append);
            }
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::tests::entry;
    use model::sizes::SMALL_APPEND_BYTES;
    use tokio::sync::oneshot;

    /// An append of a sheet, with so many bytes.
    fn append(sheet: u128, revision: u64, bytes: usize) -> Append {
        let (done, _) = oneshot::channel();
        let entries = vec![entry(crate::local::tests::sheet(sheet), revision)];
        Append { entries, records: vec![0; bytes], done }
    }

    /// The frames, each as sheets with revisions.
    fn frames(backlog: &mut Backlog) -> Vec<Vec<(u128, u64)>> {
        let mut frames = Vec::new();
        while !backlog.is_empty() {
            let named = |append: &Append| {
                (append.entries[0].sheet.0.as_u128(), append.entries[0].revision.0)
            };
            frames.push(backlog.take_group().iter().map(named).collect());
        }
        frames
    }

    const LARGE: usize = GROUP_BYTES / 2 + 1;

    #[test]
    fn small_appends_pass_large_ones_but_not_those_of_their_sheet() {
        let mut backlog = Backlog::default();
        for (sheet, revision, bytes) in
            [(1, 1, LARGE), (1, 2, 10), (2, 1, LARGE), (3, 1, 10), (2, 2, 10), (3, 2, LARGE)]
        {
            backlog.push(append(sheet, revision, bytes));
        }
        let expected =
            vec![vec![(3, 1), (1, 1)], vec![(1, 2)], vec![(2, 1)], vec![(2, 2)], vec![(3, 2)]];
        assert_eq!(frames(&mut backlog), expected);
    }

    #[test]
    fn a_large_append_is_written_though_small_ones_arrive_without_end() {
        let mut backlog = Backlog::default();
        backlog.push(append(1, 1, LARGE));
        backlog.push(append(2, 1, GROUP_BYTES * 4));
        let mut large = 0;
        for revision in 1..=4 {
            for sheet in 100..100 + (2 * GROUP_BYTES / SMALL_APPEND_BYTES) as u128 {
                backlog.push(append(sheet, revision, SMALL_APPEND_BYTES));
            }
            let group = backlog.take_group();
            assert!(group[0].records.len() <= SMALL_APPEND_BYTES);
            large +=
                group.iter().filter(|append| append.records.len() > SMALL_APPEND_BYTES).count();
        }
        assert_eq!(large, 2);
    }
}
