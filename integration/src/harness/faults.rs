//! Faults that a test injects: a proxy, a full disk, stopped and killed processes.
//!
//! Not drills: a fault here has no schedule. Invariant: each fault ends with its handle.

mod paused;
mod proxy;
mod small_disk;

pub(crate) use paused::reload_postgres;
pub use paused::{Paused, kill_postgres};
pub use proxy::{Link, Proxy};
pub use small_disk::{Ballast, SmallDisk};
