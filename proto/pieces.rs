//! Server frames that are larger than a message may be: cut into pieces, and put together again.
//!
//! Knows no transport and no meaning of a frame. Invariants: the pieces of a frame, one after the
//! other, are its encoding; every piece fits a message; bytes that many readers share are cut, not
//! copied; and a [`Joiner`] holds no more than [`FRAME_BYTES_MOST`], whatever it is given.

use std::collections::VecDeque;

use bytes::{BufMut, Bytes, BytesMut};
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};

use crate::v1::{self, server_frame::Frame};

/// The largest frame, put together, in bytes: clients are told it as `Limits.frame_bytes`.
pub const FRAME_BYTES_MOST: usize = 64 << 20;

/// What stands around a piece's data in a message, in bytes: four keys with a number behind each.
const AROUND_BYTES: usize = 4 * (1 + 5);

/// How a frame travels.
#[derive(Debug)]
pub enum Travel {
    /// In one message.
    Whole(v1::ServerFrame),
    /// In several.
    Pieces(Pieces),
}

impl Travel {
    /// Decides for a frame and the largest message, in bytes.
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

/// The pieces of one frame, made as they are asked for.
#[derive(Debug)]
pub struct Pieces {
    /// What is still to be sent.
    parts: VecDeque<Bytes>,
    /// Its length.
    left: usize,
    /// Bytes of a piece.
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
    /// The next `size` bytes: cut off where they stand in one part, else copied together.
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

/// The encoding of a frame, with the bytes that readers share as they are.
fn parts(frame: v1::ServerFrame) -> VecDeque<Bytes> {
    match frame.frame {
        Some(Frame::Changes(changes)) => changes_parts(changes),
        Some(Frame::Presence(news)) => [head(PRESENCE, news.len()), news].into(),
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

/// What stands in front of a field of some bytes.
fn head(field: u32, length: usize) -> Bytes {
    let mut head = BytesMut::new();
    encode_key(field, WireType::LengthDelimited, &mut head);
    encode_varint(length as u64, &mut head);
    head.freeze()
}

/// Pieces that can't be put together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PieceError {
    /// The frame would be too large.
    #[error("a frame of {bytes} bytes is announced; the most is {FRAME_BYTES_MOST}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// A piece does not follow on the one before it.
    #[error("a piece with {found} bytes from its beginning on came; {expected} are missing")]
    OutOfOrder {
        /// What it and those behind it hold, in bytes.
        found: usize,
        /// What is missing of the frame.
        expected: usize,
    },
    /// A piece holds nothing.
    #[error("an empty piece came")]
    Empty,
    /// Another frame came before the last piece.
    #[error("another frame came while {left} bytes of one in pieces were missing")]
    Interrupted {
        /// What is missing, in bytes.
        left: usize,
    },
    /// The pieces are no frame.
    #[error("pieces put together are no frame")]
    Malformed,
}

/// Puts the pieces of one stream together.
#[derive(Debug, Default)]
pub struct Joiner {
    frame: Vec<u8>,
    /// What is missing of the frame, in bytes; 0 between two frames.
    left: usize,
}

impl Joiner {
    /// Takes in what comes next on the stream: gives a frame when it is whole.
    ///
    /// # Errors
    /// See [`PieceError`]. The stream is of no more use then.
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
