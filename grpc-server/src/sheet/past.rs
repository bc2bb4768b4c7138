//! A sheet's past: what was changed, and what it looked like.
//!
//! Read only, and outside of the sheets' tasks: whatever is committed stays as it is, so nobody has
//! to wait for it.

pub mod lines;
pub mod state;
