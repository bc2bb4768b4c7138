//! Converts deltas: runs, cells, texts and column attributes.
//!
//! It does not check a delta against a sheet. Invariant: a delta survives the wire unchanged.

use ot_engine::{AxisDelta, ColumnEdit, Delta, LineId, Run};

use super::ConvertError;
use super::blocks::{blocks_from_cells, cells_from_blocks};
use super::columns::{kind_from_wire, kind_to_wire};
use super::settings::{settings_from_wire, settings_to_wire};
use super::text::{cells_from_texts, texts_from_cells};
use crate::v1;
use crate::v1::run::{Insert, Lift, Run as WireRun};

/// A delta from the wire. The error's path is relative to the delta.
///
/// # Errors
/// The first malformed field.
pub fn delta_from_wire(delta: v1::Delta) -> Result<Delta, ConvertError> {
    let texts = cells_from_texts(delta.texts).map_err(|error| error.within("texts"))?;
    Ok(Delta {
        rows: axis_from_wire(&delta.rows, "rows")?,
        cols: axis_from_wire(&delta.cols, "cols")?,
        cells: cells_from_blocks(delta.cells, texts)?,
        columns: column_edits(delta.columns)?,
    })
}

/// A delta for the wire, with cells grouped into rectangles.
#[must_use]
pub fn delta_to_wire(delta: &Delta) -> v1::Delta {
    v1::Delta {
        rows: axis_to_wire(&delta.rows),
        cols: axis_to_wire(&delta.cols),
        cells: blocks_from_cells(&delta.cells),
        columns: delta.columns.iter().map(column_edit_to_wire).collect(),
        texts: texts_from_cells(&delta.cells),
    }
}

impl TryFrom<v1::Delta> for Delta {
    type Error = ConvertError;

    fn try_from(delta: v1::Delta) -> Result<Self, ConvertError> {
        delta_from_wire(delta)
    }
}

impl From<&Delta> for v1::Delta {
    fn from(delta: &Delta) -> Self {
        delta_to_wire(delta)
    }
}

fn axis_from_wire(runs: &[v1::Run], axis: &str) -> Result<AxisDelta, ConvertError> {
    // Most deltas have no axis changes.
    if runs.is_empty() {
        return Ok(AxisDelta::identity());
    }
    let mut converted = Vec::with_capacity(runs.len());
    for (i, run) in runs.iter().enumerate() {
        let run = run_from_wire(run).map_err(|error| error.within(&format!("{axis}[{i}]")))?;
        converted.push(run);
    }
    Ok(AxisDelta::from_runs(converted))
}

fn run_from_wire(run: &v1::Run) -> Result<Run, ConvertError> {
    let empty = |field| Err(ConvertError::new(field, "must be at least 1"));
    match run.run {
        None => Err(ConvertError::new("", "must be one of keep, delete, lift, insert, drop")),
        Some(WireRun::Keep(0)) => empty("keep"),
        Some(WireRun::Delete(0)) => empty("delete"),
        Some(WireRun::Lift(Lift { count: 0, .. })) => empty("lift.count"),
        Some(WireRun::Insert(Insert { count: 0, .. })) => empty("insert.count"),
        Some(WireRun::Keep(count)) => Ok(Run::Keep(count)),
        Some(WireRun::Delete(count)) => Ok(Run::Delete(count)),
        Some(WireRun::Lift(Lift { slot, count })) => Ok(Run::Lift { slot, count }),
        Some(WireRun::Insert(Insert { count, first_id })) => {
            Ok(Run::Insert { count, first: first_id.map(LineId) })
        }
        Some(WireRun::Drop(slot)) => Ok(Run::Drop { slot }),
    }
}

fn axis_to_wire(axis: &AxisDelta) -> Vec<v1::Run> {
    let run = |run: &Run| match *run {
        Run::Keep(count) => WireRun::Keep(count),
        Run::Delete(count) => WireRun::Delete(count),
        Run::Lift { slot, count } => WireRun::Lift(Lift { slot, count }),
        Run::Insert { count, first } => {
            WireRun::Insert(Insert { count, first_id: first.map(|id| id.0) })
        }
        Run::Drop { slot } => WireRun::Drop(slot),
    };
    axis.runs().iter().map(|each| v1::Run { run: Some(run(each)) }).collect()
}

/// Column edits, sorted, without edits that change nothing.
fn column_edits(edits: Vec<v1::ColumnEdit>) -> Result<Vec<ColumnEdit>, ConvertError> {
    let mut converted = Vec::with_capacity(edits.len());
    for (i, edit) in edits.into_iter().enumerate() {
        let kind =
            kind_from_wire(edit.kind).map_err(|error| error.within(&format!("columns[{i}]")))?;
        let name = edit.name.map(Into::into);
        let settings = edit.settings.as_ref().map(settings_from_wire).transpose();
        let settings = settings.map_err(|error| error.within(&format!("columns[{i}]")))?;
        let edit = ColumnEdit { col: edit.col, name, kind, width: edit.width, settings };
        if !edit.is_empty() {
            converted.push(edit);
        }
    }
    if !converted.is_sorted_by_key(|edit| edit.col) {
        converted.sort_by_key(|edit| edit.col);
    }
    if let Some(pair) = converted.windows(2).find(|pair| pair[0].col == pair[1].col) {
        let rule = format!("must name each column once: {} appears twice", pair[0].col);
        return Err(ConvertError::new("columns", rule));
    }
    Ok(converted)
}

fn column_edit_to_wire(edit: &ColumnEdit) -> v1::ColumnEdit {
    v1::ColumnEdit {
        col: edit.col,
        name: edit.name.as_deref().map(str::to_owned),
        kind: edit.kind.map_or(v1::ColumnKind::Unspecified, kind_to_wire).into(),
        width: edit.width,
        // An empty message removes them.
        settings: edit.settings.as_ref().map(|it| settings_to_wire(it).unwrap_or_default()),
    }
}
