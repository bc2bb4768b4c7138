//! The live sheet for the page: the client's core behind a boundary that a browser can cross.
//!
//! Messages cross as protobuf bytes, so that both sides have generated types for them; cells cross
//! as plain JavaScript values. What this crate is not: it holds no rule of its own, opens no
//! connection and draws nothing.
//!
//! Invariant: nothing that the page or the server passes in makes it panic; what does not fit comes
//! back as a JavaScript error.

mod edits;
mod engine;
mod gesture;
mod heard;
mod holds;
mod marks;
mod value;

pub use engine::Engine;
pub use gesture::Gesture;
pub use heard::Heard;
pub use holds::Lost;
