//! Reads deltas and sheets from JSON.
//!
//! It does not validate a delta against a grid. Invariant: each error names the field by its path.

use std::fmt;

use ot_engine::{
    AxisDelta, CellEdit, ColumnEdit, ColumnKind, Delta, Edit, Run, Sheet, Size, TextDelta, TextRun,
    Value,
};
use serde_json::{Map, Value as Json};

/// The reason why a request can't be answered.
#[derive(Debug)]
pub(crate) struct Fail(String);

impl Fail {
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The fields of an object, and its path.
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Json>,
    path: String,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(map: &'a Map<String, Json>, path: &str) -> Self {
        Self { map, path: path.to_owned() }
    }

    pub(crate) fn get(&self, name: &str) -> Result<&'a Json, Fail> {
        self.optional(name).ok_or_else(|| Fail::new(format!("{} is missing", self.path_of(name))))
    }

    pub(crate) fn optional(&self, name: &str) -> Option<&'a Json> {
        self.map.get(name)
    }

    /// Refuses fields with any other name, so that a misspelt field is an error.
    pub(crate) fn only(&self, names: &[&str]) -> Result<(), Fail> {
        match self.map.keys().find(|name| !names.contains(&name.as_str())) {
            Some(name) => Err(Fail::new(format!("{} is not known", self.path_of(name)))),
            None => Ok(()),
        }
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    fn number(&self, name: &str) -> Result<u32, Fail> {
        number(self.get(name)?, &self.path_of(name))
    }

    fn list(&self, name: &str) -> Result<&'a [Json], Fail> {
        self.optional(name).map_or(Ok(&[]), |json| list(json, &self.path_of(name)))
    }
}

pub(crate) fn object<'a>(json: &'a Json, path: &str) -> Result<&'a Map<String, Json>, Fail> {
    json.as_object().ok_or_else(|| Fail::new(format!("{path} must be an object")))
}

fn list<'a>(json: &'a Json, path: &str) -> Result<&'a [Json], Fail> {
    let list = json.as_array().ok_or_else(|| Fail::new(format!("{path} must be a list")))?;
    Ok(list)
}

fn number(json: &Json, path: &str) -> Result<u32, Fail> {
    let number = json.as_u64().and_then(|number| u32::try_from(number).ok());
    let wanted = || Fail::new(format!("{path} must be a whole number from 0 to {}", u32::MAX));
    number.ok_or_else(wanted)
}

fn text<'a>(json: &'a Json, path: &str) -> Result<&'a str, Fail> {
    json.as_str().ok_or_else(|| Fail::new(format!("{path} must be a string")))
}

pub(crate) fn size(fields: &Fields<'_>) -> Result<Size, Fail> {
    match list(fields.get("size")?, "size")? {
        [rows, cols] => Ok(Size { rows: number(rows, "size[0]")?, cols: number(cols, "size[1]")? }),
        _ => Err(Fail::new("size must be [rows, columns]")),
    }
}

pub(crate) fn grid(json: &Json) -> Result<Sheet, Fail> {
    let mut sheet = Sheet::default();
    for (r, row) in list(json, "grid")?.iter().enumerate() {
        let path = format!("grid[{r}]");
        let row = list(row, &path)?;
        if r == 0 {
            sheet = Sheet::new(Size { rows: 0, cols: row.len() as u32 });
        }
        if row.len() != sheet.columns.len() {
            let (has, first) = (row.len(), sheet.columns.len());
            return Err(Fail::new(format!("{path} has {has} values, grid[0] has {first}")));
        }
        let values = row.iter().enumerate();
        let values = values.map(|(c, json)| value(json, || format!("{path}[{c}]")));
        sheet.rows.push(values.collect::<Result<_, _>>()?);
    }
    Ok(sheet)
}

