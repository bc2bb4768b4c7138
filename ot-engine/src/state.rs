//! The states of a sheet that a delta applies to: the dense model, and a client's view.
//!
//! The server's sheet is neither of them; it keeps its rows in the `grpc-server` crate.
//!
//! Invariant: a [`View`] equals the dense [`Sheet`] on every cell that is loaded.

mod dense;
mod view;

pub use dense::Sheet;
pub use view::{Block, Inserted, View};
