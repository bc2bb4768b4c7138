//! Columns by position, id and name: looked up once for a request, however many it names.
//!
//! Not what a caller may ask of a column. Invariant: a request's references cost no more than the sheet's
//! columns and the references together.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use ot_engine::ColumnId;
use rustc_hash::FxHashMap;

use model::ColumnRecord;

/// The columns of a sheet, ready to be found.
#[derive(Debug)]
pub(super) struct ColumnIndex<'a> {
    columns: &'a [ColumnRecord],
    by_id: FxHashMap<ColumnId, usize>,
    /// Callers choose the names, so no hash of them is used.
    by_name: BTreeMap<&'a str, Named>,
    /// By the normal form of the name, for a name that no column has as it is encoded.
    by_normal: BTreeMap<Cow<'a, str>, Named>,
}

/// Where columns of one name stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// At one place.
    Once(usize),
    /// At several.
    Often,
}

impl<'a> ColumnIndex<'a> {
    pub(super) fn new(columns: &'a [ColumnRecord]) -> Self {
        let (mut by_name, mut by_normal) = (BTreeMap::new(), BTreeMap::new());
        for (at, column) in columns.iter().enumerate() {
            enter(&mut by_name, &*column.name, at);
            enter(&mut by_normal, values::normal(&column.name), at);
        }
        let by_id = columns.iter().enumerate().map(|(at, column)| (column.id, at)).collect();
        Self { columns, by_id, by_name, by_normal }
    }

    /// The columns, in order.
    pub(super) const fn all(&self) -> &'a [ColumnRecord] {
        self.columns
    }

    /// The column of an id as the wire writes it.
    pub(super) fn with_id(&self, id: &str) -> Option<&'a ColumnRecord> {
        self.columns.get(*self.by_id.get(&ColumnId(id.parse().ok()?))?)
    }

    /// Where the columns of a name stand; where there is none, those that have it in normal form C.
    pub(super) fn named(&self, name: &str) -> Option<Named> {
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
}
