//! The silence of a session that has promised frames.
//!
//! Not what a frame means. Invariant: a session without a promise is never silent.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};
use tonic::Status;

use crate::edge::errors;

/// The seconds that a session may promise.
const PROMISED: std::ops::RangeInclusive<u32> = 10..=3_600;

/// What `Hello.silence_seconds` promises.
pub(in crate::service::live) fn promised(seconds: u32) -> Result<Option<Duration>, Status> {
    match seconds {
        0 => Ok(None),
        _ if PROMISED.contains(&seconds) => Ok(Some(Duration::from_secs(seconds.into()))),
        _ => Err(errors::malformed("hello.silence_seconds", "must be 0, or 10 to 3600")),
    }
}

/// The time since the last frames.
pub(super) struct Silence {
    promised: Option<Duration>,
    timer: Pin<Box<Sleep>>,
}

impl Silence {
    pub(super) fn new(promised: Option<Duration>) -> Self {
        Self { promised, timer: Box::pin(sleep(promised.unwrap_or_default())) }
    }

    /// Frames have come.
    pub(super) fn broken(&mut self) {
        if let Some(promised) = self.promised {
            self.timer.as_mut().reset(Instant::now() + promised);
        }
    }

    /// Resolves when the promise is not kept.
    pub(super) async fn too_long(&mut self) {
        match self.promised {
            Some(_) => self.timer.as_mut().await,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, timeout};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_is_counted_from_the_last_frames_and_needs_a_promise() {
        let second = Duration::from_secs(1);
        let mut silence = Silence::new(promised(10).expect("may be promised"));
        advance(9 * second).await;
        silence.broken();
        let begun = Instant::now();
        silence.too_long().await;
        assert_eq!(begun.elapsed(), 10 * second);
        let mut none = Silence::new(promised(0).expect("is no promise"));
        none.broken();
        timeout(100_000 * second, none.too_long()).await.expect_err("is never silent");
        for wrong in [1, 9, 3_601, u32::MAX] {
            promised(wrong).expect_err("is out of bounds");
        }
    }
}
