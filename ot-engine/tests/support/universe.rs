//! Every axis delta over a few lines, and every pair of them: what random cases can only be likely
//! to meet is met here for certain.

use std::sync::atomic::{AtomicUsize, Ordering};

use ot_engine::{AxisDelta, Delta, Limits, Run, Size, transform, validate};

use super::model::{Item, applied, merged, numbered};

/// Which deltas there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Universe {
    /// Lines of the old axis.
    pub(crate) lines: usize,
    /// Blocks that are moved, at most; no more than two are known here.
    pub(crate) moves: usize,
    /// Lines that are deleted, at most.
    pub(crate) deletes: u32,
    /// Whether one line may be inserted.
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

    /// Checks each pair, on all cores; answers how many there are. The first that fails panics.
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

/// What becomes of each old line: blocks in order of place, the others kept or deleted.
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
        let gone = states.iter().filter(|state| matches!(state, Run::Delete(_))).count();
        if gone as u32 <= deletes && blocks(&states) == Some(moves) {
            all.push(states);
        }
    }
    all
}

/// How many blocks are lifted; nothing when one is in two parts, or the second stands first.
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

/// What stands at each boundary: every way to drop the blocks and to insert a line, or not.
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

/// Every way to put `run` among what is placed already.
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

/// A delta, and what it makes of the axis on either side.
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

/// TP1, and that both orders end where the model says.
fn check(earlier: &Sides, later: &Sides, lines: usize) {
    let met = transform(&earlier.delta, &later.delta);
    let (one, other) = (&earlier.as_earlier, &later.as_later);
    let (earlier, later) = (&earlier.delta.rows, &later.delta.rows);
    for (len, residual) in [(one.len(), &met.second), (other.len(), &met.first)] {
        let size = Size::new(len as u32, 0);
        if let Err(error) = validate(residual, size, &Limits::DEFAULT) {
            panic!("{earlier:?} and {later:?}: {error} in {residual:?}");
        }
    }
    let one = applied(one.clone(), &met.second.rows, true);
    let other = applied(other.clone(), &met.first.rows, false);
    assert_eq!(one, other, "the two orders differ for {earlier:?} and {later:?}");
    let model = merged(earlier, later, lines);
    assert_eq!(one, model, "the model differs for {earlier:?} and {later:?}");
}
