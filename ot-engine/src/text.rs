//! The change of one cell's text, character by character.
//!
//! It is not the edit of a cell ([`CellEdit`](crate::CellEdit) holds the position). Start with `run.rs`
//! and `delta.rs`; `builder.rs` brings runs into normal form, `merge.rs` transforms and composes,
//! `diff.rs` compares two texts.
//!
//! Invariant: lengths and positions count Unicode scalar values, never bytes.

mod builder;
mod delta;
mod diff;
mod merge;
mod run;

pub use delta::TextDelta;
pub use run::TextRun;
