//! The cells that a frame takes from their author: edits that the server refuses, whatever the reason, and edits that a
//! fresh start discards.
//!
//! Not here: lost parts of accepted edits, which are conflicts.
//!
//! Invariant: a cell whose value the view still shows is not listed.

use std::cell::LazyCell;

use gridloom::v1::server_frame::Frame;
use ot_engine::{AxisMap, Delta, Sequence, compose};

use super::{Cell, LiveSheet};
use crate::core::event::{Event, UnsavedCell};

impl LiveSheet {
    /// The cells of the pending edits that this frame may discard, in positions of the view before it.
    pub(super) fn at_risk(&self, frame: &Frame) -> Vec<UnsavedCell> {
        let Some(session) = &self.session else { return Vec::new() };
        let pending: Vec<_> = session.replica.session().pending().collect();
        let before = |end: u64| pending.partition_point(|(sequence, _)| sequence.0 < end);
        let discarded = match frame {
            Frame::Rejected(rejected) => 0..before(rejected.sequence.saturating_add(1)),
            // The refusals of the edits before it were lost.
            Frame::Accepted(accepted) => 0..before(accepted.sequence),
            Frame::Welcome(welcome) if !welcome.resumed => {
                before(welcome.last_sequence.saturating_add(1))..pending.len()
            }
            _ => return Vec::new(),
        };
        self.cells_of(&pending, discarded)
    }

    /// The cells of some pending edits. Where one of them moves lines, also those of the later edits.
    fn cells_of(
        &self,
        pending: &[(Sequence, &Delta)],
        discarded: std::ops::Range<usize>,
    ) -> Vec<UnsavedCell> {
        let moves = pending[discarded.clone()].iter().any(|(_, delta)| !delta.keeps_axes());
        let end = if moves { pending.len() } else { discarded.end };
        let edits = &pending[discarded.start..end];
        let made = edits.iter().fold(Delta::default(), |all, (_, delta)| compose(&all, delta));
        let mut places: Vec<_> = made.cells.iter().map(|cell| Some((cell.row, cell.col))).collect();
        for (_, later) in pending[end..].iter().filter(|(_, delta)| !delta.keeps_axes()) {
            let map = maps(later);
            places.iter_mut().for_each(|place| *place = place.and_then(&map));
        }
        let placed = made.cells.iter().zip(places);
        placed.filter_map(|(cell, place)| Some(self.unsaved_cell(place?, &cell.edit))).collect()
    }

    /// Those of the cells at risk that are lost after these events.
    pub(super) fn discarded(&self, at_risk: Vec<UnsavedCell>, events: &[Event]) -> Option<Event> {
        if at_risk.is_empty() {
            return None;
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
        let cells: Vec<_> = at_risk.into_iter().filter(|cell| !is_kept(cell)).collect();
        (!cells.is_empty()).then(|| Event::Discarded { cells: cells.into() })
    }
}

/// The position of a cell after a change; `None` when its row or column is deleted.
fn maps(delta: &Delta) -> impl Fn((u32, u32)) -> Option<(u32, u32)> + use<> {
    let (rows, cols) = (AxisMap::new(&delta.rows), AxisMap::new(&delta.cols));
    move |(row, col)| Some((rows.map_line(row)?, cols.map_line(col)?))
}
