//! The pieces of a view's rows, and the cutter that takes them apart.
//!
//! They do not know their positions; `rows.rs` does. Invariant: cutting and joining change no row.

use super::row::Row;
use crate::{LineId, RowId};

/// Neighbouring rows of one kind.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// This many rows are not loaded.
    Unloaded(u32),
    /// These rows are loaded.
    Loaded(Vec<Row>),
}

impl Piece {
    /// New rows; `first` is the id of the first one, and each further row has the next id.
    pub(super) fn empty(count: u32, first: Option<LineId>) -> Self {
        let id = |i: u32| first.map(|LineId(first)| RowId(first.saturating_add(i.into())));
        // They share their cells until one of them is edited.
        let empty = Row::default();
        Self::Loaded((0..count).map(|i| empty.with_id(id(i))).collect())
    }

    pub(super) fn len(&self) -> u32 {
        match self {
            Self::Unloaded(count) => *count,
            Self::Loaded(rows) => rows.len() as u32,
        }
    }
}

/// Takes rows off the front of a list of pieces. A row is moved once, however often its piece is cut.
pub(super) struct Cutter {
    pieces: std::vec::IntoIter<Piece>,
    front: Front,
}

/// The rest of the piece that was cut last.
enum Front {
    Unloaded(u32),
    Loaded(std::vec::IntoIter<Row>),
}

impl Cutter {
    pub(super) fn new(pieces: Vec<Piece>) -> Self {
        Self { pieces: pieces.into_iter(), front: Front::Unloaded(0) }
    }

    /// Takes the next `count` rows, or all when there are fewer.
    pub(super) fn take(&mut self, mut count: u32) -> Vec<Piece> {
        let mut taken = Vec::new();
        while count > 0 {
            let piece = match &mut self.front {
                Front::Unloaded(left) if *left > 0 => {
                    let part = count.min(*left);
                    *left -= part;
                    Piece::Unloaded(part)
                }
                Front::Loaded(rows) if rows.len() > 0 => {
                    Piece::Loaded(rows.take(count as usize).collect())
                }
                _ => match self.pieces.next() {
                    Some(piece) if piece.len() <= count => piece,
                    Some(piece) => {
                        self.front = piece.into();
                        continue;
                    }
                    None => break,
                },
            };
            count -= piece.len();
            taken.push(piece);
        }
        taken
    }

    /// Takes all remaining rows.
    pub(super) fn rest(self) -> Vec<Piece> {
        let front = match self.front {
            Front::Unloaded(left) => Piece::Unloaded(left),
            Front::Loaded(rows) => Piece::Loaded(rows.collect()),
        };
        std::iter::once(front).filter(|piece| piece.len() > 0).chain(self.pieces).collect()
    }
}

impl From<Piece> for Front {
    fn from(piece: Piece) -> Self {
        match piece {
            Piece::Unloaded(count) => Self::Unloaded(count),
            Piece::Loaded(rows) => Self::Loaded(rows.into_iter()),
        }
    }
}
