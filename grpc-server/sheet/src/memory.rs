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
use std::thread::available_parallelism;

use tokio::sync::Semaphore;

pub use self::caches::{CacheShare, Caches};
pub use self::edits::{EditHold, EditRoom, Edits};
pub use self::frames::{FrameRoom, Frames};
pub use self::replays::{ReplayTurn, Replays};
use model::budget::PerAccount;
use model::memory::Memory;
use model::sizes::{
    CARRY_BYTES, READ_BYTES, RESUME_BYTES, RESUME_LEAST_BYTES, TEXT_ROWS_BYTES, UNDO_BYTES,
};

/// Turns of each kind of reads, however little memory there is: one account leaves two of them.
const READS_LEAST: usize = 4;

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
    /// Rows that edits need.
    pub(crate) rows: Replays,
    /// Undos, redos and restores.
    pub(crate) undos: Replays,
    /// Reads of older revisions.
    pub revisions: Replays,
    /// Reads of rows by calls, which may ask Postgres: an account leaves half of the processors to others.
    pub fetches: PerAccount<Semaphore>,
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
            replays: Replays::halves(memory.replays, RESUME_LEAST_BYTES, RESUME_BYTES),
            rows: Replays::new(memory.rows, TEXT_ROWS_BYTES, READS_LEAST),
            undos: Replays::new(memory.rows, UNDO_BYTES, READS_LEAST),
            revisions: Replays::new(memory.rows, READ_BYTES, READS_LEAST),
            fetches: PerAccount::new(fetches_of_account(), Semaphore::new),
            carries: Replays::new(memory.replays, CARRY_BYTES, 2),
        }
    }
}

/// The queries for rows that one account has under way: each occupies a process of Postgres.
fn fetches_of_account() -> usize {
    available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1))
}
