//! What a sheet's task queues for a session.
//!
//! Not yet frames: how it looks to the session is decided when the session reads it. Invariant: what many
//! sessions are told is shared between their queues.

use std::sync::Arc;

use bytes::Bytes;
use gridloom::v1;
use ot_engine::{Revision, Window};
use prost::Message as _;

use crate::fanout::cells::CellsPart;
use crate::fanout::published::Published;

/// What an entry takes in the queue besides what it holds, in bytes.
const ENTRY_BYTES: usize = 64;

/// One entry of a session's queue.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// Changes and answers, shared with all other sessions.
    Batch(Arc<Published>),
    /// From here on the session looks at another window.
    Window(Window),
    /// The sheet is at this revision; what led there and was not queued does not concern the session.
    Reached(Revision),
    /// Everything up to here is in Postgres.
    Committed(Revision),
    /// Who is here, as encoded messages: shared with other sessions.
    Presence(Arc<[Bytes]>),
    /// Rows that the session asked for.
    Cells(Box<CellsPart>),
    /// A frame of its own.
    Frame(Box<v1::ServerFrame>),
}

impl Outgoing {
    /// What it holds, in bytes.
    pub(super) fn bytes(&self) -> usize {
        ENTRY_BYTES
            + match self {
                Self::Batch(batch) => batch.bytes(),
                Self::Presence(parts) => parts.iter().map(Bytes::len).sum(),
                Self::Cells(part) => part.bytes(),
                Self::Frame(frame) => frame.encoded_len(),
                Self::Window(_) | Self::Reached(_) | Self::Committed(_) => 0,
            }
    }
}
