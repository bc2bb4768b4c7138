//! `jobs`: work that the server does, which takes longer than a call.
//!
//! It begins no job: the command that needs one does. Invariant: each command that names a job takes its id.

mod all;
mod change;
mod list;
mod plan;
mod watch;

use clap::{Args, Subcommand};

use crate::credentials::signed_in;
use crate::failure::Failure;
use crate::server::Server;

#[derive(Args, Debug)]
pub(crate) struct Jobs {
    #[command(flatten)]
    list: list::List,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What is done with jobs; without a command they are listed.
#[derive(Debug, Subcommand)]
enum Command {
    /// List the jobs, as no command does.
    #[command(alias = "ls")]
    List(list::List),
    /// Show what each step of a job has cost so far: rows, time, processor time, memory and disk.
    Plan(plan::Plan),
    /// Wait until a job ends. It is a failure of the command unless the job is done.
    Wait(change::Wait),
    /// Cancel a job. One that runs ends within seconds, unless it is done before.
    Cancel(change::Cancel),
    /// Let a job that has failed or was cancelled run again.
    Retry(change::Retry),
}

pub(crate) async fn jobs(server: &Server, args: Jobs) -> Result<(), Failure> {
    let Some(command) = args.command else {
        return list::list(&signed_in(server).await?, server, args.list).await;
    };
    if args.list != list::List::default() {
        return Err(Failure::Message(
            "the options of the list can't stand before another command; leave them out, or write --json and --any after the \
             command"
                .to_owned(),
        ));
    }
    let client = &signed_in(server).await?;
    match command {
        Command::List(args) => list::list(client, server, args).await,
        Command::Plan(args) => plan::plan(client, args).await,
        Command::Wait(args) => change::wait(client, server, args).await,
        Command::Cancel(args) => change::cancel(client, args).await,
        Command::Retry(args) => change::retry(client, args).await,
    }
}
