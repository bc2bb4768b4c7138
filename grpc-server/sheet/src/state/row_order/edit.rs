//! Applies an axis delta to a row order: first all cuts (deletes and lifts) from right to left, so that the
//! positions of the remaining cuts stay valid; then all placements (inserts and drops) in the same way.
//!
//! Not here: the check of the delta (`plan`). Cost: the runs of the delta, the spans that it cuts, and two walks
//! over the chunks. Invariants: a delta that is refused leaves the row order unchanged; no chunk in front of the hint
//! changes its length.

use ot_engine::{AxisDelta, RowId};

use super::by_id::ById;
use super::chunk::{Chunk, FILL_SPANS, MAX_SPANS, Place};
use super::plan::{Piece, Placed, Placement, Plan};
use super::{Hint, RowOrder, RowOrderChanges, RowOrderError, Span, keys};

impl RowOrder {
    /// Applies a delta of the rows and adds the changed spans to `changes`. Inserts must name their ids.
    ///
    /// # Errors
    /// When the delta does not fit; then nothing has changed.
    pub fn apply(
        &mut self,
        delta: &AxisDelta,
        changes: &mut RowOrderChanges,
    ) -> Result<(), RowOrderError> {
        let plan = Plan::new(delta.runs(), self.len)?;
        (self.by_id, self.hint) = (ById::default(), Hint::default());
        // Lifted pieces are collected from right to left too, and reversed when dropped.
        let mut blocks = vec![Vec::new(); plan.slots];
        for cut in plan.cuts.iter().rev() {
            let pieces = self.cut(cut.from, cut.count, changes);
            if let Some(slot) = cut.slot {
                blocks[slot as usize].extend(pieces.into_iter().rev());
            }
        }
        let mut placements = plan.placements.as_slice();
        while let Some(Placement { at, .. }) = placements.last() {
            let group = placements.iter().rev().take_while(|next| next.at == *at).count();
            let (rest, together) = placements.split_at(placements.len() - group);
            let mut pieces = Vec::new();
            for placement in together {
                match placement.what {
                    Placed::New(piece) => push(&mut pieces, piece),
                    Placed::Block(slot) => {
                        let block = std::mem::take(&mut blocks[slot as usize]);
                        block.into_iter().rev().for_each(|piece| push(&mut pieces, piece));
                    }
                }
            }
            self.insert(*at, pieces, changes);
            placements = rest;
        }
        Ok(())
    }

    /// Removes `count` rows from position `from` on and returns their pieces.
    fn cut(&mut self, from: u32, count: u32, changes: &mut RowOrderChanges) -> Vec<Piece> {
        let (place, offset) = self.locate(from);
        let mut pieces = Vec::new();
        let mut left = count;
        let mut at = place;
        if offset > 0 {
            let span = self.span(at);
            let taken = left.min(span.length - offset);
            let tail = span.length - offset - taken;
            pieces.push(Piece { start: span.start.0 + u64::from(offset), length: taken });
            self.update(at, changes, |span| span.length = offset);
            at.span += 1;
            left -= taken;
            if tail > 0 {
                let start = span.start.0 + u64::from(offset + taken);
                self.put(at, vec![Piece { start, length: tail }], changes);
            }
        }
        let first = at.chunk;
        while left > 0 && at.chunk < self.chunks.len() {
            left = self.cut_front(at, left, &mut pieces, changes);
            if left > 0 {
                at = Place { chunk: at.chunk + 1, span: 0 };
            }
        }
        let touched = first..self.chunks.len().min(at.chunk + 1);
        self.chunks.extract_if(touched, |chunk| chunk.spans().is_empty()).for_each(drop);
        self.len -= count;
        self.merge_at(from, changes);
        pieces
    }

