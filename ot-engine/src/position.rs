//! Positions that follow the lines of a sheet: windows and presence.
//!
//! Neither is part of a sheet's state, and no edit changes them directly.
//!
//! Invariant: the server and a client that map a position over the same deltas get the same result.

mod presence;
mod window;

pub use presence::Presence;
pub use window::Window;
