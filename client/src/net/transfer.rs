//! Files in and out. An import goes up in pieces, one after the other: the server answers a piece
//! when it has read it, which is the back-pressure; memory stays flat at both ends.

use gridloom::v1;
use tokio::io::{AsyncRead, AsyncReadExt};
use tonic::Streaming;

use super::{Client, Error};

/// Bytes in one piece of an imported file.
const CHUNK_BYTES: usize = 1 << 20;

/// How a CSV file is to be read.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// The sheet's name.
    pub name: String,
    /// The file has no header line.
    pub no_header: bool,
    /// The first line is a header, whatever it looks like.
    pub header: bool,
    /// Ragged rows and bytes that are not UTF-8 are repaired instead of refused.
    pub repair: bool,
    /// The character between the fields; `None`: found from the first line.
    pub delimiter: Option<char>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    /// Bytes that the server has taken.
    pub bytes: u64,
    /// Rows that it has read from them.
    pub rows: u64,
}

/// What an import made.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The new sheet.
    pub sheet: v1::Sheet,
    /// How many rows were repaired.
    pub repaired_rows: u64,
}

/// An import under way: feed it pieces, then finish it. Dropped before that, the server gives it up
/// after a while; [`Import::cancel`] does so at once.
#[derive(Debug)]
pub struct Import {
    client: Client,
    id: String,
    offset: u64,
}

impl Import {
    /// Gives the next piece of the file, of any size up to 2 MiB.
    ///
    /// # Errors
    /// [`Error::Refused`] when the file is malformed (the message names the line); the import is
    /// over then, and nothing was made.
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

    /// Ends the file and makes the sheet.
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

    /// Gives it up; nothing is kept.
    ///
    /// # Errors
    /// [`Error::Refused`] when the server no longer knows it.
    pub async fn cancel(self) -> Result<(), Error> {
        let request = v1::CancelImportRequest { import_id: self.id };
        self.client.sheet_calls().cancel_import(request).await?;
        Ok(())
    }
}

/// An export under way.
#[derive(Debug)]
pub struct Export {
    stream: Streaming<v1::ExportSheetResponse>,
}

impl Export {
    /// The next piece of the CSV file; `None` after the last.
    ///
    /// # Errors
    /// [`Error::Refused`] when the server had to give up.
    pub async fn next(&mut self) -> Result<Option<v1::ExportSheetResponse>, Error> {
        Ok(self.stream.message().await?)
    }
}

impl Client {
    /// Begins an import of a CSV file.
    ///
    /// # Errors
    /// As the call's manual says.
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

    /// Imports a whole CSV file as a new sheet. `progress` hears of each piece that the server has
    /// read. When the file can't be read to its end, the import is given up.
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
                    // The next piece is read from the disk while this one travels.
                    let (sent, read) = tokio::join!(import.send(chunk), read_chunk(&mut file));
                    progress(sent?);
                    next = read;
                }
                Err(cause) => {
                    // Best effort: the server drops an idle import by itself.
                    let _ = import.cancel().await;
                    return Err(cause.into());
                }
            }
        }
    }

    /// Streams a sheet as CSV.
    ///
    /// # Errors
    /// As the call's manual says.
    pub async fn export(&self, sheet_id: &str) -> Result<Export, Error> {
        let request = v1::ExportSheetRequest { sheet_id: sheet_id.to_owned() };
        Ok(Export { stream: self.sheet_calls().export_sheet(request).await?.into_inner() })
    }
}

/// Reads a whole piece; a shorter one only at the end of the file, an empty one after it.
async fn read_chunk(file: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES);
    let mut limited = file.take(CHUNK_BYTES as u64);
    limited.read_to_end(&mut chunk).await?;
    Ok(chunk)
}
