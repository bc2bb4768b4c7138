//! `bench`: measures a running server row by row and prints medians.
//!
//! Not the measuring: see `integration::bench`. Invariant: it ends with code 1 when a row has no run, and with code 2
//! when a run could not be done or found a fault.

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use clap::Parser;
use integration::bench::{Table, options::Options, run};
use integration::load::serve_echo_if_asked;

#[tokio::main]
async fn main() -> ExitCode {
    // There is no other place to report a failure of standard error.
    let print = |line: String| drop(writeln!(stderr(), "{line}"));
    match serve_echo_if_asked().await {
        Some(Ok(())) => return ExitCode::SUCCESS,
        Some(Err(error)) => {
            print(format!("bench: {error}"));
            return ExitCode::from(2);
        }
        None => {}
    }
    let options = Options::parse();
    let table = run(&options, print).await;
    match table.map_err(|error| error.to_string()).and_then(|table| show(&table, options.json)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            print(format!("bench: {error}"));
            ExitCode::from(2)
        }
    }
}

fn show(table: &Table, json: bool) -> Result<bool, String> {
    let mut out = stdout().lock();
    if !json {
        write!(out, "{table}").map_err(|error| error.to_string())?;
        return Ok(table.is_whole());
    }
    for row in &table.rows {
        let text = serde_json::to_string(row).map_err(|error| error.to_string())?;
        writeln!(out, "{text}").map_err(|error| error.to_string())?;
    }
    Ok(table.is_whole())
}
