//! The list of jobs.
//!
//! It changes nothing; `watch` shows what changes. Invariant: memory holds one page of the list.

use clap::{Args, ValueEnum};
use client::Client;
use client::net::JobOptions;
use gridloom::v1;

use super::all;
use super::watch::watch;
use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::find::{Among, find_file};
use crate::output::jobs::{job_cells, job_head, job_json};
use crate::output::pages::Pages;
use crate::output::say;
use crate::server::Server;

#[derive(Args, Debug, Default, PartialEq, Eq)]
pub(crate) struct List {
    /// Only jobs in these states, with commas between them.
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    state: Vec<State>,
    /// Only jobs about this file, by its id or its name.
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    /// Show the jobs as they change, until you press Ctrl-C. On a terminal the list is drawn again in its place; elsewhere
    /// each change is one line.
    #[arg(long)]
    watch: bool,
    /// List the jobs of all accounts and of the server, as an operator.
    #[arg(long, conflicts_with_all = ["file", "watch"])]
    all: bool,
    /// With --all: only jobs of the account with this e-mail address.
    #[arg(long, value_name = "EMAIL", requires = "all")]
    email: Option<String>,
    /// One JSON object on each line.
    #[arg(long)]
    json: bool,
}

/// Where a job is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum State {
    Waiting,
    Running,
    Done,
    Failed,
    Cancelled,
}

impl From<State> for v1::JobState {
    fn from(state: State) -> Self {
        match state {
            State::Waiting => Self::Waiting,
            State::Running => Self::Running,
            State::Done => Self::Done,
            State::Failed => Self::Failed,
            State::Cancelled => Self::Cancelled,
        }
    }
}

pub(super) async fn list(client: &Client, server: &Server, args: List) -> Result<(), Failure> {
    let file_id = match &args.file {
        Some(file) => find_file(client, file, Among::Both).await?.id,
        None => String::new(),
    };
    let states: Vec<v1::JobState> = args.state.iter().map(|state| (*state).into()).collect();
    if args.all {
        return all::list(client, &states, args.email.as_deref().unwrap_or_default(), args.json)
            .await;
    }
    let options = JobOptions { states, file_id };
    if args.watch {
        let _renewal = keep_signed_in(client, server).await?;
        return watch(client, &options, args.json).await;
    }
    let (mut pages, mut token, mut is_empty) = (Pages::new(args.json), String::new(), true);
    loop {
        let page = client.jobs_page(&options, &token).await?;
        pages.print(&page.jobs, job_head, job_cells, job_json)?;
        is_empty &= page.jobs.is_empty();
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    if is_empty {
        say(nothing(&options));
    }
    Ok(())
}

/// What an empty list means.
fn nothing(options: &JobOptions) -> &'static str {
    if options.states.is_empty() && options.file_id.is_empty() {
        "no jobs; one that is done is listed for a day, and any other one for 30 days"
    } else {
        "no such job; `gridctl jobs` lists them all"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_of_some_jobs_names_the_whole_list() {
        let options = JobOptions { states: vec![v1::JobState::Failed], ..JobOptions::default() };
        assert!(nothing(&options).contains("`gridctl jobs`"));
        assert!(nothing(&JobOptions::default()).starts_with("no jobs"));
    }
}
