//! `import` and `export`: CSV files as streams, and sheets in other formats.
//!
//! They parse no CSV; the server does. A job of the server writes the other formats: see `saved`.
//!
//! Invariant: memory stays bounded for files of any size.

mod saved;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use client::Client;
use client::net::{Export as Stream, ImportOptions, Thread};
use indicatif::ProgressBar;
use tokio::io::AsyncRead;

use crate::failure::{Failure, refused_file};
use crate::find::find;
use crate::input::is_stream;
use crate::interrupt::unless;
use crate::output::columns::shown;
use crate::output::file::OutputFile;
use crate::output::message::{COMMENTS_HEAD, comment_record};
use crate::output::sheet::sheet_line;
use crate::output::tables::repaired;
use crate::output::{progress_bar, say};
use crate::parse::reading::ReadingArgs;
use crate::parse::saved_format::{FieldReader, SavedFormat, for_download};
use crate::server::Server;

/// Template of the progress bar of an import.
const IMPORT_BAR: &str = "{bar:30} {bytes}/{total_bytes} {msg} {decimal_bytes_per_sec} {elapsed}";
/// Template of the progress bar of an export.
const EXPORT_BAR: &str = "{bar:30} {pos}/{len} rows {per_sec} {elapsed}";

/// Messages of a comment that are read at once.
const COMMENTS_PAGE: u32 = 100;

#[derive(Args, Debug)]
pub(crate) struct Import {
    /// The file; `-` is standard input.
    file: PathBuf,
    /// The sheet's name. The default is the file's name.
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    reading: ReadingArgs,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gridctl export Stock -o stock.csv
  gridctl export Stock --as xlsx -o stock.xlsx
  gridctl export Stock --as parquet --revision 12 -o stock.parquet")]
pub(crate) struct Export {
    /// The sheet's id, or its name.
    sheet: String,
    /// The file to write. `-`, which is the default, is standard output.
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// The format of the file. For another one than CSV the server makes a file, which is deleted for good after the download.
    #[arg(long = "as", value_name = "FORMAT", default_value = "csv")]
    format: SavedFormat,
    /// Write the sheet as it was at this revision. The server makes a file for it, as for another format.
    #[arg(long)]
    revision: Option<u64>,
    /// Whom a CSV or TSV file is for. For spreadsheets, it begins with a byte order mark, and an apostrophe defuses texts that
    /// they would run as formulas.
    #[arg(long = "for", value_name = "READER", default_value = "programs")]
    reader: FieldReader,
    /// A second file, for the comments on the sheet, as CSV for the same reader.
    #[arg(long, value_name = "FILE")]
    comments: Option<PathBuf>,
}

pub(crate) async fn import(client: &Client, args: Import) -> Result<(), Failure> {
    let name = match (&args.name, args.file.file_stem()) {
        (Some(name), _) => name.clone(),
        (None, Some(stem)) if !is_stream(&args.file) => stem.to_string_lossy().into_owned(),
        _ => {
            return Err(Failure::Message(
                "standard input has no file name; name the sheet with --name".to_owned(),
            ));
        }
    };
    let options = ImportOptions { name, ..args.reading.options(client, true).await? };
    if is_stream(&args.file) {
        return send(client, tokio::io::stdin(), None, &options).await;
    }
    let unreadable = |cause| Failure::File { verb: "read", path: args.file.clone(), cause };
    let file = tokio::fs::File::open(&args.file).await.map_err(unreadable)?;
    let metadata = file.metadata().await.map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(unreadable(std::io::ErrorKind::IsADirectory.into()));
    }
    send(client, file, Some(metadata.len()), &options).await
}

async fn send(
    client: &Client,
    file: impl AsyncRead + Unpin,
    total: Option<u64>,
    options: &ImportOptions,
) -> Result<(), Failure> {
    let bar = progress_bar(total, IMPORT_BAR);
    let mut is_waiting = false;
    let imported = client.import_csv(file, options, |progress| {
        bar.set_position(progress.bytes);
        match progress.waits {
            Some(_) if is_waiting => {}
            Some(_) => bar.suspend(|| say("waiting for other imports to end")),
            None => bar.set_message(format!("{} rows", progress.rows)),
        }
        is_waiting = progress.waits.is_some();
    });
    let imported = imported.await;
    bar.finish_and_clear();
    let imported = imported.map_err(|error| refused_file(error, "no sheet was made"))?;
    if imported.repaired_rows > 0 {
        say(&repaired(imported.repaired_rows));
    }
    for doubt in &imported.doubts {
        say(&shown(doubt, usize::MAX));
    }
    writeln!(std::io::stdout().lock(), "{}", sheet_line(&imported.sheet))?;
    Ok(())
}

