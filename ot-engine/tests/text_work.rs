//! The cost of a text edit with many short runs.
//!
//! Invariant: the cost is linear in the runs.

use allocation_counter::measure;
use ot_engine::{TextDelta, TextRun};

/// Bytes allocated to build edits with this many runs.
fn bytes(runs: u32, run: impl Fn(u32) -> TextRun) -> u64 {
    let runs: Vec<_> = (0..runs).map(run).collect();
    let mut edit = TextDelta::default();
    let cost = measure(|| edit = TextDelta::from_runs(runs));
    assert!(!edit.is_identity());
    cost.bytes_total
}

fn letter(_: u32) -> TextRun {
    TextRun::Insert("a".into())
}

fn spread(at: u32) -> TextRun {
    if at.is_multiple_of(2) { TextRun::Insert("a".into()) } else { TextRun::Retain(1) }
}

#[test]
fn building_an_edit_is_linear_in_its_runs() {
    for run in [letter, spread] {
        let (once, twice, four) = (bytes(20_000, run), bytes(40_000, run), bytes(80_000, run));
        assert!(twice <= once * 3 && four <= once * 6, "{once}, {twice}, {four} bytes");
    }
}

#[test]
fn composing_transforming_and_inverting_are_linear_in_the_runs() {
    let cost = |runs: u32| {
        let old = "x".repeat(runs as usize);
        let letters = TextDelta::from_runs((0..runs).map(spread));
        let others = TextDelta::from_runs((0..runs).map(|at| spread(at + 1)));
        measure(|| {
            let both = letters.compose(&others);
            let sides = letters.transform(&others);
            assert!(!both.is_identity() && !sides.0.is_identity());
            assert!(!letters.inverse(&old).is_identity());
        })
        .bytes_total
    };
    let (once, twice, four) = (cost(5_000), cost(10_000), cost(20_000));
    assert!(twice <= once * 3 && four <= once * 6, "{once}, {twice}, {four} bytes");
}

#[test]
fn a_single_run_is_shared() {
    let long: std::sync::Arc<str> = "x".repeat(100_000).into();
    let runs = vec![TextRun::Retain(1), TextRun::Insert(long.clone()), TextRun::Delete(1)];
    let cost = measure(|| drop(TextDelta::from_runs(runs)));
    assert!(cost.bytes_total < 1_000, "{cost:?}");
}
