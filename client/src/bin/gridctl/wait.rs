//! The wait of a command for one job: a progress bar, its end in words, and Ctrl-C.
//!
//! It begins no job, and does not keep the client signed in: the command does both. Invariants: a job that was not done is a
//! failure of the command; an interrupt cancels a job only where a person at a terminal confirms it, or where nothing but the
//! command needs what the job makes.

use std::cell::Cell;
use std::io::{BufRead, IsTerminal, Write};
use std::pin::pin;

use client::net::JobProgress;
use client::{Client, Error};
use gridloom::v1::{Job, JobState};
use indicatif::ProgressBar;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::failure::Failure;
use crate::output::jobs::{may_retry, notes, title, under_way};
use crate::output::message::one_line;
use crate::output::words::with_options;
use crate::output::{progress_bar, say};

/// Template of the bar.
const BAR: &str = "{bar:30} {percent:>3} % {msg} {elapsed}";

/// Waits until a job ends, and returns it when it is done.
pub(crate) async fn wait_for_job(client: &Client, job_id: &str) -> Result<Job, Failure> {
    done(wait_for_end(client, job_id).await?)
}

/// Waits until a job ends, and returns it however it has ended.
pub(crate) async fn wait_for_end(client: &Client, job_id: &str) -> Result<Job, Failure> {
    let mut interrupts = interrupts()?;
    let view = View::new();
    let mut waiting = pin!(client.wait_for_job(job_id, |progress| view.report(progress)));
    tokio::select! {
        ended = &mut waiting => return explained(ended, job_id),
        _ = interrupts.recv() => view.hide(),
    }
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Err(left(job_id));
    }
    let is_wanted = tokio::select! {
        ended = &mut waiting => {
            end_question();
            return explained(ended, job_id);
        }
        is_wanted = is_cancellation_wanted() => is_wanted,
        _ = interrupts.recv() => {
            end_question();
            false
        }
    };
    if !is_wanted {
        return Err(left(job_id));
    }
    client.cancel_job(job_id).await?;
    tokio::select! {
        ended = &mut waiting => explained(ended, job_id),
        _ = interrupts.recv() => Err(left(job_id)),
    }
}

/// Waits until a job is done that nothing but this command needs: an interrupt cancels it, without a question. `interrupts`
/// are those since before the job was asked for.
pub(crate) async fn wait_or_cancel(
    client: &Client,
    job_id: &str,
    mut interrupts: Signal,
) -> Result<Job, Failure> {
    let view = View::new();
    let mut waiting = pin!(client.wait_for_job(job_id, |progress| view.report(progress)));
    tokio::select! {
        ended = &mut waiting => return done(explained(ended, job_id)?),
        _ = interrupts.recv() => view.hide(),
    }
    client.cancel_job(job_id).await?;
    tokio::select! {
        ended = &mut waiting => explained(ended, job_id).map(drop)?,
        _ = interrupts.recv() => return Err(left(job_id)),
    }
    Err(Failure::Interrupted("interrupted; the job is cancelled".to_owned()))
}

/// The interrupts from now on; none of them ends the program any more.
pub(crate) fn interrupts() -> Result<Signal, Failure> {
    signal(SignalKind::interrupt()).map_err(|cause| {
        Failure::Message(format!("cannot prepare for an interrupt: {cause}; run the command again"))
    })
}

/// Asks the person at the terminal. Without an answer the job is left as it is.
async fn is_cancellation_wanted() -> bool {
    write_to_terminal("gridctl: the job continues at the server; cancel it? [y/N] ");
    let (answer, answered) = oneshot::channel();
    // A thread of its own: the runtime would wait at its end for one of its threads, and so for a line of the terminal.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        // The command may have ended.
        let _ = answer.send(read.is_ok() && is_yes(&line));
    });
    answered.await.unwrap_or(false)
}

/// Ends the line of a question that has no answer.
fn end_question() {
    write_to_terminal("\n");
}

fn write_to_terminal(text: &str) {
    let mut out = std::io::stderr().lock();
    // Nothing can report that standard error is closed.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_lowercase().as_str(), "y" | "yes")
}

