//! Files at rest: the pieces of contents as objects in a place, which is a folder or a bucket.
//!
//! A [`Vault`] writes, reads, lists and deletes them. A marker in the place has an id, so that a server recognizes its
//! place, and never takes an unmounted folder for an empty one.
//!
//! | file | holds |
//! | --- | --- |
//! | `vault` | the calls, with their limit in time and the check of what is read |
//! | `place` | where a place is, as a configuration names it |
//! | `names` | the names of objects |
//! | `digest` | the digests of pieces and contents |
//! | `folder` | a place that is a folder |
//! | `bucket` | a place that is a bucket of S3 |
//! | `read` | an object as either reads it |
//! | `error` | why a call fails |
//!
//! Not here: which pieces a content has and the rights to read them (`store`, the services). Invariants: a piece is durable when
//! [`Vault::put`] returns; [`Vault::get`] returns the bytes of the digest that it is asked for, or an error.

mod bucket;
mod digest;
mod error;
mod folder;
mod names;
mod place;
mod read;
#[cfg(test)]
mod tests;
mod vault;

pub use self::bucket::BucketOptions;
pub use self::digest::{content_digest, piece_digest};
pub use self::error::VaultError;
pub use self::place::PlaceUrl;
pub use self::vault::Vault;
