//! Many small changes in a row as one, without composing the sum again for each.
//!
//! Parts are composed in pairs that cover equally many changes, as carries are in a binary counter.
//! Composition is associative, so the order of the pairs does not matter. A position at the head is followed
//! through the parts, which are few. Invariant: each change is composed and indexed about as often as the number
//! of changes has binary digits.

use std::cell::OnceCell;

use ot_engine::{AxisDelta, AxisMap, Delta, compose};

use super::renamed::{Renamed, renames};

/// The sum of the changes so far.
#[derive(Debug, Default)]
pub(super) struct Sum {
    /// The first is the oldest and covers the most.
    parts: Vec<Part>,
}

/// Some changes in a row.
#[derive(Debug)]
pub(super) struct Part {
    /// How often it was doubled.
    doubled: u32,
    delta: Delta,
    rows: OnceCell<AxisMap>,
    cols: OnceCell<AxisMap>,
    /// Its new names of columns, once one is asked for.
    renamed: Option<Renamed>,
}

impl Sum {
    pub(super) fn add(&mut self, delta: Delta) {
        let (mut doubled, mut delta) = (0, delta);
        while let Some(before) = self.parts.pop_if(|before| before.doubled == doubled) {
            delta = compose(&before.delta, &delta);
            doubled += 1;
        }
        let (rows, cols) = (OnceCell::new(), OnceCell::new());
        self.parts.push(Part { doubled, delta, rows, cols, renamed: None });
    }

    pub(super) fn finish(mut self) -> Delta {
        let mut sum = self.parts.pop().map(|part| part.delta).unwrap_or_default();
        while let Some(before) = self.parts.pop() {
            sum = compose(&before.delta, &sum);
        }
        sum
    }

    /// Where a row of the head is now; `None` when it is deleted.
    pub(super) fn row(&self, at: u32) -> Option<u32> {
        self.parts.iter().try_fold(at, |at, part| map_line(&part.delta.rows, &part.rows, at))
    }

    /// Where a column of the head is now; `None` when it is deleted.
    pub(super) fn column(&self, at: u32) -> Option<u32> {
        self.parts.iter().try_fold(at, |at, part| part.column(at))
    }

    /// The parts, oldest first.
    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Takes the names that a part gives, to be put back after the lookup.
    pub(super) fn take_renamed(&mut self, index: usize) -> Option<Renamed> {
        let part = self.parts.get_mut(index)?;
        let (axis, edits) = (&part.delta.cols, &part.delta.columns);
        Some(part.renamed.take().unwrap_or_else(|| Renamed::of(axis, edits)))
    }

    /// See [`Sum::take_renamed`].
    pub(super) fn put_renamed(&mut self, index: usize, renamed: Renamed) {
        if let Some(part) = self.parts.get_mut(index) {
            part.renamed = Some(renamed);
        }
    }
}

impl Part {
    /// Where a column is after this part.
    pub(super) fn column(&self, at: u32) -> Option<u32> {
        map_line(&self.delta.cols, &self.cols, at)
    }

    /// Whether this part gives the column at `at`, a position after it, another name.
    pub(super) fn renames(&self, at: u32) -> bool {
        renames(&self.delta.columns, at)
    }
}

fn map_line(axis: &AxisDelta, map: &OnceCell<AxisMap>, at: u32) -> Option<u32> {
    if axis.is_identity() {
        return Some(at);
    }
    map.get_or_init(|| AxisMap::new(axis)).map_line(at)
}
