//! `import` and `export`: CSV files as streams.
//!
//! They parse no CSV; the server does.
//!
//! Invariant: memory stays bounded for files of any size, and a file at its final name is complete.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use client::net::{Export as Stream, ImportOptions, Thread};
use client::{Client, Error};
use indicatif::ProgressBar;
use tokio::io::AsyncRead;

use crate::failure::Failure;
use crate::find::find;
use crate::output::message::{COMMENTS_HEAD, comment_record};
use crate::output::sheet::sheet_line;
use crate::output::{progress_bar, say};
use crate::parse::delimiter;

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
    /// The file has no header line; the columns get the names A, B, C, ...
    #[arg(long)]
    no_header: bool,
    /// The first line is a header, even if it looks like data.
    #[arg(long, conflicts_with = "no_header")]
    header: bool,
    /// Repair the file instead of refusing it: fill short rows, drop surplus empty fields, and read bytes
    /// that are not UTF-8 as Windows-1252.
    #[arg(long)]
    repair: bool,
    /// The character between fields, or the word `tab`. The default is detected from the first line.
    #[arg(long, value_parser = delimiter)]
    delimiter: Option<char>,
}

#[derive(Args, Debug)]
pub(crate) struct Export {
    /// The sheet's id, or its name.
    sheet: String,
    /// The file to write. The default is standard output.
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// A second file, for the comments on the sheet, as CSV.
    #[arg(long, value_name = "FILE")]
    comments: Option<PathBuf>,
}

pub(crate) async fn import(client: &Client, args: Import) -> Result<(), Failure> {
    let name = match (&args.name, args.file.file_stem()) {
        (Some(name), _) => name.clone(),
        (None, Some(stem)) if !is_stdin(&args.file) => stem.to_string_lossy().into_owned(),
        _ => {
            return Err(Failure::Message(
                "standard input has no file name; name the sheet with --name".to_owned(),
            ));
        }
    };
    let options = ImportOptions {
        name,
        no_header: args.no_header,
        header: args.header,
        repair: args.repair,
        delimiter: args.delimiter,
    };
    if is_stdin(&args.file) {
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

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
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
    let imported = imported.map_err(repairable)?;
    if imported.repaired_rows > 0 {
        say(&format!("{} rows were repaired", imported.repaired_rows));
    }
    writeln!(std::io::stdout().lock(), "{}", sheet_line(&imported.sheet))?;
    Ok(())
}

/// Adds the hint that the server can repair some malformed files.
fn repairable(error: Error) -> Failure {
    match error.code() {
        Some(tonic::Code::InvalidArgument) => Failure::Message(format!(
            "{error}\n  no sheet was made; correct the file, or try --repair for ragged rows and other encodings"
        )),
        _ => error.into(),
    }
}

pub(crate) async fn export(client: &Client, args: Export) -> Result<(), Failure> {
    let sheet = find(client, &args.sheet).await?;
    if let Some(path) = &args.comments {
        export_comments(client, &sheet.id, path).await?;
    }
    let mut stream = client.export(&sheet.id).await?;
    let Some(path) = args.output else {
        let hidden = std::io::stdout().is_terminal();
        let bar = if hidden { ProgressBar::hidden() } else { bar() };
        return copy(&mut stream, std::io::stdout().lock(), &bar, Failure::Output).await;
    };
    // Writes to another name and renames: a file of the final name is complete.
    let mut part = path.clone().into_os_string();
    part.push(".part");
    let unwritable = |cause| Failure::File { verb: "write", path: path.clone(), cause };
    let file = std::fs::File::create(&part).map_err(unwritable)?;
    let copied = copy(&mut stream, std::io::BufWriter::new(file), &bar(), unwritable).await;
    let done = copied.and_then(|()| std::fs::rename(&part, &path).map_err(unwritable));
    if done.is_err() {
        // The part is useless. The error is the failed export, not a failed removal.
        let _ = std::fs::remove_file(&part);
    }
    done
}

/// Writes every message of every comment, resolved ones too.
async fn export_comments(client: &Client, sheet: &str, path: &Path) -> Result<(), Failure> {
    let mut file = format!("{COMMENTS_HEAD}\n");
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
            file.push_str(&comment_record(&comment, message));
            file.push('\n');
        }
    }
    let unwritable = |cause| Failure::File { verb: "write", path: path.to_owned(), cause };
    std::fs::write(path, file).map_err(unwritable)
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
