//! Converts text edits.
//!
//! It does not check them against a text. Invariant: a text edit survives the wire unchanged.

use ot_engine::{CellEdit, Edit, TextDelta, TextRun};

use super::ConvertError;
use crate::v1;
use crate::v1::text_run::Run as WireRun;

/// A text edit from the wire. The error's path is relative to the list of runs.
///
/// # Errors
/// A run without a kind, or a run without an effect.
pub fn text_from_wire(runs: Vec<v1::TextRun>) -> Result<TextDelta, ConvertError> {
    let mut converted = Vec::with_capacity(runs.len());
    for (i, run) in runs.into_iter().enumerate() {
        let run = run_from_wire(run).map_err(|error| error.within(&format!("[{i}]")))?;
        converted.push(run);
    }
    Ok(TextDelta::from_runs(converted))
}

fn run_from_wire(run: v1::TextRun) -> Result<TextRun, ConvertError> {
    let empty = |field| Err(ConvertError::new(field, "must be at least 1"));
    match run.run {
        None => Err(ConvertError::new("", "must be one of retain, insert, delete")),
        Some(WireRun::Retain(0)) => empty("retain"),
        Some(WireRun::Delete(0)) => empty("delete"),
        Some(WireRun::Insert(new)) if new.is_empty() => {
            Err(ConvertError::new("insert", "must not be empty"))
        }
        Some(WireRun::Retain(count)) => Ok(TextRun::Retain(count)),
        Some(WireRun::Insert(new)) => Ok(TextRun::Insert(new.into())),
        Some(WireRun::Delete(count)) => Ok(TextRun::Delete(count)),
    }
}

/// The runs of a text edit for the wire.
#[must_use]
pub fn text_to_wire(edit: &TextDelta) -> Vec<v1::TextRun> {
    let run = |run: &TextRun| match run {
        TextRun::Retain(count) => WireRun::Retain(*count),
        TextRun::Insert(new) => WireRun::Insert(new.to_string()),
        TextRun::Delete(count) => WireRun::Delete(*count),
    };
    edit.runs().iter().map(|each| v1::TextRun { run: Some(run(each)) }).collect()
}

/// The text edits of a delta as cell edits. The error's path begins with the edit's index.
///
/// # Errors
/// The first malformed edit.
pub(super) fn cells_from_texts(texts: Vec<v1::TextEdit>) -> Result<Vec<CellEdit>, ConvertError> {
    let mut cells = Vec::with_capacity(texts.len());
    for (i, v1::TextEdit { row, col, runs }) in texts.into_iter().enumerate() {
        let edit = text_from_wire(runs).map_err(|error| error.within(&format!("[{i}].runs")))?;
        cells.push(CellEdit::text(row, col, edit));
    }
    Ok(cells)
}

/// The text edits among cells.
pub(super) fn texts_from_cells(cells: &[CellEdit]) -> Vec<v1::TextEdit> {
    let texts = cells.iter().filter_map(|cell| match &cell.edit {
        Edit::Text(edit) => {
            Some(v1::TextEdit { row: cell.row, col: cell.col, runs: text_to_wire(edit) })
        }
        _ => None,
    });
    texts.collect()
}
