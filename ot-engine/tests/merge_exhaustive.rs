//! TP1 and the slow model, for **every** pair of axis deltas with up to two moves over a few lines.
//!
//! `make fuzz` checks a larger universe: four lines with an insert and any deletes.
//!
//! Invariant: the universe has every delta exactly once.

#[path = "support/model.rs"]
mod model;
#[path = "support/universe.rs"]
mod universe;

use universe::Universe;

#[test]
fn every_small_pair_agrees_with_the_model() {
    let pairs =
        (0..=3).map(|lines| Universe { lines, moves: 2, deletes: 3, insert: true }.check_pairs());
    let pairs: usize = pairs.sum();
    assert!(pairs > 1_000_000, "only {pairs} pairs: the universe shrank");
}

/// Two moves on each side without a common line need four lines.
#[test]
fn every_pair_over_four_lines_agrees_with_the_model() {
    let pairs = Universe { lines: 4, moves: 2, deletes: 1, insert: false }.check_pairs();
    assert!(pairs > 1_000_000, "only {pairs} pairs: the universe shrank");
}

/// The universe has the computed number of deltas, without duplicates.
#[test]
fn the_universe_is_complete() {
    let count = |lines, moves, deletes, insert| {
        let deltas = Universe { lines, moves, deletes, insert }.deltas();
        let unique: std::collections::HashSet<_> = deltas.iter().collect();
        assert_eq!(unique.len(), deltas.len());
        deltas.len()
    };
    // Kept or deleted; with an insert at one of three boundaries or none.
    assert_eq!(count(2, 0, 2, false), 4);
    assert_eq!(count(2, 0, 2, true), 16);
    // One moved block, the other line kept or deleted, at three boundaries.
    assert_eq!(count(2, 1, 2, false), 4 + 5 * 3);
    // Both lines moved, each to one of three boundaries, in both orders at one boundary.
    assert_eq!(count(2, 2, 2, false), 19 + 12);
    assert_eq!(count(3, 2, 3, false), 8 + 17 * 4 + 8 * 20);
}
