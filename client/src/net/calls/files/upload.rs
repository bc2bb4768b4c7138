//! The missing pieces of an upload, sent several at a time.
//!
//! It reads no file: its caller yields the bytes of each piece. Invariant: memory holds [`PIECES_AT_ONCE`] pieces.

use std::io;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use gridloom::v1;
use tokio::task::spawn_blocking;

use super::digest::piece_digest;
use crate::net::calls::again::again;
use crate::net::client::Client;
use crate::net::error::Error;

/// Pieces that are under way at once: as many as a server takes of one account.
const PIECES_AT_ONCE: usize = 4;

/// The progress of an upload.
#[derive(Clone, Debug)]
pub enum UploadProgress {
    /// Bytes of the pieces that the server has.
    Received(u64),
    /// A call has failed, and is made again.
    Waits {
        /// Why it has failed.
        error: Error,
        /// The time until it is made again.
        pause: Duration,
    },
}

/// A piece of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    number: u32,
    /// Its first byte in the file.
    from: u64,
    bytes: usize,
}

impl Piece {
    /// The piece of this number; `None`: the file has no such piece.
    fn of(upload: &v1::Upload, number: u32) -> Option<Self> {
        let from = u64::from(number) * u64::from(upload.piece_bytes);
        let left = upload.size_bytes.checked_sub(from).filter(|left| *left > 0)?;
        let bytes = usize::try_from(left.min(u64::from(upload.piece_bytes))).ok()?;
        Some(Self { number, from, bytes })
    }
}

/// The pieces of ranges, up to the first one that the file does not have: ranges follow each other.
fn pieces(upload: &v1::Upload, ranges: &[v1::PieceRange]) -> impl Iterator<Item = Piece> {
    let numbers = ranges.iter().flat_map(|it| it.first..it.first.saturating_add(it.count));
    numbers.map_while(move |number| Piece::of(upload, number))
}

impl Client {
    /// Sends the missing pieces of an upload, four at a time, each again after an error that may pass. `read` returns so
    /// many bytes from a place of the file, and `progress` is called after each piece. Then call
    /// [`Client::finish_upload`]. A future that is dropped leaves the upload, which can be continued.
    ///
    /// # Errors
    /// See `UploadPiece` in `files.proto`; [`Error::Read`] when the file can't be read.
    pub async fn send_pieces<F>(
        &self,
        upload: &v1::Upload,
        mut missing: Vec<v1::PieceRange>,
        read: impl Fn(u64, usize) -> F,
        progress: impl Fn(UploadProgress),
    ) -> Result<(), Error>
    where
        F: Future<Output = io::Result<Bytes>>,
    {
        while let Some(first) = missing.first().map(|range| range.first) {
            self.send_ranges(upload, &missing, &read, &progress).await?;
            // An answer lists the first ranges alone, where there are many.
            missing = again(|| self.upload(&upload.id), waits(&progress)).await?.missing;
            if missing.first().is_some_and(|range| range.first <= first) {
                // The server has taken that piece, and yet does not count it: it refuses to finish the upload.
                break;
            }
        }
        Ok(())
    }

    async fn send_ranges<F>(
        &self,
        upload: &v1::Upload,
        ranges: &[v1::PieceRange],
        read: &impl Fn(u64, usize) -> F,
        progress: &impl Fn(UploadProgress),
    ) -> Result<(), Error>
    where
        F: Future<Output = io::Result<Bytes>>,
    {
        let pieces = stream::iter(pieces(upload, ranges));
        let sent = pieces.map(|piece| self.send_piece(&upload.id, piece, read, progress));
        let mut sent = pin!(sent.buffer_unordered(PIECES_AT_ONCE));
        let mut most = upload.received_bytes;
        while let Some(received) = sent.next().await {
            // Answers may arrive in another order.
            most = most.max(received?);
            progress(UploadProgress::Received(most));
        }
        Ok(())
    }

    async fn send_piece<F>(
        &self,
        upload_id: &str,
        piece: Piece,
        read: &impl Fn(u64, usize) -> F,
        progress: &impl Fn(UploadProgress),
    ) -> Result<u64, Error>
    where
        F: Future<Output = io::Result<Bytes>>,
    {
        let data = read(piece.from, piece.bytes).await?;
        let hashed = data.clone();
        let digest =
            spawn_blocking(move || piece_digest(&hashed)).await.map_err(io::Error::other)?;
        let call = || self.upload_piece(upload_id, piece.number, data.clone(), digest);
        again(call, waits(progress)).await
    }
}

/// Reports a failed attempt.
fn waits(progress: &impl Fn(UploadProgress)) -> impl FnMut(&Error, Duration) {
    move |error: &Error, pause| progress(UploadProgress::Waits { error: error.clone(), pause })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_of_a_file_follow_each_other_to_its_end() {
        let upload =
            |size_bytes| v1::Upload { size_bytes, piece_bytes: 4, ..v1::Upload::default() };
        let all = [v1::PieceRange { first: 0, count: u32::MAX }];
        let sizes = |size_bytes| {
            let mut next = 0;
            let piece = |piece: Piece| {
                assert_eq!(piece.from, next);
                next += piece.bytes as u64;
                piece.bytes
            };
            pieces(&upload(size_bytes), &all).take(9).map(piece).collect::<Vec<_>>()
        };
        assert_eq!(sizes(9), [4, 4, 1]);
        assert_eq!(sizes(8), [4, 4]);
        assert!(sizes(0).is_empty());
    }

    #[test]
    fn only_missing_pieces_are_sent() {
        let upload = v1::Upload { size_bytes: 30, piece_bytes: 4, ..v1::Upload::default() };
        let range = |first, count| v1::PieceRange { first, count };
        let ranges = [range(1, 2), range(7, 1), range(8, 1)];
        let numbers = pieces(&upload, &ranges).map(|piece| (piece.number, piece.bytes));
        assert_eq!(numbers.collect::<Vec<_>>(), [(1, 4), (2, 4), (7, 2)]);
    }
}
