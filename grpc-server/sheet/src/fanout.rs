//! Fan-out: each session of a sheet receives the published changes that its viewport shows.
//!
//! Not here: the order of changes (`ordering`), whole windows of cells (`windows`). Invariant: a session that
//! does not read delays neither the sheet nor another session.

pub mod applied;
pub mod cells;
pub mod published;
pub(crate) mod recent;
pub mod role;
pub mod session;
pub mod sessions;
pub(crate) mod sheet_changes;
pub(crate) mod viewport;
pub(crate) mod wire_columns;

#[cfg(test)]
mod tests;
