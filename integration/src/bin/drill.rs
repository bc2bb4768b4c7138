//! `drill`: runs drills, one after the other, and checks that no accepted edit is lost.
//!
//! Not a drill: see `integration::drill`. Invariant: it prints a table and every finding, and ends with code 1 after a
//! finding.

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use integration::drill::{DRILLS, Drill, Options, Outcome, run, table};
use integration::harness::{Random, SmallDisk};

/// Plays faults under writers, and compares all histories afterwards.
#[derive(Debug, Parser)]
#[command(name = "drill", version)]
struct Arguments {
    /// Only this one; may be given several times
    #[arg(long, value_name = "NAME", value_parser = named)]
    only: Vec<Drill>,
    /// How long each fault lasts
    #[arg(long, default_value_t = 10.0, value_name = "SECONDS")]
    seconds: f64,
    /// Clients that edit
    #[arg(long, default_value_t = 20, value_name = "COUNT")]
    writers: usize,
    /// Edits a second of each writer
    #[arg(long, default_value_t = 5.0, value_name = "PER_WRITER")]
    rate: f64,
    /// How long the writers edit before the fault and after it
    #[arg(long, default_value_t = 8.0, value_name = "SECONDS")]
    around: f64,
    /// Repeats the choices of the writers of another run
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

fn named(name: &str) -> Result<Drill, String> {
    let names = || DRILLS.map(|drill| drill.name).join(", ");
    Drill::named(name).ok_or_else(|| format!("there are {}", names()))
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(Random::seed);
    say(&format!("seed {seed}"));
    let drills = if arguments.only.is_empty() { DRILLS.to_vec() } else { arguments.only };
    let around = Duration::from_secs_f64(arguments.around);
    let options = Options {
        writers: arguments.writers,
        rate: arguments.rate,
        before: around,
        fault: Duration::from_secs_f64(arguments.seconds),
        after: around,
        seed,
    };
    let (mut outcomes, mut failed) = (Vec::new(), 0);
    for drill in drills {
        if drill.fault.needs_small_disk() && !SmallDisk::is_possible() {
            say(&format!("{}: skipped: only root can mount a small disk", drill.name));
            continue;
        }
        say(&format!("{} ...", drill.name));
        // A task of its own, so that one that panics leaves the others.
        match tokio::spawn(run(drill, options)).await {
            Ok(outcome) => {
                failed += usize::from(!outcome.verdict.is_sound());
                outcomes.push(outcome);
            }
            Err(error) => {
                failed += 1;
                say(&format!("{} could not be played: {error}", drill.name));
            }
        }
    }
    show(&outcomes, failed)
}

fn show(outcomes: &[Outcome], failed: usize) -> ExitCode {
    // There is no other output to report a failure to.
    let _ = write!(stdout(), "{}", table(outcomes));
    for outcome in outcomes {
        for note in &outcome.verdict.notes {
            say(&format!("{}: {note}", outcome.drill.name));
        }
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

fn say(line: &str) {
    // There is no other output to report a failure to.
    let _ = writeln!(stderr(), "{line}");
}
