//! The delta between two orders of lines turns the old order into the new one and keeps common lines.
//!
//! Invariant: few moves give few lifted lines.

use std::ops::Range;

use ot_engine::{AxisDelta, Run};
use proptest::prelude::*;

/// Some ids below 40, in any order.
fn order() -> impl Strategy<Value = Vec<u64>> {
    Just((0..40).collect::<Vec<u64>>())
        .prop_shuffle()
        .prop_flat_map(|ids| (0..=ids.len()).prop_map(move |len| ids[..len].to_vec()))
}

/// The order after a few moves.
fn near(order: Vec<u64>) -> impl Strategy<Value = Vec<u64>> {
    let moves = prop::collection::vec((0..40_usize, 0..40_usize), 0..4);
    moves.prop_map(move |moves| {
        let mut near = order.clone();
        for (from, to) in moves {
            if from < near.len() {
                let line = near.remove(from);
                near.insert(to.min(near.len()), line);
            }
        }
        near
    })
}

fn ranges(order: &[u64]) -> Vec<Range<u64>> {
    order.chunk_by(|a, b| a + 1 == *b).map(|run| run[0]..run[0] + run.len() as u64).collect()
}

fn apply(delta: &AxisDelta, old: &[u64]) -> Vec<u64> {
    let mut inserted = None;
    // The ids of an insert follow its first id.
    delta.apply_to_vec(old.to_vec(), |id| {
        let id = id.map_or_else(|| inserted.expect("a first") + 1, |id| id.0);
        inserted = Some(id);
        id
    })
}

proptest! {
    #[test]
    fn the_delta_turns_the_old_order_into_the_new(old in order(), new in order()) {
        let delta = AxisDelta::between(&ranges(&old), &ranges(&new));
        prop_assert_eq!(apply(&delta, &old), new);
    }

    #[test]
    fn few_moves_lift_few_lines(
        (old, new) in order().prop_flat_map(|old| (Just(old.clone()), near(old))),
    ) {
        let delta = AxisDelta::between(&ranges(&old), &ranges(&new));
        prop_assert_eq!(apply(&delta, &old), new);
        let lifted = delta.runs().iter().filter(|run| matches!(run, Run::Lift { .. })).count();
        prop_assert!(lifted <= 3 * 3, "{:?}", delta);
        prop_assert!(!delta.has_deletes());
    }

    #[test]
    fn the_same_order_is_no_change(order in order()) {
        prop_assert!(AxisDelta::between(&ranges(&order), &ranges(&order)).is_identity());
    }
}
