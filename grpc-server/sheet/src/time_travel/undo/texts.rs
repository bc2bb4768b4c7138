//! The inverses of text edits, carried over later edits of the same texts.
//!
//! An undo sets a value again, but of a text it removes only the characters of its target: characters of later
//! edits stay. So the inverse of each text edit is transformed over each later change of its cell, which is
//! found by its ids. Where a later change has set the cell, no inverse is left, unless the cell was set back to
//! an earlier state of the text (that change was undone).
//!
//! Read only. Not here: other edits (`inverse`). Cost: the cells and runs of the changes since, and a walk over the
//! chunks of the order for each change; the text edits of the target count once. Invariants: a carried inverse fits the
//! cell's current text; earlier states of a text are recognised by their hash, so they take no memory of their own.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasher, RandomState};

use ot_engine::{CellEdit, ColumnId, Edit, RowId, TextDelta, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use super::inverse::Place;
use crate::state::{Misfit, SheetState};
use model::Entry;
use model::sizes::UNDO_STEP_BYTES;

/// Older states of a text that are recognised when a cell is set back to one.
const TEXTS_REMEMBERED: usize = 64;

/// The inverse of one text edit, carried over later changes.
#[derive(Debug)]
struct Carried {
    id: (RowId, ColumnId),
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
    /// Which of them is in which cell. Callers choose the cells, so no hash of them is used.
    by_id: BTreeMap<(RowId, ColumnId), usize>,
    /// The rows of these cells.
    rows: FxHashSet<RowId>,
    /// The sheet after the last change.
    state: SheetState,
    /// The key of the hashes.
    hasher: RandomState,
    /// The bytes of all texts and inverses.
    bytes: usize,
    /// The bytes of the texts that were edited and hashed so far.
    work: usize,
    /// The cells, runs and chunks that were visited so far.
    steps: usize,
}

impl TextInverses {
    /// The inverses right after the target, where the sheet is `state`; `before` are the places' values before it.
    pub(super) fn new(places: &[Place], before: &[Value], state: SheetState) -> Self {
        let hasher = RandomState::new();
        let carried = |(place, before): (&Place, &Value)| match &place.edit {
            Edit::Text(edit) => Some(Carried::new(place.id, edit, before.clone(), &hasher)),
            _ => None,
        };
        let carried: Vec<Carried> = places.iter().zip(before).filter_map(carried).collect();
        let bytes = carried.iter().map(Carried::bytes).sum();
        let by_id = carried.iter().map(|it| it.id).zip(0..).collect();
        let rows = carried.iter().map(|it| it.id.0).collect();
        Self { carried, by_id, rows, state, hasher, bytes, work: bytes, steps: 0 }
    }

    /// Whether there is none: else each later change must be passed.
    pub(super) fn is_empty(&self) -> bool {
        self.carried.is_empty()
    }

    /// The memory of the texts and inverses.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The bytes of texts that were edited and compared so far, and the steps so far as bytes.
    pub(super) fn work(&self) -> usize {
        self.work.saturating_add(self.steps.saturating_mul(UNDO_STEP_BYTES))
    }

    /// Carries them over the next change.
    pub(super) fn pass(&mut self, entry: &Entry) -> Result<(), Misfit> {
        let delta = &entry.delta;
        self.steps += delta.weight().work() + self.state.row_order().chunk_count();
        if !delta.keeps_axes() {
            let columns = if delta.cols.is_identity() { 0 } else { self.state.columns().len() };
            self.steps += self.state.row_order().chunk_count() + columns;
            self.state.step(delta)?;
        }
        let mut order = self.state.row_order().cursor();
        let mut passed = Vec::new();
        for row in delta.cells.chunk_by(|a, b| a.row == b.row) {
            let id = order.id_at(row[0].row).filter(|id| self.rows.contains(id));
            let Some(id) = id else { continue };
            let column = |cell: &CellEdit| Some(self.state.columns().get(cell.col as usize)?.id);
            let carried = |cell| self.by_id.get(&(id, column(cell)?)).copied();
            passed.extend(row.iter().filter_map(|cell| Some((carried(cell)?, &cell.edit))));
        }
        passed.into_iter().for_each(|(index, later)| self.pass_one(index, later));
        Ok(())
    }

    fn pass_one(&mut self, index: usize, later: &Edit) {
        let carried = &mut self.carried[index];
        self.bytes -= carried.bytes();
        carried.pass(later, &self.hasher);
        self.bytes += carried.bytes();
        self.work += carried.value.as_text().len();
    }

    /// The inverses, as edits of the sheet after the last change. A cell whose line is not on it has none.
    pub(super) fn finish(self) -> Vec<CellEdit> {
        let Self { carried, state, .. } = self;
        let columns: FxHashMap<ColumnId, u32> =
            state.columns().iter().map(|column| column.id).zip(0..).collect();
        let edit = |it: Carried| {
            let (row, column) = it.id;
            let at = state.row_order().position_of(row).zip(columns.get(&column).copied())?;
            it.finish(at)
        };
        carried.into_iter().filter_map(edit).collect()
    }
}

impl Carried {
    fn new(id: (RowId, ColumnId), edit: &TextDelta, before: Value, hasher: &RandomState) -> Self {
        let inverse = edit.inverse(before.as_text());
        let value = Value::Text(edit.apply(before.as_text()).into());
        let seen = VecDeque::from([(state_of(&value, hasher), inverse.clone())]);
        Self { id, inverse: Some(inverse), before, value, seen }
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

    /// The edit on the current sheet, where the cell is at this place. Where no text is left, a cell that had no text
    /// before gets its former value.
    fn finish(self, (row, col): (u32, u32)) -> Option<CellEdit> {
        let inverse = self.inverse?;
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
    use ot_engine::{AxisDelta, ClientId, Delta, LineId, Run};

    use super::*;
    use crate::sample::{entry, record};

    #[test]
    fn former_states_take_no_text_and_are_recognised() {
        let hasher = RandomState::new();
        let text = "x".repeat(64 << 10);
        let cell = (RowId(1), ColumnId(1));
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

    /// The steps of `edits` text edits that are carried over `changes` changes of lines, each followed by an edit of
    /// one cell; and the edits afterwards.
    fn carried_over(edits: u32, changes: u64) -> (usize, Vec<CellEdit>) {
        let mut state = SheetState::new(&record(edits + 10, 1)).expect("a sheet");
        let text = || Edit::Text(TextDelta::splice(0, 0, "new "));
        let place =
            |row: u32| Place::new((row, 0), text(), (RowId(u64::from(row) + 1), ColumnId(1)));
        let places: Vec<Place> = (0..edits).map(place).collect();
        let before = vec![Value::from("old"); places.len()];
        let mut inverses = TextInverses::new(&places, &before, state.clone());
        for number in 0..changes {
            let (revision, client) = (2 * number + 2, ClientId(1));
            // The last row moves to the front: all cells have another place.
            let moved = Delta::rows(AxisDelta::move_lines(edits + 9, 1, 0));
            let set = Delta::set_cells([(edits / 2 + 1, 0, "another".into())]);
            for (delta, revision) in [(moved, revision), (set, revision + 1)] {
                let entry = entry(revision, client, delta);
                inverses.pass(&entry).expect("it fits");
                state.step(&entry.delta).expect("it fits");
            }
        }
        (inverses.steps, inverses.finish())
    }

    #[test]
    fn changes_of_lines_cost_no_walk_over_the_edits_of_the_target() {
        let steps = |edits, changes| carried_over(edits, changes).0;
        assert!(steps(40_000, 100) < 2 * steps(10, 100), "{}", steps(40_000, 100));
        let (one, two, four) = (steps(100, 100), steps(100, 200), steps(100, 400));
        assert!(one > 0 && two < 3 * one && four < 3 * two, "{one} {two} {four}");
    }

    #[test]
    fn edits_are_found_by_their_rows_after_changes_of_lines() {
        let (_, edits) = carried_over(5, 1);
        let places: Vec<_> = edits.iter().map(|cell| cell.row).collect();
        // The third row was set to another value meanwhile.
        assert_eq!(places, [1, 2, 4, 5]);
    }

    #[test]
    fn a_row_that_comes_back_has_its_edit_again() {
        let place = Place::new(
            (2, 0),
            Edit::Text(TextDelta::splice(0, 0, "new ")),
            (RowId(3), ColumnId(1)),
        );
        let state = SheetState::new(&record(5, 1)).expect("a sheet");
        let mut inverses = TextInverses::new(&[place], &["old".into()], state);
        let first = Some(LineId(3));
        let back = AxisDelta::from_runs([Run::Keep(1), Run::Insert { count: 1, first }]);
        let changes = [AxisDelta::delete(1, 3), back, AxisDelta::delete(0, 1)];
        for (axis, revision) in changes.into_iter().zip(2..) {
            inverses.pass(&entry(revision, ClientId(1), Delta::rows(axis))).expect("it fits");
        }
        let edits = inverses.finish();
        assert_eq!(edits.iter().map(CellEdit::key).collect::<Vec<_>>(), [(0, 0)]);
    }
}
