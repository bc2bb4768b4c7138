//! The client's side of a live sheet, without any I/O: frames in, events and frames out.
//!
//! [`LiveSheet`] is the whole protocol as a state machine over [`ot_engine::Replica`]. It opens no
//! socket, reads no clock and draws no random number, so it runs in a browser, under tokio and in
//! tests alike. Whoever owns it does three things:
//!
//! 1. on a new connection, send [`LiveSheet::hello`] first;
//! 2. give each received frame to [`LiveSheet::on_frame`], and tell [`LiveSheet::disconnected`]
//!    when the connection ends (also after a [`ProtocolError`]: then end it);
//! 3. after anything happened, send what [`LiveSheet::outgoing`] has.
//!
//! Invariants: nothing that a server sends makes it panic; an edit that was sent is sent again
//! exactly as it was, until it is answered; every edit ends in `Accepted`, `Rejected` or `Resynced`.
//!
//! ```
//! use client::core::{Cell, LiveOptions, LiveSheet, Looking};
//! use gridloom::v1;
//!
//! let mut live = LiveSheet::new("the sheet's id", LiveOptions::default());
//! live.look(Looking::Rows(0..50));
//! let hello: v1::Hello = live.hello();
//! assert_eq!(hello.sheet_id, "the sheet's id");
//! // ... send it, then for each frame that comes:
//! let welcome = v1::Welcome {
//!     client_id: "01234567-89ab-cdef-0123-456789abcdef".to_owned(),
//!     role: v1::Role::Owner.into(),
//!     columns: vec![v1::Column { id: "1".to_owned(), ..v1::Column::default() }],
//!     row_count: 100,
//!     ..v1::Welcome::default()
//! };
//! let frame = v1::ServerFrame { frame: Some(v1::server_frame::Frame::Welcome(welcome)) };
//! let events = live.on_frame(frame)?;
//! assert!(!events.is_empty());
//! // The view is there, its cells are not yet; an edit shows at once.
//! assert_eq!(live.get(0, 0), Cell::Unknown);
//! live.set_cells(0, 0, 1, vec!["hi".into()])?;
//! assert_eq!(live.pending(), 1);
//! // A look that asks for rows 0 to 50, and the edit:
//! assert_eq!(live.outgoing().len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod edits;
mod error;
mod event;
mod holds;
mod incoming;
mod looking;
mod outgoing;
mod parts;
mod presence;
mod saved;
mod session;
mod texts;
mod unsaved;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use gridloom::convert::{client_id_to_wire, window_to_wire};
use gridloom::pieces::Joiner;
use gridloom::v1;
use ot_engine::{
    ClientId, Column, DEFAULT_MAX_IN_FLIGHT_EDITS, Revision, Size, Submission, Value, View,
};

pub use edits::MAX_PENDING_EDITS;
pub use error::{EditError, ProtocolError};
pub use event::{Changed, Event, Lost, SaveState, Welcomed};
use holds::Holds;
pub use holds::{Cause, Gone, Held};
pub use looking::Looking;
use looking::Sight;
pub use ot_engine::Presence;
use parts::RowParts;
use presence::People;
pub use presence::Person;
pub use saved::SavedError;
use session::Session;
use texts::TypedTexts;
pub use unsaved::UnsavedCell;

/// How a live sheet behaves.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// How many edits may be on the way unanswered, at least 1.
    pub max_in_flight_edits: usize,
    /// What to look at from the start.
    pub looking: Looking,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self { max_in_flight_edits: DEFAULT_MAX_IN_FLIGHT_EDITS, looking: Looking::Nothing }
    }
}

/// A cell as far as this client knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Not loaded, or beyond the sheet.
    Unknown,
    /// What it holds; an empty cell holds [`Value::Empty`].
    Value(&'a Value),
}

/// How far the current connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// There is none.
    Down,
    /// `Hello` was said; `Welcome` is awaited.
    Greeting,
    /// The session is open.
    Open,
}

