//! How long an import waits for its next call: as long as its client is there, and less while another import waits.
//!
//! Not what ends (`job`). Invariants: an import whose client is gone blocks no other one for longer than
//! [`IMPORT_QUIET_WHEN_WANTED`]; one that is kept alive ends only for another one, or after [`IMPORT_WITHIN`].

use std::future::pending;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::edge::connection_end::ConnectionEnd;
use crate::edge::errors::ImportEnd;
use crate::service::pace::Pace;
use crate::service::turns::Turn;
use model::limits::edge::{
    IMPORT_QUIET_AT_MOST, IMPORT_QUIET_WHEN_WANTED, IMPORT_WITHIN, IMPORT_WITHOUT_BYTES,
    IMPORT_WITHOUT_CONNECTION_WHEN_WANTED,
};

/// A place of an import among those of the server, and since when it has it.
#[derive(Debug)]
pub(super) struct Place {
    turn: Turn,
    pace: Pace,
}

impl Place {
    pub(super) fn new(turn: Turn) -> Self {
        Self { turn, pace: Pace::begin(IMPORT_QUIET_AT_MOST) }
    }

    /// Counts received bytes.
    pub(super) fn count(&mut self, bytes: usize) {
        self.pace.count(bytes);
    }

    /// Why the import must end now, however many calls its client makes.
    pub(super) fn over(&self) -> Option<ImportEnd> {
        if self.pace.left_of(IMPORT_WITHIN).is_zero() {
            return Some(ImportEnd::TooLong);
        }
        let is_slow = self.pace.left_when_wanted().is_zero();
        (is_slow && self.turn.is_wanted()).then_some(ImportEnd::Wanted)
    }

    /// Resolves when the import must end though its client is there.
    async fn lost(&self, connection: Option<&ConnectionEnd>) -> ImportEnd {
        let stalled = || async {
            tokio::select! {
                () = sleep(IMPORT_QUIET_WHEN_WANTED) => {}
                () = after(connection, IMPORT_WITHOUT_CONNECTION_WHEN_WANTED) => {}
            }
        };
        let by_own = async {
            stalled().await;
            self.turn.wanted_by_own().await;
        };
        let by_another = async {
            tokio::select! {
                () = stalled() => {}
                () = sleep(self.pace.left_when_wanted()) => {}
            }
            self.turn.wanted().await;
        };
        tokio::select! {
            () = by_own => ImportEnd::Wanted,
            () = by_another => ImportEnd::Wanted,
            () = sleep(self.pace.left_of(IMPORT_WITHIN)) => ImportEnd::TooLong,
        }
    }
}

/// Resolves when an import ends that receives no call from now on.
pub(super) async fn over(place: Option<&Place>, connection: Option<&ConnectionEnd>) -> ImportEnd {
    let lost = async {
        match place {
            Some(place) => place.lost(connection).await,
            None => pending().await,
        }
    };
    tokio::select! {
        why = lost => why,
        () = sleep(IMPORT_QUIET_AT_MOST) => ImportEnd::Quiet,
    }
}

/// Whether an import that began then has waited too long for its first bytes.
pub(super) fn is_without_bytes(begun: Instant) -> bool {
    begun.elapsed() >= IMPORT_WITHOUT_BYTES
}

/// Resolves so long after the end of the connection. So an import that waited for its place until then has it no longer.
async fn after(connection: Option<&ConnectionEnd>, time: Duration) {
    match connection {
        Some(connection) => connection.past(time).await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use futures_util::poll;
    use uuid::Uuid;

    use super::*;
    use crate::service::turns::Turns;
    use model::AccountId;

    #[tokio::test(start_paused = true)]
    async fn an_import_whose_client_has_gone_while_it_waited_keeps_no_place() {
        let (places, account) = (Turns::new(1, 1), AccountId(Uuid::from_u128(1)));
        let (end, guard) = ConnectionEnd::of_new();
        drop(guard);
        sleep(IMPORT_WITHOUT_CONNECTION_WHEN_WANTED).await;
        let place = Place::new(places.turn(account).await.expect("is free"));
        let mut waits = Box::pin(places.turn(account));
        assert!(poll!(&mut waits).is_pending());
        let begun = Instant::now();
        assert_eq!(over(Some(&place), Some(&end)).await, ImportEnd::Wanted);
        assert!(begun.elapsed() < Duration::from_secs(1));
    }
}
