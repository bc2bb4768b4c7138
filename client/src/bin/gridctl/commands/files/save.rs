//! `files save`: rows of a table as a new file of the account.
//!
//! It writes no file here; a job of the server does. Invariant: the file is printed only of a job that is done.

use clap::Args;
use client::Client;
use gridloom::v1;
use uuid::Uuid;

use super::made::print_made;
use super::selection::SelectionArgs;
use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::find::find_kept_file;
use crate::parse::saved_format::{FieldReader, SavedFormat, saved_form};
use crate::server::Server;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gridctl files save stock.csv --as parquet
  gridctl files save stock.csv --as xlsx --name tx.xlsx --where \"State = TX\" --sort City --columns Item,City")]
pub(crate) struct Save {
    /// The file's id, or its name. A file that has no table yet is read first, by the guesses of the server.
    file: String,
    /// The format of the new file.
    #[arg(long = "as", value_name = "FORMAT")]
    format: SavedFormat,
    /// The name of the new file. The default is that of the file with the ending of the format.
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    selection: SelectionArgs,
    /// Whom a CSV or TSV file is for. For spreadsheets, it begins with a byte order mark, and an apostrophe defuses texts that
    /// they would run as formulas.
    #[arg(long = "for", value_name = "READER", default_value = "programs")]
    reader: FieldReader,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn save(client: &Client, server: &Server, args: Save) -> Result<(), Failure> {
    let file = find_kept_file(client, &args.file).await?;
    let _renewal = keep_signed_in(client, server).await?;
    let saved = saved_form(args.format, args.reader, args.name.as_deref());
    let job = begin(client, &file, &args.selection, saved).await?;
    print_made(client, &job, args.json).await
}

/// Begins the job that saves the selected rows of a file.
pub(super) async fn begin(
    client: &Client,
    file: &v1::File,
    selection: &SelectionArgs,
    saved: v1::SavedForm,
) -> Result<v1::Job, Failure> {
    let source = Some(selection.of(client, file).await?.source(file));
    let request_id = Uuid::new_v4().to_string();
    let request = v1::SaveTableRequest { source, saved: Some(saved), request_id };
    Ok(client.save_table(request).await?)
}
