//! The pieces of an imported file, as its reader yields them.
//!
//! Not how they are sent (`transfer`). Invariant: a piece that has a byte waits [`COLLECT`] at most for further ones.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, timeout_at};

/// Size of a whole piece, in bytes.
const PIECE_BYTES: usize = 1 << 20;
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

/// The next piece.
pub(super) async fn next_piece(file: &mut (impl AsyncRead + Unpin)) -> io::Result<Piece> {
    let mut piece = Vec::new();
    let mut until = Instant::now() + KEEP_ALIVE;
    while piece.len() < PIECE_BYTES {
        let room = (PIECE_BYTES - piece.len()) as u64;
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
        let (mut writer, mut reader) = tokio::io::duplex(4 * PIECE_BYTES);
        let begun = Instant::now();
        assert_eq!(next_piece(&mut reader).await.expect("is read"), Piece::Quiet);
        assert_eq!(begun.elapsed(), KEEP_ALIVE);
        writer.write_all(b"a,b\n").await.expect("has room");
        let data = Piece::Data(b"a,b\n".to_vec());
        assert_eq!(next_piece(&mut reader).await.expect("is read"), data);
        assert_eq!(begun.elapsed(), KEEP_ALIVE + COLLECT);
        writer.write_all(&vec![b'x'; PIECE_BYTES + 1]).await.expect("has room");
        drop(writer);
        let (whole, rest) = (vec![b'x'; PIECE_BYTES], vec![b'x']);
        assert_eq!(next_piece(&mut reader).await.expect("is read"), Piece::Data(whole));
        assert_eq!(next_piece(&mut reader).await.expect("is read"), Piece::Data(rest));
        assert_eq!(next_piece(&mut reader).await.expect("is read"), Piece::End);
        assert_eq!(begun.elapsed(), KEEP_ALIVE + COLLECT, "a fast reader waits for nothing");
    }
}
