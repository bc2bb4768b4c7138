//! Entries that go to the disk together, as the writer copies them into a frame.
//!
//! Plain data. Invariant: the records are those of the entries, and at most [`APPEND_BYTES`].

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::JournalError;
use crate::encoding::{frame, record};
use model::Entry;
use model::sizes::{APPEND_BYTES, SMALL_APPEND_BYTES};

/// Entries that go to the disk together.
#[derive(Debug)]
pub(super) struct Append {
    pub(super) entries: Vec<Arc<Entry>>,
    /// The records, ready to be copied into a frame.
    pub(super) records: Vec<u8>,
    pub(super) done: oneshot::Sender<Result<(), JournalError>>,
}

impl Append {
    /// Whether it passes large ones.
    pub(super) fn is_small(&self) -> bool {
        self.records.len() <= SMALL_APPEND_BYTES
    }

    /// The room that it takes in the queue, in bytes.
    pub(super) fn room(&self) -> u32 {
        u32::try_from(self.records.len()).unwrap_or(u32::MAX)
    }

    /// Encodes entries.
    pub(super) fn encode(
        entries: Vec<Arc<Entry>>,
    ) -> Result<(Self, oneshot::Receiver<Result<(), JournalError>>), JournalError> {
        let mut records = Vec::new();
        let mut payload = Vec::new();
        for entry in &entries {
            payload.clear();
            record::encode_entry(entry, &mut payload);
            frame::push(&mut records, &payload);
            if records.len() > APPEND_BYTES {
                return Err(JournalError::TooLarge { bytes: records.len() });
            }
        }
        let (done, receiver) = oneshot::channel();
        Ok((Self { entries, records, done }, receiver))
    }
}
