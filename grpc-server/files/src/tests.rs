//! A vault in a folder, with what people, crashes and other programs do to it.
//!
//! Not buckets: their tests need a server (`integration`), but for one that never answers. Invariant: each test has a folder
//! of its own.

mod folder;
mod silent;
