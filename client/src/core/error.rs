//! The errors of a live sheet: an edit that is not possible, and a violation of the protocol.
//!
//! A refusal by the server is an event, not an error. Invariant: each text ends with what to do, where the
//! person or the caller can do anything.

use gridloom::convert::ConvertError;
use gridloom::pieces::PieceError;
use ot_engine::{Invalid, Revision, SessionError};

/// An edit that is not possible. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The sheet is not open yet.
    #[error("the sheet is not open yet; wait for the connection")]
    NotOpen,
    /// The account's role is viewer.
    #[error("this account can read the sheet but not edit it; ask its owner for access")]
    ReadOnly,
    /// The edit does not fit the sheet.
    #[error("{0}")]
    Invalid(#[from] Invalid),
    /// The values are not whole rows.
    #[error("{values} values are not whole rows of {width} columns; fill the last row")]
    NotARectangle {
        /// Number of values.
        values: usize,
        /// Number of columns.
        width: u32,
    },
    /// The server is of an earlier release, and does not know the kind or the settings of the column.
    #[error(
        "the server is of an earlier release without such columns; choose another kind, and no settings"
    )]
    UnknownKind,
    /// Too many edits wait to be sent.
    #[error(
        "{waiting} of at most {max} edits wait to be sent; wait until the server has accepted some"
    )]
    TooManyWaiting {
        /// Number of waiting edits.
        waiting: usize,
        /// The limit.
        max: usize,
    },
}

/// The server violated the protocol. The caller must end the connection; the next `Hello` starts fresh.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// A frame before `Welcome`, or a second `Welcome` without `Resync`.
    #[error("the server sent a {0} frame out of place")]
    OutOfPlace(&'static str),
    /// A malformed field.
    #[error("the server sent a malformed frame: {0}")]
    Malformed(#[from] ConvertError),
    /// Pieces that do not make a frame.
    #[error("the server sent pieces that do not make a frame: {0}")]
    Pieces(#[from] PieceError),
    /// A delta that does not fit the sheet.
    #[error("the server sent a change that does not fit the sheet: {0}")]
    Unfit(#[from] Invalid),
    /// A revision or an answer out of order.
    #[error("the server sent frames out of order: {0}")]
    Order(#[from] SessionError),
    /// Cells of an older revision than the stream's.
    #[error("the server sent cells of revision {cells} at revision {stream}")]
    WrongRevision {
        /// The revision of the cells.
        cells: Revision,
        /// The revision of the stream.
        stream: Revision,
    },
    /// The server resumed at another client id, epoch or revision.
    #[error("the server resumed another session than this client's")]
    WrongResume,
}
