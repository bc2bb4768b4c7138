//! `files delete-original`: deletes what was uploaded, and keeps the tables.
//!
//! Not the removal of a file (`change`). Invariant: nothing is deleted without a yes.

use std::io::{IsTerminal, Write};

use clap::Args;
use client::Client;

use crate::failure::Failure;
use crate::find::find_kept_file;
use crate::input::first_line;
use crate::output::files::size;
use crate::output::say;

#[derive(Args, Debug)]
pub(crate) struct DeleteOriginal {
    /// The file's id, or its name.
    file: String,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn delete_original(client: &Client, args: DeleteOriginal) -> Result<(), Failure> {
    let file = find_kept_file(client, &args.file).await?;
    if !args.yes && !is_wanted(&file.name)? {
        return Err(Failure::Message(format!("the original of {:?} is kept", file.name)));
    }
    // As it was when the question had its name.
    let left = client.delete_original(&file.id, Some(&file.etag)).await?;
    say(&format!(
        "the original of {:?} is deleted, and its tables are kept; its {} are freed within two hours, unless another file \
         has the same content",
        left.name,
        size(left.size_bytes)
    ));
    Ok(())
}

/// Asks the person at the terminal.
fn is_wanted(name: &str) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        let text =
            "the original can't be restored, and nothing can be asked here; add --yes to delete it";
        return Err(Failure::Message(text.to_owned()));
    }
    let mut out = std::io::stderr().lock();
    write!(
        out,
        "{name:?} can't be downloaded or read again without its original, which can't be restored; delete it? [y/N] "
    )?;
    out.flush()?;
    Ok(is_yes(&first_line("the answer")?))
}

fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_alone_deletes() {
        assert!([" y", "Yes", "YES "].into_iter().all(is_yes));
        assert!(!["", "n", "no", "yes please"].into_iter().any(is_yes));
    }
}
