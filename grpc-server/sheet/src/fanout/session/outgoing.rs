//! The entries of a session's queue.
//!
//! Not here: frames. A session's stream encodes an entry when it reads it (`encoder`). Invariant: an entry for
//! many sessions is shared between their queues.

use std::sync::Arc;

use bytes::Bytes;
use gridloom::v1;
use ot_engine::{Revision, Window};
use prost::Message as _;

use crate::fanout::cells::CellsPart;
use crate::fanout::published::Published;

/// The size of an entry besides its content, in bytes.
const ENTRY_BYTES: usize = 64;

/// One entry of a session's queue.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// Changes and answers, shared with the other sessions that they concern.
    Batch(Arc<Published>),
    /// From here on the session has another window.
    Window(Window),
    /// The sheet is at this revision; the revisions before it that were not queued do not concern the session.
    Reached(Revision),
    /// Everything up to here is in Postgres.
    Committed(Revision),
    /// A presence update, as encoded messages: shared with other sessions.
    Presence(Arc<[Bytes]>),
    /// Another name of the sheet, or other roles and links: shared with other sessions.
    Sheet(Arc<v1::SheetChange>),
    /// Rows that the session asked for.
    Cells(Box<CellsPart>),
    /// A frame of its own.
    Frame(Box<v1::ServerFrame>),
}

impl Outgoing {
    /// Whether no other session shares its content.
    pub(super) const fn is_own(&self) -> bool {
        matches!(self, Self::Cells(_) | Self::Frame(_))
    }

    /// Its size in bytes.
    pub(super) fn bytes(&self) -> usize {
        ENTRY_BYTES
            + match self {
                Self::Batch(batch) => batch.bytes(),
                Self::Presence(parts) => parts.iter().map(Bytes::len).sum(),
                Self::Sheet(change) => change.encoded_len(),
                Self::Cells(part) => part.bytes(),
                Self::Frame(frame) => frame.encoded_len(),
                Self::Window(_) | Self::Reached(_) | Self::Committed(_) => 0,
            }
    }
}
