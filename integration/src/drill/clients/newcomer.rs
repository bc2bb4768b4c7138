//! The newcomers: clients that open sheets during a fault, the drill's sheet and cold ones.
//!
//! Not writers: a newcomer only opens. Invariant: each gets the sheet, or an error with a time to retry.

use std::time::Duration;

use client::Error;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tonic::Code;

use crate::drill::cluster::sign_in;
use crate::drill::evidence::history::{Clock, stopped};
use crate::harness::DEADLINE;

/// From one newcomer to the next at least.
const ARRIVAL_INTERVAL: Duration = Duration::from_secs(1);
/// The SDK's message when no server answers.
const NO_CONNECTION: &str = "the connection to the server failed";

/// The results of the newcomers.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) opened: u32,
    pub(crate) refused: u32,
    /// The longest wait for either.
    pub(crate) longest: Duration,
    pub(crate) notes: Vec<String>,
}

/// Opens one sheet after the other, again and again, until the stop signal.
pub(crate) async fn arrive(
    url: String,
    token: String,
    sheets: Vec<String>,
    clock: Clock,
    mut stop: watch::Receiver<bool>,
) -> Received {
    let mut received = Received::default();
    let mut ticks = interval(ARRIVAL_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for sheet in sheets.iter().cycle() {
        tokio::select! {
            // The stop signal first: a newcomer after it would open its sheet when the fault is over.
            biased;
            () = stopped(&mut stop) => break,
            _ = ticks.tick() => {}
        }
        let came = clock.now();
        let opened = timeout(DEADLINE, sign_in(&url, &token).open(sheet)).await;
        received.longest = received.longest.max(clock.now().saturating_sub(came));
        match opened {
            Ok(Ok(_)) => received.opened += 1,
            Ok(Err(error)) => {
                received.refused += 1;
                received.notes.extend(judge(&error).map(|wrong| format!("a newcomer: {wrong}")));
            }
            Err(_) => received.notes.push(format!("a newcomer got no answer within {DEADLINE:?}")),
        }
    }
    received
}

/// The defect of an error during a fault; `None` for an error that names a time to retry.
pub(crate) fn judge(error: &Error) -> Option<String> {
    let Error::Refused(refusal) = error else {
        return (!matches!(error, Error::Unreachable { .. })).then(|| format!("{error:?}"));
    };
    let away = refusal.message.starts_with(NO_CONNECTION);
    let retryable = refusal.code == Code::Unavailable && refusal.retry_after.is_some();
    (!away && !retryable).then(|| format!("{refusal:?}"))
}
