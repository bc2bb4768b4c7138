//! `import` and `export`: CSV files as streams.
//!
//! They parse no CSV; the server does.
//!
//! Invariant: memory stays bounded for files of any size.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use client::net::{Export as Stream, ImportOptions, Thread};
use client::{Client, Error};
use gridloom::v1;
use indicatif::ProgressBar;
use tokio::io::AsyncRead;

use crate::failure::Failure;
use crate::find::find;
use crate::input::is_stream;
use crate::interrupt::unless;
use crate::output::file::OutputFile;
use crate::output::message::{COMMENTS_HEAD, comment_record};
use crate::output::sheet::sheet_line;
use crate::output::{progress_bar, say};
use crate::parse::kind::{Kind, kind_in_file};
use crate::parse::reader::ReaderArgs;
use crate::parse::{decimal_mark, delimiter};

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
    /// Repair the file instead of refusing it: fill short rows, drop surplus empty fields, read bytes that
    /// are not UTF-8 as Windows-1252, leave NUL characters out, and read UTF-16 without a byte order mark.
    #[arg(long)]
    repair: bool,
    /// The character between fields, or the word `tab`. The default is detected from the first lines.
    #[arg(long, value_parser = delimiter)]
    delimiter: Option<char>,
    /// The encoding of the file, such as windows-1252, utf-16le or shift_jis. The default is UTF-16 where the file begins
    /// with a byte order mark, else UTF-8.
    #[arg(long)]
    encoding: Option<String>,
    /// The kinds of the columns, in order, with commas between them; `auto`, and each further column: as the file shows. A
    /// column of a kind that is chosen here takes more forms of a value, such as 007 as a number.
    #[arg(long, value_delimiter = ',', value_parser = kind_in_file())]
    kinds: Vec<Kind>,
    /// The decimal mark of the file's numbers, a comma or a point. The default is that of --locale, else it is detected.
    #[arg(long, value_parser = decimal_mark)]
    decimal_mark: Option<char>,
    #[command(flatten)]
    reader: ReaderArgs,
}

/// The reader of an exported file.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reader {
    Programs,
    Spreadsheets,
}

impl From<Reader> for v1::ExportForm {
    fn from(reader: Reader) -> Self {
        match reader {
            Reader::Programs => Self::Programs,
            Reader::Spreadsheets => Self::Spreadsheets,
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct Export {
    /// The sheet's id, or its name.
    sheet: String,
    /// The file to write. `-`, which is the default, is standard output.
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Whom the file is for. For spreadsheets, it begins with a byte order mark, and an apostrophe defuses texts that
    /// they would run as formulas.
    #[arg(long = "for", value_name = "READER", default_value = "programs")]
    reader: Reader,
    /// A second file, for the comments on the sheet, as CSV.
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
    let options = ImportOptions {
        name,
        no_header: args.no_header,
        header: args.header,
        repair: args.repair,
        delimiter: args.delimiter,
        encoding: args.encoding.clone(),
        kinds: args.kinds.iter().map(|kind| (*kind).into()).collect(),
        locale: args.reader.locale().unwrap_or_default().to_owned(),
        decimal_mark: args.decimal_mark,
        time_zone: time_zone(client, &args).await?,
    };
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

/// The zone of times without one: the given one, else that of this machine where a column of instants is chosen.
async fn time_zone(client: &Client, args: &Import) -> Result<String, Failure> {
    let has_instants = args.kinds.iter().any(|kind| matches!(kind, Kind::Instant));
    let is_given = args.reader.zone_name(false).is_some();
    if has_instants && !is_given && !client.limits().await?.import_notation {
        say("the server is of an earlier release, which reads times without a zone in UTC");
        return Ok(String::new());
    }
    Ok(args.reader.zone_name(has_instants).unwrap_or_default())
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
        say(&repaired(imported.repaired_rows));
    }
    for doubt in &imported.doubts {
        say(doubt);
    }
    writeln!(std::io::stdout().lock(), "{}", sheet_line(&imported.sheet))?;
    Ok(())
}

fn repaired(rows: u64) -> String {
    if rows == 1 { "1 row was repaired".to_owned() } else { format!("{rows} rows were repaired") }
}

/// Whether the server has refused a file, not an option.
fn is_of_file(error: &Error) -> bool {
    let Error::Refused(refusal) = error else { return false };
    refusal.reason.as_deref().is_some_and(|reason| reason.starts_with("CSV_"))
}

/// Adds the hint that the server can repair some malformed files.
fn repairable(error: Error) -> Failure {
    match error.code() {
        Some(tonic::Code::InvalidArgument) if is_of_file(&error) => Failure::Message(format!(
            "{error}\n  no sheet was made; correct the file, or try --repair for ragged rows and other encodings"
        )),
        _ => error.into(),
    }
}

pub(crate) async fn export(client: &Client, args: Export) -> Result<(), Failure> {
    check_targets(args.output.as_deref(), args.comments.as_deref())?;
    let sheet = find(client, &args.sheet).await?;
    if let Some(path) = &args.comments {
        export_comments(client, &sheet.id, path).await?;
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
    use client::net::Refusal;

    fn refused(output: Option<&str>, comments: Option<&str>) -> bool {
        check_targets(output.map(Path::new), comments.map(Path::new)).is_err()
    }

    #[test]
    fn a_repair_is_offered_for_a_file_alone() {
        let refused = |reason: &str| {
            let refusal = Refusal {
                code: tonic::Code::InvalidArgument,
                message: "line 3: a problem".to_owned(),
                reason: Some(reason.to_owned()),
                violations: Vec::new(),
                retry_after: None,
            };
            repairable(Error::Refused(Box::new(refusal))).to_string()
        };
        assert!(refused("CSV_RAGGED_ROW").contains("--repair"));
        assert!(!refused("MALFORMED").contains("--repair"));
        assert_eq!(repaired(1), "1 row was repaired");
        assert_eq!(repaired(2), "2 rows were repaired");
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
