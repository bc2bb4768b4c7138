//! How published changes reach the sessions of a sheet: each session gets what its viewport shows.
//!
//! Not here: the order of changes (`ordering`), whole windows of cells (`windows`). Invariant: a session that
//! does not read holds nobody up.

pub mod cells;
pub mod published;
pub(crate) mod recent;
pub mod session;
pub mod sessions;
pub(crate) mod viewport;

#[cfg(test)]
mod tests;
