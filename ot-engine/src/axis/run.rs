//! One run of an axis delta: a step over the old lines.
//!
//! It is not a complete change: the position of a run follows from the runs before it.
//!
//! Invariant: two runs join into one only if the joined run has exactly their effect.

use std::collections::BTreeMap;

use crate::LineId;

/// One step over the old lines. Counts are lines; a slot names a moved block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Run {
    /// Keeps this many old lines.
    Keep(u32),
    /// Deletes this many old lines.
    Delete(u32),
    /// Takes old lines out of this place; the drop of the same slot places them.
    Lift {
        /// The block that the lines belong to.
        slot: u32,
        /// Number of lines.
        count: u32,
    },
    /// Inserts new lines here.
    Insert {
        /// Number of lines.
        count: u32,
        /// The id of the first line; each further line has the next id. `None` until the server
        /// assigns the ids.
        first: Option<LineId>,
    },
    /// Places the lifted block here.
    Drop {
        /// The block.
        slot: u32,
    },
}

impl Run {
    /// How many old lines the run consumes.
    #[must_use]
    pub const fn consumes(self) -> u32 {
        match self {
            Self::Keep(count) | Self::Delete(count) | Self::Lift { count, .. } => count,
            Self::Insert { .. } | Self::Drop { .. } => 0,
        }
    }

    pub(super) const fn is_empty(self) -> bool {
        match self {
            Self::Keep(count)
            | Self::Delete(count)
            | Self::Lift { count, .. }
            | Self::Insert { count, .. } => count == 0,
            Self::Drop { .. } => false,
        }
    }

    /// The single run with the effect of this one and `next`. `None` when there is none, or when the
    /// count would overflow.
    pub(super) fn joined(self, next: Self) -> Option<Self> {
        match (self, next) {
            (Self::Keep(a), Self::Keep(b)) => a.checked_add(b).map(Self::Keep),
            (Self::Delete(a), Self::Delete(b)) => a.checked_add(b).map(Self::Delete),
            (Self::Lift { slot, count: a }, Self::Lift { slot: other, count: b }) => {
                (slot == other).then(|| a.checked_add(b))?.map(|count| Self::Lift { slot, count })
            }
            (Self::Insert { count: a, first }, Self::Insert { count: b, first: next }) => {
                let follows = match (first, next) {
                    (None, None) => true,
                    (Some(id), Some(next)) => id.0.checked_add(u64::from(a)) == Some(next.0),
                    _ => false,
                };
                follows.then(|| a.checked_add(b))?.map(|count| Self::Insert { count, first })
            }
            _ => None,
        }
    }

    /// The run with its slot renamed to the number of the slot's first appearance. A caller chooses the slots, so no hash of
    /// them is used.
    pub(super) fn with_slot_number(self, slots: &mut BTreeMap<u32, u32>) -> Self {
        let next = slots.len() as u32;
        match self {
            Self::Lift { count: 0, .. } => self,
            Self::Lift { slot, count } => {
                Self::Lift { slot: *slots.entry(slot).or_insert(next), count }
            }
            Self::Drop { slot } => Self::Drop { slot: *slots.entry(slot).or_insert(next) },
            Self::Keep(_) | Self::Delete(_) | Self::Insert { .. } => self,
        }
    }
}

/// The element of `slot`; the list grows to hold it.
pub(super) fn slot_mut<T: Default>(list: &mut Vec<T>, slot: u32) -> &mut T {
    let index = slot as usize;
    if list.len() <= index {
        list.resize_with(index + 1, T::default);
    }
    &mut list[index]
}
