//! The rows of a view as a list of pieces: counts of rows that are not loaded, and loaded rows.
//!
//! It knows no columns, only their keys.
//!
//! Invariant: no piece is empty, no two neighbours are of one kind, and `starts` holds the position of
//! each piece's first row.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::Inserted;
use super::pieces::{Cutter, Piece};
use super::row::Row;
use crate::{AxisDelta, Run};

/// Most rows of one insert that count as loaded, since new rows are empty. A larger insert stays
/// unloaded, so that a million new rows cost no reader memory.
const MAX_NEW_LOADED_ROWS: u32 = 10_000;

/// Most loaded rows of a view up to which new rows count as loaded: many small inserts are bounded too.
const MAX_LOADED_ROWS: usize = 1_000_000;

#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pieces: Vec<Piece>,
    starts: Vec<u32>,
    len: u32,
}

impl Rows {
    pub(super) fn unloaded_rows(count: u32) -> Self {
        let mut rows = Self::default();
        rows.push(Piece::Unloaded(count));
        rows
    }

    pub(super) const fn len(&self) -> u32 {
        self.len
    }

    pub(super) fn loaded(&self) -> usize {
        let loaded = self.pieces.iter().map(|piece| match piece {
            Piece::Unloaded(_) => 0,
            Piece::Loaded(rows) => rows.len(),
        });
        loaded.sum()
    }

    pub(super) fn get(&self, row: u32) -> Option<&Row> {
        let index = self.piece_of(row)?;
        match &self.pieces[index] {
            Piece::Unloaded(_) => None,
            Piece::Loaded(rows) => rows.get((row - self.starts[index]) as usize),
        }
    }

    pub(super) fn get_mut(&mut self, row: u32) -> Option<&mut Row> {
        let index = self.piece_of(row)?;
        match &mut self.pieces[index] {
            Piece::Unloaded(_) => None,
            Piece::Loaded(rows) => rows.get_mut((row - self.starts[index]) as usize),
        }
    }

    fn piece_of(&self, row: u32) -> Option<usize> {
        self.starts.partition_point(|start| *start <= row).checked_sub(1)
    }

    /// Whether each row of `range`, which must be inside the sheet, is loaded and passes `test`.
    pub(super) fn all_loaded(&self, range: Range<u32>, test: impl Fn(&Row) -> bool) -> bool {
        range.into_iter().all(|row| self.get(row).is_some_and(&test))
    }

