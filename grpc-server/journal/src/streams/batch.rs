//! One element of a stream: the entries of one append with their conflicts, in the encoding of records.
//!
//! Not the order of elements: the script that appends keeps it. Invariant: an element takes at most
//! [`APPEND_BYTES`]; where its conflicts do not fit, it has none.

use std::sync::Arc;

use ot_engine::Revision;

use crate::encoding::frame;
use crate::encoding::record::{self, Record};
use crate::{APPEND_BYTES, JournalError};
use model::Entry;

/// The bytes of a batch, without its conflicts where it would be too large with them.
pub(super) fn encode(entries: &[Arc<Entry>]) -> Vec<u8> {
    let whole = encode_by(entries, record::encode_entry_with_conflicts);
    if whole.len() <= APPEND_BYTES { whole } else { encode_by(entries, record::encode_entry) }
}

fn encode_by(entries: &[Arc<Entry>], encode: fn(&Entry, &mut Vec<u8>)) -> Vec<u8> {
    let (mut batch, mut payload) = (Vec::new(), Vec::new());
    for entry in entries {
        payload.clear();
        encode(entry, &mut payload);
        frame::push(&mut batch, &payload);
    }
    batch
}

/// The entries of a batch.
pub(super) fn decode(batch: &[u8]) -> Result<Vec<Arc<Entry>>, JournalError> {
    let entries = frame::payloads(batch).map(|payload| {
        let payload = payload.ok_or_else(|| foreign("a batch is cut short"))?;
        match record::decode(payload) {
            Ok(Record::Entry(entry)) => Ok(entry),
            Ok(Record::Mark(..)) => Err(foreign("a mark in a batch")),
            Err(error) => Err(foreign(&error.to_string())),
        }
    });
    entries.collect()
}

/// The entries of some batches that come after a revision.
pub(super) fn decode_after(
    batches: &[Vec<u8>],
    after: Revision,
) -> Result<Vec<Arc<Entry>>, JournalError> {
    let mut entries = Vec::new();
    for batch in batches {
        entries.extend(decode(batch)?.into_iter().filter(|entry| entry.revision > after));
    }
    Ok(entries)
}

fn foreign(what: &str) -> JournalError {
    JournalError::Foreign(what.to_owned())
}
