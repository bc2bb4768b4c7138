//! What one frame from the server means for the page, summed up.

use client::core::{Changed, Event};
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
    /// Cells that somebody else set: row, column, row, column, ...
    pub touched: Vec<u32>,
    /// Why own edits were refused, one sentence each.
    pub refused: Vec<String>,
    /// How many parts of own edits lost against somebody else's.
    pub overruled: u32,
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
            Event::Accepted { conflicts, .. } => self.overrule(conflicts.len()),
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
            | Event::People
            | Event::SaveState(_)
            | Event::Resync { .. }
            | Event::Draining { .. } => {}
        }
    }

    fn note_change(&mut self, changed: &Changed) {
        self.cells = true;
        self.layout |= changed.moved_lines() || changed.changed_columns();
        self.overrule(changed.conflicts.len());
        let room = MAX_TOUCHED_CELLS.saturating_sub(self.touched.len() / 2);
        for cell in changed.delta.cells.iter().take(room) {
            self.touched.extend([cell.row, cell.col]);
        }
    }

    fn overrule(&mut self, parts: usize) {
        self.overruled = self.overruled.saturating_add(u32::try_from(parts).unwrap_or(u32::MAX));
    }

    fn redraw(&mut self) {
        self.cells = true;
        self.layout = true;
    }
}
