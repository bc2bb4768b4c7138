//! Queries over tables of files: views that are filtered and sorted, summaries of columns, and derivations: computed columns,
//! groups and joins. Beside the program `gridloom-engine` the only crate that links DataFusion.
//!
//! No network, no database: a table is the bytes that a caller gives, in the form of the crate `tables`, and a cluster is a trait
//! of the caller. All calls block.
//!
//! | file | holds |
//! | --- | --- |
//! | `engine` | the limits of queries, and the calls |
//! | `shared` | the threads, the memory and the disk of all queries |
//! | `memory` | the memory of one query: what the steps that can write to the disk leave to the other ones |
//! | `columns` | the columns that a question names |
//! | `filter` | which rows match, and which groups of rows have none |
//! | `order` | the order of values, and keys of bytes that have it; that of texts in `order::collation` |
//! | `scan` | one pass over the groups of rows of a table; in `scan::workers` its threads, which end with the query |
//! | `ordered` | what the threads of a pass make, in the order of the table |
//! | `sorted` | the plan that sorts, with memory and disk that are bounded; in `sorted::sorter` for rows that a caller pushes |
//! | `view`, `summary` | the queries of what a table has |
//! | `derive` | formulas, groups and joins: the rows of new tables |
//! | `steps` | what each step of a query has cost so far |
//! | `cluster` | a query whose sorting or counting happens in other processes; what it asks and answers, as bytes |
//! | `portion` | the rows of some groups of a table, as a process of a cluster reads them |
//!
//! Not here: the reader of a filter, which is the server's. Invariants: a query takes memory of the pool and disk of its folder
//! alone, beside a few batches for each thread; what it has started ends with it; equal rows keep the order of the table.

mod cluster;
mod columns;
mod derive;
mod engine;
mod error;
mod filter;
mod memory;
mod order;
mod ordered;
mod portion;
mod scan;
mod shared;
mod sorted;
mod steps;
mod summary;
mod view;

#[cfg(test)]
mod tests;

use model::{RowFilter, RowOrder};
use ot_engine::Value;

pub use cluster::{Ask, Cluster, Plan, ipc};
pub use derive::{
    Aggregate, AggregateFunction, Derived, Formula, FormulaColumn, FormulaError, JoinOther,
    JoinRows, Operation,
};
pub use engine::{Engine, QueryLimits};
pub use error::QueryError;
pub use portion::Portion;
pub use sorted::KEY;
pub use steps::{Handed, Meter, STEPS_MOST, Step, StepSource, Steps};

/// Which rows a view has, and in what order. The column with id N is the one at position N - 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Which rows.
    pub filter: RowFilter,
    /// In what order, the most important level first; rows that are alike stand as they do in the table.
    pub order: Vec<RowOrder>,
}

/// How far a query is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows that were read.
    pub rows: u64,
    /// Rows to be read.
    pub of: u64,
}

/// The values of a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Rows that match.
    pub rows: u64,
    /// Of these, those without a value.
    pub empty: u64,
    /// Different values.
    pub distinct: u64,
    /// The most frequent values, the first one first; of equally frequent ones the lesser first. Of a text of more than
    /// 4 KiB only the begin.
    pub values: Vec<(Value, u64)>,
    /// The least value, cut as `values` are.
    pub least: Option<Value>,
    /// The greatest value, cut as `values` are.
    pub greatest: Option<Value>,
    /// At most 20 ranges of equal width over the numbers, or, where there are none, over days and times: the first value, the
    /// end, and the rows. The end of the last one belongs to it.
    pub ranges: Vec<(Value, Value, u64)>,
    /// The sum of the numbers.
    pub sum: Option<f64>,
}

/// Receives how far a query is, on the caller's thread and several times in a second. True: the query is to stop.
type Watch<'a> = &'a (dyn Fn(Progress) -> bool + Sync);
