//! What changes a file or ends an upload: rename, remove, restore, cancel.
//!
//! They touch no content. Invariant: a removal that can be taken back prints how.

use std::io::Write;

use clap::Args;
use client::Client;

use crate::failure::Failure;
use crate::find::{Among, find_file, find_upload};
use crate::output::files::{file_line, minute};
use crate::output::say;

#[derive(Args, Debug)]
pub(crate) struct Cancel {
    /// The upload's id, or its name.
    upload: String,
}

#[derive(Args, Debug)]
pub(crate) struct Rename {
    /// The file's id, or its name.
    file: String,
    /// The new name. Several files may have one name.
    name: String,
}

#[derive(Args, Debug)]
pub(crate) struct Remove {
    /// The file's id, or its name.
    file: String,
    /// Delete it at once, so that it occupies nothing. A file that is removed already can be deleted, too. It can't be
    /// restored.
    #[arg(long)]
    for_good: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Restore {
    /// The file's id, or its name.
    file: String,
}

pub(crate) async fn cancel(client: &Client, args: Cancel) -> Result<(), Failure> {
    let upload = find_upload(client, &args.upload).await?;
    client.cancel_upload(&upload.id).await?;
    say(&format!("the upload of {:?} is given up, and what had arrived is discarded", upload.name));
    Ok(())
}

pub(crate) async fn rename(client: &Client, args: Rename) -> Result<(), Failure> {
    let file = find_file(client, &args.file, Among::Kept).await?;
    let renamed = client.rename_file(&file.id, &args.name, None).await?;
    writeln!(std::io::stdout().lock(), "{}", file_line(&renamed))?;
    Ok(())
}

pub(crate) async fn remove(client: &Client, args: Remove) -> Result<(), Failure> {
    let among = if args.for_good { Among::Both } else { Among::Kept };
    let file = find_file(client, &args.file, among).await?;
    match client.remove_file(&file.id, args.for_good).await? {
        Some(removed) => say(&format!(
            "{:?} is removed; until {} `gridctl files restore {}` restores it",
            removed.name,
            minute(removed.deleted_at_micros),
            removed.id
        )),
        None => say(&format!("{:?} is deleted for good", file.name)),
    }
    Ok(())
}

pub(crate) async fn restore(client: &Client, args: Restore) -> Result<(), Failure> {
    let file = find_file(client, &args.file, Among::Removed).await?;
    let restored = client.restore_file(&file.id).await?;
    writeln!(std::io::stdout().lock(), "{}", file_line(&restored))?;
    Ok(())
}
