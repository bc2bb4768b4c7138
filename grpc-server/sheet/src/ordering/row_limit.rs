//! Whether the rows that an edit writes stay within the limit of a row, and the order of rows within its spans.
//!
//! A row is looked at only where its bound does not suffice: in a sheet of hundreds of columns with large cells. Not here:
//! the bounds (`row_sizes`). Invariant: an accepted edit leads to no row that Postgres can't hold.

use std::ops::Range;

use ot_engine::{AxisDelta, AxisMap, CellEdit, Delta, RowId, Run, Value};
use rustc_hash::FxHashMap;

use super::action::{RowsFor, View};
use super::core::Ordering;
use super::stage::NotStaged;
use super::work::Bodies;
use crate::refusal::Refusal;
use crate::state::row_order::{RowOrder, RowOrderChanges};
use model::{Entry, RowBody, stored_bytes};

/// A run of a change splits a span at both of its ends.
const SPANS_OF_RUN: usize = 2;

impl Ordering {
    /// Checks the sizes that an edit leads to: of the rows that it writes, and of the order of rows.
    pub(super) fn check_sizes(
        &self,
        entry: &Entry,
        fetched: &Bodies,
        view: &mut View<'_>,
    ) -> Result<(), NotStaged> {
        let batches = || self.appending.iter().chain([&self.staged]);
        if !entry.delta.rows.is_identity() {
            let entries = batches().flat_map(|batch| &batch.entries);
            let staged = entries.map(|entry| entry.delta.rows.runs().len()).sum();
            check_spans(&entry.delta.rows, staged, self.limits.spans, view.state.row_order())?;
        }
        let unpublished = batches().map(|batch| batch.row_bytes).sum();
        check_rows(entry, (!self.is_drained()).then_some(unpublished), fetched, view)
    }
}

/// Checks the rows that an edit writes. `unpublished`: the most bytes that the staged edits before it add to a row;
/// `None` when there are none.
fn check_rows(
    entry: &Entry,
    unpublished: Option<usize>,
    fetched: &Bodies,
    view: &mut View<'_>,
) -> Result<(), NotStaged> {
    let sizes = view.sizes;
    if entry.delta.cells.is_empty() || sizes.is_narrow(view.state.next_column_id().0) {
        return Ok(());
    }
    // A cell takes less in its row than twice what its edit takes in memory.
    let bytes = entry.bytes().saturating_mul(2);
    if sizes.all_fit(bytes.saturating_add(unpublished.unwrap_or_default())) {
        return Ok(());
    }
    if unpublished.is_some() {
        return Err(NotStaged::Drain);
    }
    let mut missing = Vec::new();
    let rows = RowIds::new(entry);
    for (position, written) in written_rows(entry) {
        let bytes: usize = written.iter().map(|(_, value)| stored_bytes(value)).sum();
        let Some(row) = rows.id_at(position, view) else {
            // A new row has nothing else.
            refuse_above(position, bytes, 0, sizes.limit())?;
            continue;
        };
        if bytes == 0 || sizes.of(row).saturating_add(bytes) <= sizes.limit() {
            continue;
        }
        match fetched.get(&row).cloned().or_else(|| (view.row)(row)) {
            Some(body) => {
                let held = body.stored_bytes();
                let replaced = replaced_bytes(&entry.delta, &body, &written, view);
                refuse_above(position, held + bytes - replaced, held, sizes.limit())?;
            }
            None => missing.push(row),
        }
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(NotStaged::Rows(entry.account, missing, RowsFor::Sizes))
    }
}

/// The rows that an entry writes, by position, each with the values by column.
fn written_rows(entry: &Entry) -> impl Iterator<Item = (u32, Vec<(u32, Value)>)> {
    let mut texts = entry.texts.iter();
    entry.delta.cells.chunk_by(|a, b| a.row == b.row).map(move |cells| {
        let value = |CellEdit { col, edit, .. }: &CellEdit| match edit.as_set() {
            Some(value) => Some((*col, value.clone())),
            None => Some((*col, Value::Text(texts.next()?.clone()))),
        };
        (cells[0].row, cells.iter().filter_map(value).collect())
    })
}

/// The ids of the rows after a change, of those that may hold cells.
struct RowIds {
    /// From positions after the change to positions before it; `None` where they are the same.
    back: Option<AxisMap>,
    /// The positions of restored rows, with their first ids.
    restored: Vec<(Range<u32>, u64)>,
}

impl RowIds {
    fn new(entry: &Entry) -> Self {
        let rows = &entry.delta.rows;
        let back = (!rows.is_identity()).then(|| AxisMap::new(&rows.inverse()));
        let restored = match entry.origin.restores_lines() {
            true => inserted(rows.runs()),
            false => Vec::new(),
        };
        Self { back, restored }
    }

    /// `None` for a row that the change makes.
    fn id_at(&self, position: u32, view: &View<'_>) -> Option<RowId> {
        let restored = self.restored.partition_point(|(places, _)| places.end <= position);
        if let Some((places, first)) = self.restored.get(restored)
            && places.contains(&position)
        {
            return Some(RowId(first + u64::from(position - places.start)));
        }
        let before = match &self.back {
            Some(back) => back.map_line(position)?,
            None => position,
        };
        view.state.row_order().id_at(before)
    }
}

