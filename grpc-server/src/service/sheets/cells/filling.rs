//! An answer of cells that is filled row by row, with rows that are read as they fit.
//!
//! Not where the rows come from. Invariants: an answer fits its message, and has one value at least or is none; the rows that
//! are read for it are at most some times those that it has. It ends after [`READ_BYTES`] that were read for it, once it has a
//! row: rows of an older revision may be far larger now.

use std::ops::Range;
use std::sync::Arc;

use gridloom::{convert, v1};
use ot_engine::{ColumnId, RowId, Value};
use prost::Message;

use super::window::{Asked, CellPlace};
use crate::edge::pages;
use model::RowBody;
use model::sizes::READ_BYTES;
use sheet::api::message::WindowRead;

/// More than the bytes of a row besides its values.
const ROW_BYTES: usize = 24;
/// Rows of the first read of an answer.
const FIRST_ROWS: u32 = 16;
/// The rows of a read for each row of the answer so far, at most.
const GROWTH: u32 = 4;
/// When rows are larger than one read may be, so many times fewer are read.
const FEWER: u32 = 16;

/// Where an answer ends before the window does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service::sheets) struct Stop {
    /// The position of the row.
    pub(in crate::service::sheets) row: u32,
    /// The place among its values of the first one that is not in the answer.
    pub(in crate::service::sheets) col: u32,
}

/// Rows with their ids and bodies.
pub(in crate::service::sheets) type Rows = Vec<(RowId, Option<Arc<RowBody>>)>;

/// See the [module](self).
pub(in crate::service::sheets) struct Filling {
    /// The columns of the answer.
    ids: Vec<ColumnId>,
    /// The place of the first value of the first row.
    col: usize,
    /// The bytes that are left of the message, and those of the rows.
    left: usize,
    used: usize,
    rows: Vec<v1::ReadRow>,
    /// The rows of the window that were not read, and how many of them are read next.
    unread: Range<u32>,
    count: u32,
    /// Rows that one read may have: those of a read that was too large had more.
    ceiling: u32,
    /// The bytes that were read, also by reads that were too large.
    bytes_read: usize,
}

impl Filling {
    /// An answer that has this message without its rows; `None`: the message is full.
    pub(in crate::service::sheets) fn new(
        window: &WindowRead,
        places: &[usize],
        asked: &Asked,
        (without, limit): (&impl Message, u32),
    ) -> Option<Self> {
        let left = (limit as usize).checked_sub(without.encoded_len() + pages::TOKEN_BYTES)?;
        let ids: Vec<_> = places.iter().map(|at| window.columns[*at].id).collect();
        let col = ids.len().min(asked.col as usize);
        let unread = asked.rows.start..asked.rows.end.min(window.row_count);
        Some(Self {
            ids,
            col,
            left,
            used: 0,
            rows: Vec::new(),
            unread,
            count: FIRST_ROWS,
            ceiling: u32::MAX,
            bytes_read: 0,
        })
    }

    /// Adds a row, as far as it fits. Returns the place among its values of the first one that does not fit.
    pub(in crate::service::sheets) fn add(
        &mut self,
        id: RowId,
        body: Option<&RowBody>,
    ) -> Option<u32> {
        let is_first = self.rows.is_empty();
        let from = if is_first { self.col } else { 0 };
        let value = |column| match body.map_or(&Value::Empty, |body| body.get(column)) {
            // An edit inside a text may leave no character of it: then the cell is empty.
            Value::Text(text) if text.is_empty() => &Value::Empty,
            value => value,
        };
        let mut values: Vec<_> = self.ids[from..].iter().map(|column| value(*column)).collect();
        let filled = values.iter().rposition(|value| !value.is_empty()).map_or(0, |at| at + 1);
        values.truncate(filled);
        let room = self.left.saturating_sub(ROW_BYTES);
        let values = pages::fitting_or_none(values.into_iter().map(convert::value_to_wire), room);
        let given = values.len();
        let has_all = given == filled && (is_first || self.left >= ROW_BYTES);
        let has_part = is_first && given > 0;
        if has_all || has_part {
            let row = v1::ReadRow { id: id.0, values };
            let bytes = row.encoded_len() + pages::ITEM_HEAD_BYTES;
            self.left = self.left.saturating_sub(bytes);
            self.used += bytes;
            self.rows.push(row);
        }
        let next = if has_part { from + given } else { 0 };
        (!has_all).then(|| u32::try_from(next).unwrap_or(u32::MAX))
    }

    /// The rows of the window to read next; `None`: there are no more.
    pub(in crate::service::sheets) fn unread(&self) -> Option<Range<u32>> {
        let Range { start, end } = self.unread;
        (start < end).then(|| start..end.min(start.saturating_add(self.count)))
    }

