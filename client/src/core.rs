//! The protocol of a live sheet as a state machine, without I/O: frames in, events and frames out.
//!
//! It opens no socket, reads no clock and draws no random number, so it runs in a browser, under tokio and
//! in tests. Start with `core/live.rs`: [`LiveSheet`] is the state machine over [`ot_engine::Replica`], and
//! the files of `core/live/` are its methods. `core/state/` holds the parts of its state.
//!
//! The caller does three things:
//!
//! 1. on a new connection it sends [`LiveSheet::hello`] first;
//! 2. it passes each received frame to [`LiveSheet::on_frame`], and calls [`LiveSheet::disconnected`] when
//!    the connection ends (after a [`ProtocolError`] it must end the connection);
//! 3. after each call it sends the frames of [`LiveSheet::outgoing`].
//!
//! Invariants: no frame makes it panic; a sent edit is sent again unchanged until it is answered; every
//! edit ends in `Accepted`, `Rejected` or `Resynced`.
//!
//! ```
//! use client::core::{Cell, LiveOptions, LiveSheet, Looking};
//! use gridloom::v1;
//!
//! let mut live = LiveSheet::new("the sheet's id", LiveOptions::default());
//! live.look(Looking::Rows(0..50));
//! let hello: v1::Hello = live.hello();
//! assert_eq!(hello.sheet_id, "the sheet's id");
//! // ... send it, then for each received frame:
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
//! // The view is there, but its cells are not loaded; an edit shows immediately.
//! assert_eq!(live.get(0, 0), Cell::Unknown);
//! live.set_cells(0, 0, 1, vec!["hi".into()])?;
//! assert_eq!(live.pending(), 1);
//! // A look that requests rows 0 to 50, and the edit:
//! assert_eq!(live.outgoing().len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod event;
mod live;
mod state;

#[cfg(test)]
mod tests;

pub use error::{EditError, ProtocolError};
pub use event::{
    Changed, DISCARDED_BYTES_MAX, DISCARDED_CELLS_MAX, Event, Lost, SaveState, UnsavedCell,
    Welcomed,
};
pub use live::edits::{MAX_PENDING_EDITS, may_edit};
pub use live::saved::SavedError;
pub use live::{Cell, LiveOptions, LiveSheet};
pub use ot_engine::Presence;
pub use state::holds::{Cause, Held, Removed};
pub use state::people::Person;
pub use state::viewport::Looking;
