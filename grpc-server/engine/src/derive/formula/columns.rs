//! The columns that a formula may use, and why one is not read.
//!
//! Not the cells. Invariant: positions in a formula count characters from 1.

use std::sync::Arc;

use ot_engine::ColumnKind;

/// A column that a formula may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormulaColumn {
    /// Its name.
    pub name: Arc<str>,
    /// The kind of its values.
    pub kind: ColumnKind,
    /// Whether each value that is not empty fits the kind.
    pub is_exact: bool,
}

/// Why a formula is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {rule}")]
pub struct FormulaError {
    /// The position of the character, counted from 1; behind the last one at the end.
    pub at: usize,
    /// The rule that it breaks, for a person.
    pub rule: String,
}

impl FormulaError {
    pub(super) fn new(at: usize, rule: impl Into<String>) -> Self {
        Self { at, rule: rule.into() }
    }
}
