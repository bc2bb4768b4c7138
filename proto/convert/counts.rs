//! How much a message from outside may repeat, counted before anything is built from it.
//!
//! Not the engine's own check, which counts what the normal form leaves of a delta. Invariant: what a
//! client sends is refused here at the cost of counting, never at the cost of building it.

use ot_engine::{Delta, Limits};

use super::{ConvertError, delta_from_wire};
use crate::v1;

/// A delta from somebody who must keep to the limits. The error's path is relative to the delta.
///
/// # Errors
/// A field that repeats more than it may, or the first that is malformed.
pub fn delta_within(delta: v1::Delta, limits: &Limits) -> Result<Delta, ConvertError> {
    check_delta(&delta, limits)?;
    delta_from_wire(delta)
}

/// The steps of one text edit.
///
/// # Errors
/// More than an edit may have; the error's path is empty.
pub fn check_text(runs: &[v1::TextRun], limits: &Limits) -> Result<(), ConvertError> {
    at_most("", runs.len(), limits.max_runs, "runs")
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
        return Err(ConvertError::new(field, format!("must hold at most {most} {what}")));
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
    fn what_is_repeated_too_often_is_named() {
        for delta in full(0) {
            delta_within(delta, &LIMITS).expect("is as much as may be");
        }
        let fields: Vec<_> = full(1)
            .into_iter()
            .map(|delta| delta_within(delta, &LIMITS).expect_err("is one too many").field)
            .collect();
        assert_eq!(fields, ["rows", "cols", "cells", "columns", "texts[0].runs", "texts"]);
    }

    #[test]
    fn refusing_costs_nothing_however_much_there_is() {
        for delta in full(100_000) {
            let cost = measure(|| assert!(check_delta(&delta, &LIMITS).is_err()));
            assert!(cost.bytes_total < 1_000, "{cost:?}");
        }
    }

    /// Bytes that it takes to convert a message of so many one-letter inserts.
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
