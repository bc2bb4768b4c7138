//! TP1 and the slow model, for **every** pair of axis deltas with one move, one insert and two
//! deletes over up to three lines.

#[path = "support/model.rs"]
mod model;

use model::{Item, applied, merged, numbered};
use ot_engine::{AxisDelta, Delta, Limits, Run, Size, transform, validate};

/// Every delta of the universe over `len` lines.
fn universe(len: usize) -> Vec<AxisDelta> {
    let mut all = Vec::new();
    let blocks = (0..len).flat_map(|from| (from + 1..=len).map(move |to| from..to));
    for block in std::iter::once(0..0).chain(blocks) {
        let free: Vec<usize> = (0..len).filter(|line| !block.contains(line)).collect();
        for gone in 0..1_u32 << free.len() {
            if gone.count_ones() > 2 {
                continue;
            }
            let state = |line: usize| {
                let deleted = free.iter().position(|&f| f == line).map(|i| gone >> i & 1 == 1);
                match deleted {
                    None => Run::Lift { slot: 0, count: 1 },
                    Some(true) => Run::Delete(1),
                    Some(false) => Run::Keep(1),
                }
            };
            let drops = if block.is_empty() { None..=None } else { Some(0)..=Some(len) };
            let drops = (0..=len + 1).map(|d| d.checked_sub(1)).filter(|d| drops.contains(d));
            for drop in drops {
                for insert in (0..=len + 1).map(|i| i.checked_sub(1)) {
                    for drop_first in [false, true] {
                        if drop_first && (drop.is_none() || drop != insert) {
                            continue;
                        }
                        all.push(build(len, state, drop, insert, drop_first));
                    }
                }
            }
        }
    }
    all
}

fn build(
    len: usize,
    state: impl Fn(usize) -> Run,
    drop: Option<usize>,
    insert: Option<usize>,
    drop_first: bool,
) -> AxisDelta {
    let mut runs = Vec::new();
    for at in 0..=len {
        let drop = (drop == Some(at)).then_some(Run::Drop { slot: 0 });
        let insert = (insert == Some(at)).then_some(Run::Insert { count: 1, first: None });
        runs.extend(if drop_first { [drop, insert] } else { [insert, drop] }.into_iter().flatten());
        runs.extend((at < len).then(|| state(at)));
    }
    numbered(&AxisDelta::from_runs(runs))
}

fn check(earlier: &AxisDelta, later: &AxisDelta, len: usize) {
    let met = transform(&Delta::rows(earlier.clone()), &Delta::rows(later.clone()));
    let old: Vec<Item> = (0..len).map(Item::Old).collect();
    let (one, other) = (applied(old.clone(), earlier, false), applied(old, later, true));
    for (size, residual) in [(one.len(), &met.second), (other.len(), &met.first)] {
        let size = Size::new(size as u32, 0);
        if let Err(error) = validate(residual, size, &Limits::DEFAULT) {
            panic!("{earlier:?} and {later:?}: {error} in {residual:?}");
        }
    }
    let one = applied(one, &met.second.rows, true);
    let other = applied(other, &met.first.rows, false);
    assert_eq!(one, other, "the two orders differ for {earlier:?} and {later:?}");
    let model = merged(earlier, later, len);
    assert_eq!(one, model, "the model differs for {earlier:?} and {later:?}");
}

#[test]
fn every_small_pair_meets_where_the_model_says() {
    let mut pairs = 0;
    for len in 0..=3 {
        let universe = universe(len);
        for earlier in &universe {
            for later in &universe {
                check(earlier, later, len);
                pairs += 1;
            }
        }
    }
    assert!(pairs > 200_000, "only {pairs} pairs: the universe shrank");
}
