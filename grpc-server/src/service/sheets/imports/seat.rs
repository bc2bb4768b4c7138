//! The place of an import among those of the server, which it takes with its first bytes.
//!
//! Not what ends an import (`patience`). Invariants: an import without bytes has no place and waits for none; one that
//! waits keeps its turn in the queue between its calls.

use std::fmt;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::patience::Place;
use crate::service::turns::{Turn, Turns};
use model::AccountId;

/// Whether an import has a place.
pub(super) enum Seat {
    /// It has sent no byte, or its client has left the queue.
    None,
    /// It is in the queue.
    Queued(Pin<Box<dyn Future<Output = Option<Turn>> + Send>>),
    /// It has one.
    Taken(Place),
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Queued(_) => "Queued",
            Self::Taken(_) => "Taken",
        })
    }
}

impl Seat {
    /// Enters the queue, unless the import is there or has a place.
    pub(super) fn ask(&mut self, places: &Arc<Turns>, account: AccountId) {
        if let Self::None = self {
            let places = Arc::clone(places);
            *self = Self::Queued(Box::pin(async move { places.turn(account).await }));
        }
    }

    /// Waits for the place, and no longer than this; whether the import has it. Safe to cancel.
    pub(super) async fn within(&mut self, time: Duration) -> bool {
        if self.is_queued() {
            let _ = timeout(time, self.turn()).await;
        }
        self.place().is_some()
    }

    /// Resolves when a queued import has its place; else never. Safe to cancel.
    pub(super) async fn turn(&mut self) {
        let Self::Queued(turn) = self else { return pending().await };
        *self = match turn.await {
            Some(turn) => Self::Taken(Place::new(turn)),
            None => Self::None,
        };
    }

    pub(super) fn is_queued(&self) -> bool {
        matches!(self, Self::Queued(_))
    }

    /// Leaves the queue.
    pub(super) fn leave(&mut self) {
        if self.is_queued() {
            *self = Self::None;
        }
    }

    /// The place.
    pub(super) fn place(&self) -> Option<&Place> {
        if let Self::Taken(place) = self { Some(place) } else { None }
    }

    /// The place.
    pub(super) fn place_mut(&mut self) -> Option<&mut Place> {
        if let Self::Taken(place) = self { Some(place) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const SOME: Duration = Duration::from_secs(5);

    #[tokio::test(start_paused = true)]
    async fn an_import_keeps_its_turn_between_its_calls() {
        let places = Arc::new(Turns::new(1, 1));
        let account = |number| AccountId(Uuid::from_u128(number));
        let held = places.turn(account(1)).await.expect("is free");
        let (mut first, mut second) = (Seat::None, Seat::None);
        for (seat, number) in [(&mut first, 2), (&mut second, 3)] {
            seat.ask(&places, account(number));
            assert!(!seat.within(SOME).await, "the place is taken");
        }
        drop(held);
        assert!(!second.within(SOME).await, "the other one was earlier");
        assert!(first.within(Duration::ZERO).await);
        // One with a place waits for nothing.
        let begun = tokio::time::Instant::now();
        assert!(first.within(SOME).await && begun.elapsed().is_zero());
        second.leave();
        drop(first);
        second.ask(&places, account(3));
        assert!(second.within(SOME).await);
    }
}