fn value(json: &Json, path: impl Fn() -> String) -> Result<Value, Fail> {
    Ok(match json {
        Json::Null => Value::Empty,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => {
            let finite = number.as_f64().filter(|number| number.is_finite());
            let finite = finite.ok_or_else(|| format!("{} is not a finite number", path()));
            Value::Number(finite.map_err(Fail::new)?)
        }
        Json::String(text) => Value::from(text.as_str()),
        Json::Object(map) => {
            let fields = Fields::new(map, &path());
            let [key] = *map.keys().map(String::as_str).collect::<Vec<_>>() else {
                return Err(Fail::new(format!("{} must have one member", path())));
            };
            fields.only(&["datetime", "date", "local"])?;
            time(key, text(fields.get(key)?, &fields.path_of(key))?).ok_or_else(|| {
                Fail::new(format!("{} must be like {}", fields.path_of(key), like(key)))
            })?
        }
        Json::Array(_) => return Err(Fail::new(format!("{} must be a value, not a list", path()))),
    })
}

/// A time under its key: an instant, a day, or a day and time without a zone.
fn time(key: &str, text: &str) -> Option<Value> {
    const EPOCH: jiff::civil::DateTime = jiff::civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    Some(match key {
        "date" => {
            let day: jiff::civil::Date = text.parse().ok()?;
            Value::Date(i32::try_from(day.duration_since(EPOCH.date()).as_hours() / 24).ok()?)
        }
        "local" => {
            let time: jiff::civil::DateTime = text.parse().ok()?;
            Value::LocalDateTime(i64::try_from(time.duration_since(EPOCH).as_micros()).ok()?)
        }
        _ => Value::Instant(text.parse::<jiff::Timestamp>().ok()?.as_microsecond()),
    })
}

fn like(key: &str) -> &'static str {
    match key {
        "date" => "2024-05-01",
        "local" => "2024-05-01T12:00:00",
        _ => "2024-05-01T12:00:00Z",
    }
}

/// A written delta, and the number of old lines that its runs name on each axis. Normal form drops a last
/// keep, but a keep past the sheet is an error.
pub(crate) struct Written {
    pub(crate) delta: Delta,
    pub(crate) walked_rows: u64,
    pub(crate) walked_cols: u64,
}

pub(crate) fn delta(json: &Json, path: &str) -> Result<Written, Fail> {
    let fields = Fields::new(object(json, path)?, path);
    fields.only(&["rows", "cols", "cells", "columns"])?;
    let cells = fields.list("cells")?.iter().enumerate();
    let cells = cells.map(|(i, json)| cell(json, format!("{path}.cells[{i}]")));
    let columns = fields.list("columns")?.iter().enumerate();
    let columns = columns.map(|(i, json)| column(json, format!("{path}.columns[{i}]")));
    let (rows, walked_rows) = axis(&fields, "rows")?;
    let (cols, walked_cols) = axis(&fields, "cols")?;
    let cells = cells.collect::<Result<_, _>>()?;
    let delta = Delta::from_parts(rows, cols, cells, columns.collect::<Result<_, _>>()?);
    Ok(Written { delta, walked_rows, walked_cols })
}

fn axis(fields: &Fields<'_>, name: &str) -> Result<(AxisDelta, u64), Fail> {
    let path = fields.path_of(name);
    let runs = fields.list(name)?.iter().enumerate();
    let runs = runs.map(|(i, json)| run(json, &format!("{path}[{i}]")));
    let runs = runs.collect::<Result<Vec<_>, _>>()?;
    let walked = runs.iter().map(|run| u64::from(run.consumes())).sum();
    Ok((AxisDelta::from_runs(runs), walked))
}

fn run(json: &Json, path: &str) -> Result<Run, Fail> {
    let (kind, json, path) = only_field(json, path)?;
    Ok(match kind {
        "keep" => Run::Keep(number(json, &path)?),
        "delete" => Run::Delete(number(json, &path)?),
        "insert" => Run::Insert { count: number(json, &path)?, first: None },
        "drop" => Run::Drop { slot: number(json, &path)? },
        "lift" => {
            let lift = Fields::new(object(json, &path)?, &path);
            lift.only(&["slot", "count"])?;
            Run::Lift { slot: lift.number("slot")?, count: lift.number("count")? }
        }
        _ => return Err(Fail::new(format!("{path} is not known"))),
    })
}

