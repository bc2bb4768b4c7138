//! The formats that become tables, each by a reader of its own, and what those share.
//!
//! Not the table: see `write`. Invariant: each reader brings rows or batches in their order, once.

mod chosen;
pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod parquet_file;
mod shape;
pub(crate) mod xlsx;