    /// The rows of `range` that are not loaded, as ranges in order.
    pub(super) fn unloaded(&self, range: Range<u32>) -> impl Iterator<Item = Range<u32>> + '_ {
        let first = self.piece_of(range.start).unwrap_or_default();
        let pieces = self.pieces[first..].iter().zip(&self.starts[first..]);
        let until = range.end;
        pieces.take_while(move |(_, start)| **start < until).filter_map(move |(piece, start)| {
            let gap = (*start).max(range.start)..(start + piece.len()).min(range.end);
            (matches!(piece, Piece::Unloaded(_)) && !gap.is_empty()).then_some(gap)
        })
    }

    /// The loaded rows with their positions.
    pub(super) fn each_loaded(&self) -> impl Iterator<Item = (u32, &Row)> {
        self.pieces.iter().zip(&self.starts).flat_map(|(piece, start)| {
            let rows: &[Row] = match piece {
                Piece::Unloaded(_) => &[],
                Piece::Loaded(rows) => rows,
            };
            (*start..).zip(rows)
        })
    }

    pub(super) fn for_each_loaded(&mut self, mut each: impl FnMut(&mut Row)) {
        for piece in &mut self.pieces {
            if let Piece::Loaded(rows) = piece {
                rows.iter_mut().for_each(&mut each);
            }
        }
    }

    /// Applies a change of the row axis: it moves pieces and splits them where runs end. New rows are
    /// loaded and empty, restored rows are not loaded.
    pub(super) fn apply(&mut self, delta: &AxisDelta, inserted: Inserted) {
        let mut room =
            if delta.has_inserts() { MAX_LOADED_ROWS.saturating_sub(self.loaded()) } else { 0 };
        let mut old = Cutter::new(std::mem::take(self).pieces);
        // The pieces of each slot.
        let mut blocks: FxHashMap<u32, Vec<Piece>> = FxHashMap::default();
        // The first pass collects the blocks, because a drop can stand before its lift.
        let mut kept: Vec<Vec<Piece>> = Vec::with_capacity(delta.runs().len() + 1);
        for run in delta.runs() {
            let taken = old.take(run.consumes());
            match *run {
                Run::Lift { slot, .. } => blocks.entry(slot).or_default().extend(taken),
                Run::Keep(_) => kept.push(taken),
                Run::Delete(_) | Run::Insert { .. } | Run::Drop { .. } => {}
            }
        }
        let rest = old.rest();
        let mut kept = kept.into_iter();
        for run in delta.runs() {
            match *run {
                Run::Keep(_) => kept.next().into_iter().flatten().for_each(|it| self.push(it)),
                Run::Insert { count, first } => {
                    let few = count <= MAX_NEW_LOADED_ROWS && count as usize <= room;
                    let loaded = inserted == Inserted::New && few;
                    room = room.saturating_sub(if loaded { count as usize } else { 0 });
                    self.push(if loaded {
                        Piece::empty(count, first)
                    } else {
                        Piece::Unloaded(count)
                    });
                }
                Run::Drop { slot } => {
                    let block = blocks.remove(&slot).unwrap_or_default();
                    block.into_iter().for_each(|piece| self.push(piece));
                }
                Run::Delete(_) | Run::Lift { .. } => {}
            }
        }
        rest.into_iter().for_each(|piece| self.push(piece));
    }

    /// Changes `count` rows from `first` on, as far as the sheet has them. `change` gets `None` for a
    /// row that is not loaded, and may leave `None` to unload a row.
    pub(super) fn update(
        &mut self,
        first: u32,
        count: usize,
        mut change: impl FnMut(usize, &mut Option<Row>),
    ) {
        let mut old = Cutter::new(std::mem::take(self).pieces);
        old.take(first).into_iter().for_each(|piece| self.push(piece));
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let mut index = 0;
        for piece in old.take(count) {
            let rows: Vec<Option<Row>> = match piece {
                Piece::Unloaded(count) => vec![None; count as usize],
                Piece::Loaded(rows) => rows.into_iter().map(Some).collect(),
            };
            for mut row in rows {
                change(index, &mut row);
                self.push(row.map_or(Piece::Unloaded(1), |row| Piece::Loaded(vec![row])));
                index += 1;
            }
        }
        old.rest().into_iter().for_each(|piece| self.push(piece));
    }

    /// Unloads single rows, which ascend. Cost: one walk over the pieces.
    pub(super) fn unload(&mut self, rows: impl IntoIterator<Item = u32>) {
        let mut old = Cutter::new(std::mem::take(self).pieces);
        for row in rows {
            let before = row.saturating_sub(self.len);
            old.take(before).into_iter().for_each(|piece| self.push(piece));
            if row == self.len {
                let count = old.take(1).iter().map(Piece::len).sum();
                self.push(Piece::Unloaded(count));
            }
        }
        old.rest().into_iter().for_each(|piece| self.push(piece));
    }

    /// Unloads the rows outside `range`; returns whether there were any.
    pub(super) fn retain(&mut self, range: &Range<u32>) -> bool {
        let outside = |start: u32, len: usize| {
            start < range.start || u64::from(start) + len as u64 > u64::from(range.end)
        };
        let any = self.pieces.iter().zip(&self.starts).any(|(piece, start)| match piece {
            Piece::Unloaded(_) => false,
            Piece::Loaded(rows) => outside(*start, rows.len()),
        });
        if !any {
            return false;
        }
        let mut old = Cutter::new(std::mem::take(self).pieces);
        let unload = |rows: &mut Self, pieces: Vec<Piece>| {
            pieces.iter().for_each(|piece| rows.push(Piece::Unloaded(piece.len())));
        };
        unload(self, old.take(range.start));
        let inside = range.end.saturating_sub(range.start);
        old.take(inside).into_iter().for_each(|piece| self.push(piece));
        unload(self, old.rest());
        true
    }

    /// Appends a piece and joins it with the last one when both are of one kind.
    fn push(&mut self, piece: Piece) {
        let len = piece.len();
        if len == 0 {
            return;
        }
        match (self.pieces.last_mut(), piece) {
            (Some(Piece::Unloaded(last)), Piece::Unloaded(count)) => *last += count,
            (Some(Piece::Loaded(last)), Piece::Loaded(rows)) => last.extend(rows),
            (_, piece) => {
                self.pieces.push(piece);
                self.starts.push(self.len);
            }
        }
        self.len = self.len.saturating_add(len);
    }

    pub(super) fn check_invariants(&self) {
        let mut at = 0;
        for (piece, start) in self.pieces.iter().zip(&self.starts) {
            assert_eq!(*start, at, "where a piece starts");
            assert!(piece.len() > 0, "an empty piece");
            at += piece.len();
        }
        assert_eq!(at, self.len, "number of rows");
        let loaded = |piece: &Piece| matches!(piece, Piece::Loaded(_));
        assert!(self.pieces.windows(2).all(|two| loaded(&two[0]) != loaded(&two[1])), "not joined");
    }
}
