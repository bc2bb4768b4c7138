//! Exports: a sheet as CSV, streamed page by page from one snapshot.
//!
//! Not the reading of rows: the store does that. The reader sets the pace. An export whose reader stops is ended,
//! since each export holds a connection to Postgres.
//!
//! Invariant: an export holds one page and a few pieces, for a sheet of any size; a row that is larger than a piece
//! goes in several.

use bytes::Bytes;
use csv_reader::{CsvForm, WrittenFor, write_names, write_row};
use gridloom::v1::{ExportForm, ExportSheetResponse};
use heavy_work::Caller;
use tasks::Tasks;
use tokio::sync::oneshot;
use tonic::Status;

use crate::edge::errors::ServiceError;
use crate::service::outflow::{self, Outflow, PieceStream, Stopped};
use crate::service::turns::Turn;
use store::ExportReader;

mod head;

use head::Head;

/// The stream of an export's pieces.
pub(crate) type ExportStream = PieceStream<ExportSheetResponse>;

const TOO_SLOW: &str = "the export was read too slowly: read a piece within 60 s, and 64 KiB/s on average; \
     what was received is a part of the sheet";
const WANTED: &str = "the export ended, because another account waits for its place: while others wait, read 1 MiB/s on \
     average, and all within 600 s; what was received is a part of the sheet, export it again later";

/// Starts to stream a sheet.
pub(crate) fn stream(
    (reader, form): (ExportReader, ExportForm),
    (tasks, caller): (&Tasks, Caller),
    message_bytes: u32,
    turn: Turn,
) -> ExportStream {
    let (out, ended, stream) = outflow::open(turn);
    let piece_bytes = outflow::piece_bytes(message_bytes);
    let total = u64::from(reader.sheet().row_count);
    let export = Export { reader, form, out, piece_bytes, buffer: Vec::new(), total, sent: 0 };
    tasks.spawn(heavy_work::drive(caller, export.run(ended)));
    stream
}

/// The form of the file's lines.
fn csv_form(form: ExportForm) -> CsvForm {
    let written_for = match form {
        ExportForm::Spreadsheets => WrittenFor::Spreadsheets,
        ExportForm::Programs | ExportForm::Unspecified => WrittenFor::Programs,
    };
    CsvForm { written_for, delimiter: b',' }
}

struct Export {
    reader: ExportReader,
    form: ExportForm,
    out: Outflow<ExportSheetResponse>,
    piece_bytes: usize,
    buffer: Vec<u8>,
    total: u64,
    sent: u64,
}

impl Export {
    async fn run(mut self, ended: oneshot::Sender<Status>) {
        let status = match self.pages().await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.into(),
            Err(Stopped::Reader) => {
                let bytes = self.out.bytes();
                match self.out.has_no_reader() {
                    true => tracing::debug!(bytes, "export ended: its reader has left"),
                    false => tracing::info!(bytes, "export ended: its reader is too slow"),
                }
                Status::deadline_exceeded(TOO_SLOW)
            }
            Err(Stopped::Wanted) => {
                tracing::info!(
                    bytes = self.out.bytes(),
                    "export ended: another account waits for its turn"
                );
                Status::deadline_exceeded(WANTED)
            }
        };
        // A reader that has left needs no reason.
        drop(ended.send(status));
    }

    async fn pages(&mut self) -> Result<Result<(), ServiceError>, Stopped> {
        let columns = self.reader.sheet().columns.clone();
        // It may read the whole sheet. Its query is cancelled when the export ends here.
        let head = self.out.unless_stopped(head::read(&mut self.reader, self.form));
        let Head { rows, quoting } = match head.await? {
            Ok(head) => head,
            Err(error) => return Ok(Err(error.into())),
        };
        // The reader has waited for these rows: the time is not its own.
        self.out.begin();
        let mut page = Some(rows);
        let form = csv_form(self.form);
        let names = columns.iter().map(|column| &*column.name);
        write_names(&mut self.buffer, names, form, &quoting);
        let total = self.total;
        self.send(total, 0).await?;
        while let Some(rows) = page {
            for body in &rows {
                let values = columns.iter().map(|column| body.get(column.id));
                write_row(&mut self.buffer, values, form, &quoting);
                let before = self.sent;
                self.sent += 1;
                if self.buffer.len() >= self.piece_bytes {
                    self.send(0, before).await?;
                }
            }
            page = match self.reader.next_page().await {
                Ok(page) => page.map(head::bodies),
                Err(error) => return Ok(Err(error.into())),
            };
        }
        self.send(0, self.sent).await?;
        Ok(Ok(()))
    }

    /// Sends what is written. `before` is the number of rows that are whole before the last piece.
    async fn send(&mut self, total_rows: u64, before: u64) -> Result<(), Stopped> {
        let mut left = Bytes::from(std::mem::take(&mut self.buffer));
        while !left.is_empty() {
            let data = left.split_to(left.len().min(self.piece_bytes));
            let rows_sent = if left.is_empty() { self.sent } else { before };
            let piece = ExportSheetResponse { data, total_rows, rows_sent };
            let bytes = piece.data.len();
            self.out.send(piece, bytes).await?;
        }
        Ok(())
    }
}
