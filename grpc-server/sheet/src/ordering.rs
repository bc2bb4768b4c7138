//! The order of a sheet's edits: the core that sequences them and decides when they are appended.
//!
//! | file | holds |
//! | --- | --- |
//! | `core` | the queue, the batches, and when work is staged |
//! | `stage`, `texts`, `commands`, `row_limit` | how one piece of work becomes an entry |
//! | `answers` | what an answer of the journal or of storage changes |
//! | `heavy`, `heavy_edits` | edits whose work is done elsewhere, part by part |
//! | `parked`, `fetched` | edits that wait for rows or older changes, and what was fetched for them |
//! | `members` | the clients, their sessions, and when they are removed |
//! | `work`, `batch`, `action`, `clients` | data |
//!
//! Not here: sessions (`fanout`), Postgres (`durability`), and all I/O (`actor`). Invariant: no edit is published
//! before it is durable in the journal.

pub(crate) mod action;
mod answers;
mod batch;
pub(crate) mod clients;
pub mod commands;
pub(crate) mod core;
mod fetched;
mod fitting;
pub(crate) mod heavy;
mod heavy_edits;
mod members;
mod parked;
mod row_limit;
mod stage;
#[cfg(test)]
mod tests;
mod texts;
mod undos;
pub(crate) mod work;

pub(crate) use self::core::Ordering;
pub(crate) use self::parked::ParkedId;
