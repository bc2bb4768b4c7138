//! The content of a file of the account, written to where a person wants it.
//!
//! It checks no digest; the SDK does. Invariants: a regular file is complete and checked, or not there; a file that was not named
//! is not replaced.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use client::Client;
use client::net::Download;
use gridloom::v1;

use crate::failure::Failure;
use crate::input::is_stream;
use crate::interrupt::unless;
use crate::output::file::OutputFile;
use crate::output::files::size;
use crate::output::progress::Progress;
use crate::output::say;

/// Most bytes of a file's name on usual file systems.
const NAME_BYTES_MAX: usize = 255;
/// Most bytes of the ending that a shortened name keeps.
const ENDING_BYTES_MAX: usize = 16;

/// Where a download goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Standard output.
    Stream,
    /// A file that may be there.
    Named(PathBuf),
    /// A file that may not.
    New(PathBuf),
}

impl Target {
    /// By what is named as output, for a file of the account that has this name; `force`: a file of its own name is replaced.
    pub(crate) fn of(output: Option<&Path>, name: &str, force: bool) -> Self {
        let own = |path| if force { Self::Named(path) } else { Self::New(path) };
        match output {
            Some(path) if is_stream(path) => Self::Stream,
            Some(path) if path.is_dir() => own(path.join(safe_name(name))),
            Some(path) => Self::Named(path.to_owned()),
            None => own(PathBuf::from(safe_name(name))),
        }
    }
    /// The same where nothing that is named is standard output.
    pub(crate) fn named(output: Option<&Path>) -> Self {
        match output {
            Some(path) if !is_stream(path) => Self::Named(path.to_owned()),
            _ => Self::Stream,
        }
    }
}

/// Downloads a file to its target. The client stays signed in by its caller.
pub(crate) async fn write(client: &Client, file: &v1::File, target: Target) -> Result<(), Failure> {
    let mut content = client.download(file);
    let (path, is_new) = match target {
        Target::Stream => {
            let progress = Progress::new(file.size_bytes, !io::stdout().is_terminal());
            return copy(&mut content, io::stdout().lock(), &progress, Failure::Output).await;
        }
        Target::Named(path) => (path, false),
        Target::New(path) => (path, true),
    };
    let unwritable = |cause: io::Error| unwritable(&path, cause);
    let out = if is_new { OutputFile::create_new(&path) } else { OutputFile::create(&path) };
    let mut out = out.map_err(unwritable)?;
    let is_beside = out.is_beside();
    let progress = Progress::new(file.size_bytes, true);
    let copied = copy(&mut content, BufWriter::new(&mut out), &progress, unwritable);
    if is_beside {
        unless(tokio::signal::ctrl_c(), copied).await?;
    } else {
        // What is written through has no part to remove, and the signal ends a write that waits for its reader.
        copied.await?;
    }
    out.finish().map_err(unwritable)?;
    drop(progress);
    say(&format!("downloaded to {} ({})", path.display(), size(file.size_bytes)));
    Ok(())
}

fn unwritable(path: &Path, cause: io::Error) -> Failure {
    match cause.kind() {
        ErrorKind::AlreadyExists => Failure::Message(format!(
            "{} exists and is kept; write another file with --output, or replace it with --force",
            path.display()
        )),
        _ => Failure::File { verb: "write", path: path.to_owned(), cause },
    }
}

async fn copy(
    content: &mut Download,
    mut out: impl Write,
    progress: &Progress,
    unwritable: impl Fn(io::Error) -> Failure,
) -> Result<(), Failure> {
    while let Some(data) = content.next(|error, pause| progress.waits(error, pause)).await? {
        out.write_all(&data).map_err(&unwritable)?;
        progress.at(content.received());
    }
    out.flush().map_err(unwritable)
}

/// A name that stands for a visible file in the folder that it is written to, on usual file systems.
fn safe_name(name: &str) -> String {
    let mut safe: String =
        name.chars().map(|char| if is_safe(char) { char } else { '_' }).collect();
    // `.` and `..` are folders, other names with a point in front configure programs, and one with a hyphen in front is an
    // option for the programs that are called with it.
    if safe.is_empty() || safe.starts_with(['.', '-']) {
        safe.replace_range(..safe.len().min(1), "_");
    }
    if safe.len() <= NAME_BYTES_MAX {
        return safe;
    }
    let ending = safe.rfind('.').map_or("", |at| &safe[at..]);
    let ending = if ending.len() <= ENDING_BYTES_MAX { ending } else { "" };
    let most = NAME_BYTES_MAX - ending.len();
    let cut = (0..=most).rev().find(|at| safe.is_char_boundary(*at)).unwrap_or(0);
    format!("{}{ending}", &safe[..cut])
}

/// Whether a character may stand in the name of a file: it separates no folders, and moves no other character.
fn is_safe(char: char) -> bool {
    let turns = matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !matches!(char, '/' | '\\') && !char.is_control() && !turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_out_of_no_folder() {
        for (name, safe) in [
            ("a b.tar.gz", "a b.tar.gz"),
            ("../../etc/passwd", "_._.._etc_passwd"),
            ("..", "_."),
            (".", "_"),
            (".bashrc", "_bashrc"),
            ("-rf", "_rf"),
            ("a\\b\u{0}c\n", "a_b_c_"),
            ("exe.\u{202e}txt", "exe._txt"),
            ("", "_"),
            ("é.bin", "é.bin"),
        ] {
            assert_eq!(safe_name(name), safe);
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let name = format!("{}.tar", "é".repeat(200));
        let safe = safe_name(&name);
        assert!(safe.len() <= NAME_BYTES_MAX && safe.ends_with("é.tar"), "{safe}");
        let name = format!("a.{}", "b".repeat(300));
        assert_eq!(safe_name(&name).len(), NAME_BYTES_MAX);
    }

    #[test]
    fn only_a_file_that_was_named_is_replaced() {
        let of = |output: Option<&str>, force| Target::of(output.map(Path::new), "a/b", force);
        assert_eq!(of(Some("-"), false), Target::Stream);
        assert_eq!(of(None, false), Target::New(PathBuf::from("a_b")));
        assert_eq!(of(None, true), Target::Named(PathBuf::from("a_b")));
        assert_eq!(of(Some("there-is-no/c"), false), Target::Named(PathBuf::from("there-is-no/c")));
        assert_eq!(of(Some("."), false), Target::New(PathBuf::from("./a_b")));
        assert_eq!(Target::named(None), Target::Stream);
        assert_eq!(Target::named(Some(Path::new("-"))), Target::Stream);
        assert_eq!(Target::named(Some(Path::new("a"))), Target::Named(PathBuf::from("a")));
    }
}
