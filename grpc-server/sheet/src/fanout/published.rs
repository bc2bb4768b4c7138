//! A published batch: durable changes, and the answers that belong between them.
//!
//! A batch is built once and shared by all sessions. Each session reads it in its own task, cuts the changes to
//! its window and finds the answers to its own edits. So the sheet's task pays one queue entry for each session
//! and no encoding.
//!
//! Not here: which session a batch concerns (`viewport`). Invariant: the bytes of a change are encoded at most
//! once for each distinct cut, up to `CUTS_KEPT` cuts.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use gridloom::convert::{self, ChangeHead, Conflicts};
use gridloom::v1;
use ot_engine::{ClientId, Delta, EntryConflict, Revision, Sequence, Window};

use crate::fanout::applied::Applied;
use crate::memory::Frames;
use crate::refusal::Refusal;
use model::budget::Hold;
use model::sizes::CONFLICTS_BYTES;
use model::{Entry, Origin};

/// Names a session inside one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionKey(pub u64);

/// Distinct partial windows whose encodings one change keeps; further ones are encoded each time.
const CUTS_KEPT: usize = 64;

/// A batch, in the order of the sheet's task.
#[derive(Debug)]
pub(crate) struct Published {
    /// Changes, and answers that fall between them.
    pub(crate) items: Vec<Item>,
    /// Its size in bytes.
    bytes: usize,
    /// The same, in the memory of the server, until the last session has read it.
    _hold: Option<Hold>,
}

impl Published {
    pub(crate) fn new(items: Vec<Item>) -> Self {
        let bytes = items.iter().map(Item::bytes).sum();
        Self { items, bytes, _hold: None }
    }

    /// The batch, held in the memory of unread frames.
    pub(crate) fn held_by(mut self, frames: &Frames) -> Self {
        self._hold = Some(frames.hold_shared(self.bytes));
        self
    }

    /// Its size in bytes; the frames of one session are about as large.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }
}

/// One element of a batch.
#[derive(Debug)]
pub(crate) enum Item {
    /// A durable change.
    Change(Arc<PublishedChange>),
    /// An edit was refused.
    Refused { session: SessionKey, sequence: Sequence, refusal: Refusal },
    /// A resend of an edit that was accepted before.
    Again { session: SessionKey, sequence: Sequence, applied: Applied },
}

impl Item {
    fn bytes(&self) -> usize {
        match self {
            Self::Change(change) => change.bytes,
            Self::Refused { .. } => 0,
            Self::Again { applied, .. } => conflicts_bytes(&applied.conflicts),
        }
    }
}

fn conflicts_bytes(conflicts: &[EntryConflict]) -> usize {
    conflicts.iter().map(|lost| convert::conflict_bytes_most(&lost.conflict)).sum()
}

/// A change with the bytes that its readers share.
#[derive(Debug)]
pub(crate) struct PublishedChange {
    pub(crate) entry: Arc<Entry>,
    /// The smallest window around its cell edits; `None` when it has none.
    touched: Option<Window>,
    /// Its size in a message at most, with all conflicts, in bytes.
    bytes: usize,
    whole: OnceLock<Bytes>,
    bare: OnceLock<Bytes>,
    cuts: Mutex<Vec<(Window, Bytes)>>,
}

impl PublishedChange {
    pub(crate) fn new(entry: Arc<Entry>) -> Self {
        Self {
            touched: touched(&entry.delta),
            bytes: entry.delta.weight().bytes + conflicts_bytes(&entry.conflicts),
            entry,
            whole: OnceLock::new(),
            bare: OnceLock::new(),
            cuts: Mutex::new(Vec::new()),
        }
    }

    /// The encoded `Change` for a session whose window after this change is `window`; `None` when nothing
    /// changes there.
    pub(crate) fn encoded(&self, window: &Window) -> Option<Bytes> {
        match &self.touched {
            None => Some(self.whole()),
            Some(touched) if encloses(window, touched) => Some(self.whole()),
            Some(touched) if !intersects(window, touched) => {
                (!self.entry.delta.is_cells_only()).then(|| self.bare())
            }
            Some(_) => Some(self.cut(window)),
        }
    }

