//! The order of a sheet's rows in memory: a piece table.
//!
//! A span stands for consecutive row ids, so a sheet imported with a million rows is one span. Moving,
//! inserting or deleting rows splits spans and touches no row. Spans are grouped into chunks with a known
//! length, and a lookup by position walks the chunks. Rejected: a balanced tree. A much-edited sheet has a few
//! thousand spans, and a walk over a dozen chunks is faster and much shorter to write.
//!
//! Each span has a key, which orders the spans of a sheet in Postgres. Keys leave gaps, so an edit changes few
//! keys; a stretch without gaps is renumbered (`keys`, `renumber`).
//!
//! Not here: the cells of a row. Invariant: keys ascend strictly, no span and no chunk is empty, and each
//! change of a keyed span is recorded in [`RowOrderChanges`].

mod by_id;
mod change;
mod chunk;
mod edit;
mod keys;
mod plan;
mod renumber;

#[cfg(test)]
mod tests;

use std::ops::Range;

use ot_engine::RowId;

use by_id::ById;
pub use change::RowOrderChanges;
use chunk::{Chunk, Place};
use model::Span;

/// Why spans make no row order, or a delta does not fit one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowOrderError {
    /// A span without rows.
    #[error("the span with key {0} has no rows")]
    Empty(i64),
    /// Keys that do not ascend.
    #[error("the span with key {0} is out of order")]
    OutOfOrder(i64),
    /// More rows than positions.
    #[error("the sheet would have more rows than can be counted")]
    TooLong,
    /// The delta consumes more rows than there are.
    #[error("the change is made for {needed} rows, the sheet has {len}")]
    BeyondEnd {
        /// Rows that the delta consumes.
        needed: u64,
        /// Rows in the sheet.
        len: u32,
    },
    /// An insert without ids.
    #[error("an insert has no row ids")]
    Unnamed,
    /// A slot that is not lifted once and dropped once.
    #[error("slot {0} is not lifted once and dropped once")]
    Slot(u32),
}

/// The row ids of a sheet in the order of their positions.
#[derive(Clone, Debug, Default)]
pub struct RowOrder {
    chunks: Vec<Chunk>,
    len: u32,
    by_id: ById,
    /// Where the last lookup of a change ended.
    hint: Hint,
    /// Chunks that the lookups of changes have passed.
    #[cfg(test)]
    steps: usize,
}

/// The cost of lookups by id in one order.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowLookups {
    by_id: ById,
    /// The spans, about.
    spans: usize,
}

impl RowLookups {
    /// The spans that so many calls of [`RowOrder::position_of`] visit, about.
    pub(crate) fn steps(&self, lookups: usize) -> usize {
        self.by_id.steps(lookups, self.spans)
    }
}

/// A chunk, or the end of all chunks, and the position of its first row.
#[derive(Clone, Copy, Debug, Default)]
struct Hint {
    chunk: usize,
    from: u32,
}

impl RowOrder {
    /// A row order from spans in the order of their keys, as Postgres has them.
    ///
    /// # Errors
    /// [`RowOrderError::Empty`], [`RowOrderError::OutOfOrder`], [`RowOrderError::TooLong`].
    pub fn from_spans(spans: Vec<Span>) -> Result<Self, RowOrderError> {
        let mut len = 0_u32;
        let mut last: Option<i64> = None;
        for span in &spans {
            if span.length == 0 {
                return Err(RowOrderError::Empty(span.key));
            }
            if last.is_some_and(|last| last >= span.key) {
                return Err(RowOrderError::OutOfOrder(span.key));
            }
            last = Some(span.key);
            len = len.checked_add(span.length).ok_or(RowOrderError::TooLong)?;
        }
        let chunks = spans.chunks(chunk::FILL_SPANS).map(|spans| Chunk::new(spans.to_vec()));
        Ok(Self { chunks: chunks.collect(), len, ..Self::default() })
    }

