//! The parts of the whole-system tests, the load generator and the benchmark.
//!
//! [`harness`] starts real servers on free ports and cleans up after them; [`load`] puts them under
//! load and checks that nothing is lost; [`mod@bench`] repeats loads and takes medians; [`drill`] lets things
//! fail under writers. No part of the product depends on this crate.

pub mod bench;
pub mod drill;
pub mod harness;
pub mod load;
mod procfs;
