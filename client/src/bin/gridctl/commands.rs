//! The commands of gridctl, each with its own arguments.
//!
//! They parse no typed values and format no output; `parse` and `output` do. No command uses another one.

pub(crate) mod account;
pub(crate) mod comments;
pub(crate) mod convert;
pub(crate) mod edit;
pub(crate) mod files;
pub(crate) mod history;
pub(crate) mod jobs;
pub(crate) mod messages;
pub(crate) mod owner;
pub(crate) mod rows;
pub(crate) mod sharing;
pub(crate) mod sheets;
pub(crate) mod tail;
pub(crate) mod transfer;
pub(crate) mod workers;
