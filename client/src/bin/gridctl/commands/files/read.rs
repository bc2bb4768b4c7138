//! `files read`: reads a file, which makes its tables, and waits until they are there.
//!
//! It reads nothing here; a job of the server does. Invariants: tables are printed only of a job that is done; a file whose
//! reading fails keeps the tables that it has.

use clap::Args;
use client::Client;
use gridloom::v1;
use gridloom::v1::JobState;

use super::reading::FileReadingArgs;
use crate::credentials::keep_signed_in;
use crate::failure::{CORRECT, Failure};
use crate::find::find_kept_file;
use crate::output::jobs::may_retry;
use crate::output::message::one_line;
use crate::output::say;
use crate::output::tables::{findings, print_tables};
use crate::output::words::with_options;
use crate::server::Server;
use crate::wait::wait_for_end;

#[derive(Args, Debug)]
pub(crate) struct Read {
    /// The file's id, or its name.
    file: String,
    #[command(flatten)]
    reading: FileReadingArgs,
    /// One JSON object on each line, for each table.
    #[arg(long)]
    json: bool,
}

/// The end of the reading of a file.
pub(super) enum Outcome {
    /// The tables that the file has now.
    Tables(Vec<v1::Table>),
    /// The job has failed: why, and what can be done.
    Failed(Failure),
}

pub(super) async fn read(client: &Client, server: &Server, args: Read) -> Result<(), Failure> {
    let file = find_kept_file(client, &args.file).await?;
    let _renewal = keep_signed_in(client, server).await?;
    let reading = args.reading.whole(client, &file).await?;
    let tables = match read_file(client, &file, &reading).await? {
        Outcome::Tables(tables) => tables,
        Outcome::Failed(failure) => {
            return Err(match args.reading.may_repair(&file.name) {
                true => with_correction(&failure),
                false => failure,
            });
        }
    };
    print_tables(&tables, args.json)?;
    if !args.json {
        report(&file, &tables);
    }
    Ok(())
}

/// Reads a file, and waits for its tables. A job that is cancelled, or that the command no longer waits for, is a failure.
pub(super) async fn read_file(
    client: &Client,
    file: &v1::File,
    reading: &v1::FileReading,
) -> Result<Outcome, Failure> {
    let job = client.read_file(&file.id, reading).await?;
    wait_for_tables(client, file, &job.id).await
}

/// Waits for the tables that a job makes of a file.
pub(super) async fn wait_for_tables(
    client: &Client,
    file: &v1::File,
    job_id: &str,
) -> Result<Outcome, Failure> {
    let job = wait_for_end(client, job_id).await?;
    match job.state() {
        JobState::Done => Ok(Outcome::Tables(client.tables(&file.id).await?.tables)),
        JobState::Failed => {
            // The failure of the job is the one to report, not that of this call.
            let tables = client.tables(&file.id).await;
            let has_tables = tables.is_ok_and(|listed| !listed.tables.is_empty());
            Ok(Outcome::Failed(failed(file, &job, has_tables)))
        }
        _ => Err(Failure::Message(format!(
            "the reading of {:?} was cancelled\n  `gridctl files read {}` begins it again",
            file.name, file.id
        ))),
    }
}

/// What the reading has found, and the next step, on standard error.
pub(super) fn report(file: &v1::File, tables: &[v1::Table]) {
    for finding in findings(tables) {
        say(&finding);
    }
    say(&next_step(file, tables.len()));
}

/// How the rows of so many tables are shown.
fn next_step(file: &v1::File, tables: usize) -> String {
    match tables {
        0 => format!("{:?} has nothing of which a table is made", file.name),
        1 => format!("`gridctl files rows {}` shows the rows", file.id),
        _ => format!("`gridctl files rows {} --table NUMBER` shows the rows of a table", file.id),
    }
}

/// Why a file is not read, with the line or the part as the server names it.
fn failed(file: &v1::File, job: &v1::Job, has_tables: bool) -> Failure {
    let why = match with_options(&one_line(&job.error)) {
        error if error.is_empty() => "the job has failed".to_owned(),
        error => error,
    };
    let kept = if has_tables { "the tables that it has are as they were; " } else { "" };
    let again = match may_retry(job) {
        true => format!(", and `gridctl jobs retry {}` reads it again in the same way", job.id),
        false => String::new(),
    };
    Failure::Message(format!(
        "{:?} is not read: {why}\n  {kept}`gridctl files preview {}` shows how it is read{again}",
        file.name, file.id
    ))
}

/// The same with the hint that the server can repair some malformed files.
fn with_correction(failure: &Failure) -> Failure {
    Failure::Message(format!("{failure}\n  {CORRECT}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> v1::File {
        v1::File { id: "id".to_owned(), name: "a.csv".to_owned(), ..v1::File::default() }
    }

    #[test]
    fn a_failed_reading_names_the_line_and_the_next_steps() {
        let job = v1::Job {
            id: "job".to_owned(),
            error: "line 3 has 4 fields".to_owned(),
            is_retryable: true,
            ..v1::Job::default()
        };
        let text = failed(&file(), &job, true).to_string();
        assert!(text.starts_with("\"a.csv\" is not read: line 3 has 4 fields\n"), "{text}");
        for part in
            ["the tables that it has", "`gridctl files preview id`", "`gridctl jobs retry job`"]
        {
            assert!(text.contains(part), "{text}");
        }
        let state = JobState::Failed.into();
        let final_one = v1::Job { attempt: 1, attempts: 3, state, error: String::new(), ..job };
        let failure = failed(&file(), &final_one, false);
        assert!(!failure.to_string().contains("retry"), "{failure}");
        assert!(!failure.to_string().contains("as they were"), "{failure}");
        let last = v1::Job { attempt: 3, ..final_one };
        assert!(failed(&file(), &last, false).to_string().contains("retry"));
        assert!(with_correction(&failure).to_string().ends_with(CORRECT));
    }

    #[test]
    fn the_next_step_chooses_among_several_tables() {
        assert!(next_step(&file(), 1).contains("`gridctl files rows id`"));
        assert!(next_step(&file(), 2).contains("--table"));
        assert!(!next_step(&file(), 0).contains("gridctl"));
    }
}
