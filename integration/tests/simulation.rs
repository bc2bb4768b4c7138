//! The server's core under a scheduler that a seed decides: crashes between any two steps, a disk that
//! tears and fills up, a Postgres that is away, silent, or loses answers, peers that come and go.
//!
//! The sheets' tasks, the sequencer, the journal, the committer and the client's core are the real
//! ones; the disk, the tables and the time are played. `GRIDLOOM_SEEDS` plays so many runs instead of
//! the usual number; `GRIDLOOM_SEED` plays one, which is how a failure is repeated.

#[path = "simulation/disk.rs"]
mod disk;
#[path = "simulation/judge.rs"]
mod judge;
#[path = "simulation/peer.rs"]
mod peer;
#[path = "simulation/postgres.rs"]
mod postgres;
#[path = "simulation/server.rs"]
mod server;
#[path = "simulation/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::fmt::Write;

use world::play;

/// Runs of one test; there are four.
const RUNS: u64 = 250;

/// What a quarter of the usual runs must have met, or the runs show less than they seem to.
const MET: [&str; 16] = [
    "adrift, in vain",
    "adrift, landed",
    "answer lost",
    "conflict or again",
    "failed sync",
    "full disk",
    "kept",
    "kept in order",
    "landed",
    "lost",
    "segment deleted",
    "stop at the start",
    "stop before a sync",
    "stop in a write",
    "torn",
    "torn tail cut off",
];

/// How this run is repeated.
fn command(seed: u64) -> String {
    format!("GRIDLOOM_SEED={seed} cargo test -p integration --test simulation one_run")
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Plays a quarter of all seeds.
#[allow(clippy::print_stdout)]
fn play_quarter(quarter: u64) {
    let runs = setting("GRIDLOOM_SEEDS").map_or(RUNS, |runs| runs.div_ceil(4));
    let (mut failures, mut seen) = (String::new(), BTreeMap::<&str, u64>::new());
    for seed in quarter * runs..(quarter + 1) * runs {
        let world = play(seed);
        world.seen.iter().for_each(|name| *seen.entry(name).or_default() += 1);
        if !world.wrong.is_empty() {
            // Writing to a string does not fail.
            let _ = writeln!(failures, "{}\n    {}", command(seed), world.wrong.join("\n    "));
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
    let not_met = MET.iter().filter(|name| !seen.contains_key(*name));
    let not_met: Vec<_> = not_met.filter(|_| runs >= RUNS).collect();
    assert!(not_met.is_empty(), "never happened: {not_met:?}");
    println!("in how many of {runs} runs: {seen:#?}");
}

#[test]
fn the_first_quarter_of_runs_is_sound() {
    play_quarter(0);
}

#[test]
fn the_second_quarter_of_runs_is_sound() {
    play_quarter(1);
}

#[test]
fn the_third_quarter_of_runs_is_sound() {
    play_quarter(2);
}

#[test]
fn the_fourth_quarter_of_runs_is_sound() {
    play_quarter(3);
}

#[test]
fn one_run_is_sound_and_can_be_repeated() {
    let seed = setting("GRIDLOOM_SEED").unwrap_or(7);
    let (first, again) = (play(seed), play(seed));
    assert!(first.wrong.is_empty(), "{}\n    {}", command(seed), first.wrong.join("\n    "));
    assert_eq!(first.trace, again.trace, "the same seed is the same run");
}
