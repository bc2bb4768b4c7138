//! Where lines and boundaries go: an axis delta laid out for lookup by old position.
//!
//! Built in one pass over the runs. Invariant: `spans` cover every old line exactly once, in order;
//! the last one is the implied trailing keep and is open-ended.

use std::ops::Range;

use super::{AxisDelta, Run, grow};
use crate::LineId;

/// Which way a position leans where it has no line of its own to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bias {
    /// Towards the lines before it.
    Left,
    /// Towards the lines after it.
    Right,
}

/// Where a line of the new axis came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is this old line.
    Old(u32),
    /// It is new; it stands at this old boundary.
    Inserted(u32),
}

impl Origin {
    /// The old line, or for a new line the old boundary at which it stands.
    #[must_use]
    pub const fn nearest(self) -> u32 {
        match self {
            Self::Old(position) | Self::Inserted(position) => position,
        }
    }
}

/// What happens to the old lines of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Keep,
    Delete,
    Lift(u32),
}

/// Old lines with one fate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) old: u32,
    pub(super) end: u32,
    pub(super) state: State,
    /// Position of the first line afterwards, wherever it travels; nothing for a deleted span.
    pub(super) new: u32,
    /// New position of the place where the span stood, after what is placed at its left boundary.
    base: u32,
}

/// Something that stands at an old boundary.
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

/// A lifted block: which old lines, and where they stand afterwards.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    old: u32,
    count: u32,
    new: u32,
}

/// One step of a walk over a part of the old axis.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Inserted lines strictly inside the part.
    Insert { count: u32, first: Option<LineId>, new: u32 },
    /// Old lines with one fate.
    Lines { state: State, new: u32, old: u32, count: u32 },
}

/// An axis delta, laid out for lookup.
#[derive(Clone, Debug)]
pub struct AxisMap {
    pub(super) spans: Vec<Span>,
    pub(super) places: Vec<Place>,
    blocks: Vec<Block>,
}

impl AxisMap {
    /// Lays out `delta`.
    #[must_use]
    pub fn new(delta: &AxisDelta) -> Self {
        let mut map = Self { spans: Vec::new(), places: Vec::new(), blocks: Vec::new() };
        let mut old = 0_u32;
        for run in delta.runs() {
            if let Run::Lift { slot, count } = *run {
                let block = grow(&mut map.blocks, slot);
                block.old = if block.count == 0 { old } else { block.old };
                block.count = block.count.saturating_add(count);
            }
            old = old.saturating_add(run.consumes());
        }
        map.lay_out(delta.runs());
        for span in &mut map.spans {
            if let State::Lift(slot) = span.state {
                let block = map.blocks[slot as usize];
                span.new = block.new.saturating_add(span.old - block.old);
            }
        }
        map
    }

