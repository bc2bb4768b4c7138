//! Divides server frames that are larger than a message into pieces, and joins the pieces.
//!
//! It knows no transport and interprets no frame.
//!
//! Invariants: the pieces of a frame in order are its encoding; every piece fits a message; shared bytes are
//! sliced, not copied; a [`Joiner`] never holds more than [`FRAME_BYTES_MOST`].

use std::collections::VecDeque;

use bytes::{BufMut, Bytes, BytesMut};
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};

use crate::v1::{self, server_frame::Frame};

/// The largest joined frame, in bytes. The server sends it as `Limits.frame_bytes`.
pub const FRAME_BYTES_MOST: usize = 64 << 20;

/// Bytes around a piece's data in a message: six keys, each with a number; as many as a frame of `Connect` has.
const AROUND_BYTES: usize = 6 * (1 + 5);

/// The form in which a frame is sent.
#[derive(Debug)]
pub enum Framing {
    /// One message.
    Whole(v1::ServerFrame),
    /// Several messages.
    Pieces(Pieces),
}

impl Framing {
    /// The form of a frame for a message limit, in bytes.
    #[must_use]
    pub fn of(frame: v1::ServerFrame, message_bytes: usize) -> Self {
        let bytes = frame.encoded_len();
        if bytes + AROUND_BYTES <= message_bytes {
            return Self::Whole(frame);
        }
        let most = message_bytes.saturating_sub(AROUND_BYTES).max(1);
        Self::Pieces(Pieces { parts: parts(frame), left: bytes, most })
    }
}

/// The pieces of one frame, made one by one.
#[derive(Debug)]
pub struct Pieces {
    /// The remaining bytes.
    parts: VecDeque<Bytes>,
    /// Number of remaining bytes.
    left: usize,
    /// Most bytes of a piece.
    most: usize,
}

impl Iterator for Pieces {
    type Item = v1::ServerFrame;

    fn next(&mut self) -> Option<v1::ServerFrame> {
        let data = self.take(self.most.min(self.left))?;
        self.left -= data.len();
        let left = u32::try_from(self.left).unwrap_or(u32::MAX);
        let piece = v1::Piece { data, left };
        Some(v1::ServerFrame { frame: Some(Frame::Piece(piece)) })
    }
}

impl Pieces {
    /// The next `size` bytes: a slice when they are in one part, else a copy.
    fn take(&mut self, size: usize) -> Option<Bytes> {
        while self.parts.front().is_some_and(Bytes::is_empty) {
            self.parts.pop_front();
        }
        let first = self.parts.front_mut()?;
        if first.len() >= size {
            return Some(first.split_to(size));
        }
        let mut data = BytesMut::with_capacity(size);
        while data.len() < size
            && let Some(part) = self.parts.front_mut()
        {
            data.put(part.split_to(part.len().min(size - data.len())));
            if part.is_empty() {
                self.parts.pop_front();
            }
        }
        Some(data.freeze())
    }
}

/// The encoding of a frame, with shared bytes unchanged.
fn parts(frame: v1::ServerFrame) -> VecDeque<Bytes> {
    match frame.frame {
        Some(Frame::Changes(changes)) => changes_parts(changes),
        Some(Frame::Presence(change)) => [head(PRESENCE, change.len()), change].into(),
        frame => [v1::ServerFrame { frame }.encode_to_vec().into()].into(),
    }
}

/// `ServerFrame.changes`.
const CHANGES: u32 = 3;
/// `ServerFrame.presence`.
const PRESENCE: u32 = 10;
/// `Changes.changes`.
const CHANGE: u32 = 1;
/// `Changes.through`.
const THROUGH: u32 = 2;

fn changes_parts(v1::Changes { changes, through }: v1::Changes) -> VecDeque<Bytes> {
    let mut end = BytesMut::new();
    if through != 0 {
        encode_key(THROUGH, WireType::Varint, &mut end);
        encode_varint(through, &mut end);
    }
    let elements = changes.into_iter().flat_map(|change| [head(CHANGE, change.len()), change]);
    let mut parts: VecDeque<Bytes> = elements.chain([end.freeze()]).collect();
    parts.push_front(head(CHANGES, parts.iter().map(Bytes::len).sum()));
    parts
}

/// The key and the length of a field with this many bytes.
fn head(field: u32, length: usize) -> Bytes {
    let mut head = BytesMut::new();
    encode_key(field, WireType::LengthDelimited, &mut head);
    encode_varint(length as u64, &mut head);
    head.freeze()
}

/// Pieces that can't be joined.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PieceError {
    /// The frame would be too large.
    #[error("a frame of {bytes} bytes is above the limit of {FRAME_BYTES_MOST}")]
    TooLarge {
        /// The size of the frame.
        bytes: usize,
    },
    /// A piece does not follow the one before it.
    #[error("a piece has {found} bytes to the end of its frame, {expected} were expected")]
    OutOfOrder {
        /// Bytes of the piece and of the following ones.
        found: usize,
        /// Missing bytes of the frame.
        expected: usize,
    },
    /// A piece is empty.
    #[error("a piece is empty")]
    Empty,
    /// Another frame came before the last piece.
    #[error("another frame came while {left} bytes of a frame in pieces were missing")]
    Interrupted {
        /// Missing bytes.
        left: usize,
    },
    /// The joined pieces are not a frame.
    #[error("the joined pieces are not a frame")]
    Malformed,
}

/// Joins the pieces of one stream.
#[derive(Debug, Default)]
pub struct Joiner {
    frame: Vec<u8>,
    /// Missing bytes of the frame; 0 between two frames.
    left: usize,
}

impl Joiner {
    /// Adds the next frame of the stream. Returns a frame when it is complete.
    ///
    /// # Errors
    /// See [`PieceError`]. The caller must end the stream.
    pub fn take(&mut self, frame: v1::ServerFrame) -> Result<Option<v1::ServerFrame>, PieceError> {
        match frame.frame {
            Some(Frame::Piece(piece)) => self.piece(&piece),
            _ if self.left > 0 => Err(PieceError::Interrupted { left: self.left }),
            _ => Ok(Some(frame)),
        }
    }

    fn piece(&mut self, piece: &v1::Piece) -> Result<Option<v1::ServerFrame>, PieceError> {
        let found = piece.data.len().saturating_add(piece.left as usize);
        match self.left {
            _ if piece.data.is_empty() => return Err(PieceError::Empty),
            0 if found > FRAME_BYTES_MOST => return Err(PieceError::TooLarge { bytes: found }),
            0 => {}
            expected if expected == found => {}
            expected => return Err(PieceError::OutOfOrder { found, expected }),
        }
        self.frame.extend_from_slice(&piece.data);
        self.left = piece.left as usize;
        if self.left > 0 {
            return Ok(None);
        }
        let whole = Bytes::from(std::mem::take(&mut self.frame));
        match v1::ServerFrame::decode(whole) {
            Ok(frame) if !matches!(frame.frame, Some(Frame::Piece(_))) => Ok(Some(frame)),
            _ => Err(PieceError::Malformed),
        }
    }
}

#[cfg(test)]
mod tests;
