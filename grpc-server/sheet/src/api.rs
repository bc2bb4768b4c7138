//! The requests to an open sheet, and their answers.
//!
//! Not here: refusals (`refusal`), and the task that carries a request out (`actor`). Invariant: the form of a
//! request has been checked.

pub mod message;
pub mod persons;
pub mod undo_target;