    /// The number of rows.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.len
    }

    /// Whether there are no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The number of spans: the memory of a row order grows with it.
    #[must_use]
    pub fn span_count(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.spans().len()).sum()
    }

    /// The chunks of neighbouring spans: a walk by position visits each once.
    pub(crate) fn chunk_count(&self) -> usize {
        self.chunks.len()
    }

    /// All spans in order.
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        self.chunks.iter().flat_map(Chunk::spans)
    }

    /// The id of the row at `position`.
    #[must_use]
    pub fn id_at(&self, position: u32) -> Option<RowId> {
        self.cursor().id_at(position)
    }

    /// The ids of the rows at `positions`, as ranges in the order of the sheet. Positions beyond the end
    /// are left out.
    pub fn ids(&self, positions: Range<u32>) -> impl Iterator<Item = Range<RowId>> {
        let mut cursor = self.cursor();
        let end = positions.end.min(self.len);
        let mut next = positions.start;
        std::iter::from_fn(move || {
            if next >= end {
                return None;
            }
            let (span, from) = cursor.seek(next)?;
            let offset = next - from;
            let count = (span.length - offset).min(end - next);
            next += count;
            let start = span.start.0 + u64::from(offset);
            Some(RowId(start)..RowId(start + u64::from(count)))
        })
    }

    /// The position of a row, if it is in the sheet. Cost: every span for the first lookups after a change,
    /// then a binary search.
    #[must_use]
    pub fn position_of(&self, row: RowId) -> Option<u32> {
        self.by_id.position_of(row, self.spans())
    }

    /// The cost of further lookups by id.
    pub(crate) fn lookups(&self) -> RowLookups {
        RowLookups { by_id: self.by_id.clone(), spans: self.chunks.len() * chunk::FILL_SPANS }
    }

    /// A reader of ascending positions: many lookups cost one walk.
    #[must_use]
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor { table: self, place: Place { chunk: 0, span: 0 }, from: 0 }
    }

    /// Checks the module's invariant.
    ///
    /// # Panics
    /// When it does not hold, which is a defect of this module.
    pub fn check_invariants(&self) {
        let mut last = None;
        let mut len = 0_u64;
        for chunk in &self.chunks {
            chunk.check_invariants();
            len += u64::from(chunk.len());
        }
        for span in self.spans() {
            assert!(span.length > 0, "an empty span: {span:?}");
            assert!(span.key != keys::UNKEYED, "a span without a key: {span:?}");
            assert!(last < Some(span.key), "keys out of order at {span:?}");
            last = Some(span.key);
        }
        assert_eq!(len, u64::from(self.len), "length out of step");
    }
}

/// Looks up ascending positions in a [`RowOrder`].
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    table: &'a RowOrder,
    place: Place,
    /// Position of the first row of the span at `place`.
    from: u32,
}

impl<'a> Cursor<'a> {
    /// The id of the row at `position`. A position below the former one starts the walk again.
    pub fn id_at(&mut self, position: u32) -> Option<RowId> {
        let (span, from) = self.seek(position)?;
        Some(RowId(span.start.0 + u64::from(position - from)))
    }

    /// The span that holds `position`, and the position of its first row.
    fn seek(&mut self, position: u32) -> Option<(&'a Span, u32)> {
        if position < self.from {
            *self = self.table.cursor();
        }
        // A whole chunk is skipped only from its first span on: behind it, less than the chunk's length is
        // left.
        loop {
            let chunk = self.table.chunks.get(self.place.chunk)?;
            let ahead = position - self.from;
            if self.place.span == 0 && ahead >= chunk.len() {
                self.from += chunk.len();
                self.place.chunk += 1;
                continue;
            }
            let Some(span) = chunk.spans().get(self.place.span) else {
                self.place = Place { chunk: self.place.chunk + 1, span: 0 };
                continue;
            };
            if ahead < span.length {
                return Some((span, self.from));
            }
            self.from += span.length;
            self.place.span += 1;
        }
    }
}

/// Ids as ranges, each as long as ids follow one another.
pub(crate) fn ranges_of(ids: &[RowId]) -> Vec<Range<RowId>> {
    let mut ranges: Vec<Range<RowId>> = Vec::new();
    for row in ids {
        match ranges.last_mut() {
            Some(last) if last.end == *row => last.end = RowId(row.0 + 1),
            _ => ranges.push(*row..RowId(row.0 + 1)),
        }
    }
    ranges
}
