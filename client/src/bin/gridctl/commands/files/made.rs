//! A new file that a job of the server makes: its format and its name, and its end in words.
//!
//! It writes no file here. Invariant: the file is printed only of a job that is done.

use std::io::Write;

use clap::Args;
use client::Client;
use gridloom::v1;

use crate::failure::Failure;
use crate::output::files::{file_json, file_line};
use crate::output::jobs::{notes, written};
use crate::output::say;
use crate::parse::saved_format::{FieldReader, SavedFormat, saved_form};
use crate::wait::wait_for_job;

#[derive(Args, Debug)]
pub(super) struct MadeArgs {
    /// The format of the new file.
    #[arg(long = "as", value_name = "FORMAT", default_value = "parquet")]
    format: SavedFormat,
    /// The name of the new file. The default is made of that of the file.
    #[arg(long)]
    name: Option<String>,
    /// Whom a CSV or TSV file is for. For spreadsheets, it begins with a byte order mark, and an apostrophe defuses texts that
    /// they would run as formulas.
    #[arg(long = "for", value_name = "READER", default_value = "programs")]
    reader: FieldReader,
    /// One JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

impl MadeArgs {
    /// What the file is saved as.
    pub(super) fn saved(&self) -> v1::SavedForm {
        saved_form(self.format, self.reader, self.name.as_deref())
    }
}

/// Waits for a job that makes a file, and prints the file; what comes next is for a person alone.
pub(super) async fn print_made(
    client: &Client,
    job: &v1::Job,
    as_json: bool,
) -> Result<(), Failure> {
    let done = wait_for_job(client, &job.id).await?;
    for note in notes(&done) {
        say(&note);
    }
    let made = client.file(&done.made_file_id).await?;
    let line = if as_json { file_json(&made).to_string() } else { file_line(&made) };
    writeln!(std::io::stdout().lock(), "{line}")?;
    if !as_json {
        // A job that was taken over after its file was made does not know its rows.
        let rows = match done.rows {
            0 => String::new(),
            rows => format!("{}; ", written(rows)),
        };
        let id = &made.id;
        say(&format!(
            "{rows}`gridctl files download {id}` downloads the file, `gridctl files rows {id}` shows its rows"
        ));
    }
    Ok(())
}
