//! The inverses of text edits, carried over later edits of the same texts.
//!
//! An undo sets a value again, but of a text it removes only the characters of its target: characters of later
//! edits stay. So the inverse of each text edit is transformed over each later change of its cell, which is
//! found by its ids. Where a later change has set the cell, no inverse is left, unless the cell was set back to
//! an earlier state of the text (that change was undone).
//!
//! Read only. Not here: other edits (`inverse`). Cost: the cells of the changes since; a change of lines costs all
//! text edits of the target. Invariants: a carried inverse fits the cell's current text; earlier states of a text are
//! recognised by their hash, so they take no memory of their own.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};

use ot_engine::{AxisMap, CellEdit, ColumnId, Delta, Edit, RowId, TextDelta, Value};
use rustc_hash::FxHashMap;

use super::inverse::Place;
use crate::state::{Misfit, SheetState};
use model::Entry;

/// Older states of a text that are recognised when a cell is set back to one.
const TEXTS_REMEMBERED: usize = 64;

/// The inverse of one text edit, carried over later changes.
#[derive(Debug)]
struct Carried {
    id: (RowId, ColumnId),
    /// The position of its cell; `None` while its line is deleted.
    at: Option<(u32, u32)>,
    /// `None` while the cell has a value that a later change has set.
    inverse: Option<TextDelta>,
    /// The cell before the edit.
    before: Value,
    /// The cell after the last change.
    value: Value,
    /// The states since, each with the inverse at that time.
    seen: VecDeque<(TextState, TextDelta)>,
}

/// A state of a text: its length in bytes and its hash, whose key no caller knows. `None` for a value that is no text,
/// which no text edit leads to.
type TextState = Option<(usize, u64)>;

/// The inverses of all text edits of a change.
#[derive(Debug)]
pub(super) struct TextInverses {
    carried: Vec<Carried>,
    /// Which of them is in which cell.
    by_place: FxHashMap<(u32, u32), usize>,
    /// The sheet after the last change.
    state: SheetState,
    /// The key of the hashes.
    hasher: RandomState,
    /// The bytes of all texts and inverses.
    bytes: usize,
    /// The bytes of the texts that were edited and hashed so far.
    work: usize,
}

impl TextInverses {
    /// The inverses right after the target, where the sheet is `state`; `before` are the places' values before it.
    pub(super) fn new(places: &[Place], before: &[Value], state: SheetState) -> Self {
        let edits = places.iter().zip(before).filter_map(|(place, before)| match &place.edit {
            Edit::Text(edit) => Some((place.id, edit, before.clone())),
            _ => None,
        });
        let columns: FxHashMap<ColumnId, u32> =
            state.columns().iter().map(|column| column.id).zip(0..).collect();
        let at = |(row, column): (RowId, ColumnId)| {
            state.row_order().position_of(row).zip(columns.get(&column).copied())
        };
        let hasher = RandomState::new();
        let carried: Vec<Carried> = edits
            .map(|(id, edit, before)| Carried::new((id, at(id)), edit, before, &hasher))
            .collect();
        let bytes = carried.iter().map(Carried::bytes).sum();
        let by_place = FxHashMap::default();
        let mut inverses = Self { carried, by_place, state, hasher, bytes, work: bytes };
        inverses.index();
        inverses
    }

    /// Whether there is none: else each later change must be passed.
    pub(super) fn is_empty(&self) -> bool {
        self.carried.is_empty()
    }

    /// The memory of the texts and inverses.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The bytes of texts that were edited and compared so far.
    pub(super) fn work(&self) -> usize {
        self.work
    }

    /// Carries them over the next change.
    pub(super) fn pass(&mut self, entry: &Entry) -> Result<(), Misfit> {
        if !entry.delta.keeps_axes() {
            self.state.step(&entry.delta)?;
            self.move_over(&entry.delta);
            self.index();
        }
        let cells = &entry.delta.cells;
        if self.carried.len() < cells.len() {
            for index in 0..self.carried.len() {
                let at = self.carried[index].at;
                if let Some(later) = at.and_then(|(row, col)| entry.delta.cell(row, col)) {
                    self.pass_one(index, &later.edit);
                }
            }
        } else {
            for later in cells {
                if let Some(index) = self.by_place.get(&later.key()).copied() {
                    self.pass_one(index, &later.edit);
                }
            }
        }
        Ok(())
    }

    fn pass_one(&mut self, index: usize, later: &Edit) {
        let carried = &mut self.carried[index];
        self.bytes -= carried.bytes();
        carried.pass(later, &self.hasher);
        self.bytes += carried.bytes();
        self.work += carried.value.as_text().len();
    }

    fn index(&mut self) {
        let places = self.carried.iter().enumerate();
        self.by_place = places.filter_map(|(index, it)| Some((it.at?, index))).collect();
    }