    /// Removes up to `left` rows from a chunk, from the start of a span on, and returns how many remain to be
    /// removed.
    fn cut_front(
        &mut self,
        at: Place,
        mut left: u32,
        pieces: &mut Vec<Piece>,
        changes: &mut RowOrderChanges,
    ) -> u32 {
        self.chunks[at.chunk].edit(|spans| {
            let from = at.span.min(spans.len());
            let mut whole = 0;
            for span in &mut spans[from..] {
                let taken = left.min(span.length);
                if taken == 0 {
                    break;
                }
                pieces.push(Piece { start: span.start.0, length: taken });
                left -= taken;
                if taken < span.length {
                    span.start = RowId(span.start.0 + u64::from(taken));
                    span.length -= taken;
                    changes.upsert(*span);
                } else {
                    changes.remove(span.key);
                    whole += 1;
                }
            }
            spans.drain(from..from + whole);
        });
        left
    }

    /// Merges the spans that meet at `position`, and their chunks, where their ids and sizes allow it.
    fn merge_at(&mut self, position: u32, changes: &mut RowOrderChanges) {
        let (right, offset) = self.locate(position);
        let Some(left) = self.left_of(right) else { return };
        if offset > 0 || right.chunk >= self.chunks.len() {
            return;
        }
        if let Some(next) = self.chunks[right.chunk].spans().get(right.span).copied()
            && end(&self.span(left)) == next.start.0
        {
            self.update(left, changes, |span| span.length += next.length);
            changes.remove(next.key);
            self.lower_hint(right.chunk);
            self.chunks[right.chunk].edit(|spans| spans.remove(right.span));
            if self.chunks[right.chunk].spans().is_empty() {
                self.chunks.remove(right.chunk);
            }
        }
        self.merge_chunks(left.chunk);
    }

    /// Merges a chunk with the next one when both are small.
    fn merge_chunks(&mut self, first: usize) {
        self.lower_hint(first);
        let Some([one, two]) = self.chunks.get(first..first + 2) else { return };
        if one.spans().len() + two.spans().len() <= FILL_SPANS {
            let two = self.chunks.remove(first + 1);
            self.chunks[first].edit(|spans| spans.extend_from_slice(two.spans()));
        }
    }

    /// Puts pieces in front of the row at `at`.
    fn insert(&mut self, at: u32, mut pieces: Vec<Piece>, changes: &mut RowOrderChanges) {
        let count: u32 = pieces.iter().map(|piece| piece.length).sum();
        self.len += count;
        let (mut place, offset) = self.locate(at);
        if offset > 0 {
            let span = self.span(place);
            self.update(place, changes, |span| span.length = offset);
            let start = span.start.0 + u64::from(offset);
            pieces.push(Piece { start, length: span.length - offset });
            place.span += 1;
        }
        self.put(place, pieces, changes);
        // A block that moves back to its former place merges with the spans beside it.
        self.merge_at(at + count, changes);
    }

    /// Puts pieces at a boundary between spans. The first and the last piece extend the neighbouring spans
    /// where the ids follow: rows that are added one after the other stay one span.
    fn put(&mut self, place: Place, mut pieces: Vec<Piece>, changes: &mut RowOrderChanges) {
        let left = self.left_of(place);
        let right = self.right_of(place);
        if let (Some(left), Some(piece)) = (left, pieces.first().copied())
            && end(&self.span(left)) == piece.start
        {
            self.update(left, changes, |span| span.length += piece.length);
            pieces.remove(0);
        }
        if let (Some(right), Some(piece)) = (right, pieces.last().copied())
            && piece.end() == self.span(right).start.0
        {
            self.update(right, changes, |span| {
                span.start = RowId(piece.start);
                span.length += piece.length;
            });
            pieces.pop();
        }
        if pieces.is_empty() {
            return;
        }
        let unkeyed = |piece: Piece| Span {
            key: keys::UNKEYED,
            start: RowId(piece.start),
            length: piece.length,
        };
        let mut spans: Vec<Span> = pieces.into_iter().map(unkeyed).collect();
        let (low, high) = (left.map(|at| self.span(at).key), right.map(|at| self.span(at).key));
        let keyed = keys::assign(&mut spans, low, high);
        if keyed {
            spans.iter().for_each(|span| changes.upsert(*span));
        }
        let count = spans.len();
        self.place_spans(place, spans);
        if !keyed {
            self.renumber(place, count, changes);
        }
    }

