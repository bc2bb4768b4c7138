//! Held places of the view: the cell under an open editor, the rows of a menu, the column of a drag.
//!
//! A hold copies no cell contents. It stores positions of the view and maps them over every change of the
//! view: own edits, other clients' changes, refusals. So it stays on its lines, also on lines that are
//! not loaded.
//!
//! Invariant: a removed place stays removed, whatever is inserted at its position.

use std::collections::BTreeMap;
use std::sync::Arc;

use ot_engine::{AxisMap, Delta, Refused, Window};

/// Most holds of one sheet. The caller releases the holds that it no longer needs.
const HOLDS_MAX: usize = 1_000;
/// Most places of one hold.
const PLACES_MAX: usize = 10_000;

/// The reason why a held place is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removed {
    /// All its rows are deleted.
    Rows(Cause),
    /// All its columns are deleted.
    Columns(Cause),
    /// The view started fresh, and the positions of its lines are unknown.
    Resynced,
}

/// The cause of a deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// This client deleted the lines, or undid their insert.
    Own,
    /// This account deleted the lines, in another session.
    Other(Arc<str>),
    /// The server refused the own edit that inserted the lines.
    Refused,
}

/// A held place: a rectangle of the view, or the reason of its removal.
pub type Held = Result<Window, Removed>;

/// The holds of one sheet, by number.
#[derive(Debug, Default)]
pub(in crate::core) struct Holds {
    last: u32,
    all: BTreeMap<u32, Vec<Held>>,
}

impl Holds {
    /// Maps the places over a change of the view.
    pub(in crate::core) fn map(&mut self, delta: &Delta, cause: impl Fn() -> Cause) {
        if delta.keeps_axes() || self.all.is_empty() {
            return;
        }
        let (rows, cols) = (AxisMap::new(&delta.rows), AxisMap::new(&delta.cols));
        for held in self.all.values_mut().flatten() {
            let Ok(window) = held else { continue };
            match (rows.map_lines(&window.rows), cols.map_lines(&window.cols)) {
                (Some(rows), Some(cols)) => *window = Window { rows, cols },
                (None, _) => *held = Err(Removed::Rows(cause())),
                (_, None) => *held = Err(Removed::Columns(cause())),
            }
        }
    }

    /// Maps the places over the removal of refused edits.
    pub(in crate::core) fn map_refused(&mut self, refused: &Refused) {
        refused.back.iter().for_each(|back| self.map(back, || Cause::Refused));
    }

    /// Removes all places, because the view starts fresh.
    pub(in crate::core) fn remove_all(&mut self) {
        let present = self.all.values_mut().flatten().filter(|held| held.is_ok());
        present.for_each(|held| *held = Err(Removed::Resynced));
    }

    /// Holds rectangles and returns the number of the hold. `None` when too many are held, or when one of
    /// the rectangles is empty.
    pub(in crate::core) fn add(&mut self, places: Vec<Window>) -> Option<u32> {
        let fits = self.all.len() < HOLDS_MAX && places.len() <= PLACES_MAX;
        if !fits || places.iter().any(Window::is_empty) {
            return None;
        }
        self.last = self.last.wrapping_add(1);
        self.all.insert(self.last, places.into_iter().map(Ok).collect());
        Some(self.last)
    }

    /// The places of a hold, in the given order; none for a released hold.
    pub(in crate::core) fn get(&self, hold: u32) -> &[Held] {
        self.all.get(&hold).map_or(&[], Vec::as_slice)
    }

    pub(in crate::core) fn release(&mut self, hold: u32) {
        self.all.remove(&hold);
    }
}
