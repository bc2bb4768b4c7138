//! `jobs --all`: the jobs of all accounts, for an operator.
//!
//! It changes nothing. Invariant: memory holds one page of the list.

use client::Client;
use gridloom::v1;

use crate::failure::Failure;
use crate::output::jobs::{operated_cells, operated_head, operated_json};
use crate::output::pages::Pages;
use crate::output::say;

/// Lists the jobs of all accounts, or of the one with this e-mail address.
pub(super) async fn list(
    client: &Client,
    states: &[v1::JobState],
    email: &str,
    as_json: bool,
) -> Result<(), Failure> {
    let (mut pages, mut token, mut is_empty) = (Pages::new(as_json), String::new(), true);
    loop {
        let page = client.all_jobs_page(states, email, &token).await?;
        pages.print(&page.jobs, operated_head, operated_cells, operated_json)?;
        is_empty &= page.jobs.is_empty();
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    if is_empty {
        say(nothing(states, email));
    }
    Ok(())
}

/// What an empty list means.
fn nothing(states: &[v1::JobState], email: &str) -> &'static str {
    if states.is_empty() && email.is_empty() {
        "no account has a job, and the servers have none"
    } else {
        "no such job; `gridctl jobs --all` lists those of all accounts"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_of_some_jobs_names_the_whole_list() {
        assert!(nothing(&[v1::JobState::Failed], "").contains("`gridctl jobs --all`"));
        assert!(nothing(&[], "a@example.org").contains("`gridctl jobs --all`"));
        assert!(nothing(&[], "").starts_with("no account has a job"));
    }
}
