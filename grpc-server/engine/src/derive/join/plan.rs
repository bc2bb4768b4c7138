//! What a join is asked for, and the columns that its steps read.
//!
//! Not the steps. Invariant: places count the columns that are picked, and positions those of a table.

use std::sync::Arc;

use super::super::operation::JoinRows;

/// What is joined.
pub(in crate::derive) struct Plan<'a> {
    /// The places of the key in the columns of each side.
    pub(in crate::derive) keys: &'a [(usize, usize)],
    pub(in crate::derive) rows: JoinRows,
    /// The positions of the columns that are picked of the source, and of the other table.
    pub(in crate::derive) columns: &'a [usize],
    pub(in crate::derive) other_columns: &'a [usize],
    /// The names of the key's columns on both sides.
    pub(in crate::derive) names: &'a [(Arc<str>, Arc<str>)],
    pub(in crate::derive) other_name: &'a str,
}

/// The positions of columns that the steps read.
pub(super) struct Columns {
    /// The key of the source.
    pub(super) keys: Vec<usize>,
    /// What is taken of the other table; where its keys are needed, they are last.
    pub(super) taken: Vec<usize>,
    /// How many of them are columns of the result.
    pub(super) shown: usize,
    /// The key of the other table.
    pub(super) other_keys: Vec<usize>,
}

impl Columns {
    pub(super) fn new(plan: &Plan<'_>) -> Self {
        let of = |columns: &[usize], place: usize| columns.get(place).copied();
        let keys = plan.keys.iter().filter_map(|(place, _)| of(plan.columns, *place)).collect();
        let other_keys: Vec<usize> =
            plan.keys.iter().filter_map(|(_, place)| of(plan.other_columns, *place)).collect();
        let is_key = |place: usize| plan.keys.iter().any(|(_, key)| *key == place);
        let rest = plan.other_columns.iter().enumerate().filter(|(place, _)| !is_key(*place));
        let mut taken: Vec<usize> = match plan.rows {
            JoinRows::Unmatched => Vec::new(),
            JoinRows::AllOfSource | JoinRows::Matched | JoinRows::All => {
                rest.map(|(_, column)| *column).collect()
            }
        };
        let shown = taken.len();
        if plan.rows == JoinRows::All {
            taken.extend(&other_keys);
        }
        Self { keys, taken, shown, other_keys }
    }
}
