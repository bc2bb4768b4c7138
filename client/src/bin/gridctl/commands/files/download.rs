//! `files download`: a file as it is, or rows of a table of it in another format.
//!
//! It writes nothing: see `crate::content`. Invariant: a file that is made for the download is deleted for good after it.

use std::path::PathBuf;

use clap::Args;
use client::Client;

use super::save::begin;
use super::selection::SelectionArgs;
use crate::content::{Target, write};
use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::find::find_kept_file;
use crate::made::download_made;
use crate::parse::saved_format::{FieldReader, SavedFormat, for_download};
use crate::server::Server;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gridctl files download backup.tar.zst
  gridctl files download stock.csv --as xlsx --where \"State = TX\" -o tx.xlsx")]
pub(crate) struct Download {
    /// The file's id, or its name.
    file: String,
    /// The file to write, which is replaced when the download is complete, or a folder for it. `-` is standard output. The
    /// default is the file's name in the current folder.
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Replace a file that has the name already, where no file is named by --output.
    #[arg(long)]
    force: bool,
    /// Save rows of a table of the file in this format, and download them. The file that the server makes for it is deleted for
    /// good afterwards. Without this option the file is downloaded as it is.
    #[arg(long = "as", value_name = "FORMAT")]
    format: Option<SavedFormat>,
    /// Whom a CSV or TSV file is for; see `gridctl files save --help`.
    #[arg(long = "for", value_name = "READER", requires = "format")]
    reader: Option<FieldReader>,
    #[command(flatten, next_help_heading = "Options of --as")]
    selection: SelectionArgs,
}

pub(super) async fn download(
    client: &Client,
    server: &Server,
    args: Download,
) -> Result<(), Failure> {
    if args.format.is_none() && args.selection.is_given() {
        return Err(Failure::Message(
            "a file is downloaded as it is; name a format with --as to download rows of a table"
                .to_owned(),
        ));
    }
    let file = find_kept_file(client, &args.file).await?;
    let _renewal = keep_signed_in(client, server).await?;
    let output = args.output.as_deref();
    let Some(format) = args.format else {
        return write(client, &file, Target::of(output, &file.name, args.force)).await;
    };
    let saved = for_download(format, args.reader.unwrap_or(FieldReader::Programs));
    let job = begin(client, &file, &args.selection, saved);
    download_made(client, job, |made| Target::of(output, &made.name, args.force)).await
}
