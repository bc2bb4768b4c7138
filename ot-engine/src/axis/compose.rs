//! Composes two consecutive axis deltas into one.
//!
//! It does not transform concurrent deltas; `merge.rs` does. The result keeps the first delta's
//! boundaries. Lines that the second delta places follow the place of their left neighbour.
//!
//! Invariant: the result has the effect of both deltas, one after the other. A line that the first
//! inserts and the second deletes does not appear in it.

use std::ops::Range;

use super::build::RunBuilder;
use super::map::{PlaceKind, State};
use super::walk::Step;
use super::{AxisDelta, AxisMap, Run};
use crate::LineId;

/// The effect of `a` and then `b`.
pub(crate) fn compose(a: &AxisDelta, b: &AxisDelta) -> AxisDelta {
    if a.is_identity() {
        return b.clone();
    }
    if b.is_identity() {
        return a.clone();
    }
    let back = Middle::new(a);
    let mut walk = Compose {
        first: AxisMap::new(a),
        second: AxisMap::new(b),
        back,
        out: RunBuilder::default(),
    };
    walk.run(a);
    walk.out.finish()
}

/// The origin of lines of the middle axis (after the first delta, before the second).
#[derive(Clone, Copy, Debug)]
enum Source {
    /// Old lines that the first delta keeps in place.
    Kept(u32),
    /// Old lines that the first delta moves.
    Moved(u32),
    /// Lines that the first delta inserts.
    New(Option<LineId>),
}

/// The middle axis as segments `(start, source)`, in order.
struct Middle {
    segments: Vec<(u32, Source)>,
}

struct Compose {
    first: AxisMap,
    second: AxisMap,
    back: Middle,
    out: RunBuilder,
}

impl Compose {
    fn run(&mut self, a: &AxisDelta) {
        let (mut old, mut mid) = (0_u32, 0_u32);
        self.places_at(0);
        for run in a.runs() {
            match *run {
                Run::Keep(count) => self.middle(&mut mid, count, Source::Kept(old)),
                Run::Delete(count) => self.out.delete(count),
                Run::Lift { count, .. } => self.lifted(old..old.saturating_add(count)),
                Run::Insert { count, first } => self.middle(&mut mid, count, Source::New(first)),
                Run::Drop { slot } => {
                    let block = self.first.block(slot);
                    self.middle(&mut mid, block.end - block.start, Source::Moved(block.start));
                }
            }
            old = old.saturating_add(run.consumes());
        }
        let rest = u32::MAX - mid;
        self.middle(&mut mid, rest, Source::Kept(old));
    }

    /// Emits middle lines at their place: the lines that the second delta keeps there, and after each
    /// part the lines that it places.
    fn middle(&mut self, mid: &mut u32, count: u32, source: Source) {
        let part = *mid..mid.saturating_add(count);
        let steps: Vec<Step> = self.second.walk(part.clone()).collect();
        for step in steps {
            let Step::Lines { state, old: at, count, .. } = step else { continue };
            match (source, state) {
                (Source::Kept(_), State::Keep) => self.out.keep(count),
                (Source::Kept(_), State::Delete) => self.out.delete(count),
                (Source::Kept(_), State::Lift(_)) => self.out.lift(count),
                (Source::Moved(start), State::Keep) => {
                    self.out.place(&mut None, start + (at - part.start), count);
                }
                (Source::New(first), State::Keep) => {
                    self.out.insert(count, offset(first, at - part.start));
                }
                (Source::Moved(_) | Source::New(_), State::Delete | State::Lift(_)) => {}
            }
            self.places_at(at.saturating_add(count));
        }
        *mid = part.end;
    }

    /// Lifts old lines that the first delta moves, or deletes them where the second delta does.
    fn lifted(&mut self, lines: Range<u32>) {
        let Some(start) = self.first.map_line(lines.start) else { return };
        let part = start..start.saturating_add(lines.end - lines.start);
        for step in self.second.walk(part) {
            match step {
                Step::Insert { .. } => {}
                Step::Lines { state: State::Delete, count, .. } => self.out.delete(count),
                Step::Lines { count, .. } => self.out.lift(count),
            }
        }
    }

    /// Emits the lines that the second delta places at a middle boundary.
    fn places_at(&mut self, boundary: u32) {
        let start = self.second.places.partition_point(|place| place.boundary < boundary);
        let end = self.second.places.partition_point(|place| place.boundary <= boundary);
        for index in start..end {
            match self.second.places[index].kind {
                PlaceKind::Insert { count, first } => self.out.insert(count, first),
                PlaceKind::Drop { slot } => self.dropped(self.second.block(slot)),
            }
        }
    }

    /// Emits a block of middle lines that the second delta drops here.
    fn dropped(&mut self, part: Range<u32>) {
        let mut block = None;
        for (source, count) in self.back.sources(part) {
            match source {
                Source::Kept(old) | Source::Moved(old) => self.out.place(&mut block, old, count),
                Source::New(first) => {
                    self.out.insert(count, first);
                    block = None;
                }
            }
        }
    }
}

impl Middle {
    fn new(a: &AxisDelta) -> Self {
        let map = AxisMap::new(a);
        let mut segments = Vec::with_capacity(a.runs().len() + 1);
        let (mut old, mut mid) = (0_u32, 0_u32);
        for run in a.runs() {
            let (source, count) = match *run {
                Run::Keep(count) => (Some(Source::Kept(old)), count),
                Run::Delete(_) | Run::Lift { .. } => (None, 0),
                Run::Insert { count, first } => (Some(Source::New(first)), count),
                Run::Drop { slot } => {
                    let block = map.block(slot);
                    (Some(Source::Moved(block.start)), block.end - block.start)
                }
            };
            segments.extend(source.map(|source| (mid, source)));
            mid = mid.saturating_add(count);
            old = old.saturating_add(run.consumes());
        }
        segments.push((mid, Source::Kept(old)));
        Self { segments }
    }

    /// The sources of a range of middle lines, in order, with their lengths.
    fn sources(&self, part: Range<u32>) -> Vec<(Source, u32)> {
        let first = self.segments.partition_point(|&(start, _)| start <= part.start);
        let mut sources = Vec::new();
        let mut at = part.start;
        for index in first.saturating_sub(1)..self.segments.len() {
            if at >= part.end {
                break;
            }
            let (start, source) = self.segments[index];
            let end = self.segments.get(index + 1).map_or(u32::MAX, |next| next.0).min(part.end);
            let skip = at - start;
            let source = match source {
                Source::Kept(old) => Source::Kept(old + skip),
                Source::Moved(old) => Source::Moved(old + skip),
                Source::New(first) => Source::New(offset(first, skip)),
            };
            sources.push((source, end - at));
            at = end;
        }
        sources
    }
}

fn offset(first: Option<LineId>, by: u32) -> Option<LineId> {
    first.map(|id| LineId(id.0.saturating_add(u64::from(by))))
}
