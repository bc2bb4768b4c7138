//! The operation log: the tables `changes`, `before_images`, `checkpoints` and `past_clients`.
//!
//! Not its growth: a batch is added by `commit`. Invariant: from a sheet's oldest checkpoint on, the log has
//! every change, its inverse, and what it overwrote.

pub(crate) mod changes;
pub(crate) mod checkpoints;
pub(crate) mod history;
pub(crate) mod retention;
