//! `files upload`: sends files, and continues what an earlier run began.
//!
//! It reads no bytes: see `source`. Invariants: an interrupt or an outage leaves the upload, and the same command continues
//! it; a file that changes while it is sent never becomes a file of the account; what an earlier run has sent is compared
//! with the file, as another content may have its path, size and time of change.

use std::cell::OnceCell;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use client::net::{UploadProgress, again};
use client::{Client, Error};
use gridloom::v1;
use serde_json::{Value as Json, json};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tonic::Code;

use super::after_upload::read_uploaded;
use super::source::{OpenSource, Source};
use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::input::is_stream;
use crate::output::files::{file_json, file_line, minute, percent};
use crate::output::progress::Progress;
use crate::output::say;
use crate::output::tables::table_json;
use crate::parse::file_format::format_by_name;
use crate::server::Server;

/// How often the same file is uploaded again after each copy of it was removed.
const COPIES_MAX: u32 = 32;

#[derive(Args, Debug)]
pub(crate) struct Upload {
    /// The files. An interrupted upload is found again by the file's path, size and time of change. `-` is standard input,
    /// which is copied to a temporary file first, as is what comes from a pipe or a device.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The name of the file in the account. The default is its name here.
    #[arg(long)]
    name: Option<String>,
    /// Read the files as tables after the upload, also those whose names show no format. Without this option a file is read
    /// whose name ends in .csv, .tsv, .json, .jsonl, .ndjson, .parquet or .xlsx, and it is no failure if that is not possible.
    #[arg(long)]
    read: bool,
    /// Read no file after the upload.
    #[arg(long, conflicts_with = "read")]
    no_read: bool,
    /// One JSON object on each line.
    #[arg(long)]
    json: bool,
}

/// A file of the account, and what had to be sent.
struct Sent {
    file: v1::File,
    /// Whether an earlier run has uploaded it.
    is_earlier: bool,
    /// Whether another file of the account has the same content.
    content_known: bool,
    /// Bytes that an earlier run had sent.
    resumed: u64,
}

/// An upload under way.
struct Sending<'a> {
    client: &'a Client,
    source: &'a OpenSource,
    progress: Progress,
    /// The upload, once it is begun.
    upload: OnceCell<v1::Upload>,
}

pub(crate) async fn upload(client: &Client, server: &Server, args: Upload) -> Result<(), Failure> {
    check(&args)?;
    let most = client.file_usage().await?.file_most_bytes;
    let mut sources = Vec::with_capacity(args.files.len());
    for path in &args.files {
        sources.push(Source::new(path, args.name.as_deref(), most).await?);
    }
    // Until here the signal ends the program, which leaves nothing.
    let mut interrupts = signal(SignalKind::interrupt()).map_err(|cause| {
        Failure::Message(format!("cannot prepare for an interrupt: {cause}; run the command again"))
    })?;
    let _renewal = keep_signed_in(client, server).await?;
    for source in sources {
        let source = source.open()?;
        let progress = Progress::new(source.bytes, true);
        let sending = Sending { client, source: &source, progress, upload: OnceCell::new() };
        let sent = sending.run(&mut interrupts).await?;
        drop(sending);
        report(&source.name, &sent);
        if !args.json {
            writeln!(std::io::stdout().lock(), "{}", file_line(&sent.file))?;
        }
        let read = match is_read(&args, &sent.file.name) {
            true => read_uploaded(client, &sent.file, args.read).await,
            false => Ok(None),
        };
        if args.json {
            let tables = read.as_ref().ok().and_then(Option::as_deref);
            writeln!(std::io::stdout().lock(), "{}", sent_json(&sent, tables))?;
        }
        read?;
    }
    Ok(())
}

/// Whether a file of this name is read after its upload.
fn is_read(args: &Upload, name: &str) -> bool {
    args.read || (!args.no_read && format_by_name(name).is_some())
}

/// Refuses arguments that do not fit each other.
fn check(args: &Upload) -> Result<(), Failure> {
    if args.name.is_some() && args.files.len() > 1 {
        return Err(Failure::Message(
            "--name names one file; upload each file that has another name alone".to_owned(),
        ));
    }
    if args.files.iter().filter(|path| is_stream(path)).count() > 1 {
        return Err(Failure::Message(
            "standard input can be uploaded once; give `-` once".to_owned(),
        ));
    }
    Ok(())
}

/// What did not have to be sent.
fn report(name: &str, sent: &Sent) {
    if sent.is_earlier {
        say(&format!("{name:?} was uploaded before, so nothing was sent"));
    } else if sent.content_known {
        say(&format!("the account had the content of {name:?} already; it is not stored twice"));
    }
}

