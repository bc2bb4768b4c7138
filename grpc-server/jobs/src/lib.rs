//! Jobs: work that takes longer than a call, by any node, once in effect.
//!
//! A job is a row in Postgres (`store`), which is its record and its place in the queue. A node takes it for one
//! attempt with a new fence, and runs it by its [`Kind`]. Start at [`Workers`], which takes jobs at intervals and when
//! [`Queue`] wakes it.
//!
//! Not what a kind does, and no SQL. Invariants: an attempt that has lost its fence writes nothing more; after three
//! attempts a job has failed for good; no secret of a job is logged.

mod attempt;
mod job;
mod kind;
mod outcome;
mod plan;
mod queue;
mod workers;

pub use self::job::Job;
pub use self::kind::Kind;
pub use self::outcome::{Failure, Outcome};
pub use self::queue::{Queue, new};
pub use self::workers::Workers;
