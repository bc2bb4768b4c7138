//! What an open sheet can be asked, and what it answers.
//!
//! Not here: why it refuses (`refusal`), and who carries a request out (`actor`). Invariant: a request has been checked for its form.

pub mod message;
pub mod undo_target;
