//! `tail`: prints changes as they happen.
//!
//! It loads no cells. Invariant: each change is one line, and a gap in the changes is reported.

use std::io::Write;

use clap::Args;
use client::Client;
use client::core::{Event, SaveState};
use client::net::{Looking, OpenOptions};
use tokio::sync::broadcast::error::RecvError;

use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::find::find;
use crate::output::{change, say};
use crate::server::Server;

#[derive(Args, Debug)]
pub(crate) struct Tail {
    /// The sheet's id, or its name.
    sheet: String,
    /// One JSON object on each line.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn tail(client: &Client, server: &Server, args: Tail) -> Result<(), Failure> {
    let _renewal = keep_signed_in(client, server).await?;
    let sheet = find(client, &args.sheet).await?;
    let options = OpenOptions { looking: Looking::Changes, ..OpenOptions::default() };
    let live = client.open_with(&sheet.id, options).await?;
    let mut events = live.changes();
    say(&format!("showing changes of {}; press Ctrl-C to stop", sheet.name));
    loop {
        match events.recv().await {
            Ok(Event::Changed(changed)) => {
                let mut out = std::io::stdout().lock();
                let line = if args.json {
                    change::to_json(&changed).to_string()
                } else {
                    change::to_text(&changed)
                };
                writeln!(out, "{line}")?;
                out.flush()?;
            }
            Ok(Event::SaveState(SaveState::Offline { .. })) => {
                say("connection lost; reconnecting");
            }
            Ok(Event::Welcomed(_)) => say("reconnected"),
            Ok(Event::Renamed { name }) => say(&format!("the sheet has the name {name} now")),
            Ok(Event::Resynced { .. }) => {
                say("some changes are missing; `gridctl history` lists them")
            }
            Ok(_) => {}
            Err(RecvError::Lagged(missed)) => {
                say(&format!("{missed} events are missing; `gridctl history` lists them"))
            }
            // The next call returns the reason why the live sheet ended.
            Err(RecvError::Closed) => return Ok(live.wait_synced().await.map(drop)?),
        }
    }
}
