//! The columns of a file whose cells have types of their own: their kinds from the first rows, and each value as one of them.
//!
//! Not for CSV and Parquet, which have readers of their own. Invariants: what does not fit a column stays what it is, but in a
//! column of texts it is its text; what belongs to no column is in the last one, which is there only if it is needed.

use std::sync::Arc;

use csv_reader::Mix;
use ot_engine::{ColumnKind, Value};

use crate::error::short;
use crate::formats::chosen::Chosen;
use crate::{Options, TableColumn};

/// The kinds of columns are seen from this many rows ...
pub(crate) const SAMPLE_ROWS: usize = 1_000;
/// ... or from rows of this many bytes, if those are fewer.
pub(crate) const SAMPLE_BYTES: usize = 1024 * 1024;
/// The name of the column of what belongs to no other one.
const OTHER: &str = "(other)";
/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// The columns of a table.
pub(crate) struct Shape {
    columns: Vec<Column>,
    /// Rows with values that belong to no column.
    others: u64,
}

struct Column {
    name: Arc<str>,
    kind: ColumnKind,
    chosen: Option<Chosen>,
    /// Values of other kinds that became texts.
    texts: u64,
    /// Of a column of any kind that was not chosen.
    mix: Mix,
}

/// What the values of a column have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen(Option<ColumnKind>);

impl Seen {
    pub(crate) fn see(&mut self, value: &Value) {
        let kind = match value {
            Value::Empty => return,
            Value::Bool(_) => ColumnKind::Bool,
            Value::Number(_) => ColumnKind::Number,
            Value::Text(_) => ColumnKind::Text,
            Value::Instant(_) => ColumnKind::Instant,
            Value::Date(_) => ColumnKind::Date,
            Value::LocalDateTime(_) => ColumnKind::LocalDateTime,
        };
        self.0 = Some(match self.0 {
            None => kind,
            Some(known) if known == kind => kind,
            // A day among times is its beginning.
            Some(ColumnKind::Date | ColumnKind::LocalDateTime)
                if matches!(kind, ColumnKind::Date | ColumnKind::LocalDateTime) =>
            {
                ColumnKind::LocalDateTime
            }
            Some(_) => ColumnKind::Any,
        });
    }
}

impl Shape {
    /// Columns with these names, and what was seen of each.
    pub(crate) fn new(
        columns: impl IntoIterator<Item = (Arc<str>, Seen)>,
        options: &Options,
    ) -> Self {
        let mut chosen = options.kinds.iter().copied().chain(std::iter::repeat(None));
        let column = |(name, seen): (Arc<str>, Seen)| {
            let chosen = chosen.next().flatten();
            let kind = chosen.or(seen.0).unwrap_or(ColumnKind::Any);
            let chosen = chosen.map(|kind| Chosen::new(kind, &options.csv.notation));
            Column { name, kind, chosen, texts: 0, mix: Mix::default() }
        };
        Self { columns: columns.into_iter().map(column).collect(), others: 0 }
    }

    /// The columns of the table: `with_other` is the last one, of what belongs to no other.
    pub(crate) fn columns(&self, with_other: bool) -> Vec<TableColumn> {
        let column = |column: &Column| TableColumn::of(Arc::clone(&column.name), column.kind);
        let other = with_other.then(|| TableColumn::of(Arc::from(OTHER), ColumnKind::Text));
        self.columns.iter().map(column).chain(other).collect()
    }

    pub(crate) fn width(&self) -> usize {
        self.columns.len()
    }

    /// A value as one of a column.
    pub(crate) fn fit(&mut self, at: usize, value: Value) -> Value {
        let Some(column) = self.columns.get_mut(at) else { return value };
        if let Some(chosen) = &mut column.chosen {
            return chosen.read(value);
        }
        match (column.kind, &value) {
            (ColumnKind::Any, _) => {
                column.mix.see(&value);
                value
            }
            (ColumnKind::LocalDateTime, Value::Date(days)) => {
                Value::LocalDateTime(i64::from(*days) * DAY)
            }
            (ColumnKind::Text, Value::Empty | Value::Text(_)) => value,
            (ColumnKind::Text, other) => {
                column.texts += 1;
                Value::from(&*values::exact(other))
            }
            _ => value,
        }
    }

    /// A row has values that belong to no column.
    pub(crate) fn count_other(&mut self) {
        self.others += 1;
    }

    pub(crate) fn has_others(&self) -> bool {
        self.others > 0
    }

    /// What a person should know of the columns; `why`: of the values that belong to none.
    pub(crate) fn doubts(&self, why: &str) -> Vec<String> {
        let of_column = |column: &Column| {
            let name = short(&column.name);
            let chosen = column.chosen.as_ref().and_then(|chosen| chosen.doubt(&column.name));
            let texts = match column.texts {
                0 => None,
                1 => Some(format!("1 value of {name:?} is no text, and became one")),
                count => Some(format!("{count} values of {name:?} are no texts, and became such")),
            };
            chosen.or(texts).or_else(|| column.mix.doubt(&name))
        };
        let others = match self.others {
            0 => None,
            1 => Some(format!("1 row has values {why}; they are in the column {OTHER:?}")),
            rows => {
                Some(format!("{rows} rows have values {why}; they are in the column {OTHER:?}"))
            }
        };
        self.columns.iter().filter_map(of_column).chain(others).collect()
    }
}

/// Why a cell of the last column is refused: it has more than so many bytes.
pub(super) fn too_large_other(most: usize) -> String {
    format!("{OTHER:?} has more than {most} bytes, the most of a cell")
}
