//! The services: thin adapters between gRPC and the rooms behind it, one file for each service, and the files
//! of the browser application.
//!
//! Nothing here speaks SQL or owns the state of a sheet. A service checks what arrives, converts it to domain
//! types, and converts what it answers to messages; `edge` knows callers, rights and statuses.

pub(crate) mod accounts;
pub mod live;
pub(crate) mod sheets;
pub(crate) mod web;
