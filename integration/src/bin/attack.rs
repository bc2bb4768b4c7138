//! `attack`: attacks a server of its own in all known ways, and measures how others are served meanwhile.
//!
//! Not an attack: see `integration::attack`. Invariant: it prints a table and every finding, and ends with code 1 after
//! a finding.

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use clap::Parser;
use grpc_server::serve::descriptors::raise;
use integration::attack::{ATTACKS, options::Options, run, table};

/// For the connections of an attack.
const OPEN_FILES: u64 = 10_000;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    raise(OPEN_FILES);
    let attacks = if options.only.is_empty() { ATTACKS.to_vec() } else { options.only.clone() };
    let (mut outcomes, mut failed) = (Vec::new(), 0);
    for attack in attacks {
        say(&format!("{}: {} ...", attack.name, attack.does));
        // A task of its own, so that one that panics leaves the others.
        let (own, running) = (options.clone(), attack);
        match tokio::spawn(async move { run(running, &own).await }).await {
            Ok(outcome) => {
                say(&format!("  answers: {}", outcome.answers()));
                outcome.logged().iter().for_each(|line| say(&format!("  log: {line}")));
                let findings = outcome.findings(options.times);
                findings.iter().for_each(|finding| say(&format!("  FOUND: {finding}")));
                failed += usize::from(!findings.is_empty());
                outcomes.push(outcome);
            }
            Err(error) => {
                failed += 1;
                say(&format!("  FOUND: it could not be carried out: {error}"));
            }
        }
    }
    // There is no other place to report a failure of standard output.
    let _ = write!(stdout().lock(), "{}", table(&outcomes));
    say(&format!("{} attacks, {failed} with findings", outcomes.len()));
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

fn say(line: &str) {
    // There is no other place to report a failure of standard error.
    let _ = writeln!(stderr().lock(), "{line}");
}
