//! Exports: a sheet as CSV, streamed page by page from one snapshot.
//!
//! Not the reading of rows: the store does that. The reader sets the pace. An export whose reader stops is ended,
//! since each export holds a connection to Postgres.
//!
//! Invariant: an export holds one page and a few pieces, for a sheet of any size; a row that is larger than a piece
//! goes in several.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use gridloom::v1::ExportSheetResponse;
use heavy_work::Caller;
use jiff::Timestamp;
use ot_engine::Value;
use tasks::Tasks;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::pace::Pace;
use super::turns::Turn;
use crate::edge::errors::ServiceError;
use model::{ColumnRecord, RowBody};
use store::ExportReader;

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
/// Plain digits are written for numbers below this; others with an exponent, as `import` reads
/// them back.
const PLAIN_BELOW: f64 = 1e15;
const PLAIN_FROM: f64 = 1e-5;

/// Starts to stream a sheet.
pub(crate) fn stream(
    reader: ExportReader,
    (tasks, caller): (&Tasks, Caller),
    message_bytes: u32,
    turn: Turn,
) -> ExportStream {
    let (pieces, stream) = mpsc::channel(WAITING_PIECES);
    let rows = u64::from(reader.sheet().row_count);
    let piece_bytes = PIECE_BYTES.min(message_bytes as usize / 4);
    let buffer = Vec::new();
    let pace = Pace::begin(STALLED);
    let export = Export { reader, pieces, piece_bytes, buffer, total: rows, sent: 0, pace, turn };
    let (ended, end) = oneshot::channel();
    tasks.spawn(heavy_work::drive(caller, export.run(ended)));
    // A reader that was too slow receives the reason after the pieces that wait for it.
    let end = stream::once(end).filter_map(|end| std::future::ready(end.ok().map(Err)));
    ReceiverStream::new(stream).chain(end).boxed()
}

struct Export {
    reader: ExportReader,
    pieces: mpsc::Sender<Result<ExportSheetResponse, Status>>,
    piece_bytes: usize,
    buffer: Vec<u8>,
    total: u64,
    sent: u64,
    pace: Pace,
    turn: Turn,
}

/// Why an export ends before its sheet does.
enum Stopped {
    /// The reader has gone, or reads too slowly.
    Reader,
    /// Another account waits for the turn.
    Wanted,
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
        let names = columns.iter().map(|column| Cow::Borrowed(&*column.name));
        write_record(&mut self.buffer, names);
        let total = self.total;
        self.send(total, 0).await?;
        loop {
            let page = match self.reader.next_page().await {
                Ok(Some(page)) => page,
                Ok(None) => break,
                Err(error) => return Ok(Err(error.into())),
            };
            for (_, body) in &page {
                write_row(&mut self.buffer, &columns, body);
                let before = self.sent;
                self.sent += 1;
                if self.buffer.len() >= self.piece_bytes {
                    self.send(0, before).await?;
                }
            }
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
            let wanted = async {
                tokio::time::sleep(self.pace.left_when_wanted()).await;
                self.turn.wanted().await;
            };
            tokio::select! {
                sent = tokio::time::timeout(within, self.pieces.send(Ok(piece))) => match sent {
                    Ok(Ok(())) => self.pace.count(bytes),
                    _ => return Err(Stopped::Reader),
                },
                () = wanted => return Err(Stopped::Wanted),
            }
        }
        Ok(())
    }
}

fn write_row(out: &mut Vec<u8>, columns: &[ColumnRecord], body: &RowBody) {
    write_record(out, columns.iter().map(|column| field(body.get(column.id))));
}

/// Writes a line as RFC 4180 quotes it. A lone empty field is quoted, too: a blank line is no row.
fn write_record<'a>(out: &mut Vec<u8>, fields: impl ExactSizeIterator<Item = Cow<'a, str>>) {
    let lone = fields.len() == 1;
    for (at, field) in fields.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        let special = |byte: &u8| matches!(byte, b',' | b'"' | b'\r' | b'\n');
        if field.as_bytes().iter().any(special) || (lone && field.is_empty()) {
            out.push(b'"');
            out.extend_from_slice(field.replace('"', "\"\"").as_bytes());
            out.push(b'"');
        } else {
            out.extend_from_slice(field.as_bytes());
        }
    }
    out.push(b'\n');
}

/// A value as a field. `import` reads numbers, truth values and times back as the same values; a text in the form
/// of one of them may be read as that.
fn field(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Empty => Cow::Borrowed(""),
        Value::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
        Value::Text(text) => Cow::Borrowed(text),
        Value::Number(number) => {
            let size = number.abs();
            let plain = size == 0.0 || (PLAIN_FROM..PLAIN_BELOW).contains(&size);
            Cow::Owned(if plain { number.to_string() } else { format!("{number:e}") })
        }
        // Out of the range of calendars: written as a number.
        Value::DateTime(micros) => Cow::Owned(
            Timestamp::from_microsecond(*micros)
                .map_or_else(|_| micros.to_string(), |time| time.to_string()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_import_reads_them() {
        let written = [
            (Value::Number(0.1), "0.1"),
            (Value::Number(-12.0), "-12"),
            (Value::Number(1e21), "1e21"),
            (Value::Number(1.5e-9), "1.5e-9"),
            (Value::Bool(true), "true"),
            (Value::DateTime(1_714_521_600_000_000), "2024-05-01T00:00:00Z"),
            (Value::DateTime(1), "1970-01-01T00:00:00.000001Z"),
            (Value::Text("a\"b".into()), "a\"b"),
            (Value::Empty, ""),
        ];
        for (value, text) in written {
            assert_eq!(field(&value), text);
        }
    }

    #[test]
    fn records_are_quoted_where_they_must_be() {
        let mut out = Vec::new();
        for record in [vec!["a,b", "c\"d", "e\nf"], vec![""], vec!["", ""]] {
            write_record(&mut out, record.into_iter().map(Cow::Borrowed));
        }
        assert_eq!(String::from_utf8_lossy(&out), "\"a,b\",\"c\"\"d\",\"e\nf\"\n\"\"\n,\n");
    }
}