/// The failure of a command that leaves its job under way.
fn left(job_id: &str) -> Failure {
    Failure::Interrupted(format!(
        "interrupted; the job continues at the server\n  `gridctl jobs wait {job_id}` waits for it again, and \
         `gridctl jobs cancel {job_id}` cancels it"
    ))
}

/// The end of a wait, with what can be done after a failure of the wait itself.
fn explained(ended: Result<Job, Error>, job_id: &str) -> Result<Job, Failure> {
    ended.map_err(|error| match error.is_transient() {
        true => Failure::Message(format!(
            "{}\n  the job may continue at the server; `gridctl jobs wait {job_id}` waits for it again",
            Failure::from(error)
        )),
        false => error.into(),
    })
}

/// A job that is done; a failure with its notes, and with what can be done, after another end.
fn done(job: Job) -> Result<Job, Failure> {
    let title = title(&job);
    let end = match job.state() {
        JobState::Done => return Ok(job),
        JobState::Failed if job.error.is_empty() => format!("{title} has failed"),
        JobState::Failed => format!("{title} has failed: {}", with_options(&one_line(&job.error))),
        _ => format!("{title} was cancelled"),
    };
    let hint = match may_retry(&job) {
        true => format!("\n  `gridctl jobs retry {}` lets it run again", job.id),
        false => String::new(),
    };
    let end = notes(&job).fold(end, |all, note| format!("{all}\n  {note}"));
    Err(Failure::Message(end + &hint))
}

/// What a person sees of a job under way.
struct View {
    bar: ProgressBar,
    /// Whether an outage is reported: once, not at each attempt.
    is_waiting: Cell<bool>,
}

impl View {
    fn new() -> Self {
        Self { bar: progress_bar(None, BAR), is_waiting: Cell::new(false) }
    }

    fn report(&self, progress: JobProgress) {
        match progress {
            JobProgress::Changed(job) => {
                self.is_waiting.set(false);
                self.bar.set_length(job.progress_total.max(1));
                self.bar.set_position(job.progress_done.min(job.progress_total));
                self.bar.set_message(format!("{} {}", title(&job), under_way(&job)));
            }
            JobProgress::Waits { error, pause } => {
                if !self.is_waiting.replace(true) {
                    let seconds = pause.as_secs_f64().ceil();
                    let sentence =
                        format!("{error}; trying again in {seconds} s, and then less often");
                    self.bar.suspend(|| say(&sentence));
                }
            }
        }
    }

    /// Removes the bar for good.
    fn hide(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.hide();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(state: JobState, error: &str, is_retryable: bool) -> Result<Job, String> {
        let (id, error) = ("id".to_owned(), error.to_owned());
        let job = Job { id, error, state: state.into(), is_retryable, ..Job::default() };
        done(job).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_job_that_is_not_done_is_a_failure_with_its_reason() {
        assert!(ended(JobState::Done, "", true).is_ok());
        let failed = ended(JobState::Failed, "line 3 is too long", true).expect_err("failed");
        assert!(failed.contains("line 3 is too long"), "{failed}");
        assert!(failed.contains("`gridctl jobs retry id`"), "{failed}");
        let cancelled = ended(JobState::Cancelled, "", false).expect_err("cancelled");
        assert!(cancelled.ends_with("was cancelled"), "{cancelled}");
        let notes = vec!["7 rows are appended".to_owned()];
        let job = Job { state: JobState::Cancelled.into(), notes, ..Job::default() };
        let noted = done(job).expect_err("cancelled").to_string();
        assert!(noted.ends_with("was cancelled\n  7 rows are appended"), "{noted}");
    }

    #[test]
    fn a_wait_that_ends_before_its_job_names_the_next_steps() {
        let away = Error::Unreachable { url: "u".to_owned(), why: "w".to_owned() };
        for failure in [left("id"), explained(Err(away), "id").expect_err("failed")] {
            assert!(failure.to_string().contains("`gridctl jobs wait id`"), "{failure}");
        }
        assert!(left("id").to_string().contains("`gridctl jobs cancel id`"));
    }

    #[test]
    fn only_a_yes_cancels() {
        assert!([" y\n", "Yes"].into_iter().all(is_yes));
        assert!(!["", "\n", "n", "yo"].into_iter().any(is_yes));
    }
}
