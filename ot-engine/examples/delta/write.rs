//! Writes deltas and sheets as JSON.
//!
//! It checks nothing. Invariant: `read` reads back the same delta or sheet.

use std::ops::Range;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use ot_engine::{
    Attribute, AxisDelta, CellEdit, ColumnEdit, ColumnKind, Conflict, Content, Delta, Edit,
    Inverse, Reason, Run, Sheet, Side, TextRun, Transformed, Value,
};
use serde_json::{Map, Value as Json, json};

/// Whole numbers up to this size are written without a fraction; above it not every whole number is a
/// double.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

pub(crate) fn error(message: &str) -> Json {
    json!({ "error": message })
}

pub(crate) fn grid_answer(sheet: &Sheet) -> Json {
    let rows = sheet.rows.iter().map(|row| row.iter().map(value).collect::<Json>());
    json!({ "grid": rows.collect::<Json>() })
}

pub(crate) fn delta_answer(answer: &Delta) -> Json {
    json!({ "delta": delta(answer) })
}

pub(crate) fn transformed(pair: &Transformed) -> Json {
    let conflicts: Json = pair.conflicts.iter().map(conflict).collect();
    json!({ "first": delta(&pair.first), "second": delta(&pair.second), "conflicts": conflicts })
}

pub(crate) fn inverse(inverse: &Inverse) -> Json {
    let part = |axis: &'static str| move |lines: &Range<u32>| json!({ "axis": axis, "at": lines.start, "count": lines.end - lines.start });
    let rows = inverse.restored_rows.iter().map(part("rows"));
    let cols = inverse.restored_cols.iter().map(part("cols"));
    json!({ "delta": delta(&inverse.delta), "restored": rows.chain(cols).collect::<Json>() })
}

fn value(value: &Value) -> Json {
    match value {
        Value::Empty => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Number(number) => self::number(*number),
        Value::Text(text) => json!(&**text),
        Value::Instant(at) => match jiff::Timestamp::from_microsecond(*at) {
            Ok(at) => json!({ "datetime": at.to_string() }),
            // The last hours of the year 9999, which a request can't contain either.
            Err(_) => Json::Null,
        },
        Value::Date(day) => {
            let day = EPOCH.date().checked_add(SignedDuration::from_hours(i64::from(*day) * 24));
            day.map_or(Json::Null, |day| json!({ "date": day.to_string() }))
        }
        Value::LocalDateTime(at) => {
            let at = EPOCH.checked_add(SignedDuration::from_micros(*at));
            at.map_or(Json::Null, |at| json!({ "local": at.to_string() }))
        }
    }
}

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

fn number(number: f64) -> Json {
    let whole = number.fract() == 0.0 && number.abs() < MAX_WHOLE;
    if whole && !(number == 0.0 && number.is_sign_negative()) {
        json!(number as i64)
    } else {
        json!(number)
    }
}

/// A delta without its empty parts.
fn delta(delta: &Delta) -> Json {
    let parts = [
        ("rows", axis(&delta.rows)),
        ("cols", axis(&delta.cols)),
        ("cells", delta.cells.iter().map(cell).collect::<Vec<_>>()),
        ("columns", delta.columns.iter().map(column).collect::<Vec<_>>()),
    ];
    let parts = parts.into_iter().filter(|(_, part)| !part.is_empty());
    Json::Object(parts.map(|(name, part)| (name.to_owned(), Json::Array(part))).collect())
}

fn axis(axis: &AxisDelta) -> Vec<Json> {
    let runs = axis.runs().iter().map(|run| match *run {
        Run::Keep(count) => json!({ "keep": count }),
        Run::Delete(count) => json!({ "delete": count }),
        Run::Lift { slot, count } => json!({ "lift": { "slot": slot, "count": count } }),
        Run::Insert { count, .. } => json!({ "insert": count }),
        Run::Drop { slot } => json!({ "drop": slot }),
    });
    runs.collect()
}

fn cell(cell: &CellEdit) -> Json {
    let (kind, content) = cell_content(&cell.edit);
    json!({ "row": cell.row, "col": cell.col, kind: content })
}

/// The field of an edit and its content.
fn cell_content(edit: &Edit) -> (&'static str, Json) {
    match edit {
        Edit::Text(edit) => ("text", edit.runs().iter().map(text_run).collect()),
        // Every other kind of edit is a set.
        _ => ("set", edit.as_set().map_or(Json::Null, value)),
    }
}

fn text_run(run: &TextRun) -> Json {
    match run {
        TextRun::Retain(count) => json!({ "retain": count }),
        TextRun::Insert(new) => json!({ "insert": &**new }),
        TextRun::Delete(count) => json!({ "delete": count }),
    }
}

fn column(edit: &ColumnEdit) -> Json {
    let mut fields = Map::from_iter([("col".to_owned(), json!(edit.col))]);
    let name = edit.name.clone().map(Attribute::Name);
    let kind = edit.kind.map(Attribute::Kind);
    let width = edit.width.map(Attribute::Width);
    let settings = edit.settings.clone().map(Attribute::Settings);
    for part in [name, kind, width, settings].into_iter().flatten() {
        let (name, json) = attribute(&part);
        fields.insert(name.to_owned(), json);
    }
    Json::Object(fields)
}

fn attribute(attribute: &Attribute) -> (&'static str, Json) {
    match attribute {
        Attribute::Name(name) => ("name", json!(&**name)),
        Attribute::Kind(kind) => ("kind", json!(self::kind(*kind))),
        Attribute::Width(width) => ("width", json!(width)),
        Attribute::Settings(settings) => ("settings", json!(&**settings)),
    }
}

fn kind(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Any => "any",
        ColumnKind::Bool => "bool",
        ColumnKind::Number => "number",
        ColumnKind::Text => "text",
        ColumnKind::Instant => "datetime",
        ColumnKind::Date => "date",
        ColumnKind::LocalDateTime => "local",
        ColumnKind::Choice => "choice",
        ColumnKind::Choices => "choices",
        ColumnKind::Link => "link",
        ColumnKind::Email => "email",
    }
}

fn conflict(conflict: &Conflict) -> Json {
    let loser = match conflict.loser {
        Side::Earlier => "first",
        Side::Later => "second",
    };
    let reason = match conflict.reason {
        Reason::Overwritten => "overwritten",
        Reason::RowDeleted => "row deleted",
        Reason::ColumnDeleted => "column deleted",
    };
    let mut fields = Map::from_iter([
        ("col".to_owned(), json!(conflict.col)),
        ("loser".to_owned(), json!(loser)),
        ("lost".to_owned(), content(&conflict.lost)),
        ("kept".to_owned(), conflict.kept.as_ref().map_or(Json::Null, content)),
        ("reason".to_owned(), json!(reason)),
    ]);
    fields.extend(conflict.row.map(|row| ("row".to_owned(), json!(row))));
    Json::Object(fields)
}

fn content(content: &Content) -> Json {
    match content {
        Content::Cell(edit) => {
            let (name, json) = cell_content(edit);
            json!({ name: json })
        }
        Content::Attribute(part) => {
            let (name, json) = attribute(part);
            json!({ name: json })
        }
    }
}
