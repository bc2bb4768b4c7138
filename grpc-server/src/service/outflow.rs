//! What is streamed to a reader that sets the pace: it ends where the reader is too slow, or where another account waits.
//!
//! Not what is sent (`sheets::exports`, `files::downloads`). Invariants: a few pieces wait for the reader, and the rest is
//! not made yet; work for a reader that has left ends at once; a reader that was too slow receives the reason after the
//! pieces that wait for it.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::pace::Pace;
use super::turns::Turn;

/// A piece has this many bytes, or a quarter of the largest message, if that is less.
const PIECE_BYTES: usize = 256 * 1024;
/// Pieces that wait for the reader.
const WAITING_PIECES: usize = 4;
/// A stream whose reader takes no piece for this long is ended, and one that is read at less than [`LEAST_RATE`] on
/// average after this time.
///
/// [`LEAST_RATE`]: model::limits::edge::LEAST_RATE
const STALLED: Duration = Duration::from_secs(60);

/// What the reader receives.
pub(super) type PieceStream<T> = BoxStream<'static, Result<T, Status>>;

/// The end of a stream at which its pieces are made.
#[derive(Debug)]
pub(super) struct Outflow<T> {
    pieces: mpsc::Sender<Result<T, Status>>,
    pace: Pace,
    turn: Turn,
}

/// Why a stream ends before its content does.
#[derive(Debug)]
pub(super) enum Stopped {
    /// The reader has gone, or reads too slowly.
    Reader,
    /// Another account waits for the turn.
    Wanted,
}

/// A stream: where its pieces go, where the status with which it ends goes, and the reader's end.
pub(super) fn open<T: Send + 'static>(
    turn: Turn,
) -> (Outflow<T>, oneshot::Sender<Status>, PieceStream<T>) {
    let (pieces, stream) = mpsc::channel(WAITING_PIECES);
    let (ended, end) = oneshot::channel();
    let end = stream::once(end).filter_map(|end| std::future::ready(end.ok().map(Err)));
    let outflow = Outflow { pieces, pace: Pace::begin(STALLED), turn };
    (outflow, ended, ReceiverStream::new(stream).chain(end).boxed())
}

/// The bytes of a piece where messages have at most so many.
pub(super) fn piece_bytes(message_bytes: u32) -> usize {
    PIECE_BYTES.min(message_bytes as usize / 4)
}

/// Resolves when another account waits for the turn of a stream that has had its time.
async fn wanted(pace: &Pace, turn: &Turn) {
    tokio::time::sleep(pace.left_when_wanted()).await;
    turn.wanted().await;
}

/// Waits for a read that sends nothing meanwhile. It is dropped when the reader leaves or the turn is wanted.
async fn unless_stopped<T, R>(
    read: impl Future<Output = R>,
    pieces: &mpsc::Sender<T>,
    wanted: impl Future<Output = ()>,
) -> Result<R, Stopped> {
    tokio::select! {
        read = read => Ok(read),
        () = pieces.closed() => Err(Stopped::Reader),
        () = wanted => Err(Stopped::Wanted),
    }
}

impl<T> Outflow<T> {
    /// Sends a piece with so many bytes of content, as soon as the reader takes it.
    pub(super) async fn send(&mut self, piece: T, bytes: usize) -> Result<(), Stopped> {
        let within = STALLED.min(self.pace.left());
        tokio::select! {
            sent = tokio::time::timeout(within, self.pieces.send(Ok(piece))) => match sent {
                Ok(Ok(())) => self.pace.count(bytes),
                _ => return Err(Stopped::Reader),
            },
            () = wanted(&self.pace, &self.turn) => return Err(Stopped::Wanted),
        }
        Ok(())
    }

    /// Waits for a read that sends nothing meanwhile. It is dropped when the stream ends.
    pub(super) async fn unless_stopped<R>(
        &self,
        read: impl Future<Output = R>,
    ) -> Result<R, Stopped> {
        unless_stopped(read, &self.pieces, wanted(&self.pace, &self.turn)).await
    }

    /// The time of the reader begins now: it has waited for the first piece.
    pub(super) fn begin(&mut self) {
        self.pace = Pace::begin(STALLED);
    }

    /// Whether the reader has gone, whose stream then ends as that of one that is too slow does.
    pub(super) fn has_no_reader(&self) -> bool {
        self.pieces.is_closed()
    }

    /// The bytes that the reader has taken.
    pub(super) fn bytes(&self) -> u64 {
        self.pace.bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn a_read_ends_with_its_reader_or_for_another_account() {
        let (pieces, reader) = mpsc::channel::<()>(1);
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
