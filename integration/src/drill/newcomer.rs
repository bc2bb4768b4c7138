//! Those who come while something is broken: to the sheet that all are on, and to sheets that nobody
//! has open.
//!
//! Invariant: each gets what it came for or a clear error that says when to come again.

use std::time::Duration;

use client::Error;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tonic::Code;

use super::cluster::sign_in;
use super::history::{Clock, told};
use crate::harness::DEADLINE;

/// From one newcomer to the next at least.
const ARRIVAL_INTERVAL: Duration = Duration::from_secs(1);
/// What the SDK says when nobody answers at all.
const NO_CONNECTION: &str = "the connection to the server failed";

/// What became of those who came.
#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) opened: u32,
    pub(super) refused: u32,
    /// The longest wait for either.
    pub(super) longest: Duration,
    pub(super) notes: Vec<String>,
}

/// Opens one sheet after the other until told to stop, and then begins anew with the first.
pub(super) async fn arrive(
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
            () = told(&mut stop) => break,
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

/// What is wrong with a refusal by a server that lacks something for a while; `None` when it is right.
pub(super) fn judge(error: &Error) -> Option<String> {
    let Error::Refused(refusal) = error else {
        return (!matches!(error, Error::Unreachable { .. })).then(|| format!("{error:?}"));
    };
    let away = refusal.message.starts_with(NO_CONNECTION);
    let told = refusal.code == Code::Unavailable && refusal.retry_after.is_some();
    (!away && !told).then(|| format!("{refusal:?}"))
}
