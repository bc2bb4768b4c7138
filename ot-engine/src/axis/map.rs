//! An index of an axis delta for lookups by old position.
//!
//! It holds no lines, only runs, and it is built in one pass over them. `walk.rs` iterates over it.
//!
//! Invariant: `spans` cover every old line exactly once, in order; the last span is the implied keep
//! and has no end.

use std::ops::Range;

use super::run::slot_mut;
use super::{AxisDelta, Run};
use crate::LineId;

/// Which neighbour a position takes when its line is deleted or when it is a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bias {
    /// The lines before it.
    Left,
    /// The lines after it.
    Right,
}

/// The origin of a line of the new axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The line is this old line.
    Old(u32),
    /// The line is new and stands at this old boundary.
    Inserted(u32),
}

impl Origin {
    /// The old line; for a new line its old boundary.
    #[must_use]
    pub const fn nearest(self) -> u32 {
        match self {
            Self::Old(position) | Self::Inserted(position) => position,
        }
    }
}

/// The state of the old lines of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Keep,
    Delete,
    Lift(u32),
}

/// Neighbouring old lines in one state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) old: u32,
    pub(super) end: u32,
    pub(super) state: State,
    /// New position of the first line, also of a moved one. Not used for a deleted span.
    pub(super) new: u32,
    /// New position of the old place of the span, after the lines placed at its left boundary.
    base: u32,
}

/// Lines that the delta places at an old boundary.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) boundary: u32,
    pub(super) new: u32,
    pub(super) kind: PlaceKind,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum PlaceKind {
    Insert { count: u32, first: Option<LineId> },
    Drop { slot: u32 },
}

/// A lifted block: its old lines and its new position.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    old: u32,
    count: u32,
    new: u32,
}

/// An axis delta, indexed for lookups by old position.
#[derive(Clone, Debug)]
pub struct AxisMap {
    pub(super) spans: Vec<Span>,
    pub(super) places: Vec<Place>,
    blocks: Vec<Block>,
}

impl AxisMap {
    /// Indexes `delta`. Cost: one pass over its runs.
    #[must_use]
    pub fn new(delta: &AxisDelta) -> Self {
        let mut map = Self { spans: Vec::new(), places: Vec::new(), blocks: Vec::new() };
        let mut old = 0_u32;
        for run in delta.runs() {
            if let Run::Lift { slot, count } = *run {
                let block = slot_mut(&mut map.blocks, slot);
                block.old = if block.count == 0 { old } else { block.old };
                block.count = block.count.saturating_add(count);
            }
            old = old.saturating_add(run.consumes());
        }
        map.index(delta.runs());
        for span in &mut map.spans {
            if let State::Lift(slot) = span.state {
                let block = map.blocks[slot as usize];
                span.new = block.new.saturating_add(span.old - block.old);
            }
        }
        map
    }

    fn index(&mut self, runs: &[Run]) {
        let (mut old, mut new) = (0_u32, 0_u32);
        for run in runs {
            let placed = match *run {
                Run::Keep(count) => self.span(&mut old, count, State::Keep, new),
                Run::Delete(count) => self.span(&mut old, count, State::Delete, new),
                Run::Lift { slot, count } => self.span(&mut old, count, State::Lift(slot), new),
                Run::Insert { count, first } => {
                    let kind = PlaceKind::Insert { count, first };
                    self.places.push(Place { boundary: old, new, kind });
                    count
                }
                Run::Drop { slot } => {
                    let kind = PlaceKind::Drop { slot };
                    self.places.push(Place { boundary: old, new, kind });
                    let block = slot_mut(&mut self.blocks, slot);
                    block.new = new;
                    block.count
                }
            };
            new = new.saturating_add(placed);
        }
        self.span(&mut old, u32::MAX, State::Keep, new);
    }

    /// Adds a span and returns how many lines stay in place.
    fn span(&mut self, old: &mut u32, count: u32, state: State, base: u32) -> u32 {
        let end = old.saturating_add(count);
        self.spans.push(Span { old: *old, end, state, new: base, base });
        *old = end;
        if state == State::Keep { count } else { 0 }
    }

    /// The new position of old line `position`; `None` when the delta deletes it.
    #[must_use]
    pub fn map_line(&self, position: u32) -> Option<u32> {
        let span = self.span_of(position);
        match span.state {
            State::Delete => None,
            State::Keep | State::Lift(_) => Some(span.new.saturating_add(position - span.old)),
        }
    }

    /// The new position of a cursor on old line `position`. The cursor stays on its line; when the
    /// delta deletes that, it moves to the next line (`Right`) or the one before (`Left`).
    #[must_use]
    pub fn map_position(&self, position: u32, bias: Bias) -> u32 {
        match (self.map_line(position), bias) {
            (Some(new), _) => new,
            (None, Bias::Right) => self.map_boundary(position, Bias::Right),
            (None, Bias::Left) => self.map_boundary(position, Bias::Left).saturating_sub(1),
        }
    }

    /// The new position of the boundary before old line `boundary`: before (`Left`) or after (`Right`)
    /// the lines placed there. A boundary does not move with moved lines. `u32::MAX` means "to the end"
    /// and stays.
    #[must_use]
    pub fn map_boundary(&self, boundary: u32, bias: Bias) -> u32 {
        if boundary == u32::MAX {
            return boundary;
        }
        match bias {
            Bias::Left if boundary == 0 => 0,
            Bias::Left => self.span_of(boundary - 1).boundary(boundary),
            Bias::Right => self.span_of(boundary).boundary(boundary),
        }
    }

    /// The old lines of a lifted block.
    pub(crate) fn block(&self, slot: u32) -> Range<u32> {
        let block = self.blocks.get(slot as usize).copied().unwrap_or_default();
        block.old..block.old.saturating_add(block.count)
    }

    /// Whether `boundary` is strictly inside a lifted block, so that the lines on both sides move
    /// together.
    pub(super) fn lifts_across(&self, boundary: u32) -> bool {
        match self.span_of(boundary).state {
            State::Lift(slot) => self.block(slot).start < boundary,
            State::Keep | State::Delete => false,
        }
    }

    fn span_of(&self, line: u32) -> &Span {
        let index = self.spans.partition_point(|span| span.end <= line);
        &self.spans[index.min(self.spans.len() - 1)]
    }
}

impl Span {
    /// New position of a boundary of this span (its left edge, an inner one, or its right edge).
    fn boundary(&self, boundary: u32) -> u32 {
        match self.state {
            State::Keep => self.base.saturating_add(boundary - self.old),
            State::Delete | State::Lift(_) => self.base,
        }
    }
}

impl AxisMap {
    /// The smallest range of old lines that contains every old line with a new position in `range`;
    /// `None` when only new lines are there.
    #[must_use]
    pub fn map_range_back(&self, range: &Range<u32>) -> Option<Range<u32>> {
        let kept = self.spans.iter().filter(|span| span.state != State::Delete);
        let parts = kept.filter_map(|span| {
            let len = span.end - span.old;
            let start = range.start.max(span.new);
            let end = range.end.min(span.new.saturating_add(len));
            // "To the end" stays "to the end" on the implied last keep.
            let open = range.end == u32::MAX && span.end == u32::MAX;
            let to = if open { u32::MAX } else { span.old + end.saturating_sub(span.new) };
            (start < end).then(|| span.old + (start - span.new)..to)
        });
        parts.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
    }
}
