//! Applies an axis delta to a list that has one element for each line.
//!
//! It is not the way of large axes: a view and the server apply deltas to pieces of many lines.
//!
//! Invariant: total. Lines that the runs name and the list does not have are left out.

use super::{AxisDelta, AxisMap, Run};
use crate::LineId;

impl AxisDelta {
    /// The elements of `old` in the order after the change; `insert` makes the element of each new line.
    pub fn apply_to_vec<T>(
        &self,
        old: Vec<T>,
        mut insert: impl FnMut(Option<LineId>) -> T,
    ) -> Vec<T> {
        let mut old: Vec<Option<T>> = old.into_iter().map(Some).collect();
        let map = AxisMap::new(self);
        let mut new = Vec::with_capacity(old.len());
        let mut at = 0_usize;
        for run in self.runs() {
            let consumed = at.saturating_add(run.consumes() as usize);
            match *run {
                Run::Keep(_) => new.extend(take(&mut old, at, consumed)),
                Run::Delete(_) | Run::Lift { .. } => {}
                Run::Insert { count, first } => {
                    let ids = 0..u64::from(count);
                    new.extend(ids.map(|i| insert(first.map(|id| LineId(id.0 + i)))));
                }
                Run::Drop { slot } => {
                    let block = map.block(slot);
                    new.extend(take(&mut old, block.start as usize, block.end as usize));
                }
            }
            at = consumed;
        }
        new.extend(old.into_iter().skip(at).flatten());
        new
    }
}

/// Takes the elements `from .. to` out of the list, as far as it has them.
fn take<T>(lines: &mut [Option<T>], from: usize, to: usize) -> impl Iterator<Item = T> {
    let len = lines.len();
    lines[from.min(len)..to.min(len)].iter_mut().filter_map(Option::take)
}
