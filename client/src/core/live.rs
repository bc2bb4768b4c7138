//! A live sheet: the state machine of one open sheet, and its getters.
//!
//! It has no I/O. Its methods stand by purpose in `live/`: `connect`, `receive`, `send`, `edits`, `holds`,
//! `presence`, `saved`, `unsaved`, `discarded`; `edited` lists cells for the last two.
//!
//! Invariant: `session` is `None` only before the first `Welcome`.

mod connect;
mod discarded;
mod edited;
pub(super) mod edits;
mod holds;
mod presence;
mod receive;
pub(super) mod saved;
mod send;
mod unsaved;

use std::collections::VecDeque;

use gridloom::pieces::Joiner;
use gridloom::v1;
use ot_engine::{
    ClientId, Column, DEFAULT_MAX_IN_FLIGHT_EDITS, Revision, RowId, Size, Submission, Value, View,
};

use super::event::SaveState;
use super::state::gestures::Gestures;
use super::state::holds::Holds;
use super::state::people::People;
use super::state::row_parts::RowParts;
use super::state::session::Session;
use super::state::texts::TypedTexts;
use super::state::viewport::{Looking, Viewport};

/// Options of a live sheet.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// Limit on the edits in flight, at least 1.
    pub max_in_flight_edits: usize,
    /// The rows to load at the start.
    pub looking: Looking,
    /// The place of the edits, a random number from 1 to 2^48 - 1; 0: they have none.
    pub place: u64,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            max_in_flight_edits: DEFAULT_MAX_IN_FLIGHT_EDITS,
            looking: Looking::Nothing,
            place: 0,
        }
    }
}

/// A cell of the view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Not loaded, or outside the sheet.
    Unknown,
    /// The value; an empty cell has [`Value::Empty`].
    Value(&'a Value),
}

/// The state of the current connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// No connection.
    Down,
    /// `Hello` is sent; `Welcome` has not come yet.
    Greeting,
    /// The session is open.
    Open,
}

/// A sheet that is open for live editing. See the [module](super).
#[derive(Debug)]
pub struct LiveSheet {
    sheet_id: String,
    max_in_flight: usize,
    link: Link,
    /// The received pieces of a large frame on the current connection.
    joiner: Joiner,
    /// The received parts of a large row on the current connection.
    parts: RowParts,
    pub(super) session: Option<Session>,
    viewport: Viewport,
    people: People,
    holds: Holds,
    typed: TypedTexts,
    /// The place that a new session asks for.
    place: u64,
    gestures: Gestures,
    /// Edits of an earlier connection, to send again first.
    resend: VecDeque<Submission>,
    /// Whether the next connection starts fresh instead of resuming.
    fresh: bool,
    /// The number of the last ping; each follows a `Look`.
    last_ping: u64,
    /// A ping to send.
    ping: Option<u64>,
    /// A token to send; only the newest counts.
    refresh: Option<String>,
    /// The save state of the last event.
    reported: SaveState,
    /// Number of cells whose own edits are lost.
    discarded_cells: u64,
}

impl LiveSheet {
    /// A sheet that is not connected yet.
    #[must_use]
    pub fn new(sheet_id: impl Into<String>, options: LiveOptions) -> Self {
        Self {
            sheet_id: sheet_id.into(),
            max_in_flight: options.max_in_flight_edits.max(1),
            link: Link::Down,
            joiner: Joiner::default(),
            parts: RowParts::default(),
            session: None,
            viewport: Viewport::new(options.looking),
            people: People::default(),
            holds: Holds::default(),
            typed: TypedTexts::default(),
            place: options.place,
            gestures: Gestures::default(),
            resend: VecDeque::new(),
            fresh: false,
            last_ping: 0,
            ping: None,
            refresh: None,
            reported: SaveState::Offline { unsaved: 0 },
            discarded_cells: 0,
        }
    }

