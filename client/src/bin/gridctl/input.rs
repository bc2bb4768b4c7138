//! What a command reads from standard input, and how its arguments name that.
//!
//! Not files: see `commands/transfer.rs`. Invariant: a secret is read here or asked for, never given as an argument.

use std::io::BufRead;
use std::path::Path;

use crate::failure::Failure;

/// Whether a path means standard input, or standard output, in place of a file.
pub(crate) fn is_stream(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads a line of standard input.
pub(crate) fn first_line(what: &str) -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|cause| {
        Failure::Message(format!(
            "cannot read {what} from standard input: {cause}; write it there as one line"
        ))
    })?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
