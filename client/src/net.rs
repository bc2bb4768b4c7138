//! The SDK on tokio: connections, single calls, and live sheets that reconnect.
//!
//! It contains no protocol logic: [`crate::core`] interprets frames, and no file here looks inside a delta.
//! Start with `client.rs` (a connection), `calls/` (one file for each kind of call) and `live/` (a live
//! sheet).
//!
//! Invariant: every failure is one [`Error`], which a program can match and a person can read.

mod addresses;
mod bearer;
mod calls;
mod client;
mod error;
mod live;
mod place;
mod renewal;

pub use bearer::Bearer;
pub use calls::again::again;
pub use calls::chat::Thread;
pub use calls::conversion::ConversionOptions;
pub use calls::files::{
    ContentHasher, Download, FileOptions, PIECE_BYTES, UploadProgress, piece_digest,
};
pub use calls::history::ChangesOptions;
pub use calls::jobs::{JobOptions, JobProgress, Jobs, job_has_ended};
pub use calls::notices::Notices;
pub use calls::sheets::{ListOptions, NewSheet};
pub use calls::tables::{TablePage, TableRows};
pub use calls::transfer::{Export, Import, ImportOptions, ImportProgress, Imported};
pub use calls::windows::{READ_ROWS_MAX, When, WindowPages};
pub use client::Client;
pub use error::{Error, Refusal, Violation};
pub use live::handle::Sheet;
pub use live::open::OpenOptions;
pub use live::outcome::Accepted;
pub use live::progress::Progress;
pub use live::ticket::EditTicket;
pub use place::{named_place, new_group, new_place};
pub use renewal::{Renewal, TokenPlace};

pub use tls::Trust;

pub use crate::core::{Looking, Person, Presence};
