//! A participant: one session on a sheet, with its cursor, its selections and the cell that it edits.
//!
//! Plain data. Not here: which participants there are (`presence` for this node, `remote` for the others).
//!
//! Invariant: the positions of a participant are those of the sheet's head.

use std::sync::Arc;

use gridloom::convert;
use gridloom::v1;
use ot_engine::Presence;

/// The most selections of a participant that are read from another node's message.
const SELECTIONS: usize = 16;

/// One session on the sheet.
pub(super) struct Participant {
    pub(super) session_id: String,
    pub(super) account: String,
    pub(super) name: Arc<str>,
    /// In positions of the head.
    pub(super) presence: Presence,
}

impl Participant {
    pub(super) fn to_wire(&self) -> v1::Participant {
        let cell = |(row, col)| v1::CellPosition { row, col };
        v1::Participant {
            session_id: self.session_id.clone(),
            account_id: self.account.clone(),
            display_name: self.name.to_string(),
            cursor: self.presence.cursor.map(cell),
            selections: self.presence.selections.iter().map(convert::window_to_wire).collect(),
            editing: self.presence.editing.map(cell),
        }
    }
}

/// The positions in a message of another node.
pub(super) fn presence_from_wire(participant: &v1::Participant) -> Presence {
    let cell = |cell: v1::CellPosition| (cell.row, cell.col);
    let selections = participant.selections.iter().take(SELECTIONS);
    Presence {
        cursor: participant.cursor.map(cell),
        selections: selections.map(|window| convert::window_from_wire(*window)).collect(),
        editing: participant.editing.map(cell),
    }
}