/// A file of the account with its tables; without them where it was not read.
fn sent_json(sent: &Sent, tables: Option<&[v1::Table]>) -> Json {
    let mut shown = file_json(&sent.file);
    shown["uploaded_before"] = json!(sent.is_earlier);
    shown["content_known"] = json!(sent.content_known);
    shown["resumed_bytes"] = json!(sent.resumed);
    shown["tables"] = json!(tables.map(|tables| tables.iter().map(table_json).collect::<Vec<_>>()));
    shown
}

impl Sending<'_> {
    /// Sends the file, until an interrupt.
    async fn run(&self, interrupts: &mut Signal) -> Result<Sent, Failure> {
        tokio::select! {
            sent = self.send() => sent.map_err(|failure| self.explained(failure)),
            _ = interrupts.recv() => Err(self.interrupted()),
        }
    }

    async fn send(&self) -> Result<Sent, Failure> {
        let started = self.start().await?;
        if let Some(file) = started.file {
            return Ok(Sent { file, is_earlier: true, content_known: false, resumed: 0 });
        }
        let upload = self.upload.get_or_init(|| started.upload.unwrap_or_default());
        let resumed = upload.received_bytes;
        if resumed > 0 {
            let percent = percent(resumed, upload.size_bytes);
            self.progress.say(&format!("{:?} resumed at {percent} %", self.source.name));
        }
        self.progress.begin_at(resumed);
        let read = |from, bytes| self.source.read(from, bytes);
        let report = |progress| self.report(progress);
        let sent = self.client.send_pieces(upload, started.missing, read, report).await;
        let is_changed = match &sent {
            Ok(()) => self.source.is_changed().map_err(Error::from)?,
            Err(error) => is_of_change(error),
        };
        if is_changed {
            return Err(self.changed(upload).await);
        }
        // The same command may have finished the upload beside this one: then it is a file.
        let is_ended = sent.as_ref().is_err_and(|error| error.code() == Some(Code::NotFound));
        if !is_ended {
            sent?;
        }
        let digest = match is_ended || resumed > 0 {
            true => self.digest().await?,
            false => None,
        };
        let finish = || self.client.finish_upload(&upload.id);
        let finished = again(finish, |error, pause| self.progress.waits(error, pause)).await?;
        let file = finished.file.unwrap_or_default();
        if is_other(&file, digest) {
            return Err(self.mixed(&file).await);
        }
        Ok(Sent { file, is_earlier: false, content_known: finished.content_known, resumed })
    }

    /// The digest of the file; `None` where its identity has it already.
    async fn digest(&self) -> Result<Option<[u8; 32]>, Failure> {
        if !self.source.may_be_other() {
            return Ok(None);
        }
        let digest = self.source.digest(|bytes| self.progress.at(bytes)).await;
        Ok(Some(digest.map_err(Error::from)?))
    }

    /// Begins the upload, or finds the one that an earlier run began.
    async fn start(&self) -> Result<v1::StartUploadResponse, Failure> {
        let (name, bytes) = (&self.source.name, self.source.bytes);
        let mut digest = None;
        for attempt in 0..COPIES_MAX {
            let request_id = self.source.request_id(attempt);
            let call = || self.client.start_upload(name, bytes, &request_id);
            let started = again(call, |error, pause| self.progress.waits(error, pause)).await;
            let started = match started {
                Ok(started) => started,
                // The id is that of an upload with another name or size.
                Err(error) if error.code() == Some(Code::AlreadyExists) => continue,
                Err(error) => return Err(error.into()),
            };
            let Some(file) = &started.file else { return Ok(started) };
            // The copy of that id was removed: this is another one.
            if is_removed(file) {
                continue;
            }
            if digest.is_none() {
                digest = self.digest().await?;
            }
            if !is_other(file, digest) {
                return Ok(started);
            }
        }
        Err(Failure::Message(format!(
            "{} was uploaded {COPIES_MAX} times, and each time removed or replaced by other bytes; restore a removed one, or \
             give another name with --name\n  `gridctl files --removed` lists them",
            self.source.path.display()
        )))
    }

    fn report(&self, progress: UploadProgress) {
        match progress {
            UploadProgress::Received(bytes) => self.progress.at(bytes),
            UploadProgress::Waits { error, pause } => self.progress.waits(&error, pause),
        }
    }

    /// Discards the upload of a file that is another one now.
    async fn changed(&self, upload: &v1::Upload) -> Failure {
        let path = self.source.path.display();
        let sentence =
            format!("{path} was changed while it was uploaded, and no file was made of it");
        match self.client.cancel_upload(&upload.id).await {
            Ok(()) => {
                Failure::Message(format!("{sentence}; upload it again when it stays as it is"))
            }
            Err(error) => Failure::Message(format!(
                "{sentence}; what has arrived can't be discarded: {error}\n  discard it with `gridctl files cancel {}`",
                upload.id
            )),
        }
    }

    /// Removes the file that was made of two contents. It can be restored: another run of the command may have made it.
    async fn mixed(&self, file: &v1::File) -> Failure {
        let path = self.source.path.display();
        let sentence = format!(
            "{path}: an earlier run has sent other bytes, of a file with the same path, size and time of change"
        );
        Failure::Message(match self.client.remove_file(&file.id, false).await {
            Ok(_) => format!(
                "{sentence}; the file that was made of both is removed\n  run the command again to upload all of it"
            ),
            Err(error) => format!(
                "{sentence}; the file that was made of both can't be removed: {error}\n  remove it with `gridctl files remove \
                 {}`, then run the command again",
                file.id
            ),
        })
    }

    fn interrupted(&self) -> Failure {
        Failure::Interrupted(match self.upload.get() {
            Some(upload) => format!("interrupted\n  {}", self.next_steps(upload)),
            None => "interrupted before anything was sent; run the command again".to_owned(),
        })
    }

    /// A failure with the file that it concerns, and what can be done with the part that has arrived.
    fn explained(&self, failure: Failure) -> Failure {
        let Failure::Client(error) = &failure else { return failure };
        let is_ended = error.code() == Some(Code::NotFound);
        let path = self.source.path.display();
        Failure::Message(match self.upload.get() {
            Some(_) if is_ended => format!(
                "{path}: {failure}\n  the upload was given up meanwhile; run the command again to begin another one"
            ),
            Some(upload) => format!("{path}: {failure}\n  {}", self.next_steps(upload)),
            None => format!("{path}: {failure}"),
        })
    }

    /// How an upload is continued or given up.
    fn next_steps(&self, upload: &v1::Upload) -> String {
        format!(
            "the same command resumes the upload until {} or later; `gridctl files cancel {}` gives it up",
            minute(upload.ends_at_micros),
            upload.id
        )
    }
}

