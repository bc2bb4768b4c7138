//! A search for rows: a filter, an order and a page, closed and checked.
//!
//! Not its execution: the store does it. Columns are named by id, so that a query means the same after a column is
//! moved or renamed. Invariant: a value in a comparison is never `Value::Empty`.

use std::sync::Arc;

use ot_engine::{ColumnId, Revision, RowId, Value};

/// Which rows.
#[derive(Clone, Debug, PartialEq)]
pub enum RowFilter {
    /// All of these hold.
    All(Vec<RowFilter>),
    /// At least one of these holds.
    Any(Vec<RowFilter>),
    /// This does not hold.
    Not(Box<RowFilter>),
    /// A test of one cell.
    Cell {
        /// In which column.
        column: ColumnId,
        /// The test.
        test: CellTest,
        /// Texts are compared without regard to case.
        ignore_case: bool,
    },
}

impl RowFilter {
    /// Visits the columns that it tests, in its order.
    pub fn columns(&self, visit: &mut impl FnMut(ColumnId)) {
        match self {
            Self::All(filters) | Self::Any(filters) => {
                filters.iter().for_each(|filter| filter.columns(visit));
            }
            Self::Not(filter) => filter.columns(visit),
            Self::Cell { column, .. } => visit(*column),
        }
    }
}

/// A test of one cell.
#[derive(Clone, Debug, PartialEq)]
pub enum CellTest {
    /// It holds one of these values.
    In(Vec<Value>),
    /// It holds a value of the same kind that compares so.
    Compare(Comparison, Value),
    /// It holds a text with this one in it.
    Contains(Arc<str>),
    /// It holds a text that begins with this one.
    StartsWith(Arc<str>),
    /// It holds no value.
    IsEmpty,
}

/// How two values of one kind compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Before it.
    Less,
    /// Before it, or the same.
    LessOrEqual,
    /// After it.
    Greater,
    /// After it, or the same.
    GreaterOrEqual,
}

/// One level of sorting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowOrder {
    /// By which column.
    pub column: ColumnId,
    /// The largest first.
    pub descending: bool,
}

/// The last row of a page, and its place when the page was read: the next page begins behind it, wherever the row is by
/// then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageEnd {
    /// The revision of the page.
    pub revision: Revision,
    /// The row. Its cells of that revision are its place among the sorted rows.
    pub row: RowId,
    /// Its position at that revision: its place among rows that sort alike.
    pub position: u32,
}

/// A whole question.
#[derive(Clone, Debug, PartialEq)]
pub struct RowQuery {
    /// Which rows.
    pub filter: RowFilter,
    /// In what order; rows that are alike stand as they do in the sheet.
    pub order: Vec<RowOrder>,
    /// The end of the page before; `None` for the first page.
    pub after: Option<PageEnd>,
    /// Rows to give at most.
    pub limit: u32,
    /// Count all that pass, too.
    pub total: bool,
    /// The columns whose cells are read; `None` for all.
    pub columns: Option<Vec<ColumnId>>,
    /// Bytes of memory after which no further row is read.
    pub bytes_most: usize,
}

impl RowFilter {
    /// Whether a row without any value passes.
    #[must_use]
    pub fn passes_blank(&self) -> bool {
        match self {
            Self::All(filters) => filters.iter().all(Self::passes_blank),
            Self::Any(filters) => filters.iter().any(Self::passes_blank),
            Self::Not(filter) => !filter.passes_blank(),
            Self::Cell { test, .. } => *test == CellTest::IsEmpty,
        }
    }
}