    fn lay_out(&mut self, runs: &[Run]) {
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
                    let block = grow(&mut self.blocks, slot);
                    block.new = new;
                    block.count
                }
            };
            new = new.saturating_add(placed);
        }
        self.span(&mut old, u32::MAX, State::Keep, new);
    }

    /// Adds a span and answers how many lines it leaves in place.
    fn span(&mut self, old: &mut u32, count: u32, state: State, base: u32) -> u32 {
        let end = old.saturating_add(count);
        self.spans.push(Span { old: *old, end, state, new: base, base });
        *old = end;
        if state == State::Keep { count } else { 0 }
    }

    /// Where old line `position` stands now; `None` when it was deleted.
    #[must_use]
    pub fn map_line(&self, position: u32) -> Option<u32> {
        let span = self.span_of(position);
        match span.state {
            State::Delete => None,
            State::Keep | State::Lift(_) => Some(span.new.saturating_add(position - span.old)),
        }
    }

    /// Where a cursor on old line `position` goes: with its line; when that was deleted, to the
    /// line that now stands there (`Right`) or the one before (`Left`).
    #[must_use]
    pub fn map_position(&self, position: u32, bias: Bias) -> u32 {
        match (self.map_line(position), bias) {
            (Some(new), _) => new,
            (None, Bias::Right) => self.map_boundary(position, Bias::Right),
            (None, Bias::Left) => self.map_boundary(position, Bias::Left).saturating_sub(1),
        }
    }

    /// Where the boundary left of old line `boundary` is now: before (`Left`) or after (`Right`)
    /// what was placed there. Boundaries do not travel with moved lines. `u32::MAX` stands for "to
    /// the end" and stays.
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

    /// Where a run of neighbouring lines goes that somebody has chosen: it stays on its lines. Lines
    /// that are deleted or moved away alone leave it, new lines between two of them belong to
    /// it, new lines at its edges do not. `None` when none of its lines is left.
    #[must_use]
    pub fn map_lines(&self, lines: &Range<u32>) -> Option<Range<u32>> {
        let last = lines.end.checked_sub(1).filter(|last| *last >= lines.start)?;
        if let (Some(first), Some(last)) = (self.map_line(lines.start), self.map_line(last))
            && last.checked_sub(first) == Some(lines.end - 1 - lines.start)
        {
            return Some(first..last.saturating_add(1));
        }
        let stay =
            self.map_boundary(lines.start, Bias::Right)..self.map_boundary(lines.end, Bias::Left);
        let part = |step| match step {
            Step::Lines { state, new, count, .. } if state != State::Delete => {
                Some(new..new.saturating_add(count))
            }
            Step::Lines { .. } | Step::Insert { .. } => None,
        };
        let parts = || self.walk(lines.clone()).filter_map(part);
        let joined = |a: Range<u32>, b: Range<u32>| a.start.min(b.start)..a.end.max(b.end);
        let staying = parts().filter(|part| stay.contains(&part.start)).reduce(joined);
        // A block that was moved as a whole left nothing in its place.
        staying.or_else(|| parts().next())
    }

    /// The old lines of a lifted block.
    pub(crate) fn block(&self, slot: u32) -> Range<u32> {
        let block = self.blocks.get(slot as usize).copied().unwrap_or_default();
        block.old..block.old.saturating_add(block.count)
    }

    /// Whether `boundary` is strictly inside a block that is lifted: lines on both sides travel
    /// together.
    pub(super) fn lifts_across(&self, boundary: u32) -> bool {
        match self.span_of(boundary).state {
            State::Lift(slot) => self.block(slot).start < boundary,
            State::Keep | State::Delete => false,
        }
    }

    /// Walks over the old lines of `part` and over what is inserted strictly inside it.
    pub(super) fn walk(&self, part: Range<u32>) -> impl Iterator<Item = Step> + '_ {
        let first = self.spans.partition_point(|span| span.end <= part.start);
        let mut place = self.places.partition_point(|place| place.boundary <= part.start);
        let mut span = first;
        std::iter::from_fn(move || {
            let lines = self.spans.get(span).filter(|lines| lines.old < part.end)?;
            while let Some(next) = self.places.get(place).filter(|next| next.boundary <= lines.old)
            {
                place += 1;
                if let PlaceKind::Insert { count, first } = next.kind {
                    return Some(Step::Insert { count, first, new: next.new });
                }
            }
            span += 1;
            let old = lines.old.max(part.start);
            let count = lines.end.min(part.end) - old;
            let new = lines.new.saturating_add(old - lines.old);
            Some(Step::Lines { state: lines.state, new, old, count })
        })
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

impl AxisDelta {
    /// See [`AxisMap::map_position`]; lay the map out once to ask many times.
    #[must_use]
    pub fn map_position(&self, position: u32, bias: Bias) -> u32 {
        if self.is_identity() { position } else { AxisMap::new(self).map_position(position, bias) }
    }

    /// Where a range goes that looks at a *place*: its edges stay where they are, moved lines leave
    /// it or enter it, and what is placed at its edges is inside.
    #[must_use]
    pub fn map_range(&self, range: Range<u32>) -> Range<u32> {
        if self.is_identity() {
            return range;
        }
        let map = AxisMap::new(self);
        map.map_boundary(range.start, Bias::Left)..map.map_boundary(range.end, Bias::Right)
    }

    /// Where the line that is now at `position` came from.
    #[must_use]
    pub fn map_back(&self, position: u32) -> Origin {
        if self.is_identity() {
            return Origin::Old(position);
        }
        let back = AxisMap::new(&self.inverse());
        match back.map_line(position) {
            Some(old) => Origin::Old(old),
            None => Origin::Inserted(back.map_boundary(position, Bias::Left)),
        }
    }
}

impl AxisMap {
    /// The smallest range of old lines that holds every old line that now stands in `range`; `None`
    /// when only new lines stand there.
    #[must_use]
    pub fn map_range_back(&self, range: &Range<u32>) -> Option<Range<u32>> {
        let stands = self.spans.iter().filter(|span| span.state != State::Delete);
        let parts = stands.filter_map(|span| {
            let len = span.end - span.old;
            let start = range.start.max(span.new);
            let end = range.end.min(span.new.saturating_add(len));
            // "To the end" stays "to the end" on the implied trailing keep.
            let open = range.end == u32::MAX && span.end == u32::MAX;
            let to = if open { u32::MAX } else { span.old + end.saturating_sub(span.new) };
            (start < end).then(|| span.old + (start - span.new)..to)
        });
        parts.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
    }
}
