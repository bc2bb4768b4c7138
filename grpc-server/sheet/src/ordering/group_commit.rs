//! How many edits share one append: whoever is about to say something goes first.
//!
//! Alone, a node lets those go first who can at once, which costs next to nothing. Where other nodes
//! append to the same sheet, each append makes all others try again, so fewer and larger ones get more
//! through: there a node pauses for a moment, as long as that brings something. One writer at each node
//! gains nothing by it, and is soon let alone.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use crate::api::message::Request;

/// Requests taken from the inbox at one go: what one journal append may cover.
pub(crate) const BATCH_REQUESTS: usize = 512;
/// How long others are waited for: about as long as an append takes.
const PAUSE: Duration = Duration::from_millis(1);
/// How long after another node's append the next one is expected.
const RACED: Duration = Duration::from_millis(20);
/// The most batches without a pause after pauses that brought nothing.
const MOST_SKIPPED: u32 = 63;

/// When to pause for more edits.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    raced_until: Option<Instant>,
    /// Batches to come for which there is no pause.
    skip: u32,
    /// The same, after the next pause that brings nothing.
    next_skip: u32,
}

impl Gathering {
    /// Another node has appended to the sheet.
    pub(crate) fn raced(&mut self) {
        self.raced_until = Some(Instant::now() + RACED);
    }

    /// Adds to a batch what comes in by the time that it should be appended.
    pub(crate) async fn fill(
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
        if self.raced_until.is_none_or(|until| until <= Instant::now()) {
            return false;
        }
        let skips = self.skip > 0;
        self.skip = self.skip.saturating_sub(1);
        !skips
    }

    /// Pauses less and less often while that brings nothing.
    fn learn(&mut self, brought: bool) {
        self.next_skip = if brought { 0 } else { (2 * self.next_skip + 1).min(MOST_SKIPPED) };
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

    /// Turns after which another request comes: too late for who does not pause.
    const TURNS: usize = 4;

    /// A batch of one, for which another request is on its way; how many it has become.
    async fn filled(gathering: &mut Gathering, another: bool) -> usize {
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
        tokio::join!(gathering.fill(&mut inbox, &mut requests), coming);
        requests.len()
    }

    #[tokio::test(start_paused = true)]
    async fn only_where_others_append_is_anybody_waited_for() {
        let mut gathering = Gathering::default();
        assert_eq!(filled(&mut gathering, true).await, 1);
        gathering.raced();
        assert_eq!(filled(&mut gathering, true).await, 2);
        sleep(RACED).await;
        assert_eq!(filled(&mut gathering, true).await, 1, "they have stopped");
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_alone_at_its_node_is_soon_not_held_up() {
        let mut gathering = Gathering::default();
        let mut paused = 0;
        for _ in 0..1000 {
            gathering.raced();
            let begun = Instant::now();
            let (_sender, mut inbox) = mpsc::channel(1);
            gathering.fill(&mut inbox, &mut Vec::new()).await;
            paused += u32::from(begun.elapsed() >= PAUSE);
        }
        assert!((1..30).contains(&paused), "{paused} of 1000");
        // Until there is somebody.
        let mut together = 0;
        for _ in 0..=MOST_SKIPPED + 1 {
            gathering.raced();
            together += usize::from(filled(&mut gathering, true).await == 2);
        }
        assert!(together > 0, "it is found out");
        gathering.raced();
        assert_eq!(filled(&mut gathering, true).await, 2, "and from then on");
    }
}
