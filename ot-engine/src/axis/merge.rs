//! Transforms two concurrent axis deltas against each other.
//!
//! It knows no cells (`algebra/transform.rs` does). The merged axis is defined once, from both deltas:
//!
//! - a line that either deletes is deleted; a line that one delta lifts stands where that delta drops
//!   it; a line that both lift stands where the *later* one drops it; other lines keep their old order;
//! - at one boundary stand the earlier delta's placements, then the later one's, then the old line;
//! - an insert strictly inside a block that the other delta lifts moves with the block, at the same
//!   offset; a drop there stays at its old boundary, so no two blocks can contain each other.
//!
//! The residual of a delta is its remaining change: [`residual`] walks over the axis that the other
//! delta produced. Cost: one walk over the runs of both, and a binary search for each block.
//!
//! Invariant (TP1): both residuals lead to the same merged axis, by construction.

use super::build::RunBuilder;
use super::map::{Place, PlaceKind, State};
use super::walk::Step;
use super::{AxisDelta, AxisMap};

/// Both residuals: of `earlier` after `later`, and of `later` after `earlier`.
pub(crate) fn merge(earlier: &AxisDelta, later: &AxisDelta) -> (AxisDelta, AxisDelta) {
    if earlier.is_identity() || later.is_identity() {
        return (earlier.clone(), later.clone());
    }
    let (e, l) = (AxisMap::new(earlier), AxisMap::new(later));
    (residual(&e, &l, false), residual(&l, &e, true))
}

/// The residual of `mine` after `other`; `later` is true when `mine` is the later of the two.
fn residual(mine: &AxisMap, other: &AxisMap, later: bool) -> AxisDelta {
    Merge { mine, other, later, out: RunBuilder::default() }.run()
}

struct Merge<'a> {
    mine: &'a AxisMap,
    other: &'a AxisMap,
    later: bool,
    out: RunBuilder,
}

impl Merge<'_> {
    /// Walks over the old axis; the residual consumes the lines that the other delta produced.
    fn run(mut self) -> AxisDelta {
        let (mine, other) = (self.mine, self.other);
        let (mut m, mut o, mut mp, mut op) = (0, 0, 0, 0);
        let mut at = 0;
        loop {
            let my_places = places_at(&mine.places, &mut mp, at);
            let other_places = places_at(&other.places, &mut op, at);
            if self.later {
                self.other_places(other_places);
                self.my_places(my_places);
            } else {
                self.my_places(my_places);
                self.other_places(other_places);
            }
            let ends = [mine.spans[m].end, other.spans[o].end];
            let next_places = [mine.places.get(mp), other.places.get(op)];
            if ends == [u32::MAX; 2] && next_places.iter().all(Option::is_none) {
                // Both deltas keep the remaining lines, unless a run of one reaches `u32::MAX`.
                self.lines(mine.spans[m].state, other.spans[o].state, u32::MAX - at);
                return self.out.finish();
            }
            let places = next_places.into_iter().flatten().map(|place| place.boundary);
            let next = places.chain(ends).min().unwrap_or(u32::MAX);
            self.lines(mine.spans[m].state, other.spans[o].state, next - at);
            at = next;
            m += usize::from(mine.spans[m].end == at);
            o += usize::from(other.spans[o].end == at);
        }
    }

    /// Old lines at their old place; lines that the other delta deletes or lifts are not there.
    fn lines(&mut self, mine: State, other: State, count: u32) {
        match (other, mine) {
            (State::Delete | State::Lift(_), _) => {}
            (State::Keep, State::Keep) => self.out.keep(count),
            (State::Keep, State::Delete) => self.out.delete(count),
            (State::Keep, State::Lift(_)) => self.out.lift(count),
        }
    }

    /// Lines that the other delta placed here: kept, or lifted with the block around them.
    fn other_places(&mut self, places: &[Place]) {
        for place in places {
            match place.kind {
                PlaceKind::Insert { count, .. } if self.mine.lifts_across(place.boundary) => {
                    self.out.lift(count);
                }
                PlaceKind::Insert { count, .. } => self.out.keep(count),
                PlaceKind::Drop { slot } => self.other_block(slot),
            }
        }
    }

    /// A block that the other delta dropped. My inserts inside it move with it. A line that both lift
    /// is lifted again only by the later delta.
    fn other_block(&mut self, slot: u32) {
        for step in self.mine.walk(self.other.block(slot)) {
            match step {
                Step::Insert { count, first, .. } => self.out.insert(count, first),
                Step::Lines { state: State::Delete, count, .. } => self.out.delete(count),
                Step::Lines { state: State::Lift(_), count, .. } if self.later => {
                    self.out.lift(count);
                }
                Step::Lines { count, .. } => self.out.keep(count),
            }
        }
    }

    /// Lines that my delta places here.
    fn my_places(&mut self, places: &[Place]) {
        for place in places {
            match place.kind {
                // The insert moves with the other delta's block; `other_block` places it.
                PlaceKind::Insert { .. } if self.other.lifts_across(place.boundary) => {}
                PlaceKind::Insert { count, first } => self.out.insert(count, first),
                PlaceKind::Drop { slot } => self.my_block(slot),
            }
        }
    }

    /// A block that my delta drops: its remaining lines, in one or several pieces, and the lines that
    /// the other delta inserted inside it.
    fn my_block(&mut self, slot: u32) {
        let mut block = None;
        for step in self.other.walk(self.mine.block(slot)) {
            match step {
                Step::Insert { count, new, .. } => self.out.place(&mut block, new, count),
                Step::Lines { state: State::Delete, .. } => {}
                Step::Lines { state: State::Lift(_), .. } if !self.later => {}
                Step::Lines { new, count, .. } => self.out.place(&mut block, new, count),
            }
        }
    }
}

/// The places at boundary `at`, beginning with index `next`, which moves past them.
fn places_at<'a>(places: &'a [Place], next: &mut usize, at: u32) -> &'a [Place] {
    let start = *next;
    while places.get(*next).is_some_and(|place| place.boundary == at) {
        *next += 1;
    }
    &places[start..*next]
}
