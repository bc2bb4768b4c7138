//! Passes the journal's answers and events to the cores.
//!
//! Not here: what follows from them (`ordering`). Invariant: an event of another node reaches the ordering core
//! also while a batch is appended; the core then reads the journal later.

use super::SheetActor;
use super::journal_link::JournalEvent;
use crate::ports::journal::{Event, Followed, JournalError};

impl SheetActor {
    /// Passes an event of the journal to the core that it is for.
    pub(super) fn on_journal(&mut self, event: JournalEvent) {
        match event {
            JournalEvent::Appended(answer) => self.ordering.on_appended(answer),
            JournalEvent::Followed(answer) => {
                if let Ok(Followed { committed: Some(committed), .. }) = &answer {
                    self.committer.committed_by_other(*committed);
                }
                self.ordering.on_followed(answer.map(|followed| followed.entries));
            }
            JournalEvent::Other(Event::Entries(entries)) => self.ordering.on_event(entries),
            JournalEvent::Other(Event::Committed(revision)) => {
                self.committer.committed_by_other(revision);
            }
            JournalEvent::Other(Event::NoRoom) => self.ordering.cut_off(&JournalError::Full),
            JournalEvent::Other(Event::Look) | JournalEvent::NoEntries => self.ordering.look(),
        }
    }
}
