//! CSV files in and out, streamed: memory stays flat, whatever their size.

use std::io::{IsTerminal, Write};
use std::path::Path;

use client::net::{Export as Stream, ImportOptions};
use client::{Client, Error};
use indicatif::ProgressBar;
use tokio::io::AsyncRead;

use crate::args::{Export, Import};
use crate::failure::Failure;
use crate::{output, sheets};

/// How an import shows.
const IMPORT_BAR: &str = "{bar:30} {bytes}/{total_bytes} {msg} {decimal_bytes_per_sec} {elapsed}";
/// How an export shows.
const EXPORT_BAR: &str = "{bar:30} {pos}/{len} rows {per_sec} {elapsed}";

pub(crate) async fn import(client: &Client, args: Import) -> Result<(), Failure> {
    let name = match (&args.name, args.file.file_stem()) {
        (Some(name), _) => name.clone(),
        (None, Some(stem)) if !is_stdin(&args.file) => stem.to_string_lossy().into_owned(),
        _ => return Err(Failure::Told("name the sheet with --name".to_owned())),
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
    let unreadable = |cause| Failure::File { what: "read", path: args.file.clone(), cause };
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
    let bar = output::progress_bar(total, IMPORT_BAR);
    let imported = client.import_csv(file, options, |progress| {
        bar.set_position(progress.bytes);
        bar.set_message(format!("{} rows", progress.rows));
    });
    let imported = imported.await;
    bar.finish_and_clear();
    let imported = imported.map_err(repairable)?;
    if imported.repaired_rows > 0 {
        output::complain(&format!("{} rows were repaired", imported.repaired_rows));
    }
    writeln!(std::io::stdout().lock(), "{}", sheets::line(&imported.sheet))?;
    Ok(())
}

/// A malformed file can often be read after all.
fn repairable(error: Error) -> Failure {
    match error.code() {
        Some(tonic::Code::InvalidArgument) => Failure::Told(format!(
            "{error}\n  no sheet was made; --repair accepts ragged rows and other encodings"
        )),
        _ => error.into(),
    }
}

pub(crate) async fn export(client: &Client, args: Export) -> Result<(), Failure> {
    let sheet = sheets::find(client, &args.sheet).await?;
    let mut stream = client.export(&sheet.id).await?;
    let Some(path) = args.output else {
        let hidden = std::io::stdout().is_terminal();
        let bar = if hidden { ProgressBar::hidden() } else { bar() };
        return copy(&mut stream, std::io::stdout().lock(), &bar, Failure::Output).await;
    };
    // Written beside and renamed: a file of that name is always whole.
    let mut part = path.clone().into_os_string();
    part.push(".part");
    let unwritable = |cause| Failure::File { what: "write", path: path.clone(), cause };
    let file = std::fs::File::create(&part).map_err(unwritable)?;
    let copied = copy(&mut stream, std::io::BufWriter::new(file), &bar(), unwritable).await;
    let done = copied.and_then(|()| std::fs::rename(&part, &path).map_err(unwritable));
    if done.is_err() {
        // What there is of it is of no use; that it could not be removed is no news.
        let _ = std::fs::remove_file(&part);
    }
    done
}

fn bar() -> ProgressBar {
    output::progress_bar(None, EXPORT_BAR)
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
