//! What the whole-system tests and the load generator are made of.
//!
//! [`harness`] starts real servers on free ports and cleans up after them; [`load`] puts them under
//! load and checks that nothing went missing; [`drill`] lets things fail under them meanwhile. No part
//! of the product depends on this crate.

pub mod drill;
pub mod harness;
pub mod load;
