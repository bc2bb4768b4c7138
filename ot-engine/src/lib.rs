//! The delta algebra of Gridloom, and the two state machines that are built on it.
//!
//! A sheet has two axes of lines (rows and columns), and each pair of a row and a column has a cell. A
//! [`Delta`] is one atomic change of it.
//!
//! **What it is not.** The crate knows no network, clock, thread, database or wire format. It stores
//! nothing, and it parses and formats no typed values.
//!
//! **Where to start.** `delta.rs` and `axis/run.rs` define the change; `algebra/transform.rs` makes two
//! concurrent changes compatible. `sequencer.rs` orders edits on the server; `session.rs` and
//! `replica.rs` follow that order on a client.
//!
//! | room | contents |
//! | --- | --- |
//! | `axis/` | the change of one axis, the positions after it |
//! | `text/` | the change of one cell's text |
//! | `delta/` | the change of a whole sheet, with its cell and column edits |
//! | `algebra/` | [`transform`], [`compose`], [`invert`], [`restrict`], conflicts |
//! | `position/` | windows and presence, which follow the lines |
//! | `validate/` | the rules for deltas from outside |
//! | `state/` | the dense [`Sheet`] for tests, the client's [`View`] |
//! | `codec/` | the binary form for journals and logs |
//! | `sequencer/` | the server's order: revisions, resends, rollback |
//! | `session/`, `replica/` | the client's pending edits, and its views of the sheet |
//!
//! **Invariants.** The cost of every operation is proportional to the runs and cells of its deltas, never to
//! the size of the sheet. The dense [`Sheet`] is the one exception. A delta from outside must pass
//! [`validate`] first; every other function expects deltas that it accepts.

mod algebra;
mod axis;
pub mod codec;
mod delta;
mod id;
mod position;
mod replica;
mod sequencer;
mod session;
mod state;
mod text;
mod validate;
mod value;

pub use algebra::{
    Attribute, Conflict, Content, Inverse, Reason, Side, Transformed, cells_inside, compose,
    invert, rebase, restrict, transform,
};
pub use axis::{AxisDelta, AxisMap, Bias, Origin, Run};
pub use delta::{CellEdit, CellOrigins, ColumnEdit, Delta, Edit, SharedDelta, Weight};
pub use id::{ClientId, ColumnId, LineId, Revision, RowId, Sequence};
pub use position::{Presence, Window};
pub use replica::{FirstIds, Replica};
pub use sequencer::{
    Carry, DEFAULT_HISTORY, Entry, EntryConflict, HistoryLimits, NextIds, Outcome, Sequencer,
    Submission, SubmitError, Submitter,
};
pub use session::{
    ClientSession, DEFAULT_MAX_IN_FLIGHT_EDITS, Received, Refused, RestoreError, SessionError,
};
pub use state::{Block, Inserted, Sheet, View};
pub use text::{TextDelta, TextRun};
pub use validate::{
    Invalid, Limits, Rule, validate, validate_column, validate_text, validate_text_edit,
    validate_value,
};
pub use value::{Column, ColumnKind, Size, Value};
