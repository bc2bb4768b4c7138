//! Fills sheets from tables: the begin of such a job, and its kind `fill-sheet`.
//!
//! | file | holds |
//! | --- | --- |
//! | `begin` | a request, and its job |
//! | `target` | where the rows go: the check of a request, and the parameters of a job |
//! | `kind` | an attempt at the job |
//! | `context` | what each attempt has, and what becomes of it |
//! | `columns` | which column of the sheet takes a column of the source |
//! | `rules` | which values a cell takes, and those that were left out |
//! | `rows` | the rows of the source, read on a thread of their own |
//! | `batches` | how many rows one edit has |
//! | `new_sheet` | a sheet that is made |
//! | `edited` | a sheet that is edited: its columns, and rows at its end |
//! | `inserts` | the columns that it lacked |
//! | `own_edits` | the revisions that an attempt has made itself |
//! | `names` | the names of edits, and their gesture |
//! | `done` | the rows that are in effect so far |
//! | `append`, `merge` | the jobs that edit a sheet |
//! | `keys` | the keys of a merge |
//! | `changes` | the cells that a merge changes, and those that are newer than its request |
//! | `notes` | the sentences of a result |
//! | `failures` | why an attempt fails |
//!
//! Not the source (`source`). Invariants: an attempt that follows another one repeats nothing that is in effect; memory does not
//! grow with the rows, but for the keys of a merge, which have a bound.

mod append;
mod batches;
mod begin;
mod changes;
mod columns;
mod context;
mod done;
mod edited;
mod failures;
mod inserts;
mod keys;
mod kind;
mod merge;
mod names;
mod new_sheet;
mod notes;
mod own_edits;
mod rows;
mod rules;
mod target;

pub(super) use self::begin::begin;
pub(crate) use self::kind::FillSheet;
