//! The cells of one edit of a conversion, and what the conversion has seen so far.
//!
//! No I/O. Invariants: a batch is of one revision and within the limits of an edit; a row that was seen is not looked at
//! again.

use std::ops::ControlFlow;

use ot_engine::{CellEdit, ColumnEdit, Delta, Edit, Revision, RowId, Value};
use rustc_hash::FxHashMap;
use values::{Conversion, Converted, fits};

use super::row_set::RowSet;
use super::tally::{Examples, Tally};
use model::ColumnRecord;
use model::sizes::BATCH_BYTES;
use sheet::api::message::WindowRead;

/// The rows that a conversion need not look at, and what it has counted there.
#[derive(Debug, Default)]
pub(super) struct Seen {
    rows: RowSet,
    tally: Tally,
    /// Rows that an edit has converted, and that are looked at once more, since another edit came between.
    doubtful: FxHashMap<RowId, Doubtful>,
    /// The first of them that are rewritten.
    examples: Examples,
}

/// A value that an edit has converted before another look at its row.
#[derive(Clone, Copy, Debug)]
struct Doubtful {
    is_rewritten: bool,
    /// Whether the edit has surely set it; else it may have been left out for a newer one.
    is_sure: bool,
}

impl Seen {
    /// The number of rows that need no further look.
    pub(super) fn row_count(&self) -> u64 {
        self.rows.len()
    }

    /// What was counted until the end, with what was converted and not looked at once more.
    pub(super) fn end(self) -> Tally {
        let Self { rows, mut tally, doubtful, examples } = self;
        for (row, Doubtful { is_rewritten, .. }) in
            doubtful.into_iter().filter(|(row, it)| it.is_sure && !rows.contains(*row))
        {
            tally.was_converted(row, is_rewritten, &examples);
        }
        tally
    }
}

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Batch {
    /// The revision of its cells.
    pub(super) base: Revision,
    /// The position of the column.
    col: u32,
    cells: Vec<CellEdit>,
    bytes: usize,
    /// The rows of the cells, each with whether its value is rewritten.
    converted: Vec<(RowId, bool)>,
    rows: RowSet,
    tally: Tally,
}

impl Batch {
    pub(super) fn new(base: Revision, col: u32) -> Self {
        Self {
            base,
            col,
            cells: Vec::new(),
            bytes: 0,
            converted: Vec::new(),
            rows: RowSet::default(),
            tally: Tally::default(),
        }
    }

    /// Adds rows of the batch's revision, up to the limits of an edit. Returns the number of rows that it has looked at,
    /// and breaks where it is full.
    pub(super) fn add(
        &mut self,
        window: &WindowRead,
        conversion: &Conversion,
        (seen, cells_most): (&Seen, usize),
    ) -> ControlFlow<u32, u32> {
        let Some(column) = window.columns.get(self.col as usize) else {
            return ControlFlow::Continue(0);
        };
        for (count, (id, body)) in (0_u32..).zip(&window.rows) {
            if self.cells.len() >= cells_most || self.bytes >= BATCH_BYTES {
                return ControlFlow::Break(count);
            }
            let is_new = !seen.rows.contains(*id) && !self.rows.contains(*id);
            if !is_new {
                continue;
            }
            self.rows.insert(*id);
            if let Some(body) = body {
                let row = (window.start_row + count, *id);
                self.value(row, body.get(column.id), conversion, seen);
            }
        }
        ControlFlow::Continue(u32::try_from(window.rows.len()).unwrap_or(u32::MAX))
    }

    fn value(&mut self, row: (u32, RowId), value: &Value, conversion: &Conversion, seen: &Seen) {
        if value.clone().normalized().is_empty() {
            return;
        }
        let earlier = seen.doubtful.get(&row.1);
        let converted = match earlier {
            // It was set, so it has the form of the new kind by now.
            Some(it) if it.is_sure && fits(value, &conversion.to).is_ok() => Converted::Fits,
            _ => conversion.of(value),
        };
        match converted {
            Converted::Fits => match earlier {
                Some(it) => self.tally.was_converted(row.1, it.is_rewritten, &seen.examples),
                None => self.tally.fits(),
            },
            Converted::Stays(why) => self.tally.keeps(row, value, (why, &conversion.locale)),
            Converted::To { value: new, is_rewritten } => {
                self.tally.converts(row, (value, &new), is_rewritten);
                self.converted.push((row.1, is_rewritten));
                let cell = CellEdit::set(row.0, self.col, new);
                // An undo reads and sets the former value.
                self.bytes += cell.edit.bytes() + Edit::Set(value.clone()).bytes();
                self.cells.push(cell);
            }
        }
    }

    /// Whether it has rows that were not seen before.
    pub(super) fn has_rows(&self) -> bool {
        !self.rows.is_empty()
    }

