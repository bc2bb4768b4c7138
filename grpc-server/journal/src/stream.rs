//! One stream of a sheet's entries: its name, its lease, its events, and what a node reads of it.
//!
//! Plain data: where a stream is stored is up to `local` and `streams`. Invariant: the entries of one stream
//! have no gap between their revisions.

use std::sync::Arc;

use model::Entry;
use ot_engine::Revision;
use uuid::Uuid;

/// The answer of the journal to a sheet that is being opened.
#[derive(Debug)]
pub enum OpenedStream {
    /// The sheet continues in this stream, and these entries are not known to be committed, oldest first.
    At(StreamId, Vec<Arc<Entry>>),
    /// A new stream at the given head. The caller reads Postgres again, and withdraws the stream when
    /// the head there has changed.
    Begun(StreamId),
    /// Another node was faster: read the sheet from Postgres again.
    Again,
}

/// Names one stream of a sheet's entries without gaps. Each append carries it, so an append can't
/// land in another stream of the same sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamId(pub(crate) Uuid);

impl StreamId {
    /// The local journal has a single stream for each sheet.
    pub const LOCAL: Self = Self(Uuid::nil());

    /// The stream of this name.
    #[must_use]
    pub const fn named(name: Uuid) -> Self {
        Self(name)
    }
}

/// Which node holds the lease on a sheet's commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    /// This node, as before.
    Held,
    /// This node, newly.
    Acquired,
    /// Another node.
    HeldByOther,
}

/// An event of another node on a sheet.
#[derive(Debug)]
pub enum Event {
    /// These entries follow on this revision.
    Entries(Vec<Arc<Entry>>),
    /// Everything up to here is in Postgres.
    Committed(Revision),
    /// Events may be missing: read the stream.
    Look,
    /// This node has no memory for the sheet's entries, and holds them no more: close it here.
    NoRoom,
}

/// The entries that other nodes have appended.
#[derive(Debug, Default)]
pub struct Followed {
    /// The entries after those that are known, in order.
    pub entries: Vec<Arc<Entry>>,
    /// The last revision that is known to be in Postgres.
    pub committed: Option<Revision>,
}
