//! What a server does with the invalidations that it receives: see [`listener`] and [`lookups`].

pub(crate) mod listener;
pub(crate) mod lookups;