fn is_removed(file: &v1::File) -> bool {
    file.removed_at_micros != 0
}

/// Whether a file of the account has another content than the one with this digest; no digest: it has the same.
fn is_other(file: &v1::File, digest: Option<[u8; 32]>) -> bool {
    digest.is_some_and(|digest| file.digest[..] != digest[..])
}

/// Whether an error means that the file is another one now: it has become shorter, or a piece of it differs from the one
/// that was sent before.
fn is_of_change(error: &Error) -> bool {
    match error {
        Error::Read(cause) => cause.kind() == std::io::ErrorKind::UnexpectedEof,
        Error::Refused(refusal) => refusal.reason.as_deref() == Some("OTHER_PIECE"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(files: &[&str], name: Option<&str>) -> Upload {
        let files = files.iter().map(PathBuf::from).collect();
        let name = name.map(str::to_owned);
        Upload { files, name, read: false, no_read: false, json: false }
    }

    fn refused(files: &[&str], name: Option<&str>) -> bool {
        check(&plain(files, name)).is_err()
    }

    #[test]
    fn a_file_is_read_whose_name_shows_a_format() {
        let args = plain(&["a"], None);
        assert!(is_read(&args, "a.csv") && !is_read(&args, "a.bin"));
        let all = Upload { read: true, ..plain(&["a"], None) };
        assert!(is_read(&all, "a.bin"));
        let none = Upload { no_read: true, ..args };
        assert!(!is_read(&none, "a.csv"));
    }

    #[test]
    fn json_has_the_tables_of_a_file_that_was_read() {
        let file = v1::File::default();
        let sent = Sent { file, is_earlier: false, content_known: false, resumed: 0 };
        assert_eq!(sent_json(&sent, None)["tables"], Json::Null);
        let table = v1::Table { rows: 7, ..v1::Table::default() };
        assert_eq!(sent_json(&sent, Some(&[table]))["tables"][0]["rows"], 7);
    }

    #[test]
    fn a_name_and_standard_input_are_for_one_file() {
        assert!(refused(&["a", "b"], Some("c")));
        assert!(refused(&["-", "a", "-"], None));
        assert!(!refused(&["a", "-"], None));
        assert!(!refused(&["-"], Some("c")));
    }

    #[test]
    fn a_file_of_another_digest_is_another_content() {
        let file = v1::File { digest: vec![7; 32].into(), ..v1::File::default() };
        assert!(is_other(&file, Some([8; 32])) && is_other(&v1::File::default(), Some([7; 32])));
        assert!(!is_other(&file, Some([7; 32])) && !is_other(&file, None));
    }

    #[test]
    fn a_file_that_ends_early_is_changed_and_one_that_fails_is_not() {
        let read = |kind: std::io::ErrorKind| Error::from(std::io::Error::from(kind));
        assert!(is_of_change(&read(std::io::ErrorKind::UnexpectedEof)));
        assert!(!is_of_change(&read(std::io::ErrorKind::PermissionDenied)));
        assert!(!is_of_change(&Error::Closed));
    }
}