pub(crate) async fn export(client: &Client, server: &Server, args: Export) -> Result<(), Failure> {
    check_targets(args.output.as_deref(), args.comments.as_deref())?;
    saved::check_terminal(args.format, args.output.as_deref())?;
    let sheet = find(client, &args.sheet).await?;
    if let Some(path) = &args.comments {
        export_comments(client, &sheet.id, (path, args.reader)).await?;
    }
    if args.format != SavedFormat::Csv || args.revision.is_some() {
        let saved = for_download(args.format, args.reader);
        let request = saved::request(&sheet.id, args.revision, saved);
        return saved::export(client, server, request, args.output.as_deref()).await;
    }
    let mut stream = client.export_for(&sheet.id, args.reader.into()).await?;
    let Some(path) = args.output.filter(|path| !is_stream(path)) else {
        let hidden = std::io::stdout().is_terminal();
        let bar = if hidden { ProgressBar::hidden() } else { bar() };
        return copy(&mut stream, std::io::stdout().lock(), &bar, Failure::Output).await;
    };
    let unwritable = |cause| Failure::File { verb: "write", path: path.clone(), cause };
    let mut file = OutputFile::create(&path).map_err(unwritable)?;
    let is_beside = file.is_beside();
    let bar = bar();
    let copied = copy(&mut stream, std::io::BufWriter::new(&mut file), &bar, unwritable);
    if is_beside {
        unless(tokio::signal::ctrl_c(), copied).await?;
    } else {
        // What is written through has no part to remove, and the signal ends a write that waits for its reader.
        copied.await?;
    }
    file.finish().map_err(unwritable)
}

/// Refuses one target for the sheet and for its comments: each is a file of its own.
fn check_targets(output: Option<&Path>, comments: Option<&Path>) -> Result<(), Failure> {
    let Some(comments) = comments else { return Ok(()) };
    let output = output.unwrap_or(Path::new("-"));
    let target = match (is_stream(output), is_stream(comments)) {
        (true, true) => "standard output".to_owned(),
        (false, false) if resolved(output) == resolved(comments) => output.display().to_string(),
        _ => return Ok(()),
    };
    Err(Failure::Message(format!(
        "the sheet and its comments can't both go to {target}; pass another file to --output or --comments"
    )))
}

/// The path of a file without links and dots, also of one that is not there yet.
fn resolved(path: &Path) -> PathBuf {
    if let Ok(path) = path.canonicalize() {
        return path;
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    match (parent.unwrap_or(Path::new(".")).canonicalize(), path.file_name()) {
        (Ok(parent), Some(name)) => parent.join(name),
        _ => path.to_owned(),
    }
}

/// Writes every message of every comment, resolved ones too.
async fn export_comments(
    client: &Client,
    sheet: &str,
    (path, reader): (&Path, FieldReader),
) -> Result<(), Failure> {
    let for_spreadsheets = reader == FieldReader::Spreadsheets;
    // The mark by which they read it as UTF-8.
    let mark = if for_spreadsheets { "\u{feff}" } else { "" };
    let mut file = format!("{mark}{COMMENTS_HEAD}\n");
    for comment in client.comments(sheet, &[], true).await? {
        let thread = Thread::Id(comment.thread_id.clone());
        let (mut messages, mut token) = (Vec::new(), String::new());
        loop {
            let page = client.messages(&thread, COMMENTS_PAGE, &token).await?;
            messages.extend(page.messages);
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        for message in messages.iter().rev().filter(|message| message.deleted_micros == 0) {
            file.push_str(&comment_record(&comment, message, for_spreadsheets));
            file.push('\n');
        }
    }
    let unwritable = |cause| Failure::File { verb: "write", path: path.to_owned(), cause };
    if is_stream(path) {
        return std::io::stdout().write_all(file.as_bytes()).map_err(Failure::Output);
    }
    let mut out = OutputFile::create(path).map_err(unwritable)?;
    out.write_all(file.as_bytes()).map_err(unwritable)?;
    out.finish().map_err(unwritable)
}

fn bar() -> ProgressBar {
    progress_bar(None, EXPORT_BAR)
}

async fn copy(
    stream: &mut Stream,
    mut out: impl Write,
    bar: &ProgressBar,
    unwritable: impl Fn(std::io::Error) -> Failure,
) -> Result<(), Failure> {
    while let Some(piece) = stream.next().await? {
        if piece.total_rows > 0 {
            bar.set_length(piece.total_rows);
        }
        out.write_all(&piece.data).map_err(&unwritable)?;
        bar.set_position(piece.rows_sent);
    }
    bar.finish_and_clear();
    out.flush().map_err(unwritable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(output: Option<&str>, comments: Option<&str>) -> bool {
        check_targets(output.map(Path::new), comments.map(Path::new)).is_err()
    }

    #[test]
    fn a_sheet_and_its_comments_have_two_targets() {
        assert!(refused(None, Some("-")));
        assert!(refused(Some("-"), Some("-")));
        assert!(refused(Some("new.csv"), Some("new.csv")));
        assert!(refused(Some("new.csv"), Some("./new.csv")));
        assert!(!refused(None, None));
        assert!(!refused(None, Some("new.csv")));
        assert!(!refused(Some("new.csv"), Some("-")));
        assert!(!refused(Some("new.csv"), Some("other.csv")));
    }
}
