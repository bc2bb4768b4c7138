//! The end of an open sheet: waiting requests are refused, and accepted entries are flushed if need be.
//!
//! Not here: why a sheet ends. Invariant: no request waits for the flush, which may take long; a request that
//! comes later opens the sheet anew, and commits stay conditional.

use std::time::Duration;

use tokio::sync::mpsc;

use super::lookups::Lookups;
use super::open_reads::Reads;
use super::{Ended, SheetActor};
use crate::api::message::Request;
use crate::refusal::Refusal;

/// How long a sheet whose journal is away continues to commit its entries.
const FLUSH_WITHIN: Duration = Duration::from_secs(30);
/// How often it asks the journal meanwhile.
const ASK_INTERVAL: Duration = Duration::from_secs(1);

impl SheetActor {
    /// Ends the sessions, refuses what waits, and releases the sheet.
    pub(super) async fn close(mut self, inbox: mpsc::Receiver<Request>) {
        let ended = self.ended.take();
        self.refuse_waiting(inbox, ended.as_ref()).await;
        if ended.is_some_and(|ended| ended.flush_first) {
            self.flush().await;
        }
        self.shared.journal.release_lease(self.id).await;
        tracing::debug!(sheet = %self.id, "sheet closed");
    }

    /// A session is sent the reason; any other caller finds the inbox closed and opens the sheet again.
    async fn refuse_waiting(&mut self, mut inbox: mpsc::Receiver<Request>, ended: Option<&Ended>) {
        inbox.close();
        if let Some(Ended { reason, .. }) = ended {
            self.sessions.end_where(reason, |_| true);
        }
        let mut joins: Vec<_> = self.admission.close().collect();
        let mut requests: Vec<_> = self.taken.drain(..).collect();
        while let Some(request) = inbox.recv().await {
            requests.push(request);
        }
        joins.extend(requests.into_iter().filter_map(|request| match request {
            Request::Join(join) => Some(join),
            _ => None,
        }));
        if let Some(Ended { reason, .. }) = ended {
            joins.iter().for_each(|join| join.outbox.end(reason.clone()));
        }
        self.requests.close();
        for call in self.undos.drain().flat_map(|(_, undoing)| undoing.waiting) {
            // A caller that has left needs no answer.
            drop(call.apply.reply.send(Err(Refusal::Unavailable("the journal"))));
        }
        self.lookups = Lookups::new();
        self.reads = Reads::default();
    }

    /// Waits until the accepted entries are committed. Once the journal answers they are safe there, and
    /// another node may have committed them.
    async fn flush(&mut self) {
        let head = self.ordering.head();
        let safe = async {
            tokio::select! {
                _ = self.committed.wait_for(|committed| *committed >= head) => {}
                () = self.journal.answers(head, ASK_INTERVAL) => {}
            }
        };
        // The journal and the memory of this node still hold entries that are not committed in time.
        let _ = tokio::time::timeout(FLUSH_WITHIN, safe).await;
    }
}
