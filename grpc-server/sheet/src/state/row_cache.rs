//! Row bodies of one open sheet: a bounded cache of rows that were read or written lately, and the *pinned*
//! cells, which are accepted and not yet known to be in Postgres.
//!
//! # Why a body that was read during commits is right
//! A read sees Postgres at some revision `s`, unknown here, at least the revision that was known to be
//! committed when the read began. Each write that the body lacks is later than `s`. So the cache keeps the
//! cells written after that known revision until the read has ended, and applies them to the body. The body may
//! contain some of them already; a pinned cell has its newest value, so the result is the cell at the head.
//!
//! So [`RowCache::committed`] unpins only up to the revision at which the oldest outstanding read began. This
//! needs reads that see all earlier commits: the primary, never a replica.
//!
//! Not here: the reads themselves (`actor`). Invariants: a cached body is the row at the head; a cell written
//! after the committed revision is pinned; bodies together take no more than the limit. Pinned cells do not
//! count towards it: they can't be evicted, and the journal bounds them.

mod pinned;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use ot_engine::{Revision, RowId};
use rustc_hash::FxHashMap;

use crate::state::WriteSet;
use model::{RowBody, RowPatch};
use pinned::Pinned;

/// The cost of a cached row besides its body, in bytes: its places in the map and in the ring.
const SLOT_OVERHEAD_BYTES: usize = 64;

/// Names an outstanding read, until [`RowCache::end_read`].
#[derive(Debug, PartialEq, Eq)]
#[must_use = "cells stay pinned until the read is ended"]
pub struct ReadToken(u64);

/// The rows of one sheet that are in memory.
#[derive(Debug)]
pub struct RowCache {
    bodies: FxHashMap<RowId, Slot>,
    /// The cached rows in the order in which the hand of the clock comes to them. Second chance
    /// rather than exact LRU: a hit only sets a flag.
    ring: VecDeque<RowId>,
    bytes: usize,
    limit_bytes: usize,
    pinned: Pinned,
    /// Inserts that are not committed: Postgres has none of these rows.
    created: VecDeque<(Revision, Range<RowId>)>,
    committed: Revision,
    /// The outstanding reads, oldest first, each with the committed revision at its begin.
    reads: BTreeMap<u64, Revision>,
    next_read: u64,
}

#[derive(Debug)]
struct Slot {
    body: Arc<RowBody>,
    bytes: usize,
    /// Read or written since the clock's hand last passed.
    used: bool,
}

impl RowCache {
    /// An empty cache whose bodies take at most `limit_bytes`.
    #[must_use]
    pub fn new(limit_bytes: usize) -> Self {
        Self {
            bodies: FxHashMap::default(),
            ring: VecDeque::new(),
            bytes: 0,
            limit_bytes,
            pinned: Pinned::default(),
            created: VecDeque::new(),
            committed: Revision(0),
            reads: BTreeMap::new(),
            next_read: 0,
        }
    }

    /// Applies the write set of an accepted change.
    pub fn apply(&mut self, writes: &WriteSet) {
        if !writes.created_rows.is_empty() {
            self.created.push_back((writes.revision, writes.created_rows.clone()));
        }
        for (row, patch) in &writes.row_patches {
            self.patch(writes.revision, *row, patch);
        }
    }

    /// The row at the head, if it is known without a read.
    pub fn get(&mut self, row: RowId) -> Option<Arc<RowBody>> {
        if let Some(slot) = self.bodies.get_mut(&row) {
            slot.used = true;
            return Some(Arc::clone(&slot.body));
        }
        // Postgres can't have a new row yet, so its pinned cells are all of it, also while Postgres is away.
        self.is_new(row).then(|| self.put_fetched(row, RowBody::default()))
    }

    /// Begins a read: call it before the query is sent.
    pub fn begin_read(&mut self) -> ReadToken {
        let token = ReadToken(self.next_read);
        self.next_read += 1;
        self.reads.insert(token.0, self.committed);
        token
    }

