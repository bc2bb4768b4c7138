//! Programs under test: where they are, and how they run as child processes.
//!
//! Not servers: a program here has arguments and output alone. Invariant: no program outlives its handle.

pub mod binaries;
mod process;

pub use process::{Finished, Process, run};
