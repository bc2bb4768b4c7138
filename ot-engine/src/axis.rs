//! One axis of a sheet, rows or columns: the change of its lines and the positions after it.
//!
//! It is not the change of a whole sheet ([`Delta`](crate::Delta) is). Start with `run.rs` (one step of
//! a change) and `delta.rs` (the change); `map.rs` looks positions up; `merge.rs`, `compose.rs` and
//! `between.rs` make new changes from others.
//!
//! Invariant: every [`AxisDelta`] is in normal form (see `delta.rs`).

mod apply;
mod between;
mod build;
mod compose;
mod delta;
mod map;
mod merge;
mod positions;
mod run;
mod walk;

pub(crate) use compose::compose;
pub use delta::AxisDelta;
pub use map::{AxisMap, Bias, Origin};
pub(crate) use merge::merge;
pub use run::Run;