    /// The [unread](Self::unread) rows are too large for one read, which has ended after these bytes.
    pub(in crate::service::sheets) fn read_fewer(&mut self, bytes: usize) -> Option<Stop> {
        let asked = self.unread().map_or(0, |rows| rows.end - rows.start);
        self.ceiling = (asked / FEWER).max(1);
        self.count = self.ceiling;
        self.spend(bytes)
    }

    /// Adds the [unread](Self::unread) rows, for which these bytes were read, until one does not fit.
    pub(in crate::service::sheets) fn add_all(
        &mut self,
        (rows, bytes): (Rows, usize),
    ) -> Option<Stop> {
        for (id, body) in rows {
            let row = self.unread.start;
            if let Some(col) = self.add(id, body.as_deref()) {
                return Some(Stop { row, col });
            }
            self.unread.start += 1;
        }
        // The rows behind large ones may be small again.
        self.ceiling = self.ceiling.saturating_mul(GROWTH);
        self.count = self.likely();
        self.spend(bytes)
    }

    /// Counts bytes that were read. Returns where the answer ends, if they are too many.
    fn spend(&mut self, bytes: usize) -> Option<Stop> {
        self.bytes_read = self.bytes_read.saturating_add(bytes);
        let row = self.unread()?.start;
        let is_spent = self.bytes_read > READ_BYTES && !self.rows.is_empty();
        is_spent.then_some(Stop { row, col: 0 })
    }

    /// How many further rows are likely to fit: as many as if they were like those before. Behind large rows, as many as at
    /// first.
    fn likely(&self) -> u32 {
        let each = (self.used / self.rows.len().max(1)).max(1);
        let most = self.rows.len().saturating_mul(GROWTH as usize);
        let likely = u32::try_from(most.min(self.left / each + 1)).unwrap_or(u32::MAX);
        likely.max(FIRST_ROWS).min(self.ceiling)
    }

    /// The rows, and the place of the next answer. `None`: not even one value fits.
    pub(in crate::service::sheets) fn end(
        self,
        window: &WindowRead,
        stop: Option<Stop>,
    ) -> Option<(Vec<v1::ReadRow>, Option<CellPlace>)> {
        let WindowRead { epoch, revision, .. } = *window;
        let next = stop.map(|Stop { row, col }| CellPlace { epoch, revision, row, col });
        (next.is_none() || !self.rows.is_empty()).then_some((self.rows, next))
    }
}

/// The rows of an answer that has this message without them, and the place of the next answer. `None`: not even one value
/// fits a message of `limit` bytes.
pub(in crate::service::sheets) fn fill(
    window: &WindowRead,
    places: &[usize],
    asked: &Asked,
    (without, limit): (&impl Message, u32),
) -> Option<(Vec<v1::ReadRow>, Option<CellPlace>)> {
    let mut filling = Filling::new(window, places, asked, (without, limit))?;
    let mut rows = window.rows.iter().zip(window.start_row..);
    let stop = rows.find_map(|((id, body), row)| {
        filling.add(*id, body.as_deref()).map(|col| Stop { row, col })
    });
    let read = u32::try_from(window.rows.len()).unwrap_or(u32::MAX);
    let row = window.start_row.saturating_add(read);
    let is_end = row >= asked.rows.end.min(window.row_count);
    filling.end(window, stop.or((!is_end).then_some(Stop { row, col: 0 })))
}

#[cfg(test)]
mod tests {
    use model::ColumnRecord;
    use ot_engine::{ColumnKind, Revision};
    use proptest::prelude::*;

    use super::*;

    const LIMIT: u32 = 20_000;

    /// The head of a window of one column.
    fn window(row_count: u32) -> WindowRead {
        let column = ColumnRecord {
            id: ColumnId(1),
            name: "A".into(),
            kind: ColumnKind::Any,
            width: None,
            settings: "".into(),
        };
        WindowRead {
            epoch: 1,
            revision: Revision(1),
            start_row: 0,
            rows: Vec::new(),
            columns: [column].into(),
            row_count,
        }
    }

    fn row(id: u32, text_bytes: usize) -> (RowId, Option<Arc<RowBody>>) {
        let text = Value::from("x".repeat(text_bytes).as_str());
        let body: RowBody = std::iter::once((ColumnId(1), text)).collect();
        (RowId(id.into()), Some(Arc::new(body)))
    }

