//! The rows of a view: pieces of rows that are not loaded (a count) and of rows that are.
//!
//! Invariant: no piece is empty, no two neighbours are of the same kind, and `starts` holds the
//! position of each piece's first row.

use std::ops::Range;
use std::sync::Arc;

use super::Inserted;
use crate::{AxisDelta, AxisMap, Edit, Run, Value};

/// A loaded row: values by column key. A key past the end is a column that was inserted after the
/// row was made, and is empty. Shared between a client's two views until one of them writes.
#[derive(Clone, Debug)]
pub(super) struct Row(Arc<Vec<Option<Value>>>);

static EMPTY: Value = Value::Empty;

impl Row {
    /// A row of which nothing is known, where keys up to `next_key` are taken.
    pub(super) fn unknown(next_key: u32) -> Self {
        Self(Arc::new(vec![None; next_key as usize]))
    }

    /// A new row: every cell is empty, for every key.
    fn fresh() -> Self {
        Self(Arc::default())
    }

    pub(super) fn get(&self, key: u32) -> Option<&Value> {
        self.0.get(key as usize).map_or(Some(&EMPTY), Option::as_ref)
    }

    pub(super) fn set(&mut self, key: u32, value: Option<Value>) {
        let values = Arc::make_mut(&mut self.0);
        let index = key as usize;
        if index >= values.len() {
            values.resize(index + 1, Some(Value::Empty));
        }
        values[index] = value;
    }

    /// Edits a cell that is known; one that is not stays unknown.
    pub(super) fn edit(&mut self, key: u32, edit: &Edit) {
        if let Some(before) = self.get(key) {
            let after = edit.apply(before);
            self.set(key, Some(after));
        }
    }
}

/// New rows are known to be empty. Beyond this many in one insert they are left to be loaded like
/// any others: someone's million new rows must not cost every reader memory.
const MAX_NEW_ROWS_KNOWN: u32 = 10_000;

/// Nor are new rows known once so many rows are: inserts are short, and their rows need not be.
const MAX_ROWS_KNOWN: usize = 1_000_000;

#[derive(Clone, Debug)]
enum Piece {
    Unknown(u32),
    Known(Vec<Row>),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pieces: Vec<Piece>,
    starts: Vec<u32>,
    len: u32,
}

impl Rows {
    pub(super) fn unknown(count: u32) -> Self {
        let mut rows = Self::default();
        rows.push(Piece::Unknown(count));
        rows
    }

    pub(super) const fn len(&self) -> u32 {
        self.len
    }

    pub(super) fn known(&self) -> usize {
        let known = self.pieces.iter().map(|piece| match piece {
            Piece::Unknown(_) => 0,
            Piece::Known(rows) => rows.len(),
        });
        known.sum()
    }

    pub(super) fn get(&self, row: u32) -> Option<&Row> {
        let index = self.piece_of(row)?;
        match &self.pieces[index] {
            Piece::Unknown(_) => None,
            Piece::Known(rows) => rows.get((row - self.starts[index]) as usize),
        }
    }

    pub(super) fn get_mut(&mut self, row: u32) -> Option<&mut Row> {
        let index = self.piece_of(row)?;
        match &mut self.pieces[index] {
            Piece::Unknown(_) => None,
            Piece::Known(rows) => rows.get_mut((row - self.starts[index]) as usize),
        }
    }

    fn piece_of(&self, row: u32) -> Option<usize> {
        self.starts.partition_point(|start| *start <= row).checked_sub(1)
    }

    /// Whether each row of `range`, which is inside the sheet, is loaded and passes `test`.
    pub(super) fn knows_all(&self, range: Range<u32>, test: impl Fn(&Row) -> bool) -> bool {
        range.into_iter().all(|row| self.get(row).is_some_and(&test))
    }

