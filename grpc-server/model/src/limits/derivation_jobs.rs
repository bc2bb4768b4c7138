//! The limits of the jobs that derive files, and of previews of computed columns.
//!
//! Not those of formulas, groups and joins (`derivations`), nor those of queries and of saved files (`tables`, `files`). Invariant:
//! the parameters of a derivation fit the record of its job.

use std::time::Duration;

use super::edge::JOB_PARAMETERS_BYTES;
use super::files::CONTENT_KEPT;

/// Characters of the name of a new column.
pub const DERIVED_NAME_CHARACTERS: usize = 200;

/// Bytes of the columns, the formulas and the names of one derivation, in the form in which its job keeps them.
pub const DERIVATION_BYTES: usize = 60 * 1024;

/// Rows of a preview of computed columns whose request names no number.
pub const COLUMN_PREVIEW_ROWS: u32 = 10;

/// Rows of such a preview at most.
pub const COLUMN_PREVIEW_ROWS_MOST: u32 = 100;

/// Derivations that one server makes at once.
pub const DERIVATIONS_AT_ONCE: usize = 2;

/// How long one attempt may take.
pub const DERIVATION_WITHIN: Duration = Duration::from_secs(60 * 60);

/// A group and a join write their first piece late: no sweep takes the draft of an attempt before.
const _: () = assert!(DERIVATION_WITHIN.as_secs() <= CONTENT_KEPT.as_secs());
/// Room is left for the title of the job and the id of its file.
const _: () = assert!(DERIVATION_BYTES + 4 * 1024 <= JOB_PARAMETERS_BYTES);
