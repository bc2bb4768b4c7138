//! Limits on the repeated fields of a message, counted before anything is built from it.
//!
//! It is not the engine's check, which counts the runs of the normal form.
//!
//! Invariant: refusing a message costs only the counting.

use ot_engine::{Delta, Limits};

use super::ConvertError;
use super::delta::delta_from_wire;
use crate::v1;

/// A delta from a client, within the limits. The error's path is relative to the delta.
///
/// # Errors
/// A field with too many elements, or the first malformed field.
pub fn delta_within(delta: v1::Delta, limits: &Limits) -> Result<Delta, ConvertError> {
    check_delta(&delta, limits)?;
    delta_from_wire(delta)
}

/// Checks the number of runs of one text edit.
///
/// # Errors
/// Too many runs; the error's path is empty.
pub fn check_text(runs: &[v1::TextRun], limits: &Limits) -> Result<(), ConvertError> {
    at_most("", runs.len(), limits.max_runs, "runs")
}

/// The elements of a delta whose conversion visits each: its cost before it begins.
#[must_use]
pub fn delta_items(delta: &v1::Delta) -> usize {
    let values = delta.cells.iter().map(|block| block.values.len() + 1);
    let runs = delta.texts.iter().map(|edit| edit.runs.len() + 1);
    let lines = delta.rows.len() + delta.cols.len() + delta.columns.len();
    lines + values.chain(runs).sum::<usize>()
}

fn check_delta(delta: &v1::Delta, limits: &Limits) -> Result<(), ConvertError> {
    at_most("rows", delta.rows.len(), limits.max_runs, "runs")?;
    at_most("cols", delta.cols.len(), limits.max_runs, "runs")?;
    at_most("columns", delta.columns.len(), limits.max_columns, "column edits")?;
    let values: usize = delta.cells.iter().map(|block| block.values.len()).sum();
    at_most("cells", delta.cells.len().max(values), limits.max_cells, "cell edits")?;
    at_most("texts", delta.texts.len(), limits.max_cells, "cell edits")?;
    for (i, edit) in delta.texts.iter().enumerate() {
        check_text(&edit.runs, limits)
            .map_err(|error| error.within(&format!("texts[{i}].runs")))?;
    }
    Ok(())
}

fn at_most(field: &str, count: usize, most: u32, what: &str) -> Result<(), ConvertError> {
    if count > most as usize {
        return Err(ConvertError::new(
            field,
            format!("must have at most {most} {what}; split the change"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use allocation_counter::measure;

    use super::*;
    use crate::v1::text_run::Run;

    const LIMITS: Limits = Limits { max_runs: 3, max_cells: 5, max_columns: 2, ..Limits::DEFAULT };

    fn full(extra: usize) -> [v1::Delta; 6] {
        let run = v1::Run { run: Some(v1::run::Run::Keep(1)) };
        let letter = v1::TextRun { run: Some(Run::Insert("a".into())) };
        let block = |values| v1::CellBlock {
            values: vec![v1::Value::default(); values],
            ..Default::default()
        };
        let text = v1::TextEdit { runs: vec![letter.clone(); 3 + extra], ..Default::default() };
        let short = |row| v1::TextEdit { row, runs: vec![letter.clone()], ..Default::default() };
        let columns = |count| (0..count).map(|col| v1::ColumnEdit { col, ..Default::default() });
        let count = |limit: u32| limit + u32::try_from(extra).expect("small");
        [
            v1::Delta { rows: vec![run; 3 + extra], ..Default::default() },
            v1::Delta { cols: vec![run; 3 + extra], ..Default::default() },
            v1::Delta { cells: vec![block(5 + extra)], ..Default::default() },
            v1::Delta { columns: columns(count(2)).collect(), ..Default::default() },
            v1::Delta { texts: vec![text], ..Default::default() },
            v1::Delta { texts: (0..count(5)).map(short).collect(), ..Default::default() },
        ]
    }

    #[test]
    fn a_field_with_too_many_elements_is_named() {
        for delta in full(0) {
            delta_within(delta, &LIMITS).expect("is at the limit");
        }
        let fields: Vec<_> = full(1)
            .into_iter()
            .map(|delta| delta_within(delta, &LIMITS).expect_err("is above the limit").field)
            .collect();
        assert_eq!(fields, ["rows", "cols", "cells", "columns", "texts[0].runs", "texts"]);
    }

    #[test]
    fn refusing_allocates_nothing_for_any_number_of_elements() {
        for delta in full(100_000) {
            let cost = measure(|| assert!(check_delta(&delta, &LIMITS).is_err()));
            assert!(cost.bytes_total < 1_000, "{cost:?}");
        }
    }

    /// Bytes allocated to convert a message with this many one-letter inserts.
    fn cost(runs: u32) -> u64 {
        let letter = v1::TextRun { run: Some(Run::Insert("a".into())) };
        let runs = vec![letter; runs as usize];
        measure(|| assert!(crate::convert::text_from_wire(runs).is_ok())).bytes_total
    }

    #[test]
    fn converting_a_text_edit_is_linear_in_its_runs() {
        let (once, twice, four) = (cost(20_000), cost(40_000), cost(80_000));
        assert!(twice <= once * 3 && four <= once * 6, "{once}, {twice}, {four} bytes");
    }
}
