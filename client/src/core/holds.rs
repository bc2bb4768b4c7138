//! Places that the owner of a live sheet holds: the cell under an open editor, the rows of a menu, the
//! column of a drag.
//!
//! A hold names lines by where they stand in the view, and follows every change of the view: own
//! edits, those of others, refusals. So it names the same lines for as long as they stand, also
//! those that are not loaded. What it is not: a copy of what the cells hold.
//!
//! Invariant: a place that is gone stays gone, whatever is put where it stood.

use std::collections::BTreeMap;
use std::sync::Arc;

use ot_engine::{AxisMap, Delta, Refused, Window};

use super::LiveSheet;

/// Holds of one sheet at a time. The owner lets go of what it needs no more.
const HOLDS_MAX: usize = 1_000;
/// Places in one hold.
const PLACES_MAX: usize = 10_000;

/// Why a held place is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    /// All its rows were deleted.
    Rows(Cause),
    /// All its columns were deleted.
    Columns(Cause),
    /// The view started afresh: where its lines stand now is not known.
    Resynced,
}

/// How lines went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// This client deleted them, or undid what had brought them.
    Own,
    /// This account deleted them, from another session.
    Other(Arc<str>),
    /// An own edit had inserted them, and the server refused it.
    Refused,
}

/// A held place: a rectangle of the view, or why it is no more.
pub type Held = Result<Window, Gone>;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Holds {
    last: u32,
    all: BTreeMap<u32, Vec<Held>>,
}

impl Holds {
    /// The view changes by `delta`.
    pub(super) fn carry(&mut self, delta: &Delta, cause: impl Fn() -> Cause) {
        if delta.keeps_axes() || self.all.is_empty() {
            return;
        }
        let (rows, cols) = (AxisMap::new(&delta.rows), AxisMap::new(&delta.cols));
        for held in self.all.values_mut().flatten() {
            let Ok(window) = held else { continue };
            match (rows.map_lines(&window.rows), cols.map_lines(&window.cols)) {
                (Some(rows), Some(cols)) => *window = Window { rows, cols },
                (None, _) => *held = Err(Gone::Rows(cause())),
                (_, None) => *held = Err(Gone::Columns(cause())),
            }
        }
    }

    /// Own edits are taken out of the view.
    pub(super) fn take_back(&mut self, refused: &Refused) {
        refused.back.iter().for_each(|back| self.carry(back, || Cause::Refused));
    }

    /// The view starts afresh.
    pub(super) fn lose_all(&mut self) {
        let standing = self.all.values_mut().flatten().filter(|held| held.is_ok());
        standing.for_each(|held| *held = Err(Gone::Resynced));
    }
}

impl LiveSheet {
    /// Holds rectangles of the view until [`Self::release`]; gives the number to ask by. `None` when
    /// too many are held, or one of them is empty.
    pub fn hold(&mut self, places: Vec<Window>) -> Option<u32> {
        let fits = self.holds.all.len() < HOLDS_MAX && places.len() <= PLACES_MAX;
        if !fits || places.iter().any(Window::is_empty) {
            return None;
        }
        self.holds.last = self.holds.last.wrapping_add(1);
        self.holds.all.insert(self.holds.last, places.into_iter().map(Ok).collect());
        Some(self.holds.last)
    }

    /// Where the places of a hold are now, in the order in which they were given; none for a hold that
    /// was let go.
    pub fn held(&self, hold: u32) -> &[Held] {
        self.holds.all.get(&hold).map_or(&[], Vec::as_slice)
    }

    /// Lets go of a hold.
    pub fn release(&mut self, hold: u32) {
        self.holds.all.remove(&hold);
    }
}
