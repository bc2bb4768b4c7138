//! The memory that the open sheets of a server share, and the waits for room in it.
//!
//! Not here: the size of a share (`model::memory`), and the queues and caches that hold bytes. Invariant: edits that
//! wait, frames that are unread and older changes that are replayed are held against the server's share and against
//! that of one account, so one account leaves room for the others.

mod caches;
mod edits;
mod frames;
mod replays;

use std::sync::Arc;

pub use self::caches::{CacheShare, Caches};
pub use self::edits::{EditHold, EditRoom, Edits};
pub use self::frames::{FrameRoom, Frames};
pub(crate) use self::replays::Replays;
use model::memory::Memory;
use model::sizes::{CARRY_BYTES, RESUME_BYTES};

/// The shares of the open sheets.
#[derive(Debug)]
pub struct SheetMemory {
    /// Edits that wait.
    pub edits: Arc<Edits>,
    /// Frames that are unread.
    pub frames: Arc<Frames>,
    /// Cached rows and recent changes.
    pub caches: Arc<Caches>,
    /// Older changes for sessions that resume and for edits on old bases.
    pub(crate) replays: Replays,
    /// Edits that are transformed over many changes in memory. No turn waits for Postgres.
    pub(crate) carries: Replays,
}

impl SheetMemory {
    /// All shares are free.
    #[must_use]
    pub fn new(memory: &Memory) -> Self {
        Self {
            edits: Arc::new(Edits::new(memory)),
            frames: Arc::new(Frames::new(memory)),
            caches: Arc::new(Caches::new(memory.caches)),
            replays: Replays::new(memory.replays, RESUME_BYTES),
            carries: Replays::new(memory.replays, CARRY_BYTES),
        }
    }
}
