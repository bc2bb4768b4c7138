//! `workers`: what runs jobs and queries, for an operator.
//!
//! It changes nothing. Invariant: output that is piped is never drawn again.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use clap::Args;
use client::Client;
use gridloom::v1;
use tokio::time::sleep;

use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::output::columns::Columns;
use crate::output::workers::{worker_cells, worker_head, worker_json};
use crate::output::{redrawn_text, say};
use crate::server::Server;

/// Between two looks of `--watch`.
const LOOK_EVERY: Duration = Duration::from_secs(3);

#[derive(Args, Debug)]
pub(crate) struct Workers {
    /// Show them every three seconds, until you press Ctrl-C. On a terminal the list is drawn again in its place.
    #[arg(long)]
    watch: bool,
    /// One JSON object on each line.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn workers(
    client: &Client,
    server: &Server,
    args: Workers,
) -> Result<(), Failure> {
    if !args.watch {
        return print(&client.workers().await?, args.json);
    }
    let _renewal = keep_signed_in(client, server).await?;
    say("showing workers; press Ctrl-C to stop");
    let drawn = (!args.json && std::io::stdout().is_terminal()).then(redrawn_text);
    loop {
        let found = client.workers().await?;
        match &drawn {
            Some(drawn) => drawn.set_message(text(&found)?),
            None => print(&found, args.json)?,
        }
        sleep(LOOK_EVERY).await;
    }
}

fn print(found: &v1::ListWorkersResponse, as_json: bool) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    if as_json {
        for worker in &found.workers {
            writeln!(out, "{}", worker_json(worker))?;
        }
    } else {
        writeln!(out, "{}", text(found)?)?;
    }
    Ok(out.flush()?)
}

/// The workers as a table.
fn text(found: &v1::ListWorkersResponse) -> std::io::Result<String> {
    let workers = found.workers.iter().map(worker_cells);
    let lines: Vec<_> = std::iter::once(worker_head()).chain(workers).collect();
    let mut text = Vec::new();
    Columns::default().print(&lines, &mut text)?;
    Ok(String::from_utf8_lossy(&text).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_worker_has_a_line() {
        let workers = vec![v1::Worker::default(); 2];
        let text = text(&v1::ListWorkersResponse { workers, engine: "embedded".to_owned() });
        assert_eq!(text.expect("memory").lines().count(), 3);
    }
}
