//! `revisions`: makes a sheet with a long history and measures reads of old revisions.
//!
//! ```text
//! cargo run --release -p integration --bin revisions -- --target http://127.0.0.1:7300 [--changes 100000]
//! ```
//!
//! Every twentieth change moves, inserts or deletes rows, so that a read computes the row order as well. Prints
//! a table: the age of a revision in changes, and the median time of a read of 50 rows at it.
//!
//! Not a test of the rows that it reads. Invariant: all changes are committed before the first read.

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use client::Client;
use client::net::{Error, NewSheet, Sheet, When};
use integration::harness::Random;
use ot_engine::{AxisDelta, Delta, Revision};

/// Clients that make the changes.
const WRITERS: u64 = 16;
/// Rows of the sheet in the beginning; about as many are there in the end.
const ROWS: u32 = 1_000;
/// Reads at each age.
const READS: usize = 9;

/// Measures reads of old revisions in a long history.
#[derive(Parser)]
struct Options {
    /// The server, as http://ADDRESS:PORT
    #[arg(long)]
    target: String,
    /// How many changes to make
    #[arg(long, default_value_t = 100_000)]
    changes: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is no other place to report a failure of standard error.
            let _ = writeln!(stderr(), "revisions: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Error> {
    let client = Client::connect(&options.target).await?;
    let email = format!("revisions-{}@example.org", Random::seed());
    let (client, _) = client.sign_up(&email, "correct horse battery", "").await?;
    let new = NewSheet { rows: Some(ROWS), ..NewSheet::default() };
    let sheet = client.create_sheet("A long history", new).await?;
    let begun = Instant::now();
    let writers = (0..WRITERS).map(|number| {
        let (client, id) = (client.clone(), sheet.id.clone());
        tokio::spawn(async move { write(client.open(&id).await?, number, options.changes).await })
    });
    let mut head = Revision(0);
    for writer in writers.collect::<Vec<_>>() {
        head = head.max(
            writer.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?,
        );
    }
    let live = client.open(&sheet.id).await?;
    live.wait_committed(head).await?;
    say(&format!("{head} changes in {:.1} s, all committed\n", begun.elapsed().as_secs_f64()));
    say("| changes back | GetRevision of 50 rows, ms |\n| --- | --- |");
    for tenths in [0, 1, 10, 50, 90, 99, 100] {
        let back = head.0 * tenths / 100;
        let millis = read(&client, &sheet.id, Revision(head.0 - back)).await?;
        say(&format!("| {back} | {millis:.1} |"));
    }
    let middle = Revision(head.0 / 2);
    let begun = Instant::now();
    client.restore_revision(&sheet.id, middle, &email).await?;
    say(&format!("\nrestoring revision {middle}: {:.2} s", begun.elapsed().as_secs_f64()));
    Ok(())
}

/// Makes this writer's share of the changes, one after the other. Returns the last revision.
async fn write(sheet: Sheet, number: u64, changes: u64) -> Result<Revision, Error> {
    sheet.wait_synced().await?;
    let mut random = Random::from_seed(number);
    let mut last = Revision(0);
    for change in (number..changes).step_by(WRITERS as usize) {
        let (row, kind) = (random.below(ROWS - 20), random.below(60));
        let delta = match kind {
            0 => Delta::rows(AxisDelta::insert(row, 1)),
            1 => Delta::rows(AxisDelta::delete(row, 1)),
            2 => Delta::rows(AxisDelta::move_lines(row, 3, random.below(ROWS - 20))),
            _ => Delta::set_cell(row, kind % 5, change as f64),
        };
        // Deletes may leave too few rows for a change, which is then skipped.
        let Ok(ticket) = sheet.apply(delta).await else { continue };
        last = ticket.accepted().await?.revision;
    }
    Ok(last)
}

/// The median time of a read, in milliseconds.
async fn read(client: &Client, id: &str, revision: Revision) -> Result<f64, Error> {
    let mut times = Vec::new();
    for _ in 0..READS {
        let begun = Instant::now();
        client.read_revision(id, When::Revision(revision), 100..150).await?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    let median: Duration = times[READS / 2];
    Ok(median.as_secs_f64() * 1e3)
}

fn say(line: &str) {
    // The reader of the output may have closed it.
    let _ = writeln!(stdout(), "{line}");
}
