//! Formats a live change, as a line or as JSON.
//!
//! Positions are those of the view; names of lines count from 1. Invariant: the JSON keys stay stable.

use client::core::Changed;
use gridloom::convert::value_to_wire;
use ot_engine::{AxisDelta, Edit, Run, TextDelta, TextRun};
use serde_json::{Value as Json, json};

use super::format::{cell_name, json as value_json, kind_name, letters, time};

/// Most cells of one change that a line shows.
const CELLS_SHOWN: usize = 20;

pub(crate) fn to_text(changed: &Changed) -> String {
    let delta = &changed.delta;
    let mut parts = Vec::new();
    lines("row", &delta.rows, |row| (u64::from(row) + 1).to_string(), &mut parts);
    lines("column", &delta.cols, letters, &mut parts);
    for edit in &delta.columns {
        let mut attributes = Vec::new();
        attributes.extend(edit.name.as_ref().map(|name| format!("named {name:?}")));
        attributes.extend(edit.kind.map(|kind| format!("of kind {}", kind_name(kind))));
        attributes.extend(edit.width.map(|width| format!("{width} pixels wide")));
        attributes.extend(edit.settings.as_deref().map(settings));
        parts.push(format!("column {} {}", letters(edit.col), attributes.join(", ")));
    }
    for cell in delta.cells.iter().take(CELLS_SHOWN) {
        let name = cell_name(cell.row, cell.col);
        parts.push(match &cell.edit {
            Edit::Text(edit) => format!("{name} {}", in_words(edit)),
            edit => format!("{name} = {}", value(edit)),
        });
    }
    if delta.cells.len() > CELLS_SHOWN {
        parts.push(format!("and {} more cells", delta.cells.len() - CELLS_SHOWN));
    }
    let (revision, time) = (changed.revision, time(changed.time_micros));
    format!("{revision}  {time:.23}  {:.8}  {}", changed.author, parts.join("; "))
}

/// The settings of a column in words: each line of their text is one.
fn settings(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("{line:?}")).collect();
    match lines.len() {
        0 => "without settings".to_owned(),
        _ => format!("with the settings {}", lines.join(" ")),
    }
}

/// The value that an edit sets.
fn value(edit: &Edit) -> Json {
    edit.as_set().map_or(Json::Null, |set| value_json(&value_to_wire(set)))
}

/// A text edit in words, with positions of the old text.
fn in_words(edit: &TextDelta) -> String {
    let (mut at, mut words) = (0_u64, Vec::new());
    for run in edit.runs() {
        match run {
            TextRun::Retain(count) => at += u64::from(*count),
            TextRun::Insert(new) => words.push(format!("{new:?} inserted at {at}")),
            TextRun::Delete(count) => {
                words.push(format!("{count} characters deleted at {at}"));
                at += u64::from(*count);
            }
        }
    }
    words.join(" and ")
}

/// A text edit in the form of the wire.
fn text_runs(edit: &TextDelta) -> Json {
    let runs = edit.runs().iter().map(|run| match run {
        TextRun::Retain(count) => json!({"retain": count}),
        TextRun::Insert(new) => json!({"insert": &**new}),
        TextRun::Delete(count) => json!({"delete": count}),
    });
    runs.collect()
}

/// The changes of the lines of an axis, in positions before the change.
fn lines(what: &str, axis: &AxisDelta, name: impl Fn(u32) -> String, parts: &mut Vec<String>) {
    let mut at = 0_u32;
    for run in axis.runs() {
        let place = name(at);
        match *run {
            Run::Insert { count, .. } => {
                parts.push(format!("{count} {what}s inserted before {place}"))
            }
            Run::Delete(count) => parts.push(format!("{count} {what}s deleted from {place}")),
            Run::Lift { count, .. } => parts.push(format!("{count} {what}s moved from {place}")),
            Run::Drop { .. } => parts.push(format!("moved {what}s now before {place}")),
            Run::Keep(_) => {}
        }
        at = at.saturating_add(run.consumes());
    }
}

