//! Every axis delta over a few lines, and every pair of them.
//!
//! It draws nothing: a case that random tests rarely reach is certainly checked here.
//!
//! Invariant: each delta appears once.

use std::sync::atomic::{AtomicUsize, Ordering};

use ot_engine::{AxisDelta, Delta, Limits, Run, Size, transform, validate};

use super::model::{Item, applied, merged, numbered};

/// The bounds of the universe.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Universe {
    /// Lines of the old axis.
    pub(crate) lines: usize,
    /// Most moved blocks, at most two.
    pub(crate) moves: usize,
    /// Most deleted lines.
    pub(crate) deletes: u32,
    /// Whether a delta may insert one line.
    pub(crate) insert: bool,
}

impl Universe {
    /// Every delta, each once.
    pub(crate) fn deltas(self) -> Vec<AxisDelta> {
        let mut all = Vec::new();
        for moves in 0..=self.moves {
            let placements = placements(self.lines, moves, self.insert);
            for states in states(self.lines, moves, self.deletes) {
                all.extend(placements.iter().map(|places| build(&states, places)));
            }
        }
        all
    }

    /// Checks each pair on all cores and returns their number. Panics at the first failure.
    pub(crate) fn check_pairs(self) -> usize {
        let deltas = self.deltas();
        let sides = deltas.iter().map(|delta| Sides::new(delta, self.lines)).collect::<Vec<_>>();
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(earlier) = sides.get(next.fetch_add(1, Ordering::Relaxed)) {
                sides.iter().for_each(|later| check(earlier, later, self.lines));
            }
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(work))));
        deltas.len() * deltas.len()
    }
}

/// The states of the old lines: blocks in order, other lines kept or deleted.
fn states(lines: usize, moves: usize, deletes: u32) -> Vec<Vec<Run>> {
    let mut all = Vec::new();
    for code in 0..4_usize.pow(lines as u32) {
        let of = |line: usize| code / 4_usize.pow(line as u32) % 4;
        let states: Vec<Run> = (0..lines)
            .map(|line| match of(line) {
                0 => Run::Keep(1),
                1 => Run::Delete(1),
                lifted => Run::Lift { slot: lifted as u32 - 2, count: 1 },
            })
            .collect();
        let deleted = states.iter().filter(|state| matches!(state, Run::Delete(_))).count();
        if deleted as u32 <= deletes && blocks(&states) == Some(moves) {
            all.push(states);
        }
    }
    all
}

/// Number of lifted blocks; `None` when a block has two parts, or the second block is first.
fn blocks(states: &[Run]) -> Option<usize> {
    let slot = |state: &Run| match state {
        Run::Lift { slot, .. } => Some(*slot as usize),
        _ => None,
    };
    let mut slots: Vec<Option<usize>> = states.iter().map(slot).collect();
    slots.dedup();
    let slots: Vec<usize> = slots.into_iter().flatten().collect();
    slots.iter().copied().eq(0..slots.len()).then_some(slots.len())
}

/// The placements at each boundary: every way to drop the blocks, with and without an insert.
fn placements(lines: usize, moves: usize, insert: bool) -> Vec<Vec<Vec<Run>>> {
    let mut all = vec![vec![Vec::new(); lines + 1]];
    for slot in 0..moves as u32 {
        all = all.iter().flat_map(|places| with(places, Run::Drop { slot })).collect();
    }
    if insert {
        let line = Run::Insert { count: 1, first: None };
        let more: Vec<_> = all.iter().flat_map(|places| with(places, line)).collect();
        all.extend(more);
    }
    all
}

/// Every way to add `run` to the placements.
fn with(places: &[Vec<Run>], run: Run) -> Vec<Vec<Vec<Run>>> {
    let spots = places.iter().enumerate();
    let spots = spots.flat_map(|(boundary, there)| (0..=there.len()).map(move |at| (boundary, at)));
    let put = |(boundary, at): (usize, usize)| {
        let mut places = places.to_vec();
        places[boundary].insert(at, run);
        places
    };
    spots.map(put).collect()
}

fn build(states: &[Run], places: &[Vec<Run>]) -> AxisDelta {
    let mut runs = Vec::new();
    for (at, placed) in places.iter().enumerate() {
        runs.extend(placed);
        runs.extend(states.get(at));
    }
    numbered(&AxisDelta::from_runs(runs))
}

/// A delta and its result on each side.
struct Sides {
    delta: Delta,
    as_earlier: Vec<Item>,
    as_later: Vec<Item>,
}

impl Sides {
    fn new(axis: &AxisDelta, lines: usize) -> Self {
        let old: Vec<Item> = (0..lines).map(Item::Old).collect();
        Self {
            delta: Delta::rows(axis.clone()),
            as_earlier: applied(old.clone(), axis, false),
            as_later: applied(old, axis, true),
        }
    }
}

/// Checks TP1, and that both orders lead to the model's axis.
fn check(earlier: &Sides, later: &Sides, lines: usize) {
    let pair = transform(&earlier.delta, &later.delta);
    let (one, other) = (&earlier.as_earlier, &later.as_later);
    let (earlier, later) = (&earlier.delta.rows, &later.delta.rows);
    for (len, residual) in [(one.len(), &pair.second), (other.len(), &pair.first)] {
        let size = Size::new(len as u32, 0);
        if let Err(error) = validate(residual, size, &Limits::DEFAULT) {
            panic!("{earlier:?} and {later:?}: {error} in {residual:?}");
        }
    }
    let one = applied(one.clone(), &pair.second.rows, true);
    let other = applied(other.clone(), &pair.first.rows, false);
    assert_eq!(one, other, "the two orders differ for {earlier:?} and {later:?}");
    let model = merged(earlier, later, lines);
    assert_eq!(one, model, "the model differs for {earlier:?} and {later:?}");
}
