//! The weight of a delta: the memory, the cells and the runs that it costs to keep and to transform.
//!
//! Not here: any limit of a weight. Invariant: `bytes` is never less than what the delta occupies in memory, in the
//! binary form of [`codec`](crate::codec), or in a protobuf message with one field for each item.

use std::ops::Add;

use super::{ColumnEdit, Delta, Edit};
use crate::{TextDelta, TextRun, Value};

/// Bytes of a cell, a run or a column edit without its texts: positions, numbers, lengths, the head of an allocation.
const ITEM_BYTES: usize = 64;
/// Bytes of a run of a text edit without its text.
const TEXT_RUN_BYTES: usize = 48;
/// Bytes of a delta without its items, shared and as an entry of a log.
const DELTA_BYTES: usize = 256;

/// What a delta, or several together, cost to keep and to transform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// Bytes of memory, at most.
    pub bytes: usize,
    /// Cell edits.
    pub cells: usize,
    /// Runs of both axes and of text edits, and column edits.
    pub runs: usize,
}

impl Weight {
    /// The weight of nothing.
    pub const ZERO: Self = Self { bytes: 0, cells: 0, runs: 0 };

    /// The steps of a transform over one delta of this weight: its cells and runs, plus one.
    #[must_use]
    pub const fn work(self) -> usize {
        self.cells.saturating_add(self.runs).saturating_add(1)
    }
}

impl Add for Weight {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_add(other.bytes),
            cells: self.cells.saturating_add(other.cells),
            runs: self.runs.saturating_add(other.runs),
        }
    }
}

impl std::iter::Sum for Weight {
    fn sum<I: Iterator<Item = Self>>(weights: I) -> Self {
        weights.fold(Self::ZERO, Add::add)
    }
}

impl Delta {
    /// The weight of the delta. It visits each item once.
    #[must_use]
    pub fn weight(&self) -> Weight {
        let axes = self.rows.runs().len() + self.cols.runs().len();
        let start = Weight {
            bytes: DELTA_BYTES + axes * ITEM_BYTES,
            cells: self.cells.len(),
            runs: axes + self.columns.len(),
        };
        let cells = self.cells.iter().map(|cell| of_edit(&cell.edit));
        let columns = self.columns.iter().map(of_column);
        start + cells.chain(columns).sum::<Weight>()
    }
}

impl Edit {
    /// The most bytes that the edit occupies, with its position.
    #[must_use]
    pub fn bytes(&self) -> usize {
        of_edit(self).bytes
    }
}

fn of_edit(edit: &Edit) -> Weight {
    match (edit, edit.as_set()) {
        (Edit::Text(edit), _) => of_text(edit),
        (_, Some(Value::Text(text))) => bytes(ITEM_BYTES + text.len()),
        _ => bytes(ITEM_BYTES),
    }
}

fn of_text(edit: &TextDelta) -> Weight {
    let inserted = |run: &TextRun| match run {
        TextRun::Insert(new) => new.len(),
        TextRun::Retain(_) | TextRun::Delete(_) => 0,
    };
    let runs = edit.runs().len();
    let texts: usize = edit.runs().iter().map(inserted).sum();
    Weight { runs, ..bytes(ITEM_BYTES + runs * TEXT_RUN_BYTES + texts) }
}

fn of_column(edit: &ColumnEdit) -> Weight {
    bytes(
        ITEM_BYTES
            + edit.name.as_ref().map_or(0, |name| name.len())
            + edit.settings.as_ref().map_or(0, |settings| settings.len()),
    )
}

const fn bytes(bytes: usize) -> Weight {
    Weight { bytes, ..Weight::ZERO }
}
