//! The operations on whole deltas: transform, compose, invert, restrict.
//!
//! They know no order of revisions and no session; [`Sequencer`](crate::Sequencer) and
//! [`ClientSession`](crate::ClientSession) use them. Start with `transform.rs`.
//!
//! Invariant: every operation expects deltas that [`validate`](crate::validate) accepts, and its result
//! is such a delta again.

mod compose;
mod conflict;
mod invert;
mod restrict;
mod transform;

pub use compose::compose;
pub(crate) use conflict::OverwrittenKey;
pub use conflict::{Attribute, Conflict, Content, Reason, Side};
pub use invert::{Inverse, invert};
pub use restrict::{cells_inside, restrict};
pub(crate) use transform::{Step, give_way, rebase_step};
pub use transform::{Transformed, rebase, transform};