/// The positions of inserted rows after a change, with their first ids.
fn inserted(runs: &[Run]) -> Vec<(Range<u32>, u64)> {
    let mut lifted: FxHashMap<u32, u32> = FxHashMap::default();
    for run in runs {
        if let Run::Lift { slot, count } = run {
            *lifted.entry(*slot).or_default() += count;
        }
    }
    let (mut at, mut inserted) = (0_u32, Vec::new());
    for run in runs {
        at += match *run {
            Run::Keep(count) => count,
            Run::Delete(_) | Run::Lift { .. } => 0,
            Run::Drop { slot } => lifted.get(&slot).copied().unwrap_or_default(),
            Run::Insert { count, first } => {
                inserted.extend(first.map(|first| (at..at + count, first.0)));
                count
            }
        };
    }
    inserted
}

/// What the written cells of a row took before. Nothing where the change moves columns, too: then the row may be
/// refused a little early.
fn replaced_bytes(
    delta: &Delta,
    body: &RowBody,
    written: &[(u32, Value)],
    view: &View<'_>,
) -> usize {
    if !delta.cols.is_identity() {
        return 0;
    }
    let columns = view.state.columns();
    let ids = written.iter().filter_map(|(col, _)| columns.get(*col as usize));
    ids.map(|column| stored_bytes(body.get(column.id))).sum()
}

/// Refuses a row that grows above the limit.
fn refuse_above(position: u32, bytes: usize, before: usize, most: usize) -> Result<(), NotStaged> {
    match bytes > most && bytes > before {
        true => Err(NotStaged::Refused(Refusal::RowTooLarge { row: position, bytes, most })),
        false => Ok(()),
    }
}

/// Refuses an edit after which the order of rows has more than `most` spans, unless it has no more than before.
/// `staged`: the runs of the edits before it that are not published.
///
/// # Errors
/// [`NotStaged::Drain`] where the spans of the result are to be counted, and edits are staged.
fn check_spans(
    rows: &AxisDelta,
    staged: usize,
    most: usize,
    order: &RowOrder,
) -> Result<(), NotStaged> {
    let runs = rows.runs();
    let before = order.span_count();
    // A deletion divides spans, but the rows that it can divide are fewer each time.
    let only_deletes = runs.iter().all(|run| matches!(run, Run::Keep(_) | Run::Delete(_)));
    if only_deletes || before + SPANS_OF_RUN * (staged + runs.len()) <= most {
        return Ok(());
    }
    if staged > 0 {
        return Err(NotStaged::Drain);
    }
    let mut after = order.clone();
    match after.apply(rows, &mut RowOrderChanges::default()) {
        Ok(()) if after.span_count() > most.max(before) => {
            Err(NotStaged::Refused(Refusal::TooManySpans { most }))
        }
        // The sequencer has checked that the edit fits.
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use model::Span;
    use ot_engine::LineId;

    use super::*;

    const MOST: usize = 40;

    fn delta(runs: &[Run]) -> AxisDelta {
        AxisDelta::from_runs(runs.iter().copied())
    }

    /// Rows in 40 spans: the limit.
    fn full() -> RowOrder {
        let span = |at: u64| Span { key: at as i64 * 1_000, start: RowId(at * 100), length: 10 };
        RowOrder::from_spans((1..=MOST as u64).map(span).collect()).expect("is in order")
    }

    fn is_accepted(rows: &AxisDelta, order: &RowOrder) -> bool {
        match check_spans(rows, 0, MOST, order) {
            Ok(()) => true,
            Err(NotStaged::Refused(Refusal::TooManySpans { most: MOST })) => false,
            Err(_) => panic!("another refusal"),
        }
    }

    #[test]
    fn edits_that_add_no_span_are_accepted_at_the_limit() {
        let mut order = full();
        let insert = Run::Insert { count: 1, first: Some(LineId(9_000)) };
        assert!(!is_accepted(&delta(&[Run::Keep(5), insert]), &order));
        // A part of a span moves within it.
        let split = [Run::Lift { slot: 0, count: 3 }, Run::Keep(4), Run::Drop { slot: 0 }];
        assert!(!is_accepted(&delta(&split), &order));
        // Deletions, also ones that divide spans: many at once.
        let many: Vec<Run> = (0..40).flat_map(|_| [Run::Keep(4), Run::Delete(1)]).collect();
        assert!(is_accepted(&delta(&many), &order));
        assert!(is_accepted(&delta(&[Run::Delete(400)]), &order));
        // A span moves as a whole.
        let whole = [Run::Lift { slot: 0, count: 10 }, Run::Keep(10), Run::Drop { slot: 0 }];
        assert!(is_accepted(&delta(&whole), &order));
        // The undo of a deletion within a span, and one far above the limit.
        let undo = delta(&[Run::Keep(4), Run::Insert { count: 1, first: Some(LineId(104)) }]);
        order.apply(&delta(&many), &mut RowOrderChanges::default()).expect("fits");
        assert!(order.span_count() > MOST && is_accepted(&undo, &order));
        assert!(!is_accepted(&delta(&[Run::Keep(2), insert]), &order));
    }

    #[test]
    fn spans_are_counted_on_published_rows_alone() {
        let insert = delta(&[Run::Keep(10), Run::Insert { count: 1, first: Some(LineId(9_000)) }]);
        let counted = check_spans(&insert, 1, MOST, &full());
        assert!(matches!(counted, Err(NotStaged::Drain)));
    }
}
