//! What a live sheet tells its owner.

use std::ops::Range;
use std::sync::Arc;

use gridloom::{rpc, v1};
use ot_engine::{Conflict, Delta, Revision, Sequence};

/// Something happened to a live sheet. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Event {
    /// The session is open.
    Welcomed(Welcomed),
    /// Somebody else changed the sheet.
    Changed(Changed),
    /// Cells came in.
    Loaded {
        /// The rows, in positions of the view; where own unsaved edits move rows, it may be more.
        rows: Range<u32>,
    },
    /// An own edit is durable.
    Accepted {
        /// The edit.
        sequence: Sequence,
        /// Its place in the order. After a fresh start, for an edit whose answer was not heard:
        /// some place between the last revision seen and the one that the view starts from.
        revision: Revision,
        /// Parts of it that did not take effect.
        conflicts: Arc<[v1::Conflict]>,
        /// How many more there are, which the server had no room to tell.
        conflicts_left_out: u32,
    },
    /// An own edit was refused and taken out of the view: anything in it may look different now.
    Rejected {
        /// The edit.
        sequence: Sequence,
        /// Why.
        status: Arc<rpc::Status>,
        /// The edit itself, as it stood last.
        delta: Arc<Delta>,
        /// What taking it out did to the places of lines in the view; its values say nothing.
        back: Arc<Delta>,
        /// What later own edits lost with it, because they stood on lines that it had inserted.
        conflicts: Arc<[Conflict]>,
    },
    /// Everything up to a revision is in Postgres.
    Committed {
        /// The revision.
        revision: Revision,
    },
    /// Others came, moved or left: [`LiveSheet::people`](super::LiveSheet::people) tells who is
    /// where. After `Changed` and `Welcomed` it may tell something else, too.
    People,
    /// Own edits are safer, or less safe, than before. Told when the kind of state changes.
    SaveState(SaveState),
    /// The server will have this client load afresh; a `Resynced` follows, on this connection or
    /// the next.
    Resync {
        /// Why.
        reason: v1::resync::Reason,
    },
    /// The view started afresh: load everything again.
    Resynced {
        /// Own edits that could not be carried over. They are not saved.
        lost: Arc<[Lost]>,
    },
    /// The server is about to stop. The connection will end; reconnect.
    Draining {
        /// When it ends it: microseconds since the Unix epoch.
        deadline_micros: i64,
    },
}

/// See [`Event::Welcomed`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcomed {
    /// Names the session for `Send`.
    pub session_id: String,
    /// What this account may do.
    pub role: v1::Role,
    /// The view goes on from where the last connection ended; else it starts afresh.
    pub resumed: bool,
    /// The revision of the view.
    pub revision: Revision,
}

/// See [`Event::Changed`].
#[derive(Clone, Debug)]
pub struct Changed {
    /// The change's number.
    pub revision: Revision,
    /// The account that made it.
    pub author: Arc<str>,
    /// When it was accepted: microseconds since the Unix epoch.
    pub time_micros: i64,
    /// Why it was made.
    pub origin: v1::ChangeOrigin,
    /// What it did to the view: `map_position` of its axes tells where a cursor goes. Cells outside
    /// what is looked at are left out, and so are those that own unsaved edits cover.
    pub delta: Arc<Delta>,
    /// Own unsaved edits that it made void.
    pub conflicts: Arc<[Conflict]>,
    /// Own accepted edits that lost to it, before this client had seen it coming.
    pub overwritten: Arc<[v1::Conflict]>,
    /// How many more there are, which the server had no room to tell.
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

    /// Whether lines came, went or moved: positions are others now.
    #[must_use]
    pub fn moved_lines(&self) -> bool {
        !self.delta.keeps_axes()
    }

    /// Whether the columns changed, in order, number or attributes.
    #[must_use]
    pub fn changed_columns(&self) -> bool {
        !self.delta.cols.is_identity() || !self.delta.columns.is_empty()
    }
}

/// An own edit that could not be carried over a fresh start.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    /// The edit.
    pub sequence: Sequence,
    /// What it was, in positions of the view as it was before.
    pub delta: Delta,
}

/// How safe this client's edits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveState {
    /// Not connected.
    Offline {
        /// Edits that wait here.
        unsaved: usize,
    },
    /// On the way.
    Saving {
        /// Edits that are not accepted yet.
        unsaved: usize,
    },
    /// All durable in the server's journal.
    Saved,
    /// All in Postgres.
    Committed,
}
