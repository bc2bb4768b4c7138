//! Imports and exports of CSV files.
//!
//! It parses no CSV; the server does. An import sends the file in pieces, as its reader yields them. The server answers
//! each piece after it has read it, which is the back-pressure.
//!
//! Invariant: memory holds two pieces at most, at both ends.

mod pieces;

use std::time::Duration;

use bytes::Bytes;
use gridloom::v1;
use tokio::io::AsyncRead;
use tokio::time::Instant;
use tonic::{Code, Streaming};

use self::pieces::{Piece, PieceSize, next_piece};
use super::again::wait;
use crate::net::client::Client;
use crate::net::error::Error;

/// How often a piece is sent after passing errors, such as those of the network.
const ATTEMPTS: u32 = 4;
/// The pause before the second attempt; later ones are longer by as much.
const AGAIN: Duration = Duration::from_millis(500);
/// What a server without `Limits.import_notation` does.
const NO_NOTATION: &str =
    "passes over the locale, the decimal mark and the zone of a file; import without them";
/// The reason of an import that has ended.
const LOST: &str = "IMPORT_LOST";

/// Options for reading a CSV file.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// The sheet's name.
    pub name: String,
    /// Whether the file has no header line.
    pub no_header: bool,
    /// Whether the first line is a header even if it looks like data.
    pub header: bool,
    /// Whether the server repairs ragged rows and bytes that are not UTF-8, instead of refusing them.
    pub repair: bool,
    /// The character between the fields; `None` detects it from the first line.
    pub delimiter: Option<char>,
    /// The name of the encoding; `None` for UTF-16 with a mark, else UTF-8.
    pub encoding: Option<String>,
    /// The kinds of the first columns; `Unspecified` for the kind that the file shows.
    pub kinds: Vec<v1::ColumnKind>,
    /// The language tag by which numbers and days are read; empty: see `StartImportRequest.locale`.
    pub locale: String,
    /// The decimal mark, a comma or a point; `None` detects it.
    pub decimal_mark: Option<char>,
    /// The zone of times without one, by its name in the tz database; empty: such times stay text.
    pub time_zone: String,
}

impl ImportOptions {
    /// Whether anything is chosen of how numbers, days and times are written.
    fn has_notation(&self) -> bool {
        let Self { locale, decimal_mark, time_zone, .. } = self;
        !locale.is_empty() || decimal_mark.is_some() || !time_zone.is_empty()
    }
}

impl From<&ImportOptions> for v1::StartImportRequest {
    fn from(options: &ImportOptions) -> Self {
        Self {
            name: options.name.clone(),
            no_header: options.no_header,
            header: options.header,
            repair: options.repair,
            delimiter: options.delimiter.map(String::from).unwrap_or_default(),
            encoding: options.encoding.clone().unwrap_or_default(),
            kinds: options.kinds.iter().map(|kind| (*kind).into()).collect(),
            repairs: Vec::new(),
            locale: options.locale.clone(),
            decimal_mark: options.decimal_mark.map(String::from).unwrap_or_default(),
            time_zone: options.time_zone.clone(),
        }
    }
}

/// The progress of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    /// Bytes that the server has received.
    pub bytes: u64,
    /// Rows that the server has read.
    pub rows: u64,
    /// The time until a piece is sent again that the server has refused, because its places are taken.
    pub waits: Option<Duration>,
}

/// The result of an import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The new sheet.
    pub sheet: v1::Sheet,
    /// Number of repaired rows.
    pub repaired_rows: u64,
    /// Guesses of the server that may be wrong, each a sentence for a person.
    pub doubts: Vec<String>,
}

/// An import in progress: send pieces, then finish it.
///
/// The server discards an import that makes no call for two minutes, and within 15 seconds where another one waits
/// for its place: [`Import::keep_alive`] keeps it. [`Import::cancel`] discards it immediately.
#[derive(Debug)]
pub struct Import {
    client: Client,
    id: String,
    offset: u64,
    rows: u64,
}

impl Import {
    /// Sends the next piece of the file, at most 2 MiB.
    ///
    /// # Errors
    /// [`Error::Refused`] when the file is malformed; the message names the line. The import has ended then,
    /// and no sheet was made. After the reason `BUSY` it has not: send the piece again when `retry_after` is over.
    pub async fn send(&mut self, data: impl Into<Bytes>) -> Result<ImportProgress, Error> {
        let data = data.into();
        let sent = data.len() as u64;
        let import_id = self.id.clone();
        let request = v1::ImportChunkRequest { import_id, offset: self.offset, data };
        let answer = self.client.sheet_calls().import_chunk(request).await?.into_inner();
        self.offset += sent;
        self.rows = answer.rows;
        Ok(ImportProgress { bytes: answer.received, rows: answer.rows, waits: None })
    }

    /// Keeps the import while there is nothing to send.
    ///
    /// # Errors
    /// [`Error::Refused`] when it has ended; the message says why.
    pub async fn keep_alive(&mut self) -> Result<(), Error> {
        self.send(Bytes::new()).await.map(drop)
    }

    /// Sends a piece, again and again while the server has no place for it, and a few times after another passing error.
    /// Returns how long the piece itself took.
    async fn send_when_possible(
        &mut self,
        data: Bytes,
        progress: &mut impl FnMut(ImportProgress),
    ) -> Result<Duration, Error> {
        let mut attempts = 1;
        loop {
            let begun = Instant::now();
            let error = match self.send(data.clone()).await {
                Ok(sent) => {
                    progress(sent);
                    return Ok(begun.elapsed());
                }
                Err(error) => error,
            };
            if let Some(waits) = wait(&error) {
                let (bytes, rows) = (self.offset, self.rows);
                progress(ImportProgress { bytes, rows, waits: Some(waits) });
                tokio::time::sleep(waits).await;
            } else if attempts < ATTEMPTS && passes(&error) {
                tokio::time::sleep(AGAIN * attempts).await;
                attempts += 1;
            } else {
                return Err(error);
            }
        }
    }

