//! TP1 and the slow model, for **every** pair of axis deltas with up to two moves over a few lines.
//!
//! `make fuzz` has a larger universe: four lines with an insert and any deletes besides.

#[path = "support/model.rs"]
mod model;
#[path = "support/universe.rs"]
mod universe;

use universe::Universe;

#[test]
fn every_small_pair_meets_where_the_model_says() {
    let pairs =
        (0..=3).map(|lines| Universe { lines, moves: 2, deletes: 3, insert: true }.check_pairs());
    let pairs: usize = pairs.sum();
    assert!(pairs > 1_000_000, "only {pairs} pairs: the universe shrank");
}

/// Two moves on either side that all keep clear of each other need a fourth line.
#[test]
fn every_pair_over_four_lines_meets_where_the_model_says() {
    let pairs = Universe { lines: 4, moves: 2, deletes: 1, insert: false }.check_pairs();
    assert!(pairs > 1_000_000, "only {pairs} pairs: the universe shrank");
}

/// A universe that misses deltas, or has one twice, would prove less than it says.
#[test]
fn the_universe_is_what_it_says() {
    let count = |lines, moves, deletes, insert| {
        let deltas = Universe { lines, moves, deletes, insert }.deltas();
        let unique: std::collections::HashSet<_> = deltas.iter().collect();
        assert_eq!(unique.len(), deltas.len());
        deltas.len()
    };
    // Kept or deleted; with an insert at one of three boundaries or none.
    assert_eq!(count(2, 0, 2, false), 4);
    assert_eq!(count(2, 0, 2, true), 16);
    // And three blocks, the other line kept or deleted, to three boundaries.
    assert_eq!(count(2, 1, 2, false), 4 + 5 * 3);
    // And both lines, each to one of three boundaries, in either order at one.
    assert_eq!(count(2, 2, 2, false), 19 + 12);
    assert_eq!(count(3, 2, 3, false), 8 + 17 * 4 + 8 * 20);
}
