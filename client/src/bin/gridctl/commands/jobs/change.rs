//! `jobs wait`, `jobs cancel` and `jobs retry`.
//!
//! They begin no job. Invariant: the exit status of `wait` says whether the job is done.

use std::io::Write;

use clap::Args;
use client::Client;
use gridloom::v1;
use gridloom::v1::JobState;

use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::output::jobs::{job_json, job_line, notes, results, title};
use crate::output::say;
use crate::server::Server;
use crate::wait::wait_for_job;

#[derive(Args, Debug)]
pub(crate) struct Wait {
    /// The job's id.
    job: String,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Cancel {
    /// The job's id.
    job: String,
    /// The job may be of any account, as an operator.
    #[arg(long)]
    any: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Retry {
    /// The job's id.
    job: String,
    /// The job may be of any account, as an operator.
    #[arg(long)]
    any: bool,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn wait(client: &Client, server: &Server, args: Wait) -> Result<(), Failure> {
    let _renewal = keep_signed_in(client, server).await?;
    let job = wait_for_job(client, &args.job).await?;
    print(&job, args.json)?;
    if !args.json {
        for sentence in notes(&job).chain(results(&job)) {
            say(&sentence);
        }
    }
    Ok(())
}

pub(super) async fn cancel(client: &Client, args: Cancel) -> Result<(), Failure> {
    let job = match args.any {
        true => client.cancel_any_job(&args.job).await?.job.unwrap_or_default(),
        false => client.cancel_job(&args.job).await?,
    };
    say(&cancelled(&job, args.any)?);
    Ok(())
}

/// What a job is after its cancellation was asked for.
fn cancelled(job: &v1::Job, is_any: bool) -> Result<String, Failure> {
    let title = title(job);
    Ok(match job.state() {
        JobState::Cancelled => format!("{title} is cancelled"),
        JobState::Failed => format!("{title} has failed already"),
        JobState::Done => {
            return Err(Failure::Message(format!(
                "{title} is done already, and can't be cancelled any more"
            )));
        }
        JobState::Waiting | JobState::Running | JobState::Unspecified => format!(
            "{title} ends within seconds, and is cancelled unless it is done before\n  {}",
            next_step(&job.id, is_any)
        ),
    })
}

pub(super) async fn retry(client: &Client, args: Retry) -> Result<(), Failure> {
    let job = match args.any {
        true => client.retry_any_job(&args.job).await?.job.unwrap_or_default(),
        false => client.retry_job(&args.job).await?,
    };
    print(&job, args.json)?;
    say(&next_step(&job.id, args.any));
    Ok(())
}

/// What shows the end of a job. An operator can't wait for one of another account.
fn next_step(id: &str, is_any: bool) -> String {
    match is_any {
        true => format!("`gridctl jobs plan {id}` shows its state"),
        false => format!("`gridctl jobs wait {id}` waits for its end"),
    }
}

fn print(job: &v1::Job, as_json: bool) -> Result<(), Failure> {
    let line = if as_json { job_json(job).to_string() } else { job_line(job) };
    Ok(writeln!(std::io::stdout().lock(), "{line}")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_is_done_is_not_reported_as_cancelled() {
        let of = |state: JobState| {
            cancelled(&v1::Job { state: state.into(), ..v1::Job::default() }, false)
                .map_err(|failure| failure.to_string())
        };
        assert!(of(JobState::Done).expect_err("is done").contains("done already"));
        assert!(of(JobState::Cancelled).expect("is cancelled").ends_with("is cancelled"));
        assert!(of(JobState::Running).expect("is asked for").contains("gridctl jobs wait"));
        let of_other = v1::Job { state: JobState::Running.into(), ..v1::Job::default() };
        let text = cancelled(&of_other, true).expect("is asked for");
        assert!(text.contains("gridctl jobs plan") && !text.contains("wait"), "{text}");
    }
}
