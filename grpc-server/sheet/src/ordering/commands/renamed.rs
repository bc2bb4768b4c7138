//! The names that a change gives to columns: the new names, and the empty one of new columns.
//!
//! Not here: whether a column still has its name later. Invariant: positions are those after the change.

use std::collections::BTreeMap;
use std::sync::Arc;

use ot_engine::{AxisDelta, ColumnEdit, Run};
use rustc_hash::FxHashMap;

/// The columns of each name.
#[derive(Debug)]
pub(super) struct Renamed {
    by_name: BTreeMap<Arc<str>, Vec<u32>>,
    /// By the normal form of the name, once one is asked for.
    by_normal: Option<BTreeMap<String, Vec<u32>>>,
}

impl Renamed {
    /// The names that a change of the columns gives; `edits` are sorted by column.
    pub(super) fn of(axis: &AxisDelta, edits: &[ColumnEdit]) -> Self {
        let mut by_name: BTreeMap<Arc<str>, Vec<u32>> = BTreeMap::new();
        for edit in edits {
            if let Some(name) = &edit.name {
                by_name.entry(name.clone()).or_default().push(edit.col);
            }
        }
        let mut blocks: FxHashMap<u32, u32> = FxHashMap::default();
        for run in axis.runs() {
            if let Run::Lift { slot, count } = *run {
                *blocks.entry(slot).or_default() += count;
            }
        }
        let (mut at, mut blank) = (0, Vec::new());
        for run in axis.runs() {
            at += match *run {
                Run::Keep(count) => count,
                Run::Drop { slot } => blocks.get(&slot).copied().unwrap_or_default(),
                Run::Insert { count, .. } => {
                    blank.extend((at..at + count).filter(|new| !renames(edits, *new)));
                    count
                }
                Run::Delete(_) | Run::Lift { .. } => 0,
            };
        }
        by_name.entry("".into()).or_default().extend(blank);
        Self { by_name, by_normal: None }
    }

    /// The columns that got this name.
    pub(super) fn columns(&mut self, name: &str) -> Option<&mut Vec<u32>> {
        self.by_name.get_mut(name)
    }

    /// The columns that got a name with this normal form.
    pub(super) fn in_normal_form(&mut self, name: &str) -> Option<&mut Vec<u32>> {
        let by_normal = self.by_normal.get_or_insert_with(|| {
            let mut by_normal: BTreeMap<String, Vec<u32>> = BTreeMap::new();
            for (name, columns) in &self.by_name {
                by_normal.entry(values::normal(name).into_owned()).or_default().extend(columns);
            }
            by_normal
        });
        by_normal.get_mut(name)
    }
}

/// Whether sorted edits give the column at `at` a name.
pub(super) fn renames(edits: &[ColumnEdit], at: u32) -> bool {
    let found = edits.binary_search_by_key(&at, |edit| edit.col);
    found.is_ok_and(|index| edits[index].name.is_some())
}
