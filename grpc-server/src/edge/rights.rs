//! The roles of accounts on sheets and files, and what follows at this node and at others when a role or a token ends.
//!
//! Not how a role is given (`service::sharing`, `service::files`). Invariant: see `access` and `files`, the one place that reads a
//! role on a sheet and on a file.

pub mod access;
pub(crate) mod end_sessions;
pub(crate) mod files;
pub(crate) mod invalidation;
pub(crate) mod listening;
mod name_check;
pub(crate) mod owners;
pub(crate) mod role_check;
pub(crate) mod session_index;
