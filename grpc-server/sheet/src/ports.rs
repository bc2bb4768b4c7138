//! The ports of an open sheet: its needs of Postgres and of the journal.
//!
//! Not here: the implementations (the crates `store` and `journal`), and presence over Redis (`presence::link`).
//!
//! Invariant: outside of tests, no other room of this crate names the crates `store` and `journal`. Postgres is
//! behind traits; the handle of the journal, plain data and errors are re-exported.

/// Implements calls of a port by the methods of the store that have the same names.
macro_rules! forward {
    ($($name:ident($($argument:ident: $type:ty),* $(,)?) -> $answer:ty;)*) => {
        $(
            fn $name<'a>(&'a self, $($argument: $type),*) -> Answer<'a, $answer> {
                Box::pin(self.$name($($argument),*))
            }
        )*
    };
}

pub mod history;
pub mod journal;
pub mod storage;
