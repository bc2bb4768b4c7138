//! What a stream of notices does next: its end before its checks, and its checks before what it sends.
//!
//! Not the reads. Invariant: neither hints nor answers that wait put off a check by more than the time of one read.

use std::future::ready;
use std::pin::Pin;
use std::time::Duration;

use gridloom::v1;
use tokio::time::{Interval, MissedTickBehavior, Sleep, interval, sleep};
use tokio_util::sync::CancellationToken;

use crate::people::hub::Watching;

/// How often the token is looked up, and an answer without an event is sent.
const CHECK_EVERY: Duration = Duration::from_secs(25);

/// What comes next.
#[derive(Debug, PartialEq)]
pub(super) enum Wake {
    /// The server is about to stop.
    Stop,
    /// The token has expired.
    Expired,
    /// The token is looked up.
    Check,
    /// There was more to send already.
    More,
    /// There may be new notices.
    Hint,
    /// A person types.
    Typing(v1::Typing),
}

/// What a stream waits for.
pub(super) struct Turns {
    stop: CancellationToken,
    expiry: Pin<Box<Sleep>>,
    checks: Interval,
    watching: Watching,
}

impl Turns {
    /// The token is valid for so long.
    pub(super) fn new(stop: CancellationToken, valid: Duration, watching: Watching) -> Self {
        let mut checks = interval(CHECK_EVERY);
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        checks.reset();
        Self { stop, expiry: Box::pin(sleep(valid)), checks, watching }
    }

    /// What comes next; [`Wake::More`] at once where there is more to send.
    pub(super) async fn next(&mut self, has_more: bool) -> Wake {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Wake::Stop,
            () = self.expiry.as_mut() => Wake::Expired,
            _ = self.checks.tick() => Wake::Check,
            () = ready(()), if has_more => Wake::More,
            typing = self.watching.next() => typing.map_or(Wake::Hint, Wake::Typing),
        }
    }

    /// The next read finds everything that earlier hints were for.
    pub(super) fn seen(&mut self) {
        self.watching.seen();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::time::{Instant, advance};
    use uuid::Uuid;

    use super::*;
    use crate::people::hub::Table;
    use model::AccountId;

    const LONG: Duration = Duration::from_secs(86_400);
    const ADA: AccountId = AccountId(Uuid::from_u128(1));

    /// The time until something else comes than hints and answers, of which there is one each second.
    async fn flooded(valid: Duration, has_more: bool) -> (Wake, Duration) {
        let table = Arc::<Table>::default();
        let mut turns = Turns::new(CancellationToken::new(), valid, table.watch(ADA));
        let begun = Instant::now();
        while begun.elapsed() < LONG {
            table.wake(&[ADA]);
            match turns.next(has_more).await {
                Wake::Hint | Wake::More => advance(Duration::from_secs(1)).await,
                wake => return (wake, begun.elapsed()),
            }
        }
        panic!("nothing else came");
    }

    #[tokio::test(start_paused = true)]
    async fn no_flood_puts_off_a_check_or_the_end_of_the_token() {
        for has_more in [false, true] {
            assert_eq!(flooded(LONG, has_more).await, (Wake::Check, CHECK_EVERY));
            let short = Duration::from_secs(7);
            assert_eq!(flooded(short, has_more).await, (Wake::Expired, short));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_quiet_stream_is_checked_at_intervals() {
        let table = Arc::<Table>::default();
        let stop = CancellationToken::new();
        let mut turns = Turns::new(stop.clone(), LONG, table.watch(ADA));
        let begun = Instant::now();
        for checks in 1..=3 {
            assert_eq!(turns.next(false).await, Wake::Check);
            assert_eq!(begun.elapsed(), CHECK_EVERY * checks);
        }
        stop.cancel();
        assert_eq!(turns.next(true).await, Wake::Stop);
    }
}