    /// Whether it changes no cell.
    pub(super) const fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Its change, with those of the column.
    pub(super) fn delta(&mut self, changes: &ColumnEdit) -> Delta {
        let column = ColumnEdit { col: self.col, ..changes.clone() };
        let columns = Some(column).filter(|column| !column.is_empty()).into_iter().collect();
        Delta { cells: std::mem::take(&mut self.cells), columns, ..Delta::identity() }
    }

    /// Its rows are done.
    pub(super) fn done(self, seen: &mut Seen) {
        seen.rows.append(self.rows);
        seen.tally.append(self.tally);
    }

    /// Another edit came between: its rows are looked at once more. Says whether all of its cells were set; else some were
    /// left out, for newer ones.
    pub(super) fn again(self, seen: &mut Seen, is_sure: bool) {
        let converted = self.converted.into_iter();
        seen.doubtful
            .extend(converted.map(|(row, is_rewritten)| (row, Doubtful { is_rewritten, is_sure })));
        seen.examples.append(self.tally.into_rewritten());
    }
}

/// The position of a column.
pub(super) fn position_of(columns: &[ColumnRecord], id: ot_engine::ColumnId) -> Option<u32> {
    let at = columns.iter().position(|column| column.id == id)?;
    u32::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::RowBody;
    use ot_engine::{ColumnId, ColumnKind};
    use values::{Kind, Locale};

    use super::*;

    fn window(values: [&Value; 4]) -> WindowRead {
        let row = |(id, value): (u64, &&Value)| {
            let body: RowBody = std::iter::once((ColumnId(1), (*value).clone())).collect();
            (RowId(id), Some(Arc::new(body)))
        };
        let column = ColumnRecord {
            id: ColumnId(1),
            name: "".into(),
            kind: ColumnKind::Number,
            width: None,
            settings: "".into(),
        };
        WindowRead {
            epoch: 0,
            revision: Revision(1),
            start_row: 0,
            rows: (1_u64..).zip(&values).map(row).collect(),
            columns: [column].into(),
            row_count: 4,
        }
    }

    fn batch(values: [&Value; 4], seen: &Seen) -> Batch {
        let (from, to) = (Kind::Text.into(), Kind::Number.into());
        let (locale, zone) = (Locale::PLAIN, None);
        let conversion = Conversion { from, to, locale, zone, drops_times: false };
        let mut batch = Batch::new(Revision(1), 0);
        let looked_at = batch.add(&window(values), &conversion, (seen, 10));
        assert_eq!(looked_at, ControlFlow::Continue(4));
        batch
    }

    #[test]
    fn values_that_come_before_another_look_are_converted_and_counted_once() {
        let (text, number): (Value, Value) = ("007".into(), 7.0.into());
        let (kept, new): (Value, Value) = ("n/a".into(), "8".into());
        let mut seen = Seen::default();
        batch([&text, &number, &kept, &Value::Empty], &seen).again(&mut seen, true);
        assert_eq!(seen.row_count(), 0);
        let mut second = batch([&number, &new, &kept, &new], &seen);
        let rows: Vec<u32> =
            second.delta(&ColumnEdit::default()).cells.iter().map(|cell| cell.row).collect();
        assert_eq!(rows, [1, 3]);
        second.done(&mut seen);
        assert_eq!(seen.row_count(), 4);
        let answer = seen.end().into_answer();
        let counts = (answer.converted, answer.rewritten, answer.fitting, answer.kept);
        assert_eq!(counts, (3, 1, 0, 1));
        assert_eq!(answer.rewritten_values[0].text, "007");
    }

    #[test]
    fn an_option_that_was_converted_is_not_taken_for_several() {
        let options: values::Options = ["a", "b", "a, b"].map(Into::into).to_vec().into();
        let rule = |kind: Kind| values::Rule { options: options.clone(), ..kind.into() };
        let conversion = Conversion {
            from: rule(Kind::Choices),
            to: rule(Kind::Choice),
            locale: Locale::PLAIN,
            zone: None,
            drops_times: false,
        };
        let (one, set): (Value, Value) = ("\"a, b\"".into(), "a, b".into());
        let mut seen = Seen::default();
        let mut first = Batch::new(Revision(1), 0);
        let _ = first.add(&window([&one, &set, &Value::Empty, &one]), &conversion, (&seen, 10));
        first.again(&mut seen, true);
        let mut second = Batch::new(Revision(2), 0);
        let _ = second.add(&window([&set, &set, &Value::Empty, &set]), &conversion, (&seen, 10));
        second.done(&mut seen);
        let answer = seen.end().into_answer();
        assert_eq!((answer.converted, answer.fitting, answer.kept), (2, 0, 1));
    }

    #[test]
    fn what_was_surely_converted_is_counted_without_another_look() {
        let text: Value = "007".into();
        for is_sure in [true, false] {
            let mut seen = Seen::default();
            batch([&text, &Value::Empty, &text, &text], &seen).again(&mut seen, is_sure);
            let answer = seen.end().into_answer();
            let count = if is_sure { 3 } else { 0 };
            assert_eq!((answer.converted, answer.rewritten), (count, count));
            assert_eq!(answer.rewritten_values.len() as u64, count);
        }
    }
}
