//! The limits of derivations: formulas, groups and joins.
//!
//! Not those of a made file, which are the limits of files. Invariant: each limit has its unit in its name, and each refusal
//! names the limit that it met.

/// Characters of a formula.
pub const FORMULA_CHARACTERS: usize = 2_000;

/// Parentheses, arguments and signs of a formula inside of each other.
pub const FORMULA_DEPTH: usize = 64;

/// Bytes of a text that a formula makes.
pub const FORMULA_TEXT_BYTES: usize = 64 * 1024;

/// Bytes of texts that the functions of a formula look at for one row.
pub const FORMULA_WORK_BYTES: usize = 8 * 1024 * 1024;

/// Columns that one derivation computes.
pub const DERIVED_COLUMNS: usize = 64;

/// Columns by which rows are grouped.
pub const GROUP_COLUMNS: usize = 8;

/// Columns that have one value for each group.
pub const AGGREGATES: usize = 64;

/// Bytes of the different values of one group that are counted: they are in memory.
pub const DISTINCT_BYTES: usize = 64 * 1024 * 1024;

/// Pairs of columns of a join's key.
pub const JOIN_KEYS: usize = 8;

/// Bytes of the other table's rows with one key: they are in memory.
pub const JOIN_HELD_BYTES: usize = 32 * 1024 * 1024;
