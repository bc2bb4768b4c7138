//! The delta algebra of Gridloom, and the two state machines that are built on it.
//!
//! A sheet has two axes of lines (rows and columns) and cells where they meet. A [`Delta`] is one
//! atomic change. [`transform`] lets two deltas that were made at the same time meet in one state,
//! [`compose`] turns two in a row into one, [`restrict`] cuts a delta to what a reader looks at.
//! [`Sequencer`] makes the order on the server; [`ClientSession`] and [`Replica`] keep a client in
//! step with it.
//!
//! What this crate is not: it knows no network, clock, thread, database or wire format. Its
//! invariant is cost: every operation is proportional to the runs and cells of its deltas, never to
//! the size of the sheet ([`Sheet`], the dense model for tests and tools, is the one exception).
//!
//! Deltas that come from outside go through [`validate`] first; every other function expects deltas
//! that it accepts.

mod axis;
pub mod codec;
mod compose;
mod conflict;
mod delta;
mod id;
mod invert;
mod presence;
mod replica;
mod sequencer;
mod session;
mod sheet;
mod text;
mod transform;
mod validate;
mod value;
mod view;
mod window;

pub use axis::{AxisDelta, AxisMap, Bias, Origin, Run};
pub use compose::compose;
pub use conflict::{Attribute, Conflict, Content, Reason, Side};
pub use delta::{CellEdit, ColumnEdit, Delta, Edit};
pub use id::{ClientId, ColumnId, LineId, Revision, RowId, Sequence};
pub use invert::{Inverse, invert};
pub use presence::Presence;
pub use replica::Replica;
pub use sequencer::{
    DEFAULT_HISTORY, Entry, EntryConflict, HistoryLimits, NextIds, Outcome, Sequencer, Submission,
    SubmitError,
};
pub use session::{
    ClientSession, DEFAULT_MAX_IN_FLIGHT_EDITS, Received, Refused, RestoreError, SessionError,
};
pub use sheet::Sheet;
pub use text::{TextDelta, TextRun};
pub use transform::{Transformed, rebase, transform};
pub use validate::{
    Invalid, Limits, Rule, validate, validate_column, validate_text, validate_text_edit,
    validate_value,
};
pub use value::{Column, ColumnKind, Size, Value};
pub use view::{Block, Inserted, View};
pub use window::{Window, cells_inside, restrict};