    /// Caches a row that was read since [`begin_read`](Self::begin_read) (an empty body for a row that
    /// Postgres does not have), and returns the row at the head.
    pub fn put_fetched(&mut self, row: RowId, mut body: RowBody) -> Arc<RowBody> {
        if let Some(slot) = self.bodies.get_mut(&row) {
            slot.used = true;
            return Arc::clone(&slot.body);
        }
        self.pinned.apply_to(row, &mut body);
        let bytes = SLOT_OVERHEAD_BYTES + body.weight_bytes();
        let body = Arc::new(body);
        self.bodies.insert(row, Slot { body: Arc::clone(&body), bytes, used: false });
        self.ring.push_back(row);
        self.bytes += bytes;
        self.evict();
        body
    }

    /// The row at the head, from some of its cells that were read since [`begin_read`](Self::begin_read): cells of
    /// other columns may be missing, so nothing is cached.
    pub fn overlay(&mut self, row: RowId, mut some: RowBody) -> Arc<RowBody> {
        if let Some(slot) = self.bodies.get_mut(&row) {
            slot.used = true;
            return Arc::clone(&slot.body);
        }
        self.pinned.apply_to(row, &mut some);
        Arc::new(some)
    }

    /// Ends a read, also one that failed, after its rows were put in.
    pub fn end_read(&mut self, token: ReadToken) {
        self.reads.remove(&token.0);
        self.unpin();
    }

    /// Everything up to `revision` is in Postgres.
    pub fn committed(&mut self, revision: Revision) {
        self.committed = self.committed.max(revision);
        while self.created.front().is_some_and(|(made, _)| *made <= self.committed) {
            self.created.pop_front();
        }
        self.unpin();
    }

    /// Sets the limit of the bytes, and evicts bodies above it.
    pub fn limit(&mut self, bytes: usize) {
        self.limit_bytes = bytes;
        self.evict();
    }

    /// Bytes that the cached bodies take.
    #[must_use]
    pub const fn cached_bytes(&self) -> usize {
        self.bytes
    }

    /// The number of rows with pinned cells.
    #[must_use]
    pub fn pinned_rows(&self) -> usize {
        self.pinned.rows()
    }

    /// Checks the bookkeeping.
    ///
    /// # Panics
    /// When it is wrong, which is a defect of this module.
    pub fn check_invariants(&self) {
        assert_eq!(self.bodies.len(), self.ring.len(), "each cached row is in the ring once");
        assert!(self.ring.iter().all(|row| self.bodies.contains_key(row)));
        let bytes: usize = self.bodies.values().map(|slot| slot.bytes).sum();
        assert_eq!(bytes, self.bytes, "bytes out of step");
        assert!(self.bytes <= self.limit_bytes, "too many bytes");
        self.pinned.check_invariants();
    }

    /// Writes cells of one row.
    fn patch(&mut self, revision: Revision, row: RowId, patch: &RowPatch) {
        self.pinned.pin(revision, row, patch);
        let Some(slot) = self.bodies.get_mut(&row) else { return };
        // Readers that still hold the body keep it as it was.
        let body = Arc::make_mut(&mut slot.body);
        body.merge(patch);
        let bytes = SLOT_OVERHEAD_BYTES + body.weight_bytes();
        self.bytes = self.bytes - slot.bytes + bytes;
        slot.bytes = bytes;
        slot.used = true;
        self.evict();
    }

    /// Whether a change that is not committed created the row.
    fn is_new(&self, row: RowId) -> bool {
        // New ids ascend, so the ranges are sorted.
        let at = self.created.partition_point(|(_, range)| range.end <= row);
        self.created.get(at).is_some_and(|(_, range)| range.contains(&row))
    }

    fn unpin(&mut self) {
        let oldest = self.reads.values().next().copied();
        self.pinned.unpin(oldest.unwrap_or(self.committed));
    }

    fn evict(&mut self) {
        while self.bytes > self.limit_bytes {
            let Some(row) = self.ring.pop_front() else { return };
            match self.bodies.get_mut(&row) {
                Some(slot) if slot.used => {
                    slot.used = false;
                    self.ring.push_back(row);
                }
                _ => {
                    let bytes = self.bodies.remove(&row).map_or(0, |slot| slot.bytes);
                    self.bytes -= bytes;
                }
            }
        }
    }
}
