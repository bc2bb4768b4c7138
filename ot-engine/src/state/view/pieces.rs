//! The pieces of a view's rows, and the cutter that takes them apart.
//!
//! They do not know their positions; `rows.rs` does. Invariant: cutting and joining change no row.

use super::row::Row;

/// Neighbouring rows of one kind.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// This many rows are not loaded.
    Unloaded(u32),
    /// These rows are loaded.
    Loaded(Vec<Row>),
}

impl Piece {
    pub(super) fn empty(count: u32) -> Self {
        Self::Loaded(vec![Row::empty(); count as usize])
    }

    pub(super) fn len(&self) -> u32 {
        match self {
            Self::Unloaded(count) => *count,
            Self::Loaded(rows) => rows.len() as u32,
        }
    }

    /// Splits after `count` rows, which must be fewer than the piece has.
    fn split(self, count: u32) -> (Self, Self) {
        match self {
            Self::Unloaded(all) => (Self::Unloaded(count), Self::Unloaded(all - count)),
            Self::Loaded(mut rows) => {
                let rest = rows.split_off(count as usize);
                (Self::Loaded(rows), Self::Loaded(rest))
            }
        }
    }
}

/// Takes rows off the front of a list of pieces.
pub(super) struct Cutter {
    pieces: std::vec::IntoIter<Piece>,
    front: Option<Piece>,
}

impl Cutter {
    pub(super) fn new(pieces: Vec<Piece>) -> Self {
        Self { pieces: pieces.into_iter(), front: None }
    }

    /// Takes the next `count` rows, or all when there are fewer.
    pub(super) fn take(&mut self, mut count: u32) -> Vec<Piece> {
        let mut taken = Vec::new();
        while count > 0 {
            let Some(piece) = self.front.take().or_else(|| self.pieces.next()) else { break };
            let len = piece.len();
            if len > count {
                let (head, tail) = piece.split(count);
                taken.push(head);
                self.front = Some(tail);
                break;
            }
            taken.push(piece);
            count -= len;
        }
        taken
    }

    /// Takes all remaining rows.
    pub(super) fn rest(self) -> Vec<Piece> {
        self.front.into_iter().chain(self.pieces).collect()
    }
}
