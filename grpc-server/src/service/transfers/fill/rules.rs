//! Which values a cell takes: those that a sheet can hold, and that a column which refuses others does not refuse.
//!
//! No I/O. Invariant: a value that is not taken is counted with its column, and the first of each column has its row and the
//! reason.

use std::collections::BTreeMap;

use ot_engine::{Limits, Value, validate_value};
use values::{Kind, Rule, Settings, fits};

use super::columns::SourceColumn;
use super::notes::{Notes, quoted};
use model::ColumnRecord;

/// What the cells of each column of the source take.
#[derive(Debug)]
pub(super) struct Rules {
    limits: Limits,
    /// `None`: the column takes what a cell can hold.
    of: Vec<Option<Rule>>,
}

impl Rules {
    /// Those of so many columns that refuse nothing.
    pub(super) fn open(limits: Limits, columns: usize) -> Self {
        Self { limits, of: vec![None; columns] }
    }

    /// Those of columns of a sheet.
    pub(super) fn of<'a>(limits: Limits, columns: impl Iterator<Item = &'a ColumnRecord>) -> Self {
        let rule = |column: &ColumnRecord| {
            let refuses = Settings::text_refuses(&column.settings);
            refuses.then(|| Settings::known(&column.settings).rule(Kind::from(column.kind)))
        };
        Self { limits, of: columns.map(rule).collect() }
    }

    /// The value as a cell of the column takes it; `None`: the value is empty, or it is left out.
    pub(super) fn take(
        &self,
        (row, at): (u64, usize),
        value: Value,
        refused: &mut Refused,
    ) -> Option<Value> {
        let value = value.normalized();
        if value.is_empty() {
            return None;
        }
        if let Err(rule) = validate_value(&value, &self.limits) {
            refused.add((row, at), || rule.to_string());
            return None;
        }
        if let Some(Some(rule)) = self.of.get(at)
            && let Err(misfit) = fits(&value, rule)
        {
            refused.add((row, at), || misfit.to_string());
            return None;
        }
        Some(value)
    }
}

/// The values that were left out, by the places of their columns in the source.
#[derive(Debug, Default)]
pub(super) struct Refused(BTreeMap<usize, OfColumn>);

#[derive(Debug, PartialEq, Eq)]
struct OfColumn {
    count: u64,
    /// The row of the first one, from 1.
    row: u64,
    why: String,
}

impl Refused {
    fn add(&mut self, (row, at): (u64, usize), why: impl FnOnce() -> String) {
        let of = self.0.entry(at).or_insert_with(|| OfColumn { count: 0, row, why: why() });
        of.count += 1;
    }

    /// Adds those of later rows.
    pub(super) fn append(&mut self, later: Self) {
        for (at, OfColumn { count, row, why }) in later.0 {
            self.0.entry(at).or_insert(OfColumn { count: 0, row, why }).count += count;
        }
    }

    /// A sentence for each column.
    pub(super) fn note(&self, columns: &[SourceColumn], notes: &mut Notes) {
        for (at, OfColumn { count, row, why }) in &self.0 {
            let name = columns.get(*at).map_or("", |column| &*column.name);
            let name = quoted(name);
            notes.add(match count {
                1 => format!("Column {name}: a value is left out, in row {row}: {why}."),
                _ => format!(
                    "Column {name}: {count} values are left out, the first in row {row}: {why}."
                ),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use ot_engine::{ColumnId, ColumnKind};

    use super::*;

    fn column(kind: ColumnKind, settings: &str) -> ColumnRecord {
        ColumnRecord {
            id: ColumnId(1),
            name: "a".into(),
            kind,
            width: None,
            settings: settings.into(),
        }
    }

    #[test]
    fn a_value_that_a_cell_does_not_take_is_left_out_and_counted() {
        let limits = Limits { max_text_bytes: 3, ..Limits::DEFAULT };
        let columns = [column(ColumnKind::Number, "refuse"), column(ColumnKind::Number, "")];
        let rules = Rules::of(limits, columns.iter());
        let mut refused = Refused::default();
        let mut take = |row, at, value: Value| rules.take((row, at), value, &mut refused).is_some();
        assert!(take(1, 0, 7.0.into()) && take(1, 1, "abc".into()));
        assert!(!take(2, 0, "abc".into()) && !take(3, 0, "d".into()));
        assert!(!take(2, 0, Value::Empty) && !take(2, 1, "".into()));
        assert!(!take(4, 1, "abcd".into()));
        let mut later = Refused::default();
        assert!(rules.take((9, 1), "abcd".into(), &mut later).is_none());
        refused.append(later);
        let source = [0, 1].map(|_| SourceColumn { name: "a".into(), kind: ColumnKind::Number });
        let mut notes = Notes::default();
        refused.note(&source, &mut notes);
        let notes = notes.into_sentences();
        assert_eq!(notes.len(), 2);
        assert!(notes[0].starts_with("Column \"a\": 2 values are left out, the first in row 2: "));
        assert!(notes[1].contains("2 values") && notes[1].contains("in row 4: "), "{notes:?}");
    }

    #[test]
    fn a_new_column_takes_what_a_cell_can_hold() {
        let rules = Rules::open(Limits::DEFAULT, 1);
        let mut refused = Refused::default();
        let mut take = |value: Value| rules.take((1, 0), value, &mut refused);
        assert_eq!(take("x".into()), Some("x".into()));
        assert_eq!(take(Value::Number(f64::NAN)), None);
        assert_eq!(take("a\0b".into()), None);
    }
}
