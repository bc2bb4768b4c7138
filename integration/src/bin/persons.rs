//! `persons`: measures what persons notice of each other on a running server.
//!
//! Not the measuring: see `integration::load::persons`. Invariant: it ends with code 2 when a part could not be measured.

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use clap::Parser;
use integration::load::persons::{Report, options::Options, run};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    // There is no other place to report a failure of standard error.
    let print = |line: &str| drop(writeln!(stderr(), "{line}"));
    let report = run(&options, print).await.map_err(|error| error.to_string());
    match report.and_then(|report| show(&report, options.json)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print(&format!("persons: {error}"));
            ExitCode::from(2)
        }
    }
}

fn show(report: &Report, json: bool) -> Result<(), String> {
    let mut out = stdout().lock();
    let written = if json {
        let text = serde_json::to_string(report).map_err(|error| error.to_string())?;
        writeln!(out, "{text}")
    } else {
        write!(out, "{report}")
    };
    written.map_err(|error| error.to_string())
}
