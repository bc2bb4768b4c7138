//! Why a sheet refuses a request, and why it can't be opened.
//!
//! Not here: status codes and their sentences (`edge::errors` in the server). Invariant: each list is closed.

pub mod open_error;
pub mod refusal;
