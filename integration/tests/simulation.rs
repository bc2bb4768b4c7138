//! The server's core under a seeded scheduler, with crashes between any two steps, torn writes, full disks, a
//! Postgres that is away or loses answers, and clients that disconnect. Several nodes append to the same
//! sheets, are killed, and are cut off from their journal.
//!
//! The sheets' tasks, the sequencer, the journal, the committer and the client's core are the real ones; the
//! disk, the tables and the time are simulated. `GRIDLOOM_SEEDS` sets the number of runs; `GRIDLOOM_SEED`
//! repeats one run. Invariant: the same seed is the same run.

#[path = "simulation/disk.rs"]
mod disk;
#[path = "simulation/heavy.rs"]
mod heavy;
#[path = "simulation/hostile.rs"]
mod hostile;
#[path = "simulation/judge.rs"]
mod judge;
#[path = "simulation/link.rs"]
mod link;
#[path = "simulation/nodes.rs"]
mod nodes;
#[path = "simulation/peer.rs"]
mod peer;
#[path = "simulation/postgres.rs"]
mod postgres;
#[path = "simulation/server.rs"]
mod server;
#[path = "simulation/sheets.rs"]
mod sheets;
#[path = "simulation/stream.rs"]
mod stream;
#[path = "simulation/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::fmt::Write;

use world::Outcome;

/// One kind of runs.
struct Kind {
    /// The test that repeats one run.
    one: &'static str,
    play: fn(u64) -> Outcome,
    /// Runs of each of the four tests.
    runs: u64,
    /// The events that the runs of one test must contain, so that the runs prove what they claim.
    met: &'static [&'static str],
}

/// One server after the other, on one disk.
const SERVER: Kind = Kind {
    one: "one_run_is",
    play: world::play,
    runs: 250,
    met: &[
        "orphan commit, landed",
        "orphan commit, rejected",
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
    ],
};

/// Several servers at a time, on one shared journal.
const NODES: Kind = Kind {
    one: "one_run_of_several",
    play: nodes::play,
    runs: 100,
    met: &[
        "another's turn",
        "answer lost",
        "answer of the journal lost",
        "orphan append, landed",
        "orphan append, rejected",
        "conflict or again",
        "gap",
        "landed",
        "lease taken over",
        "stream begun",
        "stream expired",
        "lost",
        "event lost",
        "node killed",
    ],
};

/// One server, and edits of the largest size.
const HEAVY: Kind = Kind {
    one: "one_run_of_heavy_edits",
    play: heavy::play,
    runs: 6,
    met: &["failed sync", "full disk", "heavy accepted", "heavy refused"],
};

/// Several servers, and edits of the largest size.
const HEAVY_NODES: Kind = Kind {
    one: "one_run_of_heavy_edits_on_several_nodes",
    play: heavy::play_several,
    runs: 4,
    met: &["full journal", "heavy accepted"],
};

/// Hostile sessions on one server.
const HOSTILE: Kind = Kind {
    one: "one_run_of_hostile_sessions",
    play: hostile::play,
    runs: 40,
    met: &["hostile accepted", "hostile refused", "hostile left", "answer lost"],
};

/// The command that repeats a run.
fn command(kind: &Kind, seed: u64) -> String {
    format!("GRIDLOOM_SEED={seed} cargo test -p integration --test simulation {}", kind.one)
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Plays a quarter of all seeds.
#[allow(clippy::print_stdout)]
fn play_quarter(kind: &Kind, quarter: u64) {
    let runs = setting("GRIDLOOM_SEEDS").map_or(kind.runs, |runs| runs.div_ceil(4));
    let (mut failures, mut seen) = (String::new(), BTreeMap::<&str, u64>::new());
    for seed in quarter * runs..(quarter + 1) * runs {
        let outcome = (kind.play)(seed);
        outcome.seen.iter().for_each(|name| *seen.entry(name).or_default() += 1);
        if !outcome.wrong.is_empty() {
            // Writing to a string does not fail.
            let wrong = outcome.wrong.join("\n    ");
            let _ = writeln!(failures, "{}\n    {wrong}", command(kind, seed));
        }
    }
    println!("events and the number of runs, of {runs}: {seen:#?}");
    assert!(failures.is_empty(), "\n{failures}");
    let not_met = kind.met.iter().filter(|name| !seen.contains_key(*name));
    let not_met: Vec<_> = not_met.filter(|_| runs >= kind.runs).collect();
    assert!(not_met.is_empty(), "no run has: {not_met:?}");
}

/// Plays one run twice.
fn play_one(kind: &Kind) {
    let seed = setting("GRIDLOOM_SEED").unwrap_or(7);
    let (first, again) = ((kind.play)(seed), (kind.play)(seed));
    assert!(first.wrong.is_empty(), "{}\n    {}", command(kind, seed), first.wrong.join("\n    "));
    assert_eq!(first.trace, again.trace, "the same seed is the same run");
}

#[test]
fn the_first_quarter_of_runs_is_sound() {
    play_quarter(&SERVER, 0);
}

#[test]
fn the_second_quarter_of_runs_is_sound() {
    play_quarter(&SERVER, 1);
}

#[test]
fn the_third_quarter_of_runs_is_sound() {
    play_quarter(&SERVER, 2);
}

#[test]
fn the_fourth_quarter_of_runs_is_sound() {
    play_quarter(&SERVER, 3);
}

#[test]
fn the_first_quarter_of_runs_of_several_nodes_is_sound() {
    play_quarter(&NODES, 0);
}

#[test]
fn the_second_quarter_of_runs_of_several_nodes_is_sound() {
    play_quarter(&NODES, 1);
}

#[test]
fn the_third_quarter_of_runs_of_several_nodes_is_sound() {
    play_quarter(&NODES, 2);
}

#[test]
fn the_fourth_quarter_of_runs_of_several_nodes_is_sound() {
    play_quarter(&NODES, 3);
}

#[test]
fn runs_of_hostile_sessions_are_sound() {
    play_quarter(&HOSTILE, 0);
}

#[test]
fn one_run_of_hostile_sessions_is_sound_and_can_be_repeated() {
    play_one(&HOSTILE);
}

#[test]
fn runs_of_heavy_edits_are_sound() {
    play_quarter(&HEAVY, 0);
}

#[test]
fn runs_of_heavy_edits_on_several_nodes_are_sound() {
    play_quarter(&HEAVY_NODES, 0);
}

#[test]
fn one_run_is_sound_and_can_be_repeated() {
    play_one(&SERVER);
}

#[test]
fn one_run_of_several_nodes_is_sound_and_can_be_repeated() {
    play_one(&NODES);
}

#[test]
fn one_run_of_heavy_edits_is_sound() {
    play_one(&HEAVY);
}

#[test]
fn one_run_of_heavy_edits_on_several_nodes_is_sound() {
    play_one(&HEAVY_NODES);
}
