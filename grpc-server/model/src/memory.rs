//! How much memory the callers of a server occupy together, and each account: shares of one total.
//!
//! The total is a setting (`--memory`). Not here: the sizes of single entries and queues (`sizes`), and the code that
//! applies a share. Invariant, checked when this is compiled: the shares together leave a part of the total to the
//! program itself, and the largest edit fits the smallest share.

use crate::sizes::ENTRY_BYTES;

/// The smallest total, in bytes: below it the largest edits have no room.
pub const TOTAL_LEAST: u64 = 512 << 20;

/// The parts of the total.
const PARTS: usize = 32;
const EDITS: usize = 6;
const FRAMES: usize = 6;
const CACHES: usize = 6;
const JOURNAL: usize = 8;
const REPLAYS: usize = 2;
const ROWS: usize = 1;
/// The part of one account in the edits, and in the frames.
const OF_ACCOUNT: usize = 1;

const _: () = assert!(EDITS + FRAMES + CACHES + JOURNAL + REPLAYS + ROWS < PARTS);
const _: () = assert!(ENTRY_BYTES <= TOTAL_LEAST as usize / PARTS * OF_ACCOUNT);
const _: () = assert!(4 * OF_ACCOUNT < EDITS && 4 * OF_ACCOUNT < FRAMES);

/// The shares of a total, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Edits that wait to be ordered, or for data, on all sheets.
    pub edits: usize,
    /// The same, of one account.
    pub edits_of_account: usize,
    /// Frames that wait for sessions to read them.
    pub frames: usize,
    /// The same, of one account.
    pub frames_of_account: usize,
    /// Cached rows and recent changes of all open sheets, and what is made of the settings of their columns.
    pub caches: usize,
    /// Accepted edits that are not in Postgres yet.
    pub journal: usize,
    /// Older changes that are read for sessions that resume, and for edits on old bases.
    pub replays: usize,
    /// Rows that are read for edits; as much again for undos, and for reads of older revisions.
    pub rows: usize,
}

impl Memory {
    /// The shares of a total; of the least total when it is smaller.
    #[must_use]
    pub fn of(total_bytes: u64) -> Self {
        let total = usize::try_from(total_bytes.max(TOTAL_LEAST)).unwrap_or(usize::MAX);
        let share = |parts: usize| total / PARTS * parts;
        Self {
            edits: share(EDITS),
            edits_of_account: share(OF_ACCOUNT),
            frames: share(FRAMES),
            frames_of_account: share(OF_ACCOUNT),
            caches: share(CACHES),
            journal: share(JOURNAL),
            replays: share(REPLAYS),
            rows: share(ROWS),
        }
    }
}

impl Default for Memory {
    /// The shares of 4 GiB, for tests and tools.
    fn default() -> Self {
        Self::of(4 << 30)
    }
}