    /// The conflicts that accepted edits of a client lost to this change.
    pub(crate) fn lost_by(&self, client: ClientId) -> impl Iterator<Item = &EntryConflict> {
        let own = self.entry.revision;
        self.entry.conflicts.iter().filter(move |lost| {
            lost.revision != own && [client, command_client(client)].contains(&lost.author)
        })
    }

    /// The encoded `Change` for a client that has lost a conflict to it.
    pub(crate) fn encoded_for(&self, client: ClientId, window: &Window) -> Bytes {
        let lost = self.lost_by(client).map(|lost| &lost.conflict);
        let lost = Conflicts::of(lost, CONFLICTS_BYTES);
        self.encode_with(&ot_engine::restrict(&self.entry.delta, window), lost)
    }

    /// The smallest window around its cell edits; `None` when it has none.
    pub(crate) const fn touched(&self) -> Option<&Window> {
        self.touched.as_ref()
    }

    fn whole(&self) -> Bytes {
        self.whole.get_or_init(|| self.encode(&self.entry.delta)).clone()
    }

    fn bare(&self) -> Bytes {
        let bytes = self.bare.get_or_init(|| {
            let Delta { rows, cols, columns, .. } = &*self.entry.delta;
            let (rows, cols, columns) = (rows.clone(), cols.clone(), columns.clone());
            let delta = Delta { rows, cols, columns, cells: Vec::new() };
            self.encode(&delta)
        });
        bytes.clone()
    }

    fn cut(&self, window: &Window) -> Bytes {
        // A poisoned cache is valid: each push is one call.
        let mut cuts = self.cuts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bytes)) = cuts.iter().find(|(known, _)| known == window) {
            return bytes.clone();
        }
        let bytes = self.encode(&ot_engine::restrict(&self.entry.delta, window));
        if cuts.len() < CUTS_KEPT {
            cuts.push((window.clone(), bytes.clone()));
        }
        bytes
    }

    fn encode(&self, delta: &Delta) -> Bytes {
        self.encode_with(delta, Conflicts::default())
    }

    fn encode_with(&self, delta: &Delta, conflicts: Conflicts) -> Bytes {
        let entry = &self.entry;
        let (origin, target) = origin_to_wire(entry.origin);
        let head = ChangeHead {
            revision: entry.revision,
            author: entry.account.to_string(),
            time_micros: entry.at_micros,
            origin,
            target,
        };
        convert::encode_change(&head, delta, conflicts)
    }
}

/// The origin of a change, and the revision that it takes back (0: none).
pub const fn origin_to_wire(origin: Origin) -> (v1::ChangeOrigin, Revision) {
    match origin {
        Origin::Edit => (v1::ChangeOrigin::Edit, Revision(0)),
        Origin::Undo(target) => (v1::ChangeOrigin::Undo, target),
        Origin::Redo(target) => (v1::ChangeOrigin::Redo, target),
        Origin::Restore => (v1::ChangeOrigin::Restore, Revision(0)),
    }
}

/// The smallest window around a delta's cell edits.
fn touched(delta: &Delta) -> Option<Window> {
    // Cells are sorted by row, so the rows are known from the ends.
    let (first, last) = (delta.cells.first()?, delta.cells.last()?);
    let (mut low, mut high) = (first.col, first.col);
    for cell in &delta.cells {
        low = low.min(cell.col);
        high = high.max(cell.col);
    }
    Some(Window { rows: first.row..last.row.saturating_add(1), cols: low..high.saturating_add(1) })
}

fn encloses(outer: &Window, inner: &Window) -> bool {
    outer.rows.start <= inner.rows.start
        && inner.rows.end <= outer.rows.end
        && outer.cols.start <= inner.cols.start
        && inner.cols.end <= outer.cols.end
}

/// Whether two windows have a cell in common.
pub(crate) const fn intersects(a: &Window, b: &Window) -> bool {
    a.rows.start < b.rows.end
        && b.rows.start < a.rows.end
        && a.cols.start < b.cols.end
        && b.cols.start < a.cols.end
}

/// The sibling id under which the *commands* of a live client are logged.
///
/// A client applies its own deltas before the server answers, but receives the outcome of its commands from the
/// server, as other clients do. The sibling id keeps the difference in the log, also after a restart.
pub(crate) const fn command_client(client: ClientId) -> ClientId {
    ClientId(client.0 ^ (1 << 127))
}
