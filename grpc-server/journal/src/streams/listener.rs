//! Hears what other nodes append to a sheet and commit of it, and now and then has a look itself.
//!
//! News are hints: what is missed is found at the next look, so nothing depends on them but time.

use std::time::Duration;

use ot_engine::Revision;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::keys::Keys;
use super::{RedisJournal, batch};
use crate::News;
use model::SheetId;
use redis_link::{Heard, Subscription};

/// How often a sheet looks at its stream although nobody has said anything.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

const ENTRIES: u8 = 1;
const COMMITTED: u8 = 2;

/// Listens for what others do with a sheet.
#[derive(Debug)]
pub struct Listener {
    subscription: Option<Subscription>,
    looks: Interval,
}

impl RedisJournal {
    /// See [`crate::Journal::listen`].
    pub(crate) async fn listen(&self, sheet: SheetId) -> Listener {
        let mut looks = interval_at(Instant::now() + LOOK_INTERVAL, LOOK_INTERVAL);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let subscription = match self.era() {
            Ok(era) => {
                let topic = Keys::new(era.id(), sheet).topic();
                Some(self.shared.bus.subscribe(&topic).await)
            }
            Err(_) => None,
        };
        Listener { subscription, looks }
    }
}

impl Listener {
    /// What comes next beyond `known`. Safe to cancel.
    pub(crate) async fn next(&mut self, known: Revision) -> News {
        loop {
            let Some(subscription) = &mut self.subscription else {
                self.looks.tick().await;
                return News::Look;
            };
            tokio::select! {
                heard = subscription.next() => match heard {
                    Some(Heard::Message(message)) if is_known(&message, known) => {}
                    Some(Heard::Message(message)) => return read(&message).unwrap_or(News::Look),
                    Some(Heard::Missed) => return News::Look,
                    None => self.subscription = None,
                },
                _ = self.looks.tick() => return News::Look,
            }
        }
    }
}

/// Whether a message tells of entries that are all known, as does that of every own append.
fn is_known(message: &[u8], known: Revision) -> bool {
    let head = message.get(9..17).and_then(|head| head.try_into().ok()).map(u64::from_le_bytes);
    message.first() == Some(&ENTRIES) && head.is_some_and(|head| head <= known.0)
}

/// The beginning of the news that entries were appended; a small batch follows on it.
pub(super) fn entries_message(previous: u64, head: u64) -> Vec<u8> {
    let mut message = vec![ENTRIES];
    message.extend_from_slice(&previous.to_le_bytes());
    message.extend_from_slice(&head.to_le_bytes());
    message
}

/// The news that everything up to a revision is in Postgres.
pub(super) fn committed_message(revision: Revision) -> Vec<u8> {
    let mut message = vec![COMMITTED];
    message.extend_from_slice(&revision.0.to_le_bytes());
    message
}

/// `None` where there is nothing to be read, and reason to look.
fn read(message: &[u8]) -> Option<News> {
    let (kind, rest) = message.split_first()?;
    let (first, rest) = rest.split_first_chunk::<8>()?;
    if *kind == COMMITTED {
        return Some(News::Committed(Revision(u64::from_le_bytes(*first))));
    }
    let (_, batch) = rest.split_first_chunk::<8>()?;
    let entries = batch::decode(batch).ok().filter(|entries| !entries.is_empty())?;
    Some(News::Entries(entries))
}