fn cell(json: &Json, path: String) -> Result<CellEdit, Fail> {
    let fields = Fields::new(object(json, &path)?, &path);
    fields.only(&["row", "col", "set", "text"])?;
    let edit = match (fields.optional("set"), fields.optional("text")) {
        (Some(set), None) => Edit::Set(value(set, || format!("{path}.set"))?),
        (None, Some(runs)) => Edit::Text(text_edit(runs, &format!("{path}.text"))?),
        (Some(_), Some(_)) => return Err(Fail::new(format!("{path} has both set and text"))),
        (None, None) => return Err(Fail::new(format!("{path} has neither set nor text"))),
    };
    Ok(CellEdit { row: fields.number("row")?, col: fields.number("col")?, edit })
}

fn text_edit(json: &Json, path: &str) -> Result<TextDelta, Fail> {
    let runs = list(json, path)?.iter().enumerate();
    let runs = runs.map(|(i, json)| text_run(json, &format!("{path}[{i}]")));
    Ok(TextDelta::from_runs(runs.collect::<Result<Vec<_>, _>>()?))
}

fn text_run(json: &Json, path: &str) -> Result<TextRun, Fail> {
    let (kind, json, path) = only_field(json, path)?;
    Ok(match kind {
        "retain" => TextRun::Retain(number(json, &path)?),
        "insert" => TextRun::Insert(text(json, &path)?.into()),
        "delete" => TextRun::Delete(number(json, &path)?),
        _ => return Err(Fail::new(format!("{path} is not known"))),
    })
}

/// The single field of a run, its kind: name, content and path.
fn only_field<'a>(json: &'a Json, path: &str) -> Result<(&'a str, &'a Json, String), Fail> {
    let fields = object(json, path)?;
    match (fields.iter().next(), fields.len()) {
        (Some((kind, json)), 1) => Ok((kind, json, format!("{path}.{kind}"))),
        _ => Err(Fail::new(format!("{path} must have one field, the kind of run"))),
    }
}

fn column(json: &Json, path: String) -> Result<ColumnEdit, Fail> {
    let fields = Fields::new(object(json, &path)?, &path);
    fields.only(&["col", "name", "kind", "width", "settings"])?;
    let name = fields.optional("name").map(|json| text(json, &fields.path_of("name")));
    let width = fields.optional("width").map(|json| number(json, &fields.path_of("width")));
    let kind = fields.optional("kind").map(|json| kind(json, &fields.path_of("kind")));
    let settings = fields.optional("settings").map(|json| text(json, &fields.path_of("settings")));
    Ok(ColumnEdit {
        col: fields.number("col")?,
        name: name.transpose()?.map(Into::into),
        kind: kind.transpose()?,
        width: width.transpose()?,
        settings: settings.transpose()?.map(Into::into),
    })
}

fn kind(json: &Json, path: &str) -> Result<ColumnKind, Fail> {
    Ok(match text(json, path)? {
        "any" => ColumnKind::Any,
        "bool" => ColumnKind::Bool,
        "number" => ColumnKind::Number,
        "text" => ColumnKind::Text,
        "datetime" => ColumnKind::Instant,
        "date" => ColumnKind::Date,
        "local" => ColumnKind::LocalDateTime,
        "choice" => ColumnKind::Choice,
        "choices" => ColumnKind::Choices,
        "link" => ColumnKind::Link,
        "email" => ColumnKind::Email,
        _ => {
            let kinds =
                "any, bool, number, text, datetime, date, local, choice, choices, link or email";
            return Err(Fail::new(format!("{path} must be {kinds}")));
        }
    })
}
