//! The cells that a frame takes from their author: edits that the server refuses, whatever the reason, and edits that a
//! fresh start discards.
//!
//! Not here: lost parts of accepted edits, which are conflicts.
//!
//! Invariant: a cell whose value the view still shows is not listed. A lost cell is listed, or counted as left out.

use std::cell::LazyCell;

use gridloom::v1::server_frame::Frame;
use ot_engine::{AxisMap, Delta};

use super::edited::EditedCells;
use super::{Cell, LiveSheet};
use crate::core::event::{DISCARDED_BYTES_MAX, DISCARDED_CELLS_MAX, Event, UnsavedCell};

impl LiveSheet {
    /// The cells of the pending edits that this frame may discard, in positions of the view before it. A frame that
    /// discards none costs no look at the edits.
    pub(super) fn at_risk(&self, frame: &Frame) -> Vec<UnsavedCell> {
        let Some(session) = &self.session else { return Vec::new() };
        let discarded = match frame {
            Frame::Rejected(rejected) => rejected.sequence..rejected.sequence.saturating_add(1),
            // The refusals of the edits before it were lost.
            Frame::Accepted(accepted) => 0..accepted.sequence,
            Frame::Welcome(welcome) if !welcome.resumed => {
                welcome.last_sequence.saturating_add(1)..u64::MAX
            }
            _ => return Vec::new(),
        };
        let pending = session.replica.session().pending();
        let mut pending =
            pending.skip_while(|(sequence, _)| sequence.0 < discarded.start).peekable();
        if pending.peek().is_none_or(|(sequence, _)| sequence.0 >= discarded.end) {
            return Vec::new();
        }
        let mut edited = EditedCells::default();
        for (sequence, delta) in pending {
            if discarded.contains(&sequence.0) {
                edited.list(delta);
            } else {
                // Where a discarded edit inserts lines, its cells on them are lost, too.
                edited.follow(delta);
            }
        }
        self.with_values(edited)
    }

    /// Those of the cells at risk that are lost after these events.
    pub(super) fn lost_of(&self, at_risk: Vec<UnsavedCell>, events: &[Event]) -> Vec<UnsavedCell> {
        if at_risk.is_empty() {
            return at_risk;
        }
        let backs = events.iter().filter_map(|event| match event {
            Event::Rejected { back, .. } if !back.keeps_axes() => Some(maps(back)),
            _ => None,
        });
        let backs: Vec<_> = backs.collect();
        let unsaved = LazyCell::new(|| {
            let cells = self.unsaved_cells().into_iter();
            cells.map(|cell| (cell.row, cell.col)).collect::<Vec<_>>()
        });
        let is_kept = |cell: &UnsavedCell| {
            let place = backs.iter().try_fold((cell.row, cell.col), |place, map| map(place));
            place.is_some_and(|(row, col)| match self.get(row, col) {
                Cell::Value(shown) => *shown == cell.value,
                Cell::Unknown => unsaved.binary_search(&(row, col)).is_ok(),
            })
        };
        at_risk.into_iter().filter(|cell| !is_kept(cell)).collect()
    }

    /// The event of lost cells; `None` without any. It has the first of them, and counts all.
    pub(in crate::core) fn discard_cells(&mut self, mut cells: Vec<UnsavedCell>) -> Option<Event> {
        let all = cells.len();
        self.discarded_cells = self.discarded_cells.saturating_add(all as u64);
        let mut bytes = 0_usize;
        let fits = |cell: &&UnsavedCell| {
            bytes = bytes.saturating_add(size_of::<UnsavedCell>() + cell.value.as_text().len());
            bytes <= DISCARDED_BYTES_MAX
        };
        let listed = cells.iter().take(DISCARDED_CELLS_MAX).take_while(fits).count();
        cells.truncate(listed);
        let left_out = all - listed;
        (all > 0).then(|| Event::Discarded { cells: cells.into(), left_out })
    }

    /// Number of cells of all [`Event::Discarded`] until now, with those that were left out.
    #[must_use]
    pub const fn discarded_cells(&self) -> u64 {
        self.discarded_cells
    }

    /// The last event of a live sheet that ends: the cells whose edits are lost with it. `None` when all edits are
    /// accepted.
    pub fn discard_unsaved(&mut self) -> Option<Event> {
        let cells = self.unsaved_cells();
        self.discard_cells(cells)
    }
}

/// The position of a cell after a change; `None` when its row or column is deleted.
fn maps(delta: &Delta) -> impl Fn((u32, u32)) -> Option<(u32, u32)> + use<> {
    let (rows, cols) = (AxisMap::new(&delta.rows), AxisMap::new(&delta.cols));
    move |(row, col)| Some((rows.map_line(row)?, cols.map_line(col)?))
}
