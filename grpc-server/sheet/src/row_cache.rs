//! Row bodies of one open sheet: a bounded cache of what was read or written lately, and above it
//! the *pinned* cells, which are accepted and not yet known to be in Postgres.
//!
//! # Why a body that was read while commits went on comes out right
//! A read sees Postgres at some revision `s`, unknown here, no older than what was known to be
//! committed when it began. Whatever it lacks was written after `s`, so it is enough to keep the
//! cells written after that known revision until the read has ended, and to lay them over the body.
//! Some of them may be in the body already; that does no harm, because a pinned cell always holds
//! its newest value: laying it over the body gives the cell as it stands at the head.
//!
//! So [`RowCache::committed`] unpins only up to where the oldest read under way began. This needs
//! reads that see all that was committed before them: the primary, never a replica.
//!
//! Invariants: a cached body is the row at the head; a cell that was written after the committed
//! revision is pinned; bodies together take no more than the limit (pinned cells do not count: they
//! can't be given up, and the journal bounds them).

mod pinned;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use ot_engine::{Revision, RowId};
use rustc_hash::FxHashMap;

use crate::state::Effects;
use model::{RowBody, RowPatch};
use pinned::Pinned;

/// What a cached row costs besides its body, in bytes: its places in the map and in the ring.
const SLOT_OVERHEAD_BYTES: usize = 64;

/// Names a read under way; given back with [`RowCache::end_read`].
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
    /// Inserts that are not committed: nothing of these rows is in the store.
    created: VecDeque<(Revision, Range<RowId>)>,
    committed: Revision,
    /// The reads under way, oldest first, and what was committed when each began.
    reads: BTreeMap<u64, Revision>,
    next_read: u64,
}

#[derive(Debug)]
struct Slot {
    body: Arc<RowBody>,
    bytes: usize,
    /// Asked for since the hand of the clock last came by.
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

    /// Takes in what an accepted change does to rows.
    pub fn apply(&mut self, effects: &Effects) {
        if !effects.created_rows.is_empty() {
            self.created.push_back((effects.revision, effects.created_rows.clone()));
        }
        for (row, patch) in &effects.row_patches {
            self.patch(effects.revision, *row, patch);
        }
    }

    /// The row as it stands at the head, if that is known without asking the store.
    pub fn get(&mut self, row: RowId) -> Option<Arc<RowBody>> {
        if let Some(slot) = self.bodies.get_mut(&row) {
            slot.used = true;
            return Some(Arc::clone(&slot.body));
        }
        // A row that the store can't know yet is what was written to it, so new rows are there
        // also while Postgres is away.
        self.is_new(row).then(|| self.put_fetched(row, RowBody::default()))
    }

    /// A read of the store begins: call it before the query is sent.
    pub fn begin_read(&mut self) -> ReadToken {
        let token = ReadToken(self.next_read);
        self.next_read += 1;
        self.reads.insert(token.0, self.committed);
        token
    }

    /// Takes in a row that was read between [`begin_read`](Self::begin_read) and now (an empty body
    /// for one that the store does not have), and answers how it stands at the head.
    pub fn put_fetched(&mut self, row: RowId, mut body: RowBody) -> Arc<RowBody> {
        if let Some(slot) = self.bodies.get_mut(&row) {
            slot.used = true;
            return Arc::clone(&slot.body);
        }
        self.pinned.lay_over(row, &mut body);
        let bytes = SLOT_OVERHEAD_BYTES + body.weight_bytes();
        let body = Arc::new(body);
        self.bodies.insert(row, Slot { body: Arc::clone(&body), bytes, used: false });
        self.ring.push_back(row);
        self.bytes += bytes;
        self.evict();
        body
    }

    /// A read has ended, however it ended, and what it brought was put in.
    pub fn end_read(&mut self, token: ReadToken) {
        self.reads.remove(&token.0);
        self.unpin();
    }

    /// Everything up to `revision` is in the store.
    pub fn committed(&mut self, revision: Revision) {
        self.committed = self.committed.max(revision);
        while self.created.front().is_some_and(|(made, _)| *made <= self.committed) {
            self.created.pop_front();
        }
        self.unpin();
    }

    /// Bytes that the cached bodies take.
    #[must_use]
    pub const fn cached_bytes(&self) -> usize {
        self.bytes
    }

    /// How many rows have cells that can't be given up.
    #[must_use]
    pub fn pinned_rows(&self) -> usize {
        self.pinned.rows()
    }

    /// Checks the bookkeeping.
    ///
    /// # Panics
    /// When it is wrong: that is a bug in this module.
    pub fn check_invariants(&self) {
        assert_eq!(self.bodies.len(), self.ring.len(), "each cached row is in the ring once");
        assert!(self.ring.iter().all(|row| self.bodies.contains_key(row)));
        let bytes: usize = self.bodies.values().map(|slot| slot.bytes).sum();
        assert_eq!(bytes, self.bytes, "bytes out of step");
        assert!(self.bytes <= self.limit_bytes, "too many bytes");
        self.pinned.check_invariants();
    }

    /// A change writes cells of one row.
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

    /// Whether a row was made by a change that is not committed.
    fn is_new(&self, row: RowId) -> bool {
        // Ids are given out in ascending order, so the ranges are sorted.
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