    /// The rows of `range` that are not loaded, as ranges in order.
    pub(super) fn unloaded(&self, range: Range<u32>) -> impl Iterator<Item = Range<u32>> + '_ {
        let first = self.piece_of(range.start).unwrap_or_default();
        let pieces = self.pieces[first..].iter().zip(&self.starts[first..]);
        let until = range.end;
        pieces.take_while(move |(_, start)| **start < until).filter_map(move |(piece, start)| {
            let gap = (*start).max(range.start)..(start + piece.len()).min(range.end);
            (matches!(piece, Piece::Unknown(_)) && !gap.is_empty()).then_some(gap)
        })
    }

    pub(super) fn for_each_known(&mut self, mut each: impl FnMut(&mut Row)) {
        for piece in &mut self.pieces {
            if let Piece::Known(rows) = piece {
                rows.iter_mut().for_each(&mut each);
            }
        }
    }

    /// Walks over the change: pieces are moved, and cut where runs end. Lines that it inserts are
    /// empty, or, when they are old ones that come back, not loaded.
    pub(super) fn apply(&mut self, delta: &AxisDelta, inserted: Inserted) {
        let map = AxisMap::new(delta);
        let mut room =
            if delta.has_inserts() { MAX_ROWS_KNOWN.saturating_sub(self.known()) } else { 0 };
        let (old, mut at) = (std::mem::take(self), 0_u32);
        let mut old = Cutter::new(old);
        let mut blocks: Vec<(u32, Vec<Piece>)> = Vec::new();
        // Blocks first, so that a drop can stand before its lift.
        let mut stays: Vec<Vec<Piece>> = Vec::with_capacity(delta.runs().len() + 1);
        for run in delta.runs() {
            let end = at.saturating_add(run.consumes());
            let taken = old.take(end - at);
            match *run {
                Run::Lift { .. } => blocks.push((at, taken)),
                Run::Keep(_) => stays.push(taken),
                Run::Delete(_) | Run::Insert { .. } | Run::Drop { .. } => {}
            }
            at = end;
        }
        let rest = old.rest();
        let mut stays = stays.into_iter();
        for run in delta.runs() {
            match *run {
                Run::Keep(_) => stays.next().into_iter().flatten().for_each(|it| self.push(it)),
                Run::Insert { count, .. } => {
                    let few = count <= MAX_NEW_ROWS_KNOWN && count as usize <= room;
                    let loaded = inserted == Inserted::New && few;
                    room = room.saturating_sub(if loaded { count as usize } else { 0 });
                    self.push(if loaded { Piece::fresh(count) } else { Piece::Unknown(count) });
                }
                Run::Drop { slot } => {
                    let block = map.block(slot);
                    let parts = blocks.iter_mut().filter(|(old, _)| block.contains(old));
                    let parts: Vec<Piece> =
                        parts.flat_map(|(_, parts)| std::mem::take(parts)).collect();
                    parts.into_iter().for_each(|piece| self.push(piece));
                }
                Run::Delete(_) | Run::Lift { .. } => {}
            }
        }
        rest.into_iter().for_each(|piece| self.push(piece));
    }

    /// Replaces rows `first ..`, as far as the sheet goes, by what `change` makes of each (`None`:
    /// not loaded).
    pub(super) fn update(
        &mut self,
        first: u32,
        count: usize,
        mut change: impl FnMut(usize, &mut Option<Row>),
    ) {
        let mut old = Cutter::new(std::mem::take(self));
        old.take(first).into_iter().for_each(|piece| self.push(piece));
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let mut index = 0;
        for piece in old.take(count) {
            let rows: Vec<Option<Row>> = match piece {
                Piece::Unknown(count) => vec![None; count as usize],
                Piece::Known(rows) => rows.into_iter().map(Some).collect(),
            };
            for mut row in rows {
                change(index, &mut row);
                self.push(row.map_or(Piece::Unknown(1), |row| Piece::Known(vec![row])));
                index += 1;
            }
        }
        old.rest().into_iter().for_each(|piece| self.push(piece));
    }

    /// Forgets the rows outside `range`; answers whether there were any.
    pub(super) fn retain(&mut self, range: &Range<u32>) -> bool {
        let outside = |start: u32, len: usize| {
            start < range.start || u64::from(start) + len as u64 > u64::from(range.end)
        };
        let any = self.pieces.iter().zip(&self.starts).any(|(piece, start)| match piece {
            Piece::Unknown(_) => false,
            Piece::Known(rows) => outside(*start, rows.len()),
        });
        if !any {
            return false;
        }
        let mut old = Cutter::new(std::mem::take(self));
        let forget = |rows: &mut Self, pieces: Vec<Piece>| {
            pieces.iter().for_each(|piece| rows.push(Piece::Unknown(piece.len())));
        };
        forget(self, old.take(range.start));
        let inside = range.end.saturating_sub(range.start);
        old.take(inside).into_iter().for_each(|piece| self.push(piece));
        forget(self, old.rest());
        true
    }

    /// Adds a piece at the end, joining it with the last where both are of one kind.
    fn push(&mut self, piece: Piece) {
        let len = piece.len();
        if len == 0 {
            return;
        }
        match (self.pieces.last_mut(), piece) {
            (Some(Piece::Unknown(last)), Piece::Unknown(count)) => *last += count,
            (Some(Piece::Known(last)), Piece::Known(rows)) => last.extend(rows),
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
        let known = |piece: &Piece| matches!(piece, Piece::Known(_));
        assert!(self.pieces.windows(2).all(|two| known(&two[0]) != known(&two[1])), "not joined");
    }
}

impl Piece {
    fn fresh(count: u32) -> Self {
        Self::Known(vec![Row::fresh(); count as usize])
    }

    fn len(&self) -> u32 {
        match self {
            Self::Unknown(count) => *count,
            Self::Known(rows) => rows.len() as u32,
        }
    }

    /// Cuts after `count` rows, fewer than there are.
    fn split(self, count: u32) -> (Self, Self) {
        match self {
            Self::Unknown(all) => (Self::Unknown(count), Self::Unknown(all - count)),
            Self::Known(mut rows) => {
                let rest = rows.split_off(count as usize);
                (Self::Known(rows), Self::Known(rest))
            }
        }
    }
}

/// Takes rows from the front, piece by piece.
struct Cutter {
    pieces: std::vec::IntoIter<Piece>,
    front: Option<Piece>,
}

impl Cutter {
    fn new(rows: Rows) -> Self {
        Self { pieces: rows.pieces.into_iter(), front: None }
    }

    /// The next `count` rows, or as many as there are.
    fn take(&mut self, mut count: u32) -> Vec<Piece> {
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

    fn rest(self) -> Vec<Piece> {
        self.front.into_iter().chain(self.pieces).collect()
    }
}
