//! The verdict on a run: its expected cells, and the comparison with every copy of a sheet.
//!
//! Not the figures. Invariant: each difference is a note.

pub(crate) mod check;
pub(crate) mod truth;
