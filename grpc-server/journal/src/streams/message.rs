//! The messages on a sheet's topic, as bytes: entries were appended, entries were committed.
//!
//! ```text
//! appended   1 (u8)  revision before (u64)  revision after (u64)  a small batch, or nothing
//! committed  2 (u8)  revision (u64)
//! ```
//!
//! Not the sending: the scripts publish them. Invariant: a message that does not decode is no event; the sheet polls
//! its stream then.

use ot_engine::Revision;

use super::batch;
use crate::Event;

const ENTRIES: u8 = 1;
const COMMITTED: u8 = 2;

/// Whether a message announces entries that are all known, as that of every own append does.
pub(super) fn is_known(message: &[u8], known: Revision) -> bool {
    let head = message.get(9..17).and_then(|head| head.try_into().ok()).map(u64::from_le_bytes);
    message.first() == Some(&ENTRIES) && head.is_some_and(|head| head <= known.0)
}

/// The head of the event that entries were appended; a small batch follows it.
pub(super) fn entries_message(previous: u64, head: u64) -> Vec<u8> {
    let mut message = vec![ENTRIES];
    message.extend_from_slice(&previous.to_le_bytes());
    message.extend_from_slice(&head.to_le_bytes());
    message
}

/// The event that everything up to a revision is in Postgres.
pub(super) fn committed_message(revision: Revision) -> Vec<u8> {
    let mut message = vec![COMMITTED];
    message.extend_from_slice(&revision.0.to_le_bytes());
    message
}

/// `None` where the message does not decode: the sheet polls its stream then.
pub(super) fn read(message: &[u8]) -> Option<Event> {
    let (kind, rest) = message.split_first()?;
    let (first, rest) = rest.split_first_chunk::<8>()?;
    if *kind == COMMITTED {
        return Some(Event::Committed(Revision(u64::from_le_bytes(*first))));
    }
    let (_, batch) = rest.split_first_chunk::<8>()?;
    let entries = batch::decode(batch).ok().filter(|entries| !entries.is_empty())?;
    Some(Event::Entries(entries))
}
