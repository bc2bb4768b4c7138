//! The journal as an open sheet uses it.
//!
//! Not a trait: [`Journal`] is a handle on one of two journals, and a simulation plays the traits below it
//! ([`Disk`] and [`SharedJournal`]).
//!
//! Invariant: what is listed here is all that a sheet uses of the crate.
//!
//! [`Disk`]: ::journal::Disk
//! [`SharedJournal`]: ::journal::SharedJournal

pub use ::journal::{
    BATCH_BYTES, ENTRY_BYTES, Event, Followed, Journal, JournalError, Lease, Listener,
    OpenedStream, StreamId, encode_entry, entry_bytes,
};
