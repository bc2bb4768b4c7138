//! What an open sheet needs of the outside.
//!
//! Not here: who provides it. Invariant: no other room names the crate `store`.

pub mod storage;
