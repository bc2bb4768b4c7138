//! Columns by position, id and name: looked up once for a request, however many it names.
//!
//! Not what a caller may ask of a column. Invariant: a request's references cost no more than the sheet's
//! columns and the references together.

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
        let mut by_name = BTreeMap::new();
        for (at, column) in columns.iter().enumerate() {
            match by_name.entry(&*column.name) {
                Entry::Vacant(free) => {
                    free.insert(Named::Once(at));
                }
                Entry::Occupied(mut taken) => {
                    taken.insert(Named::Often);
                }
            }
        }
        let by_id = columns.iter().enumerate().map(|(at, column)| (column.id, at)).collect();
        Self { columns, by_id, by_name }
    }

    /// The columns, in order.
    pub(super) const fn all(&self) -> &'a [ColumnRecord] {
        self.columns
    }

    /// The column of an id as the wire writes it.
    pub(super) fn with_id(&self, id: &str) -> Option<&'a ColumnRecord> {
        self.columns.get(*self.by_id.get(&ColumnId(id.parse().ok()?))?)
    }

    /// Where the columns of a name stand.
    pub(super) fn named(&self, name: &str) -> Option<Named> {
        self.by_name.get(name).copied()
    }
}