    /// Whether the session is open: `Welcome` was received on the current connection.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.link == Link::Open
    }

    /// Limit on the edits in flight.
    #[must_use]
    pub const fn max_in_flight(&self) -> usize {
        self.max_in_flight
    }

    /// The place at which this sheet's edits can be undone: that of its client id, which an earlier program or tab may
    /// have begun. 0: none.
    #[must_use]
    pub fn place(&self) -> u64 {
        self.session.as_ref().map_or(self.place, |session| session.place)
    }

    /// The sheet's id.
    #[must_use]
    pub fn sheet_id(&self) -> &str {
        &self.sheet_id
    }

    /// The sheet's name; empty before the first `Welcome`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.session.as_ref().map_or("", |session| &session.name)
    }

    /// The account's role on the sheet; `Unspecified` before the first `Welcome`.
    #[must_use]
    pub fn role(&self) -> v1::Role {
        self.session.as_ref().map_or(v1::Role::Unspecified, |session| session.role)
    }

    /// This client's id; `None` before the server assigns it.
    #[must_use]
    pub fn client_id(&self) -> Option<ClientId> {
        self.session.as_ref().map(|session| session.client)
    }

    /// The server's limits; `None` before the first `Welcome`.
    #[must_use]
    pub fn limits(&self) -> Option<&v1::Limits> {
        self.session.as_ref().map(|session| &session.limits)
    }

    /// The last received revision.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.session.as_ref().map_or(Revision(0), |session| session.replica.revision())
    }

    /// The last revision that is committed to Postgres.
    #[must_use]
    pub fn committed(&self) -> Revision {
        self.session.as_ref().map_or(Revision(0), |session| session.committed)
    }

    /// The view that the person sees, with own edits; `None` before the first `Welcome`.
    #[must_use]
    pub fn view(&self) -> Option<&View> {
        self.session.as_ref().map(|session| session.replica.view())
    }

    /// A cell of the view.
    #[must_use]
    pub fn get(&self, row: u32, col: u32) -> Cell<'_> {
        self.view().and_then(|view| view.get(row, col)).map_or(Cell::Unknown, Cell::Value)
    }

    /// The id of a row of the view; `None` while it is not loaded, and for an own new row until it is accepted.
    #[must_use]
    pub fn row_id(&self, row: u32) -> Option<RowId> {
        self.view().and_then(|view| view.row_id(row))
    }

    /// The position of a loaded row in the view. Cost: the number of loaded rows.
    #[must_use]
    pub fn row_of(&self, id: RowId) -> Option<u32> {
        self.view().and_then(|view| view.row_of(id))
    }

    /// The size of the view.
    #[must_use]
    pub fn size(&self) -> Size {
        self.view().map_or(Size::new(0, 0), View::size)
    }

    /// Number of rows of the view.
    #[must_use]
    pub fn row_count(&self) -> u32 {
        self.size().rows
    }

    /// The columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        self.view().map_or(&[], View::columns)
    }

    /// Number of edits that the server has not accepted yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.session.as_ref().map_or(0, |session| session.replica.pending())
    }

    /// The durability of this client's edits.
    #[must_use]
    pub fn save_state(&self) -> SaveState {
        let unsaved = self.pending();
        match &self.session {
            Some(session) if self.link == Link::Open => match unsaved {
                0 if session.last_own <= session.committed => SaveState::Committed,
                0 => SaveState::Saved,
                _ => SaveState::Saving { unsaved },
            },
            _ => SaveState::Offline { unsaved },
        }
    }

    /// The save state, if its kind differs from the last call or event; else `None`.
    pub fn save_state_changed(&mut self) -> Option<SaveState> {
        let state = self.save_state();
        let changed = std::mem::discriminant(&state) != std::mem::discriminant(&self.reported);
        changed.then(|| {
            self.reported = state;
            state
        })
    }

    /// Whether the session is open, every own edit is accepted and the viewport is loaded.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        let Some(session) = &self.session else { return false };
        self.link == Link::Open
            && session.replica.pending() == 0
            && self.viewport.is_complete(&session.replica)
    }
}
