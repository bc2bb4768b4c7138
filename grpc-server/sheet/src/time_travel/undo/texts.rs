//! Taking text edits back: character by character, over what others did to the same text since.
//!
//! Unlike a value, which an undo simply sets again, a text that others have edited meanwhile keeps
//! their characters. So the inverse of each text edit is carried over every later change of its cell,
//! which is found by its ids. Where somebody has set the cell since, nothing is left to take back,
//! unless it was set to what it had been (that change was undone).
//!
//! Read only. Cost: the changes since, times the text edits of the one that is taken back.

use std::collections::VecDeque;

use ot_engine::{CellEdit, ColumnId, Delta, Edit, RowId, TextDelta, Value};

use super::inverse::Place;
use crate::state::{Misfit, SheetState};
use model::Entry;

/// Older states of a text that are known again when a cell is set back to one.
const TEXTS_REMEMBERED: usize = 64;

/// The inverse of one text edit, on its way to now.
#[derive(Debug)]
struct Carried {
    id: (RowId, ColumnId),
    /// Where its cell stands; nowhere while its line is deleted.
    at: Option<(u32, u32)>,
    /// `None` while the cell holds what somebody has set.
    inverse: Option<TextDelta>,
    /// What the cell held before the edit.
    before: Value,
    /// What it holds.
    value: Value,
    /// What it held since, each with the inverse then.
    seen: VecDeque<(Value, TextDelta)>,
}

/// The inverses of all text edits of a change.
#[derive(Debug)]
pub(super) struct TextInverses {
    carried: Vec<Carried>,
    /// The sheet so far.
    state: SheetState,
}

impl TextInverses {
    /// Right after the change, where the sheet is `state`; `before` is what the places held.
    pub(super) fn new(places: &[Place], before: &[Value], state: SheetState) -> Self {
        let edits = places.iter().zip(before).filter_map(|(place, before)| match &place.edit {
            Edit::Text(edit) => Some(Carried::new(place.id, edit, before.clone(), &state)),
            _ => None,
        });
        let carried = edits.collect();
        Self { carried, state }
    }

    /// Whether there are any: then every later change has to be passed.
    pub(super) fn is_empty(&self) -> bool {
        self.carried.is_empty()
    }

    /// Carries them over the next change.
    pub(super) fn pass(&mut self, entry: &Entry) -> Result<(), Misfit> {
        if !entry.delta.keeps_axes() {
            self.state.step(&entry.delta)?;
            self.carried.iter_mut().for_each(|it| it.at = place_of(it.id, &self.state));
        }
        self.carried.iter_mut().for_each(|it| it.pass(&entry.delta));
        Ok(())
    }

    /// They, as edits of the sheet at the last change that was passed.
    pub(super) fn finish(self) -> Vec<CellEdit> {
        self.carried.into_iter().filter_map(Carried::finish).collect()
    }
}

fn place_of((row, column): (RowId, ColumnId), state: &SheetState) -> Option<(u32, u32)> {
    let col = state.columns().iter().position(|there| there.id == column)?;
    Some((state.row_order().position_of(row)?, u32::try_from(col).ok()?))
}

impl Carried {
    fn new(id: (RowId, ColumnId), edit: &TextDelta, before: Value, state: &SheetState) -> Self {
        let inverse = edit.inverse(before.as_text());
        let value = Value::Text(edit.apply(before.as_text()).into());
        let seen = VecDeque::from([(value.clone(), inverse.clone())]);
        Self { id, at: place_of(id, state), inverse: Some(inverse), before, value, seen }
    }

    /// Carries the inverse over a later change.
    fn pass(&mut self, delta: &Delta) {
        let later = self.at.and_then(|(row, col)| delta.cell(row, col));
        let Some(later) = later.map(|cell| &cell.edit) else { return };
        self.value = later.apply(&self.value);
        let again = self.seen.iter().rev().find(|(seen, _)| *seen == self.value);
        self.inverse = match (again, later) {
            // Where it goes is known: it was just so before.
            (Some((_, inverse)), _) => Some(inverse.clone()),
            (None, Edit::Text(later)) => {
                self.inverse.take().map(|inverse| later.transform(&inverse).1)
            }
            (None, _) => None,
        };
        if let Some(inverse) = &self.inverse {
            self.seen.push_back((self.value.clone(), inverse.clone()));
            if self.seen.len() > TEXTS_REMEMBERED {
                self.seen.pop_front();
            }
        }
    }

    /// The edit on the sheet now. Where no text is left, a cell that held none gets back just what it
    /// held.
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
