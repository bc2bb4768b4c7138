//! Cells that a merge leaves as they are, because they were changed after the job was requested.
//!
//! No I/O. Invariants: each of these cells is counted, and the first `NOTED_CONFLICTS` are named with both values; a cell
//! that has the value of the source by now is none of them.

use std::collections::HashMap;

use ot_engine::{RowId, Value};

use super::super::columns::SourceColumn;
use super::super::notes::{Notes, quoted};
use super::compare::{Cell, Differing};
use model::limits::tables::NOTED_CONFLICTS;
use store::RowVersions;

/// Rows as they were when the job was requested, and as they are now.
pub(super) type Versions = HashMap<RowId, RowVersions>;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Conflicts {
    /// Cells that were changed before their rows were compared.
    before: u64,
    /// Cells that were changed between the comparison and the edit.
    between: u64,
    named: Vec<String>,
}

impl Conflicts {
    /// Takes the cells out of a row that have changed since the request.
    pub(super) fn take(
        &mut self,
        row: &mut Differing,
        versions: &Versions,
        columns: &[SourceColumn],
    ) {
        // Without a cell, then and now.
        let Some(held) = versions.get(&row.id) else { return };
        let Differing { key, cells, .. } = row;
        let key: &Value = key;
        cells.retain(|cell| {
            let now = held.current.get(cell.column);
            if held.at.get(cell.column) == now {
                return true;
            }
            if cell.value() != now {
                self.before += 1;
                self.name((key, cell), now, columns);
            }
            false
        });
    }

    /// An edit has lost so many cells to newer changes.
    pub(super) fn lost(&mut self, cells: u64) {
        self.between = self.between.saturating_add(cells);
    }

    /// Names the cells of a row that an edit has lost, `most` of them at most. Gives how many it has named.
    pub(super) fn name_lost(
        &mut self,
        row: &Differing,
        versions: &Versions,
        (columns, most): (&[SourceColumn], u64),
    ) -> u64 {
        let Some(held) = versions.get(&row.id) else { return 0 };
        let mut named = 0;
        for cell in &row.cells {
            let now = held.current.get(cell.column);
            if named < most && cell.value() != now {
                named += 1;
                self.name((&row.key, cell), now, columns);
            }
        }
        named
    }

    /// Whether no further conflict is named.
    pub(super) fn is_full(&self) -> bool {
        self.named.len() >= NOTED_CONFLICTS
    }

    fn name(&mut self, (key, cell): (&Value, &Cell), now: &Value, columns: &[SourceColumn]) {
        if self.is_full() {
            return;
        }
        let column = quoted(columns.get(cell.at).map_or("", |column| &*column.name));
        let [key, now, value] = [key, now, cell.value()].map(in_sentence);
        self.named.push(format!(
            "Row {key}, column {column}: the sheet keeps {now}, and the source has {value}."
        ));
    }

    /// The sentences about them.
    pub(super) fn note(self, notes: &mut Notes) {
        let Self { before, between, named } = self;
        notes.count(
            before,
            "value is left out, since its cell was changed after the job was requested",
            "values are left out, since their cells were changed after the job was requested",
        );
        let more = before.saturating_add(between).saturating_sub(named.len() as u64);
        let is_cut = !named.is_empty();
        named.into_iter().for_each(|sentence| notes.add(sentence));
        if is_cut {
            notes.count(more, "more such value is not named", "more such values are not named");
        }
    }
}

/// A value in a sentence.
fn in_sentence(value: &Value) -> String {
    match value {
        Value::Empty => "an empty value".to_owned(),
        value => quoted(&values::exact(value)),
    }
}

#[cfg(test)]
mod tests {
    use model::RowBody;
    use ot_engine::{ColumnId, ColumnKind};

    use super::*;

    fn row(id: u64, values: &[(u64, &str)]) -> Differing {
        let cell = |&(column, value): &(u64, &str)| {
            let at = usize::try_from(column).expect("is small") - 1;
            Cell::new((at, ColumnId(column)), (7, 7), (&Value::Empty, value.into()))
        };
        let cells = values.iter().map(cell).collect();
        Differing { id: RowId(id), key: "k1".into(), cells }
    }

