//! Two axis deltas on the same old axis meet.
//!
//! The merged axis is defined once, from both deltas, in the same way for either side:
//!
//! - a line that either deletes is gone; a line that one lifts goes where that one drops it; a line
//!   that both lift goes where the *later* one drops it; every other line keeps its old order;
//! - at one boundary stand the earlier delta's placements, then the later one's, then the old line;
//! - an insert strictly inside a block that the other lifts travels with it, at the same offset; a
//!   drop there stays at its old boundary, so that no two blocks can contain each other.
//!
//! A residual is "the rest of the way there": [`residual`] walks over the axis as the other delta
//! left it and says what is still to be done. Both residuals lead to the same merged axis, so
//! transform's first law holds by construction. Cost: one walk over the runs of both, and a binary
//! search for each block.

use super::build::RunBuilder;
use super::map::{Place, PlaceKind, State, Step};
use super::{AxisDelta, AxisMap};

/// Both residuals: `(earlier over later's result, later over earlier's result)`.
pub(crate) fn merge(earlier: &AxisDelta, later: &AxisDelta) -> (AxisDelta, AxisDelta) {
    if earlier.is_identity() || later.is_identity() {
        return (earlier.clone(), later.clone());
    }
    let (e, l) = (AxisMap::new(earlier), AxisMap::new(later));
    (residual(&e, &l, false), residual(&l, &e, true))
}

/// What `mine` still has to do after `other`; `later` tells whether `mine` is the later of the two.
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
    /// Walks over the old axis; what the other delta left there is what the residual consumes.
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
                // Both deltas keep what is left, unless one of them reaches to the very end.
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

    /// Old lines in their old place. Those that the other took away are not here any more.
    fn lines(&mut self, mine: State, other: State, count: u32) {
        match (other, mine) {
            (State::Delete | State::Lift(_), _) => {}
            (State::Keep, State::Keep) => self.out.keep(count),
            (State::Keep, State::Delete) => self.out.delete(count),
            (State::Keep, State::Lift(_)) => self.out.lift(count),
        }
    }

    /// What the other placed here already stands; only its lines' fates are mine to say.
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

    /// A block that the other dropped: my inserts inside it travelled along; a line that I lift too
    /// is mine only when I am the later one.
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

    fn my_places(&mut self, places: &[Place]) {
        for place in places {
            match place.kind {
                // It travels with the other's block, and is placed there.
                PlaceKind::Insert { .. } if self.other.lifts_across(place.boundary) => {}
                PlaceKind::Insert { count, first } => self.out.insert(count, first),
                PlaceKind::Drop { slot } => self.my_block(slot),
            }
        }
    }

    /// A block that I drop: what is left of it, in one piece or in several, and what the other
    /// inserted inside it.
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

/// The places at boundary `at`, from `next` on.
fn places_at<'a>(places: &'a [Place], next: &mut usize, at: u32) -> &'a [Place] {
    let start = *next;
    while places.get(*next).is_some_and(|place| place.boundary == at) {
        *next += 1;
    }
    &places[start..*next]
}
