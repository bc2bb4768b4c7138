//! What a comparison means.
//!
//! Not which values are compared with each other: see the parent.

use std::cmp::Ordering;

use model::Comparison;

/// Whether a comparison holds for values that compare so.
pub(super) fn holds(comparison: Comparison, ordering: Ordering) -> bool {
    match comparison {
        Comparison::Less => ordering.is_lt(),
        Comparison::LessOrEqual => ordering.is_le(),
        Comparison::Greater => ordering.is_gt(),
        Comparison::GreaterOrEqual => ordering.is_ge(),
    }
}
