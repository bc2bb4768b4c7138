//! The pieces of an imported file, as its reader yields them.
//!
//! Not how they are sent (`transfer`). Invariants: a piece that has a byte waits [`COLLECT`] at most for further ones;
//! over a slow network pieces are small, so that the server receives one every few seconds.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, timeout_at};

/// Sizes of a whole piece, in bytes.
const LEAST_BYTES: usize = 16 << 10;
const FIRST_BYTES: usize = 128 << 10;
const MOST_BYTES: usize = 1 << 20;
/// The next piece is twice as large after one that took less than this, and half as large after one that took more.
const FAST: Duration = Duration::from_millis(500);
const SLOW: Duration = Duration::from_secs(2);
/// How long a piece waits for further bytes of a slow reader.
const COLLECT: Duration = Duration::from_millis(500);
/// How long the import makes no call while its reader yields nothing. A server lets go of an import that is quiet for
/// longer, first where another one waits.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// What a reader yields.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Bytes of the file.
    Data(Vec<u8>),
    /// The reader has yielded nothing for a while.
    Quiet,
    /// The end of the file.
    End,
}

/// The size of the next piece.
#[derive(Clone, Copy, Debug)]
pub(super) struct PieceSize(usize);

impl PieceSize {
    pub(super) const FIRST: Self = Self(FIRST_BYTES);

    /// The size after a piece that was sent in this time.
    pub(super) fn after(self, took: Duration) -> Self {
        Self(match took {
            took if took < FAST => (self.0 * 2).min(MOST_BYTES),
            took if took > SLOW => (self.0 / 2).max(LEAST_BYTES),
            _ => self.0,
        })
    }
}

/// The next piece.
pub(super) async fn next_piece(
    file: &mut (impl AsyncRead + Unpin),
    size: PieceSize,
) -> io::Result<Piece> {
    let mut piece = Vec::with_capacity(size.0);
    let mut until = Instant::now() + KEEP_ALIVE;
    while piece.len() < size.0 {
        let room = (size.0 - piece.len()) as u64;
        let mut rest = (&mut *file).take(room);
        // A read that is cut off has taken nothing.
        match timeout_at(until, rest.read_buf(&mut piece)).await {
            Ok(Ok(0)) if piece.is_empty() => return Ok(Piece::End),
            // The next call returns the end.
            Ok(Ok(0)) => break,
            Ok(Ok(read)) if read == piece.len() => until = Instant::now() + COLLECT,
            Ok(Ok(_)) => {}
            Ok(Err(cause)) => return Err(cause),
            Err(_) if piece.is_empty() => return Ok(Piece::Quiet),
            Err(_) => break,
        }
    }
    Ok(Piece::Data(piece))
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_sends_what_it_has_and_keeps_the_import_alive() {
        let size = PieceSize::FIRST;
        let (mut writer, mut reader) = tokio::io::duplex(4 * FIRST_BYTES);
        let begun = Instant::now();
        assert_eq!(next_piece(&mut reader, size).await.expect("is read"), Piece::Quiet);
        assert_eq!(begun.elapsed(), KEEP_ALIVE);
        writer.write_all(b"a,b\n").await.expect("has room");
        let data = Piece::Data(b"a,b\n".to_vec());
        assert_eq!(next_piece(&mut reader, size).await.expect("is read"), data);
        assert_eq!(begun.elapsed(), KEEP_ALIVE + COLLECT);
        writer.write_all(&[b'x'; FIRST_BYTES + 1]).await.expect("has room");
        drop(writer);
        for piece in [vec![b'x'; FIRST_BYTES], vec![b'x']] {
            assert_eq!(next_piece(&mut reader, size).await.expect("is read"), Piece::Data(piece));
        }
        assert_eq!(next_piece(&mut reader, size).await.expect("is read"), Piece::End);
        assert_eq!(begun.elapsed(), KEEP_ALIVE + COLLECT, "a fast reader waits for nothing");
    }

    #[test]
    fn a_slow_network_has_small_pieces_and_a_fast_one_large_ones() {
        let sizes = |took: Duration| {
            let mut size = PieceSize::FIRST;
            (0..20).for_each(|_| size = size.after(took));
            size.0
        };
        assert_eq!(sizes(Duration::ZERO), MOST_BYTES);
        assert_eq!(sizes(Duration::from_secs(1)), FIRST_BYTES);
        assert_eq!(sizes(Duration::from_secs(3)), LEAST_BYTES);
    }
}
