//! The parts of the whole-system tests, the load generator and the benchmark.
//!
//! [`harness`] starts real servers on free ports and cleans up after them. [`load`] runs writers and readers and
//! checks that no edit is lost. [`mod@bench`] repeats loads and takes medians. [`drill`] injects faults under
//! writers; [`mod@attack`] measures how others are served under attack. No part of the product depends on this crate.

pub mod attack;
pub mod bench;
pub mod drill;
pub mod harness;
pub mod load;
mod procfs;
