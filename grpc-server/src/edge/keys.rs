//! The key that all nodes share, and the tokens that are made with it: of accounts, of links, of downloads, of new
//! passwords.
//!
//! Not the records behind the tokens (the store). Invariant: a token that no node of this database made costs no query.

pub(crate) mod browser_secrets;
pub(crate) mod download_links;
pub(crate) mod links;
pub(crate) mod mailed_links;
pub(crate) mod server_key;
pub(crate) mod tokens;
