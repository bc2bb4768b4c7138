//! Jobs as they change: a list that is drawn again in its place, or one line for each change.
//!
//! It keeps the jobs that it shows, and no others. Invariant: output that is piped is never drawn again.

use std::io::{IsTerminal, Write};

use client::Client;
use client::net::JobOptions;
use gridloom::v1;

use crate::failure::Failure;
use crate::output::columns::Columns;
use crate::output::jobs::{job_cells, job_head, job_json, job_line};
use crate::output::{redrawn_text, say};

/// Most jobs that are drawn, the newest ones.
const DRAWN_JOBS_MAX: usize = 50;

pub(super) async fn watch(
    client: &Client,
    options: &JobOptions,
    as_json: bool,
) -> Result<(), Failure> {
    say("showing jobs; press Ctrl-C to stop");
    if as_json || !std::io::stdout().is_terminal() {
        return print_changes(client, options, as_json).await;
    }
    draw(client, options).await
}

async fn print_changes(
    client: &Client,
    options: &JobOptions,
    as_json: bool,
) -> Result<(), Failure> {
    let mut changes = client.watch_jobs();
    loop {
        let jobs = changes.next().await?;
        let mut out = std::io::stdout().lock();
        for job in jobs.iter().filter(|job| is_wanted(options, job)) {
            match as_json {
                true => writeln!(out, "{}", job_json(job))?,
                false => writeln!(out, "{}", job_line(job))?,
            }
        }
        out.flush()?;
    }
}

async fn draw(client: &Client, options: &JobOptions) -> Result<(), Failure> {
    let mut drawn = Drawn { options, jobs: Vec::new(), columns: Columns::default() };
    drawn.put(client.jobs_page(options, "").await?.jobs);
    let mut changes = client.watch_jobs();
    let text = redrawn_text();
    loop {
        text.set_message(drawn.text()?);
        drawn.put(changes.next().await?);
    }
}

/// Whether a job is one of those that are asked for.
fn is_wanted(options: &JobOptions, job: &v1::Job) -> bool {
    let has_state = options.states.is_empty() || options.states.contains(&job.state());
    has_state && (options.file_id.is_empty() || options.file_id == job.file_id)
}

/// The jobs that are drawn.
struct Drawn<'a> {
    options: &'a JobOptions,
    /// The newest one is first.
    jobs: Vec<v1::Job>,
    columns: Columns,
}

impl Drawn<'_> {
    /// Takes jobs as they are now.
    fn put(&mut self, changed: Vec<v1::Job>) {
        for job in changed {
            self.jobs.retain(|other| other.id != job.id);
            if is_wanted(self.options, &job) {
                self.jobs.push(job);
            }
        }
        let newest_first = |a: &v1::Job, b: &v1::Job| {
            b.created_at_micros.cmp(&a.created_at_micros).then_with(|| b.id.cmp(&a.id))
        };
        self.jobs.sort_unstable_by(newest_first);
        self.jobs.truncate(DRAWN_JOBS_MAX);
    }

    fn text(&mut self) -> std::io::Result<String> {
        if self.jobs.is_empty() {
            return Ok("no jobs yet".to_owned());
        }
        let lines: Vec<_> =
            std::iter::once(job_head()).chain(self.jobs.iter().map(job_cells)).collect();
        let mut text = Vec::new();
        self.columns.print(&lines, &mut text)?;
        Ok(String::from_utf8_lossy(&text).trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(id: &str, created_at_micros: i64, state: v1::JobState) -> v1::Job {
        v1::Job { id: id.to_owned(), created_at_micros, state: state.into(), ..v1::Job::default() }
    }

    #[test]
    fn the_newest_job_is_first_and_one_that_is_not_wanted_goes() {
        let states = vec![v1::JobState::Waiting, v1::JobState::Running];
        let options = JobOptions { states, ..JobOptions::default() };
        let mut drawn = Drawn { options: &options, jobs: Vec::new(), columns: Columns::default() };
        let ids = |drawn: &Drawn<'_>| {
            drawn.jobs.iter().map(|job| job.id.clone()).collect::<Vec<_>>().concat()
        };
        let waiting = v1::JobState::Waiting;
        drawn.put(vec![job("a", 1, waiting), job("c", 3, waiting), job("b", 2, waiting)]);
        assert_eq!(ids(&drawn), "cba");
        drawn.put(vec![job("b", 2, v1::JobState::Done), job("a", 1, v1::JobState::Running)]);
        assert_eq!(ids(&drawn), "ca");
        assert_eq!(drawn.jobs[1].state(), v1::JobState::Running);
    }

    #[test]
    fn the_drawn_jobs_are_bounded() {
        let options = JobOptions::default();
        let mut drawn = Drawn { options: &options, jobs: Vec::new(), columns: Columns::default() };
        assert_eq!(drawn.text().expect("memory"), "no jobs yet");
        let many = (0..90).map(|at| job(&at.to_string(), at, v1::JobState::Done));
        drawn.put(many.collect());
        assert_eq!(drawn.jobs.len(), DRAWN_JOBS_MAX);
        assert_eq!(drawn.jobs[0].id, "89");
        assert_eq!(drawn.text().expect("memory").lines().count(), DRAWN_JOBS_MAX + 1);
    }
}
