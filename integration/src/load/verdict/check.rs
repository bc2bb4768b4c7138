//! The comparison of every copy of a sheet with the cells that the accepted edits make.
//!
//! Not the reads: see `truth`. Invariant: copies agree only when each accepted edit is applied once.

use client::core::{Cell, LiveSheet};
use ot_engine::Value;

use super::truth::Cells;
use crate::load::clients::drain::Drained;
use crate::load::clients::history::Entry;
use crate::load::clients::plan::Part;

/// The findings on a sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    /// Accepted edits that are missing, although no other edit overwrote them.
    pub(crate) lost: u64,
    /// Revisions that are not one accepted edit each.
    pub(crate) duplicated: u64,
    /// Each difference, as a sentence; empty when all agree.
    pub(crate) notes: Vec<String>,
}

/// The sheet that the accepted edits make.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    cells: Cells,
    accepted: u64,
    repeated: u64,
}

impl Expected {
    /// Plays the edits in their order.
    pub(crate) fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by_key(|entry| entry.revision);
        let repeated = entries.windows(2).filter(|two| two[0].revision == two[1].revision).count();
        let mut expected = Self {
            accepted: entries.len() as u64,
            repeated: repeated as u64,
            cells: Cells::default(),
        };
        for Entry { written, .. } in entries {
            expected.cells.insert((written.row, written.col), written.stamp);
        }
        expected
    }

    /// Every revision up to the head must be one accepted edit: the sheet was made for this run.
    pub(crate) fn check_head(&self, head: u64, verdict: &mut Verdict) {
        let distinct = self.accepted - self.repeated;
        verdict.duplicated += self.repeated + head.saturating_sub(distinct);
        verdict.lost += distinct.saturating_sub(head);
        if head != self.accepted || self.repeated > 0 {
            verdict.notes.push(format!(
                "{} edits were accepted ({} revisions twice), but the head is {head}",
                self.accepted, self.repeated
            ));
        }
    }

    /// Compares with a fresh read of a whole sheet. An edit that is missing in one such read counts as lost, also
    /// when others have it.
    pub(crate) fn check_cells(&self, place: &str, found: &Cells, verdict: &mut Verdict) {
        let missing = self.cells.iter().filter(|(at, value)| found.get(at) != Some(value)).count();
        let unknown = found.keys().filter(|at| !self.cells.contains_key(at)).count();
        verdict.lost += missing as u64;
        if missing + unknown > 0 {
            let note = format!("{place}: {missing} cells are not as written, {unknown} unknown");
            verdict.notes.push(note);
        }
    }

    /// Compares with a client's view.
    pub(crate) fn check_view(&self, part: &Part, live: &LiveSheet, verdict: &mut Verdict) {
        let columns = live.size().cols;
        let cells = part.rows.clone().flat_map(|row| (0..columns).map(move |col| (row, col)));
        let wrong = cells.filter(|at| !agree(live.get(at.0, at.1), self.cells.get(at))).count();
        if wrong > 0 {
            verdict.notes.push(format!(
                "client {} at revision {}: {wrong} cells differ",
                part.number,
                live.revision()
            ));
        }
    }
}

/// Checks that a drained session has reached the head, with each revision once and in order.
pub(crate) fn check_drained(part: &Part, drained: &Drained, head: u64, verdict: &mut Verdict) {
    if drained.out_of_order > 0 || drained.reached < head {
        verdict.notes.push(format!(
            "drained session {} at revision {} of {head}: {} revisions missing or out of order",
            part.number, drained.reached, drained.out_of_order
        ));
    }
}

fn agree(seen: Cell<'_>, expected: Option<&f64>) -> bool {
    match seen {
        Cell::Value(Value::Number(number)) => expected == Some(number),
        Cell::Value(Value::Empty) => expected.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use ot_engine::Revision;

    use super::*;
    use crate::load::clients::history::Written;

    fn entry(revision: u64, col: u32, stamp: f64) -> Entry {
        Entry { revision: Revision(revision), written: Written { row: 0, col, stamp } }
    }

    fn cells(cells: &[(u32, f64)]) -> Cells {
        cells.iter().map(|(col, stamp)| ((0, *col), *stamp)).collect()
    }

    fn verdict(entries: Vec<Entry>, head: u64, found: &Cells) -> Verdict {
        let expected = Expected::new(entries);
        let mut verdict = Verdict::default();
        expected.check_head(head, &mut verdict);
        expected.check_cells("here", found, &mut verdict);
        verdict
    }

    #[test]
    fn the_last_edit_of_a_cell_stands() {
        // Not in order: each writer has a list of its own.
        let entries = vec![entry(3, 0, 30.0), entry(1, 0, 10.0), entry(2, 1, 20.0)];
        assert_eq!(verdict(entries, 3, &cells(&[(0, 30.0), (1, 20.0)])), Verdict::default());
    }

    #[test]
    fn what_is_missing_is_lost() {
        let entries = vec![entry(1, 0, 10.0), entry(2, 0, 20.0)];
        let found = verdict(entries, 2, &cells(&[(0, 10.0)]));
        assert_eq!((found.lost, found.duplicated, found.notes.len()), (1, 0, 1));
    }

    #[test]
    fn a_revision_too_many_is_a_double() {
        let found = verdict(vec![entry(1, 0, 10.0)], 2, &cells(&[(0, 10.0)]));
        assert_eq!((found.lost, found.duplicated), (0, 1));
        let twice = vec![entry(1, 0, 10.0), entry(1, 0, 10.0)];
        let found = verdict(twice, 1, &cells(&[(0, 10.0)]));
        assert_eq!((found.lost, found.duplicated), (0, 1));
    }
}
