//! Group commit: before an append the actor collects the edits that are already queued.
//!
//! A node alone yields once, so that ready tasks queue their edits. Where other nodes append to the same sheet,
//! each append makes all others append again, so fewer and larger appends order more edits: there the node
//! pauses for a moment, as long as pauses collect further requests. With one writer at each node they collect
//! none and become rare.
//!
//! Not here: edits that arrive while an append runs; the ordering core stages them meanwhile.
//!
//! Invariant: a node whose sheet no other node appends to never pauses.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use crate::api::message::Request;

/// Requests that are taken from the inbox together.
pub(super) const BATCH_REQUESTS: usize = 512;
/// The length of a pause: about that of an append.
const PAUSE: Duration = Duration::from_millis(1);
/// How long after another node's append the next one is expected.
const CONFLICT_WITHIN: Duration = Duration::from_millis(20);
/// The most batches without a pause after pauses that collected nothing.
const MOST_SKIPPED: u32 = 63;

/// Decides when to pause for more edits.
#[derive(Debug, Default)]
pub(super) struct GroupCommit {
    conflicts_until: Option<Instant>,
    /// The next batches without a pause.
    skip: u32,
    /// The same, after the next pause that collects nothing.
    next_skip: u32,
}

impl GroupCommit {
    /// Another node has appended to the sheet.
    pub(super) fn conflicted(&mut self) {
        self.conflicts_until = Some(Instant::now() + CONFLICT_WITHIN);
    }

    /// Adds requests to a batch until it should be appended.
    pub(super) async fn fill(
        &mut self,
        inbox: &mut mpsc::Receiver<Request>,
        requests: &mut Vec<Request>,
    ) {
        tokio::task::yield_now().await;
        take_waiting(inbox, requests);
        if self.pauses() {
            let before = requests.len();
            sleep(PAUSE).await;
            take_waiting(inbox, requests);
            self.learn(requests.len() > before);
        }
    }

    /// Whether to pause for the next batch.
    fn pauses(&mut self) -> bool {
        if self.conflicts_until.is_none_or(|until| until <= Instant::now()) {
            return false;
        }
        let skips = self.skip > 0;
        self.skip = self.skip.saturating_sub(1);
        !skips
    }

    /// Makes pauses rarer while they collect nothing.
    fn learn(&mut self, collected: bool) {
        self.next_skip = if collected { 0 } else { (2 * self.next_skip + 1).min(MOST_SKIPPED) };
        self.skip = self.next_skip;
    }
}

fn take_waiting(inbox: &mut mpsc::Receiver<Request>, requests: &mut Vec<Request>) {
    while requests.len() < BATCH_REQUESTS
        && let Ok(request) = inbox.try_recv()
    {
        requests.push(request);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fanout::published::SessionKey;

    /// Yields after which another request arrives: too late for a batch without a pause.
    const TURNS: usize = 4;

    /// Fills a batch of one while another request is on its way. Returns its length.
    async fn filled(group_commit: &mut GroupCommit, another: bool) -> usize {
        let (sender, mut inbox) = mpsc::channel(4);
        let request = || Request::Leave(SessionKey(1));
        let coming = async {
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
            if another {
                sender.send(request()).await.expect("the inbox is open");
            }
        };
        let mut requests = vec![request()];
        tokio::join!(group_commit.fill(&mut inbox, &mut requests), coming);
        requests.len()
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_pauses_only_where_other_nodes_append() {
        let mut group_commit = GroupCommit::default();
        assert_eq!(filled(&mut group_commit, true).await, 1);
        group_commit.conflicted();
        assert_eq!(filled(&mut group_commit, true).await, 2);
        sleep(CONFLICT_WITHIN).await;
        assert_eq!(filled(&mut group_commit, true).await, 1, "the other nodes have stopped");
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_become_rare_while_they_collect_nothing() {
        let mut group_commit = GroupCommit::default();
        let mut paused = 0;
        for _ in 0..1000 {
            group_commit.conflicted();
            let begun = Instant::now();
            let (_sender, mut inbox) = mpsc::channel(1);
            group_commit.fill(&mut inbox, &mut Vec::new()).await;
            paused += u32::from(begun.elapsed() >= PAUSE);
        }
        assert!((1..30).contains(&paused), "{paused} of 1000");
        // Until another request arrives in time.
        let mut together = 0;
        for _ in 0..=MOST_SKIPPED + 1 {
            group_commit.conflicted();
            together += usize::from(filled(&mut group_commit, true).await == 2);
        }
        assert!(together > 0, "a pause collects it");
        group_commit.conflicted();
        assert_eq!(filled(&mut group_commit, true).await, 2, "the next batches pause, too");
    }
}