    fn versions(id: u64, cells: &[(u64, &str, &str)]) -> Versions {
        let body = |cells: Vec<(u64, &str)>| -> RowBody {
            cells
                .into_iter()
                .map(|(column, value)| (ColumnId(column), Value::from(value)))
                .collect()
        };
        let at = body(cells.iter().map(|(column, at, _)| (*column, *at)).collect());
        let current = body(cells.iter().map(|(column, _, now)| (*column, *now)).collect());
        Versions::from([(RowId(id), RowVersions { id: RowId(id), current, at })])
    }

    fn columns() -> [SourceColumn; 3] {
        ["a", "b", "c"].map(|name| SourceColumn { name: name.into(), kind: ColumnKind::Any })
    }

    fn sentences(conflicts: Conflicts) -> Vec<String> {
        let mut notes = Notes::default();
        conflicts.note(&mut notes);
        notes.into_sentences()
    }

    #[test]
    fn a_cell_that_was_changed_since_is_kept_and_named_with_both_values() {
        let mut conflicts = Conflicts::default();
        let mut wanted = row(1, &[(1, "10"), (2, "20"), (3, "30")]);
        let versions = versions(1, &[(1, "1", "5"), (2, "2", "2"), (3, "3", "30")]);
        conflicts.take(&mut wanted, &versions, &columns());
        let left: Vec<ColumnId> = wanted.cells.iter().map(|cell| cell.column).collect();
        assert_eq!(left, [ColumnId(2)]);
        let expected = [
            "1 value is left out, since its cell was changed after the job was requested.",
            "Row \"k1\", column \"a\": the sheet keeps \"5\", and the source has \"10\".",
        ];
        assert_eq!(sentences(conflicts), expected);
    }

    #[test]
    fn a_row_without_versions_keeps_its_cells() {
        let mut conflicts = Conflicts::default();
        let mut wanted = row(1, &[(1, "10")]);
        conflicts.take(&mut wanted, &versions(2, &[(1, "1", "5")]), &columns());
        assert_eq!(wanted.cells.len(), 1);
        assert!(sentences(conflicts).is_empty());
    }

    #[test]
    fn a_cell_that_was_cleared_since_stays_empty() {
        let mut conflicts = Conflicts::default();
        let mut wanted = row(1, &[(1, "10")]);
        let mut versions = versions(1, &[(1, "1", "")]);
        let held = versions.get_mut(&RowId(1)).expect("is there");
        held.current = RowBody::default();
        conflicts.take(&mut wanted, &versions, &columns());
        assert!(wanted.cells.is_empty());
        assert!(sentences(conflicts)[1].contains("keeps an empty value, and"));
    }

    #[test]
    fn all_conflicts_are_counted_and_the_first_ones_are_named() {
        let mut conflicts = Conflicts::default();
        for id in 1..=NOTED_CONFLICTS as u64 + 2 {
            let versions = versions(id, &[(1, "1", "5")]);
            conflicts.take(&mut row(id, &[(1, "10")]), &versions, &columns());
        }
        assert!(conflicts.is_full());
        let sentences = sentences(conflicts);
        assert_eq!(sentences.len(), NOTED_CONFLICTS + 2);
        assert!(sentences[0].starts_with("22 values are left out"), "{sentences:?}");
        let last = "2 more such values are not named.";
        assert_eq!(sentences.last().map(String::as_str), Some(last));
    }

    #[test]
    fn cells_that_an_edit_has_lost_are_named_as_many_as_it_has_lost() {
        let mut conflicts = Conflicts::default();
        conflicts.lost(1);
        let versions = versions(1, &[(1, "1", "10"), (2, "2", "5"), (3, "3", "6")]);
        let sent = row(1, &[(1, "10"), (2, "20"), (3, "30")]);
        assert_eq!(conflicts.name_lost(&sent, &versions, (&columns(), 1)), 1);
        let named = "Row \"k1\", column \"b\": the sheet keeps \"5\", and the source has \"20\".";
        assert_eq!(sentences(conflicts), [named]);
    }
}