    /// Reads a window of texts with so many bytes to its end. Returns the rows that were read for each answer, and those in
    /// it.
    fn walk(texts: &[usize]) -> Vec<(usize, usize)> {
        let count = texts.len() as u32;
        let (window, without) = (window(count), v1::ReadCellsResponse::default());
        let (mut answers, mut at) = (Vec::new(), 0);
        loop {
            let asked = Asked { rows: at..count, col: 0 };
            let mut filling =
                Filling::new(&window, &[0], &asked, (&without, LIMIT)).expect("is short");
            let (mut rows_read, mut stop) = (0, None);
            while let (None, Some(rows)) = (stop, filling.unread()) {
                rows_read += rows.len();
                let texts = &texts[rows.start as usize..rows.end as usize];
                let rows = rows.zip(texts).map(|(id, bytes)| row(id, *bytes)).collect();
                stop = filling.add_all((rows, 0));
            }
            let (rows, next) = filling.end(&window, stop).expect("a row fits");
            assert_eq!(rows.first().map(|row| row.id), Some(u64::from(at)));
            assert_eq!(rows.len() as u32, next.map_or(count, |next| next.row) - at);
            answers.push((rows_read, rows.len()));
            match next {
                Some(next) => at = next.row,
                None => return answers,
            }
        }
    }

    /// The answers of rows that were blank, as (queries, rows, bytes read); a read of more than `most` bytes fails.
    fn walk_blank(now: &[usize], most: usize) -> Vec<(usize, u32, usize)> {
        let count = now.len() as u32;
        let (window, without) = (window(count), v1::ReadCellsResponse::default());
        let (mut answers, mut at) = (Vec::new(), 0);
        while at < count {
            let asked = Asked { rows: at..count, col: 0 };
            let mut filling =
                Filling::new(&window, &[0], &asked, (&without, 4 << 20)).expect("is short");
            let (mut queries, mut read, mut stop) = (0, 0, None);
            while let (None, Some(rows)) = (stop, filling.unread()) {
                let bytes: usize = now[rows.start as usize..rows.end as usize].iter().sum();
                queries += 1;
                read += bytes.min(most);
                stop = if bytes > most && rows.len() > 1 {
                    filling.read_fewer(most)
                } else {
                    let blank = rows.map(|id| (RowId(id.into()), None)).collect();
                    filling.add_all((blank, bytes))
                };
            }
            let (_, next) = filling.end(&window, stop).expect("a row fits");
            let end = next.map_or(count, |next| next.row);
            answers.push((queries, end - at, read));
            at = end;
        }
        answers
    }

    #[test]
    fn text_without_characters_is_an_empty_cell() {
        let cells =
            [(1, Value::from("a")), (2, Value::Text("".into())), (3, Value::Text("".into()))];
        let body: RowBody = cells.map(|(id, value)| (ColumnId(id), value)).into_iter().collect();
        let mut window = window(1);
        let column = |id| ColumnRecord { id: ColumnId(id), ..window.columns[0].clone() };
        window.columns = [3, 1, 2].map(column).into();
        window.rows = vec![(RowId(1), Some(Arc::new(body)))];
        let asked = Asked { rows: 0..1, col: 0 };
        let message = v1::ReadCellsResponse::default();
        let (rows, next) =
            fill(&window, &[0, 1, 2], &asked, (&message, LIMIT)).expect("a row fits");
        let text = convert::value_to_wire(&Value::from("a"));
        assert_eq!((&rows[0].values[..], next), (&[v1::Value::default(), text][..], None));
    }

    #[test]
    fn rows_that_were_blank_are_read_within_a_bound() {
        const MIB: usize = 1 << 20;
        let answers = walk_blank(&vec![MIB; 1_000], READ_BYTES);
        assert!(answers.iter().all(|(_, _, read)| *read <= 2 * READ_BYTES + MIB), "{answers:?}");
        assert!(answers.iter().all(|(_, rows, _)| *rows >= 16), "{answers:?}");
        // Large rows, and then small ones.
        let mut rows = vec![MIB; 20];
        rows.resize(20_000, 10);
        let answers = walk_blank(&rows, 8 * MIB);
        let queries: usize = answers.iter().map(|(queries, ..)| queries).sum();
        assert!(queries < 60, "{answers:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// However long the window is behind it.
        #[test]
        fn an_answer_reads_about_the_rows_that_it_has(
            parts in prop::collection::vec((1..600_usize, 1..1_000_usize), 1..6),
        ) {
            let texts: Vec<usize> =
                parts.iter().flat_map(|(count, bytes)| vec![*bytes; *count]).collect();
            for (read, given) in walk(&texts) {
                let most = FIRST_ROWS as usize + given * (1 + GROWTH as usize);
                prop_assert!(read <= most, "{read} for {given}");
            }
        }

        /// Rows of one size are read nearly as they are sent.
        #[test]
        fn rows_that_are_alike_are_read_once(count in 1..5_000_usize, bytes in 1..1_000_usize) {
            let answers = walk(&vec![bytes; count]);
            let read: usize = answers.iter().map(|(read, _)| read).sum();
            // Later ids are longer.
            let most = count + count / 4 + answers.len() * (FIRST_ROWS as usize + 1);
            prop_assert!(read <= most, "{read} in {} answers", answers.len());
        }
    }
}
