//! Whole sheets in and out of Postgres, by connections of their own.
//!
//! Not what an open sheet reads or writes. Invariant: memory stays flat, whatever the size of the sheet.

pub(crate) mod export;
pub(crate) mod import;
