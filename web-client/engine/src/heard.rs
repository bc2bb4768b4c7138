//! What one frame from the server means for the page, summed up.

use client::core::{Changed, Event};
use gridloom::convert::conflict_to_wire;
use gridloom::v1;
use prost::Message;
use wasm_bindgen::prelude::wasm_bindgen;

/// Changed cells that are told one by one, for the page to highlight. A larger change is not worth
/// a highlight, and must not cost as much as it has cells.
const MAX_TOUCHED_CELLS: usize = 2_000;

/// What one frame from the server means for the page.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug, Default)]
pub struct Heard {
    /// The session's name, when this frame opened it.
    #[wasm_bindgen(js_name = sessionId)]
    pub session_id: Option<String>,
    /// Cells look different, or are known now.
    pub cells: bool,
    /// Columns or the number of rows are different.
    pub layout: bool,
    /// Marks have moved.
    pub marks: bool,
    /// Somebody came, moved or left.
    pub people: bool,
    /// Cells that somebody else set: row, column, row, column, ...
    pub touched: Vec<u32>,
    /// Why own edits were refused, one sentence each.
    pub refused: Vec<String>,
    /// Parts of own edits that lost against somebody else's: an encoded `Accepted` of which only
    /// `conflicts` is filled in.
    pub conflicts: Vec<u8>,
    /// How many more such parts there are, which the server had no room to tell.
    #[wasm_bindgen(js_name = conflictsLeftOut)]
    pub conflicts_left_out: u32,
    /// How many own edits could not be carried over a fresh start.
    pub lost: u32,
}

impl Heard {
    /// Takes in one event. Marks are the engine's business.
    pub(crate) fn note(&mut self, event: &Event) {
        match event {
            Event::Welcomed(welcomed) => {
                self.session_id = Some(welcomed.session_id.clone());
                self.redraw();
            }
            Event::Changed(changed) => self.note_change(changed),
            Event::Loaded { .. } => self.cells = true,
            Event::People => self.people = true,
            Event::Accepted { conflicts, conflicts_left_out, .. } => {
                self.overrule(conflicts.iter().cloned());
                self.leave_out(*conflicts_left_out);
            }
            Event::Rejected { status, .. } => {
                self.refused.push(status.message.clone());
                self.redraw();
            }
            Event::Resynced { lost } => {
                self.lost = self.lost.saturating_add(u32::try_from(lost.len()).unwrap_or(u32::MAX));
                self.redraw();
            }
            // The page reads the save state after every frame, and reconnects by itself.
            Event::Committed { .. }
            | Event::SaveState(_)
            | Event::Resync { .. }
            | Event::Draining { .. } => {}
        }
    }

    fn note_change(&mut self, changed: &Changed) {
        self.cells = true;
        self.layout |= changed.moved_lines() || changed.changed_columns();
        self.overrule(changed.conflicts.iter().map(conflict_to_wire));
        self.overrule(changed.overwritten.iter().cloned());
        self.leave_out(changed.overwritten_left_out);
        let room = MAX_TOUCHED_CELLS.saturating_sub(self.touched.len() / 2);
        for cell in changed.delta.cells.iter().take(room) {
            self.touched.extend([cell.row, cell.col]);
        }
    }

    /// Adds conflicts: messages that stand one behind the other are one message with all of them.
    fn overrule(&mut self, conflicts: impl Iterator<Item = v1::Conflict>) {
        let conflicts = conflicts.collect();
        let message = v1::Accepted { conflicts, ..v1::Accepted::default() };
        self.conflicts.extend(message.encode_to_vec());
    }

    fn leave_out(&mut self, count: u32) {
        self.conflicts_left_out = self.conflicts_left_out.saturating_add(count);
    }

    fn redraw(&mut self) {
        self.cells = true;
        self.layout = true;
    }
}
