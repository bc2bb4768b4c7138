//! A chunk: neighbouring spans and the number of their rows.
//!
//! Not here: keys, and the order of chunks. Invariant between edits: not empty, at most [`MAX_SPANS`], `len` is the sum of the lengths.

use std::sync::Arc;

use model::Span;

/// Most spans in one chunk.
pub(super) const MAX_SPANS: usize = 256;

/// Spans in a new chunk: half of the most, so that it can grow.
pub(super) const FILL_SPANS: usize = MAX_SPANS / 2;

/// The place of a span. `span` may be the length of the chunk: the boundary at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) chunk: usize,
    pub(super) span: usize,
}

/// Neighbouring spans. A clone shares them until one of both changes: an undo takes a clone of the whole order.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    spans: Arc<Vec<Span>>,
    len: u32,
}

impl Chunk {
    pub(super) fn new(spans: Vec<Span>) -> Self {
        let mut chunk = Self { spans: Arc::new(spans), len: 0 };
        chunk.measure();
        chunk
    }

    pub(super) fn spans(&self) -> &[Span] {
        &self.spans
    }

    pub(super) const fn len(&self) -> u32 {
        self.len
    }

    /// Changes the spans and counts their rows again: a chunk is small.
    pub(super) fn edit<T>(&mut self, change: impl FnOnce(&mut Vec<Span>) -> T) -> T {
        let result = change(Arc::make_mut(&mut self.spans));
        self.measure();
        result
    }

    fn measure(&mut self) {
        self.len = self.spans.iter().map(|span| span.length).sum();
    }

    pub(super) fn check_invariants(&self) {
        assert!(!self.spans.is_empty(), "an empty chunk");
        assert!(self.spans.len() <= MAX_SPANS, "a chunk of {} spans", self.spans.len());
        let len: u64 = self.spans.iter().map(|span| u64::from(span.length)).sum();
        assert_eq!(len, u64::from(self.len), "a chunk's length is out of step");
    }
}
