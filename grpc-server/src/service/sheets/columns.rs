//! Columns of a sheet or of a table by position, id and name: looked up once for a request, however many it names.
//!
//! Not what a caller may ask of a column. Invariant: a request's references cost no more than the columns and the references
//! together.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use ot_engine::ColumnId;
use rustc_hash::FxHashMap;

use model::ColumnRecord;

/// What the columns are those of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service) enum Holder {
    /// A sheet, whose columns have ids.
    Sheet,
    /// A table of a file, in which a position is an id.
    Table,
}

/// Columns, ready to be found.
#[derive(Debug)]
pub(in crate::service) struct ColumnIndex<'a> {
    columns: &'a [ColumnRecord],
    holder: Holder,
    by_id: FxHashMap<ColumnId, usize>,
    /// Callers choose the names, so no hash of them is used.
    by_name: BTreeMap<&'a str, Named>,
    /// By the normal form of the name, for a name that no column has as it is encoded.
    by_normal: BTreeMap<Cow<'a, str>, Named>,
}

/// Where columns of one name stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service) enum Named {
    /// At one place.
    Once(usize),
    /// At several.
    Often,
}

impl<'a> ColumnIndex<'a> {
    /// Those of a sheet.
    pub(in crate::service) fn new(columns: &'a [ColumnRecord]) -> Self {
        Self::of(Holder::Sheet, columns)
    }

    /// Those of a sheet or of a table.
    pub(in crate::service) fn of(holder: Holder, columns: &'a [ColumnRecord]) -> Self {
        let (mut by_name, mut by_normal) = (BTreeMap::new(), BTreeMap::new());
        for (at, column) in columns.iter().enumerate() {
            enter(&mut by_name, &*column.name, at);
            enter(&mut by_normal, values::normal(&column.name), at);
        }
        let by_id = columns.iter().enumerate().map(|(at, column)| (column.id, at)).collect();
        Self { columns, holder, by_id, by_name, by_normal }
    }

    /// What the columns are those of.
    pub(in crate::service) const fn holder(&self) -> Holder {
        self.holder
    }

    /// The columns, in order.
    pub(in crate::service) const fn all(&self) -> &'a [ColumnRecord] {
        self.columns
    }

    /// The column of an id as the wire writes it.
    pub(in crate::service) fn with_id(&self, id: &str) -> Option<&'a ColumnRecord> {
        let at = match self.holder {
            Holder::Sheet => *self.by_id.get(&ColumnId(id.parse().ok()?))?,
            Holder::Table => id.parse().ok()?,
        };
        self.columns.get(at)
    }

    /// Where the columns of a name stand; where there is none, those that have it in normal form C.
    pub(in crate::service) fn named(&self, name: &str) -> Option<Named> {
        let exact = self.by_name.get(name);
        exact.or_else(|| self.by_normal.get(&*values::normal(name))).copied()
    }
}

fn enter<K: Ord>(index: &mut BTreeMap<K, Named>, name: K, at: usize) {
    match index.entry(name) {
        Entry::Vacant(free) => {
            free.insert(Named::Once(at));
        }
        Entry::Occupied(mut taken) => {
            taken.insert(Named::Often);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_as_it_is_encoded_and_else_in_normal_form() {
        let names = ["caf\u{e9}", "A\u{30a}", "\u{c5}", "x", "x"];
        let column = |(id, name): (_, &str)| ColumnRecord {
            id: ColumnId(id),
            name: name.into(),
            kind: ot_engine::ColumnKind::Any,
            width: None,
            settings: "".into(),
        };
        let columns: Vec<ColumnRecord> = (1..).zip(names).map(column).collect();
        let index = ColumnIndex::new(&columns);
        assert_eq!(index.named("cafe\u{301}"), Some(Named::Once(0)));
        assert_eq!(index.named("A\u{30a}"), Some(Named::Once(1)));
        assert_eq!(index.named("\u{212b}"), Some(Named::Often));
        assert_eq!(index.named("x"), Some(Named::Often));
        assert_eq!(index.named("CAF\u{c9}"), None);
    }

    #[test]
    fn an_id_of_a_table_is_a_position() {
        let column = |id| ColumnRecord {
            id: ColumnId(id),
            name: "x".into(),
            kind: ot_engine::ColumnKind::Any,
            width: None,
            settings: "".into(),
        };
        let columns = [1, 2].map(column);
        let found = |holder, id| {
            let index = ColumnIndex::of(holder, &columns);
            index.with_id(id).map(|column| column.id.0)
        };
        assert_eq!(["0", "1", "2"].map(|id| found(Holder::Sheet, id)), [None, Some(1), Some(2)]);
        assert_eq!(["0", "1", "2"].map(|id| found(Holder::Table, id)), [Some(1), Some(2), None]);
        assert_eq!(["", "x", "-1"].map(|id| found(Holder::Table, id)), [None; 3]);
    }
}
