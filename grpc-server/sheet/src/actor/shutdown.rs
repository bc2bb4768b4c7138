//! The end of an open sheet: those who still wait are told, and what it holds is brought to safety.
//!
//! Not here: why it ends, and what its sessions are told (`task`, `race`). Invariant: nobody waits for
//! the second, which may take long; whoever needs the sheet opens it anew beside it, and commits stay
//! conditional.

use std::time::Duration;

use ot_engine::Revision;
use tokio::sync::mpsc;

use super::lookups::Lookups;
use super::open_reads::Reads;
use crate::actor::SheetTask;
use crate::api::message::Request;
use journal::{Journal, JournalError, StreamId};
use model::SheetId;

/// How long a sheet whose journal is away goes on committing what it holds.
const LANDED_WITHIN: Duration = Duration::from_secs(30);
/// How often it looks meanwhile whether the journal answers again.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

impl SheetTask {
    /// Does what is left to do once nothing is taken up any more.
    pub(crate) async fn close(mut self, inbox: mpsc::Receiver<Request>) {
        self.turn_away(inbox).await;
        if self.lingers {
            self.bring_to_safety().await;
        }
        self.shared.journal.release_lease(self.id).await;
        tracing::debug!(sheet = %self.id, "sheet closed");
    }

    /// Whoever comes finds the way closed and opens the sheet again; whoever has come is told.
    async fn turn_away(&mut self, mut inbox: mpsc::Receiver<Request>) {
        inbox.close();
        while let Some(request) = inbox.recv().await {
            // All others see that nobody answers any more.
            if let (Request::Join(join), Some(reason)) = (request, &self.ended) {
                join.outbox.end(reason.clone());
            }
        }
        for join in self.admission.close() {
            if let Some(reason) = &self.ended {
                join.outbox.end(reason.clone());
            }
        }
        self.lookups = Lookups::new();
        self.reads = Reads::default();
    }

    /// Waits until what was accepted has landed. Once the journal answers it is safe there, and others
    /// may have committed it, which nobody tells this task any more.
    async fn bring_to_safety(&mut self) {
        let head = self.sequencer.head();
        let safe = async {
            tokio::select! {
                _ = self.committed.wait_for(|committed| *committed >= head) => {}
                () = answered(&self.shared.journal, self.id, self.seed, head) => {}
            }
        };
        // What does not land within that time is in the journal, and in memory.
        let _ = tokio::time::timeout(LANDED_WITHIN, safe).await;
    }
}

/// Resolves when the journal says anything at all.
async fn answered(journal: &Journal, sheet: SheetId, seed: StreamId, head: Revision) {
    loop {
        tokio::time::sleep(LOOK_INTERVAL).await;
        if !matches!(journal.follow(sheet, seed, head).await, Err(JournalError::Unknown(_))) {
            return;
        }
    }
}
