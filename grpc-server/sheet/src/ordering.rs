//! The order of a sheet's edits: sequenced, appended to the journal, published.
//!
//! Not here: sessions (`fanout`) and Postgres (`durability`). Invariant: no edit is published before it is
//! durable in the journal.

pub(crate) mod append;
pub(crate) mod batch;
pub(crate) mod clients;
pub mod commands;
pub(crate) mod edits;
pub(crate) mod follow;
pub(crate) mod group_commit;
pub(crate) mod texts;