/// A sheet that is open for live editing. See the [module](self).
#[derive(Debug)]
pub struct LiveSheet {
    sheet_id: String,
    max_in_flight: usize,
    link: Link,
    /// A large frame, as far as it has come on the current connection.
    joiner: Joiner,
    /// A large row, likewise.
    parts: RowParts,
    session: Option<Session>,
    sight: Sight,
    people: People,
    holds: Holds,
    typed: TypedTexts,
    /// Edits of an earlier connection that go out first, as they were.
    resend: VecDeque<Submission>,
    /// The next connection does not go on from where the last one ended.
    fresh: bool,
    /// The number of the last ping; each follows a `Look`.
    last_ping: u64,
    /// A ping that is to be sent.
    ping: Option<u64>,
    /// A token to tell the server; only the newest counts.
    refresh: Option<String>,
    /// The state last told by an event.
    told: SaveState,
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
            sight: Sight::new(options.looking),
            people: People::default(),
            holds: Holds::default(),
            typed: TypedTexts::default(),
            resend: VecDeque::new(),
            fresh: false,
            last_ping: 0,
            ping: None,
            refresh: None,
            told: SaveState::Offline { unsaved: 0 },
        }
    }

    /// Begins a new connection: what to say first on it. Goes on from where the last one ended.
    #[must_use]
    pub fn hello(&mut self) -> v1::Hello {
        self.disconnect();
        self.link = Link::Greeting;
        let resume = if self.fresh { None } else { self.session.as_mut() };
        let point = resume.as_ref().map(|session| v1::ResumePoint {
            epoch: session.epoch,
            revision: session.replica.revision().0,
        });
        let window = self.sight.begin(resume.map(|session| &mut session.replica));
        v1::Hello {
            sheet_id: self.sheet_id.clone(),
            client_id: self.client_id().map(client_id_to_wire).unwrap_or_default(),
            resume: point,
            window: Some(window_to_wire(&window)),
        }
    }

    /// The same as [`Self::hello`], as the first frame of a `Collaborate` stream.
    #[must_use]
    pub fn hello_frame(&mut self) -> v1::ClientFrame {
        v1::ClientFrame { frame: Some(v1::client_frame::Frame::Hello(self.hello())) }
    }

    /// The connection is gone. Edits are kept and can go on being made.
    pub fn disconnected(&mut self) -> Vec<Event> {
        self.disconnect();
        self.save_state_changed().map(Event::SaveState).into_iter().collect()
    }

    /// Forgets where the last connection ended: the next [`Self::hello`] starts afresh, and the
    /// `Resynced` event that follows reports what was not saved.
    pub fn start_over(&mut self) {
        self.disconnect();
        self.fresh = true;
    }

    fn disconnect(&mut self) {
        self.link = Link::Down;
        self.joiner = Joiner::default();
        self.parts.forget();
        self.resend.clear();
        self.ping = None;
    }

    /// Whether `Welcome` came on the current connection.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.link == Link::Open
    }

    /// How many edits may be on the way unanswered.
    #[must_use]
    pub const fn max_in_flight(&self) -> usize {
        self.max_in_flight
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

    /// What this account may do; `Unspecified` before the first `Welcome`.
    #[must_use]
    pub fn role(&self) -> v1::Role {
        self.session.as_ref().map_or(v1::Role::Unspecified, |session| session.role)
    }

    /// This client's id, once the server has given one.
    #[must_use]
    pub fn client_id(&self) -> Option<ClientId> {
        self.session.as_ref().map(|session| session.client)
    }

    /// The server's limits as it told them.
    #[must_use]
    pub fn limits(&self) -> Option<&v1::Limits> {
        self.session.as_ref().map(|session| &session.limits)
    }

    /// The last revision seen.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.session.as_ref().map_or(Revision(0), |session| session.replica.revision())
    }

    /// Everything up to here is in Postgres.
    #[must_use]
    pub fn committed(&self) -> Revision {
        self.session.as_ref().map_or(Revision(0), |session| session.committed)
    }

    /// The sheet as the person sees it, own edits included; `None` before the first `Welcome`.
    #[must_use]
    pub fn view(&self) -> Option<&View> {
        self.session.as_ref().map(|session| session.replica.view())
    }

    /// What a cell holds.
    #[must_use]
    pub fn get(&self, row: u32, col: u32) -> Cell<'_> {
        self.view().and_then(|view| view.get(row, col)).map_or(Cell::Unknown, Cell::Value)
    }

    /// How many rows and columns there are.
    #[must_use]
    pub fn size(&self) -> Size {
        self.view().map_or(Size::new(0, 0), View::size)
    }

    /// How many rows there are.
    #[must_use]
    pub fn row_count(&self) -> u32 {
        self.size().rows
    }

    /// The columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        self.view().map_or(&[], View::columns)
    }

    /// Edits that the server has not accepted yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.session.as_ref().map_or(0, |session| session.replica.pending())
    }

    /// How safe this client's edits are.
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

    /// The save state, when it is another kind than when this was last asked or told by an event.
    pub fn save_state_changed(&mut self) -> Option<SaveState> {
        let state = self.save_state();
        let changed = std::mem::discriminant(&state) != std::mem::discriminant(&self.told);
        changed.then(|| {
            self.told = state;
            state
        })
    }

    /// Whether nothing is under way: connected, every own edit accepted, all that is looked at
    /// loaded.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        let Some(session) = &self.session else { return false };
        self.link == Link::Open
            && session.replica.pending() == 0
            && self.sight.is_settled(&session.replica)
    }
}
