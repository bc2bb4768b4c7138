//! The events of a live sheet.
//!
//! Plain data; an event changes nothing. Invariant: every own edit gets exactly one of `Accepted`, `Rejected`
//! and a place in `Resynced`.

use std::ops::Range;
use std::sync::Arc;

use gridloom::{rpc, v1};
use ot_engine::{Conflict, Delta, Revision, Sequence, Value};

/// Most cells of one [`Event::Discarded`].
pub const DISCARDED_CELLS_MAX: usize = 100_000;
/// Most bytes of the cells of one [`Event::Discarded`], with their texts.
pub const DISCARDED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// An event of a live sheet. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Event {
    /// The session is open.
    Welcomed(Welcomed),
    /// Another client changed the sheet.
    Changed(Changed),
    /// Cells were loaded.
    Loaded {
        /// The rows, in positions of the view; all rows while own pending edits move rows.
        rows: Range<u32>,
    },
    /// An own edit is durable.
    Accepted {
        /// The edit.
        sequence: Sequence,
        /// The revision of the edit. After a fresh start, for an edit whose answer was lost: the last
        /// revision received before it.
        revision: Revision,
        /// Lost parts of the edit.
        conflicts: Arc<[v1::Conflict]>,
        /// Number of further conflicts, which did not fit the server's message.
        conflicts_left_out: u32,
    },
    /// Lines that an own edit inserts have received their ids: read [`LiveSheet::row_id`](super::LiveSheet::row_id) and
    /// the columns.
    Named,
    /// The server refused an own edit, and the view no longer contains it. Any cell may have changed.
    Rejected {
        /// The edit.
        sequence: Sequence,
        /// The reason.
        status: Arc<rpc::Status>,
        /// The edit, as it stood last.
        delta: Arc<Delta>,
        /// The effect of its removal on the positions of the view; its values have no meaning.
        back: Arc<Delta>,
        /// Lost parts of later own edits, on lines that the refused edit inserted.
        conflicts: Arc<[Conflict]>,
    },
    /// Everything up to a revision is committed to Postgres.
    Committed {
        /// The revision.
        revision: Revision,
    },
    /// Participants joined, moved or left: read [`LiveSheet::people`](super::LiveSheet::people). It may also
    /// change after `Changed` and `Welcomed`.
    People,
    /// The account has another role on the sheet. The server refuses pending edits that it does not allow.
    RoleChanged {
        /// The new role.
        role: v1::Role,
    },
    /// The sheet has another name: also one that it was given while there was no connection.
    Renamed {
        /// The new name.
        name: Arc<str>,
    },
    /// Roles or links on the sheet have changed: a list of them is to be read again. It may also have changed while
    /// there was no connection.
    SharingChanged,
    /// Comments on the sheet may have changed: those that are shown are to be read again. They may also have changed while
    /// there was no connection.
    CommentsChanged,
    /// The kind of the save state changed.
    SaveState(SaveState),
    /// The server requires a fresh start. `Resynced` follows, on this connection or the next.
    Resync {
        /// The reason.
        reason: v1::resync::Reason,
    },
    /// The view started fresh and loads everything again.
    Resynced {
        /// Own edits that were discarded. They are not saved.
        lost: Arc<[Lost]>,
    },
    /// Cells whose own edits are lost, after the events with the reason: `Rejected`, `Resynced`, or the end of the live sheet.
    /// Nothing else has their values, so a program shows or stores them for its user. A listener that has missed events
    /// compares their number with [`LiveSheet::discarded_cells`](super::LiveSheet::discarded_cells).
    Discarded {
        /// The cells, in positions of the view before, with the values that the user saw. At most
        /// [`DISCARDED_CELLS_MAX`], and [`DISCARDED_BYTES_MAX`] of their values; the first by row and column.
        cells: Arc<[UnsavedCell]>,
        /// Number of further lost cells, which did not fit.
        left_out: usize,
    },
    /// The server is shutting down and will end the connection; reconnect then.
    Draining {
        /// The time of the end, in microseconds since the Unix epoch.
        deadline_micros: i64,
    },
}

/// See [`Event::Welcomed`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcomed {
    /// The session's id for `Send`.
    pub session_id: String,
    /// The account's role on the sheet.
    pub role: v1::Role,
    /// Whether the session resumed the last connection; else the view starts fresh.
    pub resumed: bool,
    /// The revision of the view.
    pub revision: Revision,
}

/// See [`Event::Changed`].
#[derive(Clone, Debug)]
pub struct Changed {
    /// The revision of the change.
    pub revision: Revision,
    /// The author's account.
    pub author: Arc<str>,
    /// The time of acceptance, in microseconds since the Unix epoch.
    pub time_micros: i64,
    /// The origin of the change.
    pub origin: v1::ChangeOrigin,
    /// The change of the view; `map_position` of its axes maps a cursor. It contains no cells outside the
    /// window, and none that own pending edits overwrite.
    pub delta: Arc<Delta>,
    /// Lost parts of own pending edits.
    pub conflicts: Arc<[Conflict]>,
    /// Own accepted edits that this change overwrites.
    pub overwritten: Arc<[v1::Conflict]>,
    /// Number of further conflicts, which did not fit the server's message.
    pub overwritten_left_out: u32,
}

impl Changed {
    /// The smallest rectangle (rows, columns) around the changed cells.
    #[must_use]
    pub fn cells(&self) -> Option<(Range<u32>, Range<u32>)> {
        let cells = &self.delta.cells;
        let (first, last) = (cells.first()?, cells.last()?);
        let left = cells.iter().map(|cell| cell.col).min()?;
        let right = cells.iter().map(|cell| cell.col).max()?;
        Some((first.row..last.row.saturating_add(1), left..right.saturating_add(1)))
    }

    /// Whether the change inserts, deletes or moves lines, so that positions change.
    #[must_use]
    pub fn moved_lines(&self) -> bool {
        !self.delta.keeps_axes()
    }

    /// Whether the change concerns the order, number or attributes of columns.
    #[must_use]
    pub fn changed_columns(&self) -> bool {
        !self.delta.cols.is_identity() || !self.delta.columns.is_empty()
    }
}

/// A cell with an own edit that is not accepted yet, or that was discarded.
#[derive(Clone, Debug, PartialEq)]
pub struct UnsavedCell {
    /// The row in the view.
    pub row: u32,
    /// The column in the view.
    pub col: u32,
    /// The value after the edit. For a text edit of a row that is not loaded, only the inserted text.
    pub value: Value,
}

/// An own edit that a fresh start discarded.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    /// The edit.
    pub sequence: Sequence,
    /// The change, in positions of the view before the fresh start.
    pub delta: Delta,
}

/// The durability of this client's edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveState {
    /// No open session.
    Offline {
        /// Number of edits that are not accepted yet.
        unsaved: usize,
    },
    /// Some edits are not accepted yet.
    Saving {
        /// Number of edits that are not accepted yet.
        unsaved: usize,
    },
    /// All edits are durable in the server's journal.
    Saved,
    /// All edits are committed to Postgres.
    Committed,
}
