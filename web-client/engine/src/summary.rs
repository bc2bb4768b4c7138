//! The effects of one frame of the server, summed up for the page.

use client::core::{Changed, Event, UnsavedCell};
use gridloom::convert::conflict_to_wire;
use gridloom::v1;
use prost::Message;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::value::unsaved_to_js;

/// The most changed cells that a summary lists for the page to highlight. A larger change must not cost as much
/// as it has cells.
const MAX_TOUCHED_CELLS: usize = 2_000;

/// The effects of one frame of the server on the page.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug, Default)]
pub struct FrameSummary {
    /// The session id, if this frame opened the session.
    #[wasm_bindgen(js_name = sessionId)]
    pub session_id: Option<String>,
    /// Cells have changed or are newly loaded.
    pub cells: bool,
    /// Columns or the number of rows have changed.
    pub layout: bool,
    /// Marks have moved.
    pub marks: bool,
    /// A participant has joined, moved or left.
    pub people: bool,
    /// Roles or links on the sheet have changed.
    pub sharing: bool,
    /// Comments on the sheet may have changed.
    pub comments: bool,
    /// Cells that others have set: row, column, row, column, ...
    pub touched: Vec<u32>,
    /// The server's messages on refused edits, one for each.
    pub refused: Vec<String>,
    /// Parts of own edits that others have overwritten or deleted: an encoded `Accepted` with only `conflicts`
    /// set.
    pub conflicts: Vec<u8>,
    /// The number of further such parts, which the server left out of its frame.
    #[wasm_bindgen(js_name = conflictsLeftOut)]
    pub conflicts_left_out: u32,
    /// The number of own edits that were lost when the sheet was loaded again.
    pub lost: u32,
    /// The number of further cells whose own edits are lost, which `discarded` does not list.
    #[wasm_bindgen(js_name = discardedLeftOut)]
    pub discarded_left_out: u32,
    discarded: Vec<UnsavedCell>,
}

#[wasm_bindgen]
impl FrameSummary {
    /// The cells whose own edits are lost: row, column, value, row, column, value, ... in positions before the frame.
    #[wasm_bindgen(unchecked_return_type = "(number | CellValue)[]")]
    #[must_use]
    pub fn discarded(&self) -> Vec<JsValue> {
        unsaved_to_js(&self.discarded)
    }
}

impl FrameSummary {
    /// Adds one event. The engine handles marks.
    pub(crate) fn add(&mut self, event: &Event) {
        match event {
            Event::Welcomed(welcomed) => {
                self.session_id = Some(welcomed.session_id.clone());
                // They may have changed while there was no session.
                self.sharing = true;
                self.comments = true;
                self.redraw();
            }
            Event::Changed(changed) => self.add_change(changed),
            Event::Loaded { .. } => self.cells = true,
            Event::People => self.people = true,
            // What the page offers depends on the role, and what it says of a line on the line's id.
            Event::RoleChanged { .. } | Event::Named | Event::Renamed { .. } => self.layout = true,
            Event::SharingChanged => self.sharing = true,
            Event::CommentsChanged => self.comments = true,
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
            Event::Discarded { cells, left_out } => {
                self.discarded.extend_from_slice(cells);
                let left_out = u32::try_from(*left_out).unwrap_or(u32::MAX);
                self.discarded_left_out = self.discarded_left_out.saturating_add(left_out);
            }
            // The page reads the number of pending edits after every frame, and reconnects on its own.
            Event::Committed { .. }
            | Event::SaveState(_)
            | Event::Resync { .. }
            | Event::Draining { .. } => {}
        }
    }

    fn add_change(&mut self, changed: &Changed) {
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

    /// Adds conflicts. Concatenated protobuf messages are one message with all their conflicts.
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
