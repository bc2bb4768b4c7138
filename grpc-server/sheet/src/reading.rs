//! What is read of a sheet besides rows: all that an open sheet begins with, and its older changes.
//!
//! Not here: rows (`actor::reads`), and the questions to Postgres and the journal (`ports`). Invariant: the changes that are read
//! follow each other without a gap.

pub(crate) mod history;
pub mod loading;
