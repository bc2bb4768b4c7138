//! What is made of the rows of a table.
//!
//! Not how it is made. Invariant: positions of columns are places among those that are picked of a table.

use std::sync::Arc;

use tables::Bytes;

use super::formula::Formula;

/// What is made of rows.
pub enum Operation {
    /// The rows with computed columns behind their own. A formula may use the picked columns and those computed before it.
    Add(Vec<(Arc<str>, Formula)>),
    /// A row for each combination of values.
    Group {
        /// The columns whose values make a group, by their places; none: all rows are one group.
        by: Vec<usize>,
        /// The columns with one value for each group.
        aggregates: Vec<Aggregate>,
    },
    /// The rows with the columns of another table beside them.
    Join {
        /// The other table.
        other: JoinOther,
        /// The places of the columns of the key, in the columns of each side.
        keys: Vec<(usize, usize)>,
        /// Which rows.
        rows: JoinRows,
    },
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self {
            Self::Add(_) => "Add",
            Self::Group { .. } => "Group",
            Self::Join { .. } => "Join",
        };
        f.debug_struct(name).finish_non_exhaustive()
    }
}

/// What is computed of the values of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateFunction {
    /// Rows.
    Rows,
    /// Rows with a value.
    Values,
    /// Different values.
    Distinct,
    /// The sum of the numbers; no value without numbers.
    Sum,
    /// The mean of the numbers; no value without numbers.
    Mean,
    /// The least value; no value without values.
    Least,
    /// The greatest value.
    Greatest,
}

/// A column with one value for each group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// What is computed.
    pub function: AggregateFunction,
    /// The place of the column of the values; `None` for [`AggregateFunction::Rows`].
    pub column: Option<usize>,
    /// The name of the column.
    pub name: Arc<str>,
}

/// Which rows a join has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinRows {
    /// Each row of the source, at least once.
    AllOfSource,
    /// Rows of the source whose key the other table has.
    Matched,
    /// Rows of the source whose key the other table lacks, without its columns.
    Unmatched,
    /// Each row of the source at least once, and then those of the other table whose key the source lacks. Their keys stand in
    /// the columns of the source's key.
    All,
}

/// The other table of a join.
pub struct JoinOther {
    /// The table.
    pub table: Arc<dyn Bytes>,
    /// The positions of the columns that are taken; those of the key are among them, and are left out of the result.
    pub columns: Vec<usize>,
    /// The name of its file.
    pub name: String,
}

impl std::fmt::Debug for JoinOther {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinOther").field("columns", &self.columns).finish_non_exhaustive()
    }
}

/// What a derivation has made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    /// Rows.
    pub rows: u64,
    /// What could not be computed and what may surprise, each a sentence.
    pub notes: Vec<String>,
}
