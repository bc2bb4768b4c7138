//! Carries out the steps of a read, as the actor does, and checks each.
//!
//! Not here: the rows that a look must receive (`oracle`).
//!
//! Properties, besides those of `oracle`: no rows are sent without credit, or for a look that is closed; no piece is
//! above its limits; a unary read is answered once, with the rows of the moment.

use std::collections::BTreeSet;
use std::ops::Range;

use super::World;
use crate::fanout::published::SessionKey;
use crate::windows::look::{FIRST_ROWS, PIECE_BYTES, PIECE_ROWS};
use crate::windows::{Action, ReadId};

/// What a row weighs, in bytes: most little, some much, a few more than half of a piece.
fn weight(row: u64) -> usize {
    match row % 97 {
        0 => PIECE_BYTES / 2 + 1,
        1..=4 => 200 << 10,
        _ => 100,
    }
}

impl World {
    /// Does the steps of a read, as the actor does.
    pub(super) fn advance(&mut self, read: ReadId, fetched: &BTreeSet<u64>) {
        let mut taken = Vec::new();
        loop {
            match self.windows.next(read, self.row_count()) {
                Action::AwaitCredit { session, first } => {
                    let look = self.looks.get_mut(&read).expect("the look is open");
                    assert_eq!((look.session, first), (session, look.pieces == 0));
                    if first && !self.full.contains(&session) {
                        look.credit = true;
                        self.windows.on_credit(read);
                    } else {
                        self.waiting.push(read);
                    }
                }
                Action::Take { positions, bytes_max } => {
                    taken = self.take(read, positions, bytes_max, fetched);
                }
                Action::Fetch { positions, all } => {
                    let mut rows: BTreeSet<u64> = self.ids(positions).into_iter().collect();
                    rows.retain(|row| all || !self.cache.contains(row));
                    if rows.is_empty() {
                        self.windows.on_fetched(read);
                    } else {
                        self.fetches.push((read, rows));
                    }
                }
                Action::Send { session, start_row, cols } => {
                    assert_eq!(cols, 0..9);
                    self.send(read, session, start_row, &std::mem::take(&mut taken));
                }
                Action::SendEnd { session, .. } => {
                    let look = self.looks.remove(&read).expect("the look is open");
                    assert_eq!(look.session, session);
                    assert!(look.owed.is_empty(), "the end comes before the last row");
                }
                Action::Answer { start_row } => {
                    let asked = self.reads.remove(&read).expect("the read is open");
                    assert_eq!(start_row, asked.start);
                    let end = asked.end.min(self.row_count());
                    assert_eq!(taken, self.ids(start_row.min(end)..end), "rows of the moment");
                }
                Action::Nothing => return,
            }
        }
    }

    fn take(
        &mut self,
        read: ReadId,
        positions: Range<u32>,
        bytes_max: usize,
        fetched: &BTreeSet<u64>,
    ) -> Vec<u64> {
        let count = positions.end - positions.start;
        if let Some(look) = self.looks.get(&read) {
            assert!(count <= if look.pieces == 0 { FIRST_ROWS } else { PIECE_ROWS });
            assert_eq!(bytes_max, PIECE_BYTES);
        }
        let (mut taken, mut bytes) = (Vec::new(), 0);
        for row in self.ids(positions) {
            if bytes >= bytes_max || !(fetched.contains(&row) || self.cache.contains(&row)) {
                break;
            }
            bytes += weight(row);
            taken.push(row);
        }
        self.windows.on_rows(read, taken.len() as u32, bytes);
        taken
    }

    fn send(&mut self, read: ReadId, session: SessionKey, start_row: u32, rows: &[u64]) {
        let look = self.looks.get_mut(&read).expect("the look is open");
        assert_eq!(look.session, session);
        assert!(std::mem::take(&mut look.credit), "rows are sent without credit");
        look.pieces += 1;
        let (last, others) = rows.split_last().expect("a piece has rows");
        assert!(others.iter().map(|row| weight(*row)).sum::<usize>() < PIECE_BYTES);
        assert_eq!(self.sheet[start_row as usize + others.len()], *last, "rows at their positions");
        for row in rows {
            look.owed.receive(*row);
        }
    }
}
