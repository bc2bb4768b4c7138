//! `files preview`: the begin of a file as its tables will be.
//!
//! It makes no table: see `read`. Invariant: what is shown is what `files read` makes with the same options.

use std::io::Write;

use clap::Args;
use client::Client;

use super::reading::FileReadingArgs;
use crate::failure::{Failure, refused_file};
use crate::find::find_kept_file;
use crate::output::preview::{preview_json, print_preview};
use crate::output::say;
use crate::output::tables::findings;

#[derive(Args, Debug)]
pub(crate) struct Preview {
    /// The file's id, or its name.
    file: String,
    #[command(flatten)]
    reading: FileReadingArgs,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn preview(client: &Client, args: Preview) -> Result<(), Failure> {
    if args.reading.worksheets() > 1 {
        return Err(Failure::Message(
            "a preview shows one worksheet; give --worksheet once".to_owned(),
        ));
    }
    let file = find_kept_file(client, &args.file).await?;
    let reading = args.reading.reading(client, &file.name).await?;
    let preview = client.preview_file(&file.id, &reading).await;
    let preview = preview.map_err(|error| refused_file(error, "it can't be shown"))?;
    if args.json {
        return Ok(writeln!(std::io::stdout().lock(), "{}", preview_json(&preview))?);
    }
    print_preview(&preview)?;
    for finding in findings(preview.table.as_slice()) {
        say(&finding);
    }
    if preview.is_header_in_doubt {
        say("the first line looks like data; choose with --header or --no-header");
    }
    if preview.worksheets.len() > 1 && args.reading.worksheets() == 0 {
        say("this is the first worksheet; --worksheet NAME shows another one");
    }
    say(&format!("`gridctl files read {}` with the same options reads the whole file", file.id));
    Ok(())
}