    /// Sends the pieces of a reader to its end.
    async fn send_all(
        &mut self,
        file: &mut (impl AsyncRead + Unpin),
        progress: &mut impl FnMut(ImportProgress),
    ) -> Result<(), Error> {
        let mut size = PieceSize::FIRST;
        let mut next = next_piece(file, size).await?;
        loop {
            let data = match next {
                Piece::End => return Ok(()),
                Piece::Data(data) => data.into(),
                Piece::Quiet => Bytes::new(),
            };
            // Reads the next piece while the server reads this one. An error of one of them ends both.
            let sent = self.send_when_possible(data, progress);
            let read = async { Ok(next_piece(file, size).await?) };
            let (took, read) = tokio::try_join!(sent, read)?;
            (next, size) = (read, size.after(took));
        }
    }

    /// Ends the file and creates the sheet.
    ///
    /// # Errors
    /// As for [`Self::send`].
    pub async fn finish(self) -> Result<Imported, Error> {
        let request = v1::FinishImportRequest { import_id: self.id };
        let answer = self.client.sheet_calls().finish_import(request).await?.into_inner();
        Ok(Imported {
            sheet: answer.sheet.unwrap_or_default(),
            repaired_rows: answer.repaired_rows,
            doubts: answer.doubts,
        })
    }

    /// Discards the import.
    ///
    /// # Errors
    /// [`Error::Refused`] when the server does not know the import.
    pub async fn cancel(self) -> Result<(), Error> {
        let request = v1::CancelImportRequest { import_id: self.id };
        self.client.sheet_calls().cancel_import(request).await?;
        Ok(())
    }
}

/// An export in progress.
#[derive(Debug)]
pub struct Export {
    stream: Streaming<v1::ExportSheetResponse>,
}

impl Export {
    /// The next piece of the CSV file; `None` after the last.
    ///
    /// # Errors
    /// [`Error::Refused`] when the server aborts the export.
    pub async fn next(&mut self) -> Result<Option<v1::ExportSheetResponse>, Error> {
        Ok(self.stream.message().await?)
    }
}

impl Client {
    /// Begins an import of a CSV file.
    ///
    /// # Errors
    /// See the call in `sheets.proto`; [`Error::EarlierServer`] where the server would pass over the locale, the decimal
    /// mark or the zone.
    pub async fn start_import(&self, options: &ImportOptions) -> Result<Import, Error> {
        if options.has_notation() && !self.limits().await?.import_notation {
            return Err(Error::EarlierServer(NO_NOTATION));
        }
        let request = v1::StartImportRequest::from(options);
        let answer = self.sheet_calls().start_import(request).await?.into_inner();
        Ok(Import { client: self.clone(), id: answer.import_id, offset: 0, rows: 0 })
    }

    /// Imports a whole CSV file as a new sheet, and calls `progress` after each piece. A reader may be slow: its bytes
    /// are sent as they arrive. Where the server has no place, the import waits for one. It discards the import when
    /// the file can't be read to its end.
    ///
    /// # Errors
    /// As for [`Import::send`]; [`Error::Read`] when the reader fails.
    pub async fn import_csv(
        &self,
        mut file: impl AsyncRead + Unpin,
        options: &ImportOptions,
        mut progress: impl FnMut(ImportProgress),
    ) -> Result<Imported, Error> {
        let mut import = self.start_import(options).await?;
        match import.send_all(&mut file, &mut progress).await {
            Ok(()) => import.finish().await,
            Err(error) => {
                // Best effort: the server discards an idle import anyway.
                let _ = import.cancel().await;
                Err(error)
            }
        }
    }

    /// Streams a sheet as CSV for programs.
    ///
    /// # Errors
    /// See the call in `sheets.proto`.
    pub async fn export(&self, sheet_id: &str) -> Result<Export, Error> {
        self.export_for(sheet_id, v1::ExportForm::Programs).await
    }

    /// Streams a sheet as CSV in this form.
    ///
    /// # Errors
    /// See the call in `sheets.proto`; [`Error::EarlierServer`] where the server knows the form for programs alone.
    pub async fn export_for(&self, sheet_id: &str, form: v1::ExportForm) -> Result<Export, Error> {
        if form == v1::ExportForm::Spreadsheets && !self.limits().await?.export_forms {
            return Err(Error::EarlierServer("exports for programs alone; export for programs"));
        }
        let request = v1::ExportSheetRequest { sheet_id: sheet_id.to_owned(), form: form.into() };
        Ok(Export { stream: self.sheet_calls().export_sheet(request).await?.into_inner() })
    }
}

/// Whether the same piece may be taken a little later: the server knows it by its offset.
fn passes(error: &Error) -> bool {
    match error {
        Error::Unreachable { .. } => true,
        Error::Refused(refusal) => {
            refusal.code == Code::Unavailable && refusal.reason.as_deref() != Some(LOST)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_choice_of_a_notation_needs_a_server_that_has_it() {
        let plain = ImportOptions { name: "Stock".into(), header: true, ..Default::default() };
        assert!(!plain.has_notation());
        assert!(ImportOptions { locale: "de".into(), ..plain.clone() }.has_notation());
        assert!(ImportOptions { decimal_mark: Some(','), ..plain.clone() }.has_notation());
        assert!(ImportOptions { time_zone: "UTC".into(), ..plain }.has_notation());
    }
}
