//! `jobs plan`: what each step of a job has cost so far.
//!
//! It changes nothing. Invariant: standard output has the steps alone.

use std::io::Write;

use clap::Args;
use client::Client;
use serde_json::json;

use crate::failure::Failure;
use crate::output::columns::Columns;
use crate::output::jobs::{job_json, job_line};
use crate::output::say;
use crate::output::steps::{step_cells, step_head, step_json};

#[derive(Args, Debug)]
pub(crate) struct Plan {
    /// The job's id. An operator may name a job of any account.
    job: String,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn plan(client: &Client, args: Plan) -> Result<(), Failure> {
    let found = client.job_plan(&args.job).await?;
    let job = found.job.unwrap_or_default();
    let mut out = std::io::stdout().lock();
    if args.json {
        let steps: Vec<_> = found.steps.iter().map(step_json).collect();
        writeln!(out, "{}", json!({ "job": job_json(&job), "steps": steps }))?;
        return Ok(out.flush()?);
    }
    say(&job_line(&job));
    if found.steps.is_empty() {
        say("the job has no steps: it has not begun, or is of a kind without them");
        return Ok(());
    }
    let steps = found.steps.iter().map(step_cells);
    let lines: Vec<_> = std::iter::once(step_head()).chain(steps).collect();
    Ok(Columns::default().print(&lines, out)?)
}
