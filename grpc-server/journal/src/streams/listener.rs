//! Receives the events of other nodes on a sheet, and asks for a poll of the stream at intervals.
//!
//! Not the reading of the stream. Invariant: events are hints. The next poll finds what was missed, so a lost event
//! costs only time.

use std::time::Duration;

use ot_engine::Revision;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::RedisJournal;
use super::keys::Keys;
use super::message;
use super::open_sheets::OpenPlace;
use crate::Event;
use model::SheetId;
use redis_link::{BusEvent, Subscription};

/// How often a sheet polls its stream without an event.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Receives the events of other nodes on a sheet.
#[derive(Debug)]
pub struct Listener {
    journal: RedisJournal,
    sheet: SheetId,
    place: OpenPlace,
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
        let place = self.shared.open.open(sheet);
        Listener { journal: self.clone(), sheet, place, subscription, looks }
    }
}

impl Listener {
    /// The next event beyond `known`. Safe to cancel.
    pub(crate) async fn next(&mut self, known: Revision) -> Event {
        loop {
            let Self { subscription, looks, place, .. } = self;
            let message = async {
                match subscription {
                    Some(subscription) => subscription.next().await,
                    None => std::future::pending().await,
                }
            };
            let event = tokio::select! {
                biased;
                () = place.no_room() => {
                    self.journal.forget(self.sheet);
                    return Event::NoRoom;
                }
                event = message => event,
                _ = looks.tick() => return Event::Look,
            };
            match event {
                Some(BusEvent::Message(message)) if message::is_known(&message, known) => {}
                Some(BusEvent::Message(message)) => {
                    return message::read(&message).unwrap_or(Event::Look);
                }
                Some(BusEvent::Missed) => return Event::Look,
                None => self.subscription = None,
            }
        }
    }
}
