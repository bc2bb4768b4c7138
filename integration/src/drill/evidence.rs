//! The evidence of a run, the verdict on it, and its times.
//!
//! Not the clients, which record it. Invariant: nothing here does I/O.

pub(crate) mod check;
pub(crate) mod history;
pub(crate) mod timeline;
