//! The bare transport and the bare disk, without a Gridloom server.
//!
//! Not the load. Invariant: the bare figures are of the same machine and the same run as those beside them.

pub(crate) mod baseline;
pub(crate) mod echo;
