//! Exports: a sheet as CSV, streamed page by page from one snapshot.
//!
//! Not the reading of rows: the store does that. The reader sets the pace. An export whose reader stops is ended,
//! since each export holds a connection to Postgres.
//!
//! Invariant: an export holds one page and a few pieces, for a sheet of any size; a row that is larger than a piece
//! goes in several.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use gridloom::v1::{ExportForm, ExportSheetResponse};
use heavy_work::Caller;
use tasks::Tasks;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::pace::Pace;
use super::turns::Turn;
use crate::edge::errors::ServiceError;
use store::ExportReader;

mod head;
mod record;

use head::Head;
use record::{write_names, write_row};

/// The stream of an export's pieces.
pub(crate) type ExportStream = BoxStream<'static, Result<ExportSheetResponse, Status>>;

/// A piece has this many bytes, or a quarter of the largest message, if that is less.
const PIECE_BYTES: usize = 256 * 1024;
/// Pieces that wait for the reader.
const WAITING_PIECES: usize = 4;
/// An export whose reader takes no piece for this long is ended, and one that is read at less than [`LEAST_RATE`]
/// on average after this time.
const STALLED: Duration = Duration::from_secs(60);
const TOO_SLOW: &str = "the export was read too slowly: read a piece within 60 s, and 64 KiB/s on average; \
     what was received is a part of the sheet";
const WANTED: &str = "the export ended, because another account waits for its place: while others wait, read 1 MiB/s on \
     average, and all within 600 s; what was received is a part of the sheet, export it again later";

/// What the reader receives.
type Piece = Result<ExportSheetResponse, Status>;

/// Starts to stream a sheet.
pub(crate) fn stream(
    (reader, form): (ExportReader, ExportForm),
    (tasks, caller): (&Tasks, Caller),
    message_bytes: u32,
    turn: Turn,
) -> ExportStream {
    let (pieces, stream) = mpsc::channel(WAITING_PIECES);
    let piece_bytes = PIECE_BYTES.min(message_bytes as usize / 4);
    let buffer = Vec::new();
    let pace = Pace::begin(STALLED);
    let total = u64::from(reader.sheet().row_count);
    let export = Export { reader, form, pieces, piece_bytes, buffer, total, sent: 0, pace, turn };
    let (ended, end) = oneshot::channel();
    tasks.spawn(heavy_work::drive(caller, export.run(ended)));
    // A reader that was too slow receives the reason after the pieces that wait for it.
    let end = stream::once(end).filter_map(|end| std::future::ready(end.ok().map(Err)));
    ReceiverStream::new(stream).chain(end).boxed()
}

struct Export {
    reader: ExportReader,
    form: ExportForm,
    pieces: mpsc::Sender<Piece>,
    piece_bytes: usize,
    buffer: Vec<u8>,
    total: u64,
    sent: u64,
    pace: Pace,
    turn: Turn,
}

/// Why an export ends before its sheet does.
#[derive(Debug)]
enum Stopped {
    /// The reader has gone, or reads too slowly.
    Reader,
    /// Another account waits for the turn.
    Wanted,
}

/// Resolves when another account waits for the place of an export that has had its time.
async fn wanted(pace: &Pace, turn: &Turn) {
    tokio::time::sleep(pace.left_when_wanted()).await;
    turn.wanted().await;
}

/// Waits for a read that sends nothing meanwhile. It is dropped when the reader leaves or the place is wanted.
async fn unless_stopped<T>(
    read: impl Future<Output = T>,
    pieces: &mpsc::Sender<Piece>,
    wanted: impl Future<Output = ()>,
) -> Result<T, Stopped> {
    tokio::select! {
        read = read => Ok(read),
        () = pieces.closed() => Err(Stopped::Reader),
        () = wanted => Err(Stopped::Wanted),
    }
}

impl Export {
    async fn run(mut self, ended: oneshot::Sender<Status>) {
        let status = match self.pages().await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.into(),
            Err(Stopped::Reader) => {
                tracing::info!(bytes = self.pace.bytes(), "export ended: its reader is too slow");
                Status::deadline_exceeded(TOO_SLOW)
            }
            Err(Stopped::Wanted) => {
                tracing::info!(
                    bytes = self.pace.bytes(),
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
        let head = unless_stopped(
            head::read(&mut self.reader, self.form),
            &self.pieces,
            wanted(&self.pace, &self.turn),
        );
        let Head { rows, quoting } = match head.await? {
            Ok(head) => head,
            Err(error) => return Ok(Err(error.into())),
        };
        // The reader has waited for these rows: the time is not its own.
        self.pace = Pace::begin(STALLED);
        let mut page = Some(rows);
        write_names(&mut self.buffer, &columns, self.form, &quoting);
        let total = self.total;
        self.send(total, 0).await?;
        while let Some(rows) = page {
            for body in &rows {
                write_row(&mut self.buffer, &columns, body, self.form, &quoting);
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
            let within = STALLED.min(self.pace.left());
            let bytes = piece.data.len();
            tokio::select! {
                sent = tokio::time::timeout(within, self.pieces.send(Ok(piece))) => match sent {
                    Ok(Ok(())) => self.pace.count(bytes),
                    _ => return Err(Stopped::Reader),
                },
                () = wanted(&self.pace, &self.turn) => return Err(Stopped::Wanted),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn a_read_of_the_head_ends_with_its_reader_or_for_another_account() {
        let (pieces, reader) = mpsc::channel(1);
        let alive = Arc::new(());
        let held = Arc::clone(&alive);
        let scan = async move {
            pending::<()>().await;
            drop(held);
        };
        let ended = unless_stopped(scan, &pieces, std::future::ready(())).await;
        assert!(matches!(ended, Err(Stopped::Wanted)), "{ended:?}");
        assert_eq!(Arc::strong_count(&alive), 1, "the read is dropped");
        let ended = unless_stopped(async { 7 }, &pieces, pending()).await;
        assert!(matches!(ended, Ok(7)), "{ended:?}");
        drop(reader);
        let ended = unless_stopped(pending::<()>(), &pieces, pending()).await;
        assert!(matches!(ended, Err(Stopped::Reader)), "{ended:?}");
    }
}
