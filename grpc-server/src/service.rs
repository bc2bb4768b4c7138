//! The services: thin adapters between gRPC and the rooms behind it, one file for each service, and the files
//! of the browser application.
//!
//! Not identities, rights and statuses: `edge` knows those. Invariant: nothing here speaks SQL or owns the state of a
//! sheet. A service checks a request, converts it to domain types, and converts the answer to a message.

pub(crate) mod accounts;
pub(crate) mod derivations;
mod device;
pub(crate) mod files;
pub(crate) mod jobs;
pub mod live;
pub(crate) mod names;
pub(crate) mod operator;
mod outflow;
mod pace;
mod place;
mod read_options;
pub(crate) mod sharing;
pub(crate) mod sheets;
pub(crate) mod tables;
pub(crate) mod transfers;
mod turns;
pub(crate) mod web;
