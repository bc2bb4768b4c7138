//! What can go wrong: an edit that can't be made, and a server that breaks the protocol.

use gridloom::convert::ConvertError;
use gridloom::pieces::PieceError;
use ot_engine::{Invalid, Revision, SessionError};

/// An edit that can't be made; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The sheet is not known yet: wait for `Welcomed`.
    #[error("the sheet is not open yet")]
    NotOpen,
    /// This account may only read.
    #[error("this account may read the sheet but not edit it")]
    ReadOnly,
    /// It does not fit the sheet.
    #[error("{0}")]
    Invalid(#[from] Invalid),
    /// The values are not whole rows.
    #[error("{values} values are not whole rows of {width} columns")]
    NotARectangle {
        /// How many values.
        values: usize,
        /// How many columns.
        width: u32,
    },
    /// Too many edits wait to be sent.
    #[error("{waiting} edits wait to be sent; the most is {max}")]
    TooManyWaiting {
        /// How many wait.
        waiting: usize,
        /// The limit.
        max: usize,
    },
}

/// The server sent what the protocol does not allow. End the connection and open another: the next
/// `Hello` starts afresh.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// A frame of no known kind: the server is newer than this client.
    #[error("the server sent a frame that this client does not know; update the client")]
    UnknownFrame,
    /// A frame before `Welcome`, or a second `Welcome` without `Resync`.
    #[error("the server sent a {0} frame out of place")]
    OutOfPlace(&'static str),
    /// A malformed field.
    #[error("the server sent a malformed frame: {0}")]
    Malformed(#[from] ConvertError),
    /// Pieces of a frame that can't be put together.
    #[error("the server sent a frame in pieces that don't fit: {0}")]
    Pieces(#[from] PieceError),
    /// A delta that does not fit the sheet.
    #[error("the server sent a change that does not fit the sheet: {0}")]
    Unfit(#[from] Invalid),
    /// A revision or an answer that is not next in order.
    #[error("the server broke the order: {0}")]
    Order(#[from] SessionError),
    /// Cells of another revision than the stream's.
    #[error("the server sent cells of revision {cells} at revision {stream}")]
    WrongRevision {
        /// What the cells claim.
        cells: Revision,
        /// Where the stream is.
        stream: Revision,
    },
    /// The session goes on at another place than where this client is.
    #[error("the server resumed another session than this client's")]
    WrongResume,
}
