//! A sheet's past: what was changed, what it looked like, and how to bring that back.
//!
//! Read only, and outside of the sheets' tasks: whatever is committed stays as it is, so nobody has
//! to wait for it.

pub mod floor;
pub mod lines;
pub mod restore;
pub mod state;
pub mod undo;
