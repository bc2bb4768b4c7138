//! `jobs --all`: the jobs of all accounts, for an operator.
//!
//! It changes nothing. Invariant: memory holds one page of the list.

use std::io::Write;

use client::Client;
use gridloom::v1;

use crate::failure::Failure;
use crate::output::columns::Columns;
use crate::output::jobs::{operated_cells, operated_head, operated_json};
use crate::output::say;

/// Lists the jobs of all accounts, or of the one with this e-mail address.
pub(super) async fn list(
    client: &Client,
    states: &[v1::JobState],
    email: &str,
    as_json: bool,
) -> Result<(), Failure> {
    let (mut columns, mut token, mut is_empty) = (Columns::default(), String::new(), true);
    loop {
        let page = client.all_jobs_page(states, email, &token).await?;
        print(&page.jobs, as_json, is_empty, &mut columns)?;
        is_empty &= page.jobs.is_empty();
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    if is_empty {
        say("no such job; `gridctl jobs --all` lists those of all accounts");
    }
    Ok(())
}

/// Prints the jobs of a page, and the head before the first ones.
fn print(
    jobs: &[v1::OperatedJob],
    as_json: bool,
    is_first: bool,
    columns: &mut Columns,
) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if as_json {
        for job in jobs {
            writeln!(out, "{}", operated_json(job))?;
        }
        return out.flush();
    }
    let head = (is_first && !jobs.is_empty()).then(operated_head);
    let lines: Vec<_> = head.into_iter().chain(jobs.iter().map(operated_cells)).collect();
    columns.print(&lines, out)
}
