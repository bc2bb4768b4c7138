//! The columns that commands name, as the commands before them leave the sheet.
//!
//! A name is looked up among the columns of the head and among the names that the list has given since. What is
//! found is followed to its position now. A column that was deleted or renamed since never has that name there
//! again, so it is left out of later lookups. Where no column has the name as it is encoded, its normal form counts.
//!
//! Not here: what a command does to a column. Invariant: a list costs no more than the columns of the sheet, its
//! commands and the columns that they insert, each a few times.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ot_engine::ColumnId;
use rustc_hash::FxHashMap;

use super::renamed::Renamed;
use super::sum::{Part, Sum};
use model::ColumnRecord;

/// How many columns have a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    None,
    /// One, at this position.
    One(u32),
    Several,
}

/// The columns of the head, indexed when a command asks for one by id or name.
#[derive(Debug)]
pub(super) struct Columns<'a> {
    head: &'a [ColumnRecord],
    by_id: Option<FxHashMap<ColumnId, u32>>,
    /// Callers choose the names, so no hash of them is used.
    by_name: Option<BTreeMap<&'a str, Vec<u32>>>,
    /// By the normal form of the name.
    by_normal: Option<BTreeMap<Cow<'a, str>, Vec<u32>>>,
}

impl<'a> Columns<'a> {
    pub(super) const fn new(head: &'a [ColumnRecord]) -> Self {
        Self { head, by_id: None, by_name: None, by_normal: None }
    }

    /// Where the column with this id is now.
    pub(super) fn with_id(&mut self, id: ColumnId, sum: &Sum) -> Option<u32> {
        let by_id = self
            .by_id
            .get_or_insert_with(|| self.head.iter().map(|column| column.id).zip(0..).collect());
        sum.column(*by_id.get(&id)?)
    }

    /// Which columns have this name now; where none has, those that have it in normal form C.
    pub(super) fn named(&mut self, name: &str, sum: &mut Sum) -> Named {
        match self.exactly(name, sum) {
            Named::None => self.in_normal_form(&values::normal(name), sum),
            found => found,
        }
    }

    fn exactly(&mut self, name: &str, sum: &mut Sum) -> Named {
        let by_name = self.by_name.get_or_insert_with(|| {
            let mut by_name: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
            for (column, at) in self.head.iter().zip(0..) {
                by_name.entry(&column.name).or_default().push(at);
            }
            by_name
        });
        found_in(by_name.get_mut(name), sum, |renamed| renamed.columns(name))
    }

    fn in_normal_form(&mut self, name: &str, sum: &mut Sum) -> Named {
        let by_normal = self.by_normal.get_or_insert_with(|| {
            let mut by_normal: BTreeMap<Cow<'_, str>, Vec<u32>> = BTreeMap::new();
            for (column, at) in self.head.iter().zip(0..) {
                by_normal.entry(values::normal(&column.name)).or_default().push(at);
            }
            by_normal
        });
        found_in(by_normal.get_mut(name), sum, |renamed| renamed.in_normal_form(name))
    }
}

/// Which columns have a name now, of those of the head that have it there and those that got it since.
fn found_in(
    of_head: Option<&mut Vec<u32>>,
    sum: &mut Sum,
    mut since: impl FnMut(&mut Renamed) -> Option<&mut Vec<u32>>,
) -> Named {
    let mut found = Named::None;
    if let Some(known) = of_head {
        found = found.and(still_named(known, sum.parts()));
    }
    for index in 0..sum.parts().len() {
        let Some(mut renamed) = sum.take_renamed(index) else { break };
        if let Some(known) = since(&mut renamed) {
            found = found.and(still_named(known, &sum.parts()[index + 1..]));
        }
        sum.put_renamed(index, renamed);
    }
    found
}

impl Named {
    fn and(self, more: Self) -> Self {
        match (self, more) {
            (Self::None, other) | (other, Self::None) => other,
            _ => Self::Several,
        }
    }
}

/// Which of the columns at these positions still have their name after `parts`. Removes the ones that it finds
/// to have it no longer.
fn still_named(known: &mut Vec<u32>, parts: &[Part]) -> Named {
    let mut found = Named::None;
    for index in (0..known.len()).rev() {
        let now = parts
            .iter()
            .try_fold(known[index], |at, part| part.column(at).filter(|at| !part.renames(*at)));
        match now {
            // Behind it is at most the one that was found before.
            None => drop(known.remove(index)),
            Some(at) => found = found.and(Named::One(at)),
        }
        if found == Named::Several {
            break;
        }
    }
    found
}
