//! Imports and exports of CSV files.
//!
//! It parses no CSV; the server does. An import sends the file in pieces. The server answers each piece after
//! it has read it, which is the back-pressure.
//!
//! Invariant: memory holds two pieces at most, at both ends.

use gridloom::v1;
use tokio::io::{AsyncRead, AsyncReadExt};
use tonic::Streaming;

use crate::net::client::Client;
use crate::net::error::Error;

/// Size of one piece of an imported file, in bytes.
const CHUNK_BYTES: usize = 1 << 20;

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
}

/// The progress of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    /// Bytes that the server has received.
    pub bytes: u64,
    /// Rows that the server has read.
    pub rows: u64,
}

/// The result of an import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The new sheet.
    pub sheet: v1::Sheet,
    /// Number of repaired rows.
    pub repaired_rows: u64,
}

/// An import in progress: send pieces, then finish it. The server discards an idle import after a while;
/// [`Import::cancel`] discards it immediately.
#[derive(Debug)]
pub struct Import {
    client: Client,
    id: String,
    offset: u64,
}

impl Import {
    /// Sends the next piece of the file, at most 2 MiB.
    ///
    /// # Errors
    /// [`Error::Refused`] when the file is malformed; the message names the line. The import has ended then,
    /// and no sheet was made.
    pub async fn send(&mut self, data: Vec<u8>) -> Result<ImportProgress, Error> {
        let sent = data.len() as u64;
        let request = v1::ImportChunkRequest {
            import_id: self.id.clone(),
            offset: self.offset,
            data: data.into(),
        };
        let answer = self.client.sheet_calls().import_chunk(request).await?.into_inner();
        self.offset += sent;
        Ok(ImportProgress { bytes: answer.received, rows: answer.rows })
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
    /// See the call in `sheets.proto`.
    pub async fn start_import(&self, options: &ImportOptions) -> Result<Import, Error> {
        let request = v1::StartImportRequest {
            name: options.name.clone(),
            no_header: options.no_header,
            header: options.header,
            repair: options.repair,
            delimiter: options.delimiter.map(String::from).unwrap_or_default(),
        };
        let answer = self.sheet_calls().start_import(request).await?.into_inner();
        Ok(Import { client: self.clone(), id: answer.import_id, offset: 0 })
    }

    /// Imports a whole CSV file as a new sheet, and calls `progress` after each piece. It discards the import
    /// when the file can't be read to its end.
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
        let mut next = read_chunk(&mut file).await;
        loop {
            match next {
                Ok(chunk) if chunk.is_empty() => return import.finish().await,
                Ok(chunk) => {
                    // Reads the next piece while the server reads this one.
                    let (sent, read) = tokio::join!(import.send(chunk), read_chunk(&mut file));
                    progress(sent?);
                    next = read;
                }
                Err(cause) => {
                    // Best effort: the server discards an idle import anyway.
                    let _ = import.cancel().await;
                    return Err(cause.into());
                }
            }
        }
    }

    /// Streams a sheet as CSV.
    ///
    /// # Errors
    /// See the call in `sheets.proto`.
    pub async fn export(&self, sheet_id: &str) -> Result<Export, Error> {
        let request = v1::ExportSheetRequest { sheet_id: sheet_id.to_owned() };
        Ok(Export { stream: self.sheet_calls().export_sheet(request).await?.into_inner() })
    }
}

/// Reads a piece. Only the last piece is shorter; after it a piece is empty.
async fn read_chunk(file: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES);
    let mut limited = file.take(CHUNK_BYTES as u64);
    limited.read_to_end(&mut chunk).await?;
    Ok(chunk)
}
