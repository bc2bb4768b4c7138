//! Restores the state of a sequencer from the log, and maintains the clients' numbers over sessions.
//!
//! It orders no edit. Invariant: a replayed entry is durable, and its resend gets the first answer.

use std::sync::Arc;

use super::ids::next_free;
use super::{Entry, Sequencer};
use crate::{ClientId, Revision, Sequence};

impl Sequencer {
    /// Prepends older entries (oldest first) to the history, so that it accepts an older base. It ignores
    /// entries that do not end where the history begins. The history limits apply to them, so they
    /// stay until the next entry is durable.
    pub fn backfill(&mut self, older: impl IntoIterator<Item = Arc<Entry>>) {
        let mut older: Vec<_> = older.into_iter().collect();
        while let Some(entry) = older.pop() {
            if entry.revision == self.oldest() {
                self.history.push_oldest(entry);
            }
        }
    }

    /// Appends the entry after the head from the log, as an earlier process accepted it. This restores
    /// the history and the answers to resends; the entry counts as durable. Returns false when it does
    /// not follow the head, or while entries are staged.
    pub fn replay(&mut self, entry: Arc<Entry>) -> bool {
        let follows = entry.revision == self.head.next() && entry.size_before == self.size;
        if !follows || self.durable != self.head {
            return false;
        }
        self.head = entry.revision;
        self.size = self.size.after(&entry.delta);
        self.next.row = self.next.row.max(next_free(&entry.delta.rows));
        self.next.col = self.next.col.max(next_free(&entry.delta.cols));
        let (client, sequence) = (entry.client, entry.sequence);
        self.clients.accepted(client, sequence, entry.revision, &entry.conflicts);
        // The log does not contain refused edits, so numbers may be missing.
        self.clients.rejoined(client);
        self.history.push(entry);
        self.mark_durable(self.head);
        true
    }

    /// Restores a client's last accepted edit from the log. The log does not contain refused edits, so
    /// the client's next number may be any later one.
    pub fn restore_client(&mut self, client: ClientId, last: Sequence, revision: Revision) {
        self.clients.restore(client, last, revision);
    }

    /// Notes that a client opened a new session. A client that could not resume discards edits with
    /// their numbers, so its next number may be any later one.
    pub fn rejoined(&mut self, client: ClientId) {
        self.clients.rejoined(client);
    }

    /// Forgets a client whose session on this server ended and can't be resumed.
    pub fn forget_client(&mut self, client: ClientId) {
        self.clients.forget(client);
    }
}
