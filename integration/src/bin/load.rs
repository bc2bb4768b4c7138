//! `load`: runs writers and readers on a server and checks that no edit is lost.
//!
//! Not the load: see `integration::load`. It prints one JSON object with `--json`, a table without. Invariant: it ends
//! with code 1 when the clients did not converge or an edit is lost or doubled, and with code 2 when the run could
//! not be done.

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use clap::Parser;
use integration::load::{LoadError, Outcome, options::Options, run};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let json = options.json;
    match run(options).await.and_then(|outcome| show(outcome, json)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            // There is no other place to report a failure of standard error.
            let _ = writeln!(stderr(), "load: {error}");
            ExitCode::from(2)
        }
    }
}

fn show(outcome: Option<Outcome>, json: bool) -> Result<bool, LoadError> {
    let Some(outcome) = outcome else { return Ok(true) };
    let mut out = stdout().lock();
    if json {
        let text = serde_json::to_string(&outcome).map_err(std::io::Error::from)?;
        writeln!(out, "{text}")?;
    } else {
        writeln!(out, "{outcome}")?;
    }
    Ok(outcome.is_sound())
}