pub(crate) fn to_json(changed: &Changed) -> Json {
    let delta = &changed.delta;
    let cell = |cell: &ot_engine::CellEdit| {
        let name = cell_name(cell.row, cell.col);
        match &cell.edit {
            Edit::Text(edit) => json!({"cell": name, "text": text_runs(edit)}),
            edit => json!({"cell": name, "value": value(edit)}),
        }
    };
    let column = |edit: &ot_engine::ColumnEdit| {
        json!({
            "column": letters(edit.col),
            "name": edit.name.as_deref(),
            // As earlier releases have it; `kind_name` is the name that `--kind` takes.
            "kind": edit.kind.map(|kind| format!("{kind:?}").to_lowercase()),
            "kind_name": edit.kind.map(kind_name),
            "width": edit.width,
            "settings": edit.settings.as_deref().map(|text| text.lines().collect::<Vec<_>>()),
        })
    };
    json!({
        "revision": changed.revision.0,
        "time": time(changed.time_micros),
        "author": &*changed.author,
        "cells": delta.cells.iter().map(cell).collect::<Vec<_>>(),
        "columns": delta.columns.iter().map(column).collect::<Vec<_>>(),
        "row_runs": runs(&delta.rows),
        "column_runs": runs(&delta.cols),
    })
}

/// The runs of an axis, in the JSON form of the test vectors.
fn runs(axis: &AxisDelta) -> Vec<Json> {
    let run = |run: &Run| match *run {
        Run::Keep(count) => json!({"keep": count}),
        Run::Delete(count) => json!({"delete": count}),
        Run::Lift { slot, count } => json!({"lift": {"slot": slot, "count": count}}),
        Run::Insert { count, .. } => json!({"insert": count}),
        Run::Drop { slot } => json!({"drop": slot}),
    };
    axis.runs().iter().map(run).collect()
}

#[cfg(test)]
mod tests {
    use gridloom::v1;
    use ot_engine::{ColumnEdit, ColumnKind, Delta, Revision};

    use super::*;

    fn changed(edit: ColumnEdit) -> Changed {
        Changed {
            revision: Revision(7),
            author: "0123456789".into(),
            time_micros: 0,
            origin: v1::ChangeOrigin::Edit,
            delta: Delta::update_column(edit).into(),
            conflicts: [].into(),
            overwritten: [].into(),
            overwritten_left_out: 0,
        }
    }

    #[test]
    fn attributes_of_a_column_are_named_as_options_name_them() {
        let edit = ColumnEdit {
            col: 1,
            kind: Some(ColumnKind::LocalDateTime),
            settings: Some("decimals 2\noption Red".into()),
            ..ColumnEdit::default()
        };
        let line = to_text(&changed(edit.clone()));
        let words = r#"column B of kind datetime, with the settings "decimals 2" "option Red""#;
        assert!(line.ends_with(words), "{line}");
        let json = to_json(&changed(edit));
        let column = &json["columns"][0];
        assert_eq!(column["kind"], "localdatetime");
        assert_eq!(column["kind_name"], "datetime");
        let settings = ["decimals 2", "option Red"];
        assert_eq!(column["settings"], json!(settings));
    }

    #[test]
    fn removed_settings_are_no_empty_change() {
        let edit = ColumnEdit { settings: Some("".into()), ..ColumnEdit::default() };
        let line = to_text(&changed(edit.clone()));
        assert!(line.ends_with("column A without settings"), "{line}");
        let json = to_json(&changed(edit));
        let column = &json["columns"][0];
        let none = json!([]);
        assert_eq!((&column["settings"], &column["kind_name"]), (&none, &Json::Null));
        let named = ColumnEdit { name: Some("x".into()), ..ColumnEdit::default() };
        assert_eq!(to_json(&changed(named))["columns"][0]["settings"], Json::Null);
    }
}