    /// Moves the cells over a change of lines. A cell whose line is deleted comes back with the ids of its line.
    fn move_over(&mut self, delta: &Delta) {
        let (rows, cols) = (AxisMap::new(&delta.rows), AxisMap::new(&delta.cols));
        let mut lost = Vec::new();
        for (index, it) in self.carried.iter_mut().enumerate() {
            it.at = it.at.and_then(|(row, col)| Some((rows.map_line(row)?, cols.map_line(col)?)));
            if it.at.is_none() {
                lost.push(index);
            }
        }
        let inserts = delta.rows.has_inserts() || delta.cols.has_inserts();
        if lost.is_empty() || !inserts {
            return;
        }
        let columns: FxHashMap<ColumnId, u32> =
            self.state.columns().iter().map(|column| column.id).zip(0..).collect();
        for index in lost {
            let it = &mut self.carried[index];
            let (row, column) = it.id;
            it.at = self.state.row_order().position_of(row).zip(columns.get(&column).copied());
        }
    }

    /// The inverses, as edits of the sheet after the last change.
    pub(super) fn finish(self) -> Vec<CellEdit> {
        self.carried.into_iter().filter_map(Carried::finish).collect()
    }
}

impl Carried {
    fn new(
        (id, at): ((RowId, ColumnId), Option<(u32, u32)>),
        edit: &TextDelta,
        before: Value,
        hasher: &RandomState,
    ) -> Self {
        let inverse = edit.inverse(before.as_text());
        let value = Value::Text(edit.apply(before.as_text()).into());
        let seen = VecDeque::from([(state_of(&value, hasher), inverse.clone())]);
        Self { id, at, inverse: Some(inverse), before, value, seen }
    }

    /// The memory of its texts and inverses.
    fn bytes(&self) -> usize {
        let inverses = self.seen.iter().map(|(_, inverse)| delta_bytes(inverse)).sum::<usize>();
        let texts = self.before.as_text().len() + self.value.as_text().len();
        size_of::<Self>() + texts + inverses + self.inverse.as_ref().map_or(0, delta_bytes)
    }

    /// Carries the inverse over a later edit of its cell.
    fn pass(&mut self, later: &Edit, hasher: &RandomState) {
        self.value = later.apply(&self.value);
        let state = state_of(&self.value, hasher);
        let again = self.seen.iter().rev().find(|(seen, _)| seen.is_some() && *seen == state);
        self.inverse = match (again, later) {
            // The text is back at an earlier state, whose inverse is known.
            (Some((_, inverse)), _) => Some(inverse.clone()),
            (None, Edit::Text(later)) => {
                self.inverse.take().map(|inverse| later.transform(&inverse).1)
            }
            (None, _) => None,
        };
        if let Some(inverse) = &self.inverse {
            self.seen.push_back((state, inverse.clone()));
            if self.seen.len() > TEXTS_REMEMBERED {
                self.seen.pop_front();
            }
        }
    }

    /// The edit on the current sheet. Where no text is left, a cell that had no text before gets its former
    /// value.
    fn finish(self) -> Option<CellEdit> {
        let ((row, col), inverse) = (self.at?, self.inverse?);
        Some(match self.before {
            Value::Text(_) => CellEdit::text(row, col, inverse),
            before if inverse.apply(self.value.as_text()).is_empty() => {
                CellEdit::set(row, col, before)
            }
            _ => CellEdit::text(row, col, inverse),
        })
    }
}

/// The bytes of a text edit, with the head of its entry.
fn delta_bytes(edit: &TextDelta) -> usize {
    size_of::<(TextState, TextDelta)>() + size_of_val(edit.runs()) + edit.inserted_bytes()
}

fn state_of(value: &Value, hasher: &RandomState) -> TextState {
    match value {
        Value::Text(text) => Some((text.len(), hasher.hash_one(text))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use allocation_counter::measure;

    use super::*;

    #[test]
    fn former_states_take_no_text_and_are_recognised() {
        let hasher = RandomState::new();
        let text = "x".repeat(64 << 10);
        let cell = ((RowId(1), ColumnId(1)), Some((0, 0)));
        let target = TextDelta::splice(0, 0, "new ");
        let mut carried = Carried::new(cell, &target, text.as_str().into(), &hasher);
        let mut states = Vec::new();
        for at in 1..TEXTS_REMEMBERED as u32 {
            states.push((carried.value.as_text().to_owned(), carried.inverse.clone()));
            let later = Edit::Text(TextDelta::splice(4 + at, 0, "y"));
            let cost = measure(|| carried.pass(&later, &hasher));
            assert!(cost.bytes_current < 8_192, "the text of before is not kept: {cost:?}");
        }
        assert!(carried.bytes() < 3 * text.len(), "{}", carried.bytes());
        carried.pass(&Edit::Set("another".into()), &hasher);
        assert_eq!(carried.inverse, None);
        for (value, inverse) in states {
            carried.pass(&Edit::Set(value.as_str().into()), &hasher);
            assert_eq!(carried.inverse, inverse);
        }
    }
}
