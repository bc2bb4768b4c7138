//! Receives what other nodes append to a sheet and commit of it, and polls the stream now and then.
//!
//! Invariant: events are hints. The next poll finds what was missed, so a lost event costs only time.

use std::time::Duration;

use ot_engine::Revision;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::keys::Keys;
use super::{RedisJournal, batch};
use crate::Event;
use model::SheetId;
use redis_link::{BusEvent, Subscription};

/// How often a sheet polls its stream without an event.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

const ENTRIES: u8 = 1;
const COMMITTED: u8 = 2;

/// Receives what other nodes do with a sheet.
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
        let subscription = match self.epoch() {
            Ok(epoch) => {
                let topic = Keys::new(epoch.id(), sheet).topic();
                Some(self.shared.bus.subscribe(&topic).await)
            }
            Err(_) => None,
        };
        Listener { subscription, looks }
    }
}

impl Listener {
    /// The next event beyond `known`. Safe to cancel.
    pub(crate) async fn next(&mut self, known: Revision) -> Event {
        loop {
            let Some(subscription) = &mut self.subscription else {
                self.looks.tick().await;
                return Event::Look;
            };
            tokio::select! {
                event = subscription.next() => match event {
                    Some(BusEvent::Message(message)) if is_known(&message, known) => {}
                    Some(BusEvent::Message(message)) => return read(&message).unwrap_or(Event::Look),
                    Some(BusEvent::Missed) => return Event::Look,
                    None => self.subscription = None,
                },
                _ = self.looks.tick() => return Event::Look,
            }
        }
    }
}

/// Whether a message announces entries that are all known, as that of every own append does.
fn is_known(message: &[u8], known: Revision) -> bool {
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
fn read(message: &[u8]) -> Option<Event> {
    let (kind, rest) = message.split_first()?;
    let (first, rest) = rest.split_first_chunk::<8>()?;
    if *kind == COMMITTED {
        return Some(Event::Committed(Revision(u64::from_le_bytes(*first))));
    }
    let (_, batch) = rest.split_first_chunk::<8>()?;
    let entries = batch::decode(batch).ok().filter(|entries| !entries.is_empty())?;
    Some(Event::Entries(entries))
}
