//! The clients of a drill: writers, onlookers, newcomers, and sessions of special load.
//!
//! Not the judge: they record evidence. Invariant: each client ends at its stop signal, or at a deadline after it.

pub(crate) mod heavy;
pub(crate) mod newcomer;
pub(crate) mod onlooker;
pub(crate) mod slow_session;
pub(crate) mod texts;
pub(crate) mod writer;