    /// Puts spans at a boundary, and divides a chunk that gets too large.
    fn place_spans(&mut self, place: Place, spans: Vec<Span>) {
        self.lower_hint(place.chunk);
        let Some(chunk) = self.chunks.get_mut(place.chunk) else {
            self.chunks.extend(spans.chunks(FILL_SPANS).map(|part| Chunk::new(part.to_vec())));
            return;
        };
        chunk.edit(|known| known.splice(place.span..place.span, spans).for_each(drop));
        if chunk.spans().len() <= MAX_SPANS {
            return;
        }
        let parts: Vec<Chunk> =
            chunk.spans().chunks(FILL_SPANS).map(|part| Chunk::new(part.to_vec())).collect();
        self.chunks.splice(place.chunk..=place.chunk, parts);
    }

    /// The span that holds `position` and the offset in it; at the end, the last boundary. The walk begins where the
    /// last one ended, which is near: the runs of a delta are applied from right to left.
    fn locate(&mut self, position: u32) -> (Place, u32) {
        let Hint { mut chunk, mut from } = self.hint;
        debug_assert!(
            self.chunks[..chunk].iter().map(|part| u64::from(part.len())).sum::<u64>()
                == u64::from(from),
            "the hint is old"
        );
        while position < from {
            chunk -= 1;
            from -= self.chunks[chunk].len();
            self.count_step();
        }
        while let Some(part) = self.chunks.get(chunk)
            && position - from >= part.len()
        {
            from += part.len();
            chunk += 1;
            self.count_step();
        }
        self.hint = Hint { chunk, from };
        let Some(part) = self.chunks.get(chunk) else {
            let chunk = chunk.saturating_sub(1);
            self.lower_hint(chunk);
            let span = self.chunks.last().map_or(0, |last| last.spans().len());
            return (Place { chunk, span }, 0);
        };
        let mut left = position - from;
        let in_front = part.spans().iter().take_while(|known| {
            let passed = left >= known.length;
            left -= if passed { known.length } else { 0 };
            passed
        });
        let span = in_front.count();
        (Place { chunk, span }, left)
    }

    /// Before a change of a chunk: the hint stands at it, or in front of it.
    fn lower_hint(&mut self, chunk: usize) {
        while self.hint.chunk > chunk {
            self.hint.chunk -= 1;
            self.hint.from -= self.chunks[self.hint.chunk].len();
        }
    }

    #[cfg(test)]
    const fn count_step(&mut self) {
        self.steps += 1;
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "only the tests count")]
    const fn count_step(&mut self) {}

    /// The span left of a boundary.
    pub(super) fn left_of(&self, place: Place) -> Option<Place> {
        if place.span > 0 {
            return Some(Place { span: place.span - 1, ..place });
        }
        let chunk = place.chunk.checked_sub(1)?;
        Some(Place { chunk, span: self.chunks[chunk].spans().len() - 1 })
    }

    /// The span right of a boundary.
    fn right_of(&self, place: Place) -> Option<Place> {
        let chunk = self.chunks.get(place.chunk)?;
        if place.span < chunk.spans().len() {
            return Some(place);
        }
        let next = Place { chunk: place.chunk + 1, span: 0 };
        (next.chunk < self.chunks.len()).then_some(next)
    }

    /// The span at a place that has one.
    pub(super) fn span(&self, place: Place) -> Span {
        self.chunks[place.chunk].spans()[place.span]
    }

    fn update(
        &mut self,
        place: Place,
        changes: &mut RowOrderChanges,
        change: impl FnOnce(&mut Span),
    ) {
        self.lower_hint(place.chunk);
        self.chunks[place.chunk].edit(|spans| {
            change(&mut spans[place.span]);
            changes.upsert(spans[place.span]);
        });
    }
}

/// Adds a piece, as part of the last one where the ids follow.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match pieces.last_mut() {
        Some(last) if last.end() == piece.start => last.length += piece.length,
        _ => pieces.push(piece),
    }
}

/// The first id after a span.
const fn end(span: &Span) -> u64 {
    span.start.0 + span.length as u64
}
