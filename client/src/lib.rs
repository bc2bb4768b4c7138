//! The Rust client of Gridloom.
//!
#![cfg_attr(feature = "net", doc = include_str!("../README.md"))]
//!
//! # Layers
//!
//! Dependencies point one way: `gridctl` -> `net` -> [`core`] -> `ot_engine`. `core` knows no
//! socket and `net` looks inside no delta. Without the feature `net` (on by default) only `core` is
//! built.

pub mod core;
#[cfg(feature = "net")]
pub mod net;

#[cfg(feature = "net")]
pub use net::{Client, Error};
