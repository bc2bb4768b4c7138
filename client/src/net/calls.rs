//! The single calls of the API, as methods of [`Client`](super::Client).
//!
//! They keep no state, and retry nothing but the pieces of imports, uploads and downloads, and pages of tables; `live/` does.
//! Invariant: each call is one file's matter, by service.

mod accounts;
pub(super) mod again;
pub(super) mod chat;
mod comments;
pub(super) mod conversion;
mod derivations;
pub(super) mod files;
pub(super) mod history;
pub(super) mod jobs;
pub(super) mod notices;
mod operator;
mod sharing;
pub(super) mod sheets;
pub(super) mod tables;
pub(super) mod transfer;
mod transfers;
pub(super) mod windows;
