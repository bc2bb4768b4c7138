//! What surrounds each request: its origin, its headers, its deadline, and the bounds of its bytes and of its answer.
//!
//! Not the connection (`connections`), nor the calls (`router`). Invariant: nothing here names a service.

pub(super) mod deadlines;
pub(super) mod held;
pub(super) mod layers;
pub(super) mod origins;
pub(super) mod unfinished;
