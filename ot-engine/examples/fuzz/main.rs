//! Searches random cases for one that breaks a law.
//!
//! ```text
//! cargo run --release -p ot-engine --example fuzz -- --pairs 10000000 --networks 100000 --lines 4 [--seed N]
//! ```
//!
//! It is not a test: it runs for the given number of cases. A pair is two concurrent deltas and a third after
//! the first; transform, compose and invert must keep their laws on them. A network is a run of the
//! simulation with delay, loss, resends, reconnects, restarts and undo. `--lines N` checks every pair of axis
//! deltas over up to N lines, with up to two moves, an insert and any deletes. 4 lines are 125 million pairs.
//!
//! Invariant: the cases depend only on the printed seed. A failing case is shrunk and printed, and the
//! program ends with an error. The laws are those of the tests, from the same files.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that people look at")]

#[path = "../../tests/support/generate.rs"]
mod generate;
#[path = "../../tests/support/laws.rs"]
mod laws;
#[path = "../../tests/support/model.rs"]
mod model;
#[path = "../../tests/support/network.rs"]
mod network;
#[path = "../../tests/support/plans.rs"]
mod plans;
#[path = "../../tests/support/universe.rs"]
mod universe;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Instant, UNIX_EPOCH};

use proptest::strategy::Strategy;
use proptest::test_runner::{RngAlgorithm, TestCaseError, TestRng, TestRunner};

use universe::Universe;

/// Cases of one chunk: the unit of progress, and the number of cases to draw again for a failing one.
const CHUNK_PAIRS: u64 = 20_000;
const CHUNK_NETWORKS: u64 = 500;
/// Chunks between two lines of progress.
const PROGRESS_CHUNKS: u64 = 25;

struct Options {
    pairs: u64,
    networks: u64,
    lines: u64,
    seed: u64,
}

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}; usage: fuzz [--pairs N] [--networks N] [--lines N] [--seed N]");
            return ExitCode::FAILURE;
        }
    };
    println!("seed {}", options.seed);
    let pairs = || {
        fuzz(
            "pairs",
            options.pairs,
            CHUNK_PAIRS,
            options.seed,
            generate::case,
            |(size, a, b, c)| laws::all(size, &a, &b, &c),
        )
    };
    let networks = || {
        fuzz("networks", options.networks, CHUNK_NETWORKS, options.seed, plans::plan, plans::play)
    };
    every_pair(options.lines);
    if pairs() && networks() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Checks the whole small universe; panics at the first failing pair.
fn every_pair(lines: u64) {
    for lines in 0..=lines as usize {
        let begun = Instant::now();
        let universe = Universe { lines, moves: 2, deletes: u32::MAX, insert: true };
        let (pairs, seconds) = (universe.check_pairs(), begun.elapsed().as_secs_f64());
        println!("every one of {pairs} pairs over {lines} lines, {seconds:.0} s");
    }
}

fn options(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    let now = UNIX_EPOCH.elapsed().unwrap_or_default().subsec_nanos();
    let mut options =
        Options { pairs: 1_000_000, networks: 10_000, lines: 2, seed: u64::from(now) };
    while let Some(word) = words.next() {
        let place = match word.as_str() {
            "--pairs" => &mut options.pairs,
            "--networks" => &mut options.networks,
            "--lines" => &mut options.lines,
            "--seed" => &mut options.seed,
            other => return Err(format!("{other:?} is no flag")),
        };
        let number = words.next().ok_or_else(|| format!("{word} needs a number"))?;
        *place = number.parse().map_err(|_| format!("{number:?} is no number"))?;
    }
    Ok(options)
}

/// Plays `count` cases on all cores; false when one failed.
fn fuzz<S: Strategy>(
    what: &str,
    count: u64,
    chunk: u64,
    seed: u64,
    strategy: impl Fn() -> S + Sync,
    law: impl Fn(S::Value) -> Result<(), TestCaseError> + Sync,
) -> bool {
    let begun = Instant::now();
    let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    let work = || {
        while !failed.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let cases = chunk.min(count.saturating_sub(number * chunk));
            if cases == 0 {
                return;
            }
            let mut runner = runner(seed, number, cases);
            if let Err(failure) = runner.run(&strategy(), &law) {
                failed.store(true, Ordering::Relaxed);
                println!("seed {seed}, chunk {number} of {what}: {failure}");
            } else if number % PROGRESS_CHUNKS == PROGRESS_CHUNKS - 1 {
                let (done, seconds) = ((number + 1) * chunk, begun.elapsed().as_secs_f64());
                println!("{done} {what}, {:.0} a second", done as f64 / seconds);
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(work))));
    let whole = !failed.into_inner();
    if whole && count > 0 {
        println!("{count} {what} without a failure, {:.0} s", begun.elapsed().as_secs_f64());
    }
    whole
}

/// The runner of one chunk, which always draws the same cases.
fn runner(seed: u64, chunk: u64, cases: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&chunk.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    // A chunk is never that large.
    let cases = u32::try_from(cases).unwrap_or(u32::MAX);
    TestRunner::new_with_rng(generate::config(cases), rng)
}
