//! The sizes of a journal's files.
//!
//! Not what one append may hold: see `sizes`. Invariant: within a limit there is room for several segments, so
//! that old ones can wait for their deletion.

/// Length at which a segment is closed and the next one begun, in bytes.
pub const SEGMENT_BYTES: u64 = 64 << 20;

/// How far files are zero-filled ahead of the writer, in bytes.
pub const PREFILL_BYTES: u64 = 1 << 20;

/// Sizes of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalOptions {
    /// Length at which a segment is closed, in bytes.
    pub segment_bytes: u64,
    /// Zero-fill step, in bytes; 0 lets files grow as they are written.
    pub prefill_bytes: u64,
    /// Most bytes that all files together may take; past it appends fail with
    /// [`JournalError::Full`](crate::JournalError::Full). `None` leaves it to the disk.
    pub limit_bytes: Option<u64>,
    /// Most bytes of memory that entries may take which are not known to be committed; past it appends fail
    /// likewise.
    pub memory_bytes: usize,
}

impl Default for JournalOptions {
    fn default() -> Self {
        Self {
            segment_bytes: SEGMENT_BYTES,
            prefill_bytes: PREFILL_BYTES,
            limit_bytes: None,
            memory_bytes: usize::MAX,
        }
    }
}

impl JournalOptions {
    /// Options for a journal of at most `limit_bytes`. Segments get small enough for the limit to
    /// leave room while old ones wait to be deleted.
    #[must_use]
    pub fn limited(limit_bytes: Option<u64>) -> Self {
        let default = Self::default();
        let share = limit_bytes.map_or(u64::MAX, |limit| limit / 8);
        Self {
            segment_bytes: default.segment_bytes.min(share),
            prefill_bytes: default.prefill_bytes.min(share / 8),
            limit_bytes,
            memory_bytes: default.memory_bytes,
        }
    }
}
