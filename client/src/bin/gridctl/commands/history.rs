//! `history` and `restore`: the list of past changes, and the return to an older revision.
//!
//! They compute no change; the server does. Invariant: a restore is a change itself, so `undo` undoes it.

use std::io::Write;

use clap::Args;
use client::Client;
use client::net::ChangesOptions;
use ot_engine::Revision;
use uuid::Uuid;

use crate::failure::Failure;
use crate::find::find;
use crate::output::{record, say};

#[derive(Args, Debug)]
pub(crate) struct History {
    /// The sheet's id, or its name.
    sheet: String,
    /// Only changes of this row, also at its earlier positions.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    row: Option<u32>,
    /// How many changes to list.
    #[arg(long, default_value_t = 20)]
    count: u32,
    /// One JSON object on each line.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Restore {
    /// The sheet's id, or its name.
    sheet: String,
    /// The revision to restore; 0 is the sheet as created.
    revision: u64,
}

pub(crate) async fn history(client: &Client, args: History) -> Result<(), Failure> {
    let sheet = find(client, &args.sheet).await?;
    let rows = args.row.map(|row| row - 1..row);
    let options = ChangesOptions { rows, ..ChangesOptions::default() };
    let changes = client.changes(&sheet.id, &options, args.count as usize).await?;
    let mut out = std::io::stdout().lock();
    for change in &changes {
        let line =
            if args.json { record::to_json(change).to_string() } else { record::to_text(change) };
        writeln!(out, "{line}")?;
    }
    if changes.is_empty() {
        say("no changes");
    }
    Ok(out.flush()?)
}

pub(crate) async fn restore(client: &Client, args: Restore) -> Result<(), Failure> {
    let sheet = find(client, &args.sheet).await?;
    let (to, request) = (Revision(args.revision), Uuid::new_v4().to_string());
    let revision = client.restore_revision(&sheet.id, to, &request).await?;
    say(&format!("restored as revision {revision}; `gridctl undo` undoes it"));
    Ok(())
}
