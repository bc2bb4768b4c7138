//! Further attempts of a call: after which errors, and after which pause.
//!
//! It makes no call, and knows no reason of one service. Invariants: an error that no wait can change ends the attempts at
//! once; any other one ends them after [`ATTEMPTS`], unless the server itself has asked to wait for a place.

use std::time::Duration;

use tonic::Code;

use crate::net::error::Error;

/// Reasons of a refusal after which the same call is made again, when its server says. They are not counted.
const WAITS: [&str; 2] = ["BUSY", "RATE_LIMITED"];
/// The field with the digest of what a call sends.
const DIGEST: &str = "digest";
/// Attempts that may fail one after another, before the last one.
const ATTEMPTS: u32 = 8;
/// The pause before the second attempt; each later one is twice as long, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long to wait until the server has a place for the same call; `None` where that does not help.
pub(super) fn wait(error: &Error) -> Option<Duration> {
    let Error::Refused(refusal) = error else { return None };
    let reason = refusal.reason.as_deref()?;
    WAITS.contains(&reason).then_some(refusal.retry_after?)
}

/// The attempts of one call.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Attempts {
    /// Those that have failed since the last success.
    failed: u32,
}

impl Attempts {
    /// The pause before the next attempt; `None`: there is none.
    pub(super) fn pause(&mut self, error: &Error) -> Option<Duration> {
        if let Some(wait) = wait(error) {
            return Some(wait);
        }
        if self.failed >= ATTEMPTS || !may_pass(error) {
            return None;
        }
        let pause = FIRST_PAUSE * 2_u32.pow(self.failed);
        self.failed += 1;
        Some(pause.min(LONGEST_PAUSE).max(asked(error).unwrap_or_default()))
    }

    /// An attempt has succeeded.
    pub(super) fn succeeded(&mut self) {
        self.failed = 0;
    }
}

/// The wait that the server asks for.
fn asked(error: &Error) -> Option<Duration> {
    match error {
        Error::Refused(refusal) => refusal.retry_after,
        _ => None,
    }
}

/// Whether the same call may succeed a little later: its server starts again, or the network fails for a while.
fn may_pass(error: &Error) -> bool {
    match error {
        Error::Unreachable { .. } => true,
        Error::Refused(refusal) => match refusal.code {
            Code::Unavailable
            | Code::DeadlineExceeded
            | Code::Cancelled
            | Code::Internal
            | Code::Unknown => true,
            // A limit that is met until something is deleted has no time.
            Code::ResourceExhausted => refusal.retry_after.is_some(),
            // A byte was changed on the way.
            Code::InvalidArgument => refusal.violations.iter().any(|it| it.field == DIGEST),
            _ => false,
        },
        _ => false,
    }
}

/// Makes a call, and again after errors that may pass: `waits` receives each with the pause that follows. Only for calls
/// that may be made twice.
///
/// # Errors
/// The last error of the call.
pub async fn again<T, F>(
    mut call: impl FnMut() -> F,
    mut waits: impl FnMut(&Error, Duration),
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut attempts = Attempts::default();
    loop {
        let error = match call().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let Some(pause) = attempts.pause(&error) else { return Err(error) };
        waits(&error, pause);
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::error::{Refusal, Violation};

    fn refused(code: Code, reason: &str, seconds: Option<u64>) -> Error {
        Error::Refused(Box::new(Refusal {
            code,
            message: "a sentence".to_owned(),
            reason: Some(reason.to_owned()),
            violations: Vec::new(),
            retry_after: seconds.map(Duration::from_secs),
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_is_made_again_while_its_error_may_pass() {
        let (mut calls, mut pauses) = (0, Vec::new());
        let outcome = again(
            || {
                calls += 1;
                let error = refused(Code::Unavailable, "UNAVAILABLE", None);
                std::future::ready(if calls < 4 { Err(error) } else { Ok(calls) })
            },
            |_, pause| pauses.push(pause.as_millis()),
        );
        assert_eq!(outcome.await.expect("succeeds"), 4);
        assert_eq!(pauses, [500, 1_000, 2_000]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_always_fails_ends() {
        let mut calls = 0;
        let outcome: Result<(), Error> = again(
            || {
                calls += 1;
                std::future::ready(Err(refused(Code::Unavailable, "UNAVAILABLE", None)))
            },
            |_, pause| assert!(pause <= LONGEST_PAUSE),
        )
        .await;
        assert!(outcome.is_err());
        assert_eq!(calls, ATTEMPTS + 1);
    }

    #[test]
    fn bytes_that_were_changed_on_the_way_are_sent_again() {
        let violated = |field: &str| {
            let Error::Refused(mut refusal) = refused(Code::InvalidArgument, "MALFORMED", None)
            else {
                unreachable!("it is a refusal")
            };
            let (field, rule) = (field.to_owned(), "a rule".to_owned());
            refusal.violations.push(Violation { field, rule });
            Attempts::default().pause(&Error::Refused(refusal))
        };
        assert_eq!(violated("digest"), Some(FIRST_PAUSE));
        assert_eq!(violated("number"), None);
    }

    #[test]
    fn a_place_is_waited_for_and_a_full_account_is_not() {
        let mut attempts = Attempts::default();
        for _ in 0..3 * ATTEMPTS {
            let busy = refused(Code::ResourceExhausted, "BUSY", Some(2));
            assert_eq!(attempts.pause(&busy), Some(Duration::from_secs(2)));
        }
        let full = refused(Code::ResourceExhausted, "STORAGE_FULL", None);
        assert_eq!(attempts.pause(&full), None);
        assert_eq!(attempts.pause(&refused(Code::DataLoss, "PIECE_LOST", None)), None);
        assert_eq!(attempts.pause(&refused(Code::NotFound, "NOT_FOUND", None)), None);
        let away = refused(Code::Unavailable, "UNAVAILABLE", Some(5));
        assert_eq!(attempts.pause(&away), Some(Duration::from_secs(5)), "as the server asks");
    }
}
