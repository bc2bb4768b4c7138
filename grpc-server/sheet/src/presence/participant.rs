//! A participant: one session on a sheet, with its cursor, its selections and the cell that it edits.
//!
//! Plain data. Not here: which participants there are (`presence` for this node, `remote` for the others).
//!
//! Invariant: the positions of a participant are those of the sheet's head.

use std::sync::Arc;
use std::time::Duration;

use gridloom::convert;
use gridloom::v1;
use model::AccountColor;
use ot_engine::Presence;
use tokio::time::Instant;

/// The most selections of a participant that are read from another node's message.
const SELECTIONS: usize = 16;

/// Activity that has lasted for this long, or follows a rest of this length, is shown to the others.
pub(super) const SHOWN_EVERY: Duration = Duration::from_secs(60);

/// One session on the sheet.
pub(super) struct Participant {
    pub(super) session_id: String,
    pub(super) account: String,
    pub(super) name: Arc<str>,
    pub(super) color: AccountColor,
    /// In positions of the head.
    pub(super) presence: Presence,
    /// When it last edited, moved or came back; of another node, as that node has sent it.
    pub(super) active: Instant,
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
            away: self.presence.away,
            idle_seconds: self.active.elapsed().as_secs().try_into().unwrap_or(u32::MAX),
            color: self.color.number().into(),
        }
    }
}

/// When a participant of another node was last active. A clock that began later than that gives now.
pub(super) fn active_from_wire(participant: &v1::Participant) -> Instant {
    let idle = Duration::from_secs(participant.idle_seconds.into());
    Instant::now().checked_sub(idle).unwrap_or_else(Instant::now)
}

/// The positions in a message of another node.
pub(super) fn presence_from_wire(participant: &v1::Participant) -> Presence {
    let cell = |cell: v1::CellPosition| (cell.row, cell.col);
    let selections = participant.selections.iter().take(SELECTIONS);
    Presence {
        cursor: participant.cursor.map(cell),
        selections: selections.map(|window| convert::window_from_wire(*window)).collect(),
        editing: participant.editing.map(cell),
        away: participant.away,
    }
}
