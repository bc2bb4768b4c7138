//! Formats a record of the history, as a line or as JSON.
//!
//! A live change has more detail; `change.rs` formats it. Invariant: the JSON keys stay stable.

use gridloom::v1::{ChangeOrigin, ChangeRecord};
use serde_json::json;

use super::format::time;

pub(crate) fn to_text(change: &ChangeRecord) -> String {
    let target = change.target_revision;
    let what = match change.origin() {
        ChangeOrigin::Undo => format!("undo of {target}: {}", counts(change)),
        ChangeOrigin::Redo => format!("redo of {target}: {}", counts(change)),
        ChangeOrigin::Restore => format!("restore: {}", counts(change)),
        ChangeOrigin::Edit | ChangeOrigin::Unspecified => counts(change),
    };
    let time = time(change.time_micros);
    format!("{:>8}  {time:.19}  {}  {what}", change.revision, change.author_name)
}

fn counts(change: &ChangeRecord) -> String {
    let parts = [
        (change.cells_set, "cell", "set"),
        (change.rows_inserted, "row", "inserted"),
        (change.rows_deleted, "row", "deleted"),
        (change.rows_moved, "row", "moved"),
        (change.cols_inserted, "column", "inserted"),
        (change.cols_deleted, "column", "deleted"),
        (change.cols_moved, "column", "moved"),
        (change.columns_altered, "column", "altered"),
    ];
    let done = parts.into_iter().filter(|(count, ..)| *count > 0).map(|(count, what, verb)| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {what}{plural} {verb}")
    });
    let done = done.collect::<Vec<_>>().join(", ");
    if done.is_empty() { "nothing".to_owned() } else { done }
}

pub(crate) fn to_json(change: &ChangeRecord) -> serde_json::Value {
    let (origin, target) = match change.origin() {
        ChangeOrigin::Undo => ("undo", Some(change.target_revision)),
        ChangeOrigin::Redo => ("redo", Some(change.target_revision)),
        ChangeOrigin::Restore => ("restore", None),
        ChangeOrigin::Edit | ChangeOrigin::Unspecified => ("edit", None),
    };
    json!({
        "revision": change.revision,
        "author": change.author_id,
        "name": change.author_name,
        "time": time(change.time_micros),
        "origin": origin,
        "target": target,
        "cells": change.cells_set,
        "rows": {
            "inserted": change.rows_inserted,
            "deleted": change.rows_deleted,
            "moved": change.rows_moved,
        },
        "columns": {
            "inserted": change.cols_inserted,
            "deleted": change.cols_deleted,
            "moved": change.cols_moved,
            "altered": change.columns_altered,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_one_line() {
        let change = ChangeRecord {
            revision: 7,
            author_name: "Ada".to_owned(),
            origin: ChangeOrigin::Undo.into(),
            target_revision: 5,
            cells_set: 1,
            rows_deleted: 2,
            ..ChangeRecord::default()
        };
        let line = "       7  1970-01-01T00:00:00  Ada  undo of 5: 1 cell set, 2 rows deleted";
        assert_eq!(to_text(&change), line);
        assert_eq!(counts(&ChangeRecord::default()), "nothing");
    }
}
