//! The log of what is refused on purpose: a few lines of each kind, however often a caller tries.
//!
//! Not the answer to the caller (`errors`). Invariant: of each kind at most [`LINES`] are written, and the next line
//! states how many were left out.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::HeaderMap;
use model::AccountId;
use model::allowance::{Bucket, Rate};
use tonic::Code;

const LINES: Rate = Rate { burst: 10, one_each: Duration::from_secs(5) };
/// Characters of a path in a line: a caller may make up any.
const PATH_SHOWN: usize = 80;

static LOG: LazyLock<Mutex<BTreeMap<&'static str, Log>>> = LazyLock::new(Mutex::default);

#[derive(Debug)]
struct Log {
    lines: Bucket,
    left_out: u64,
}

impl Log {
    fn new(now: Instant) -> Self {
        Self { lines: Bucket::full(LINES, now), left_out: 0 }
    }

    /// Whether a line may be written; then the number of those that were left out before it.
    fn line(&mut self, now: Instant) -> Option<u64> {
        if self.lines.take(now).is_err() {
            self.left_out += 1;
            return None;
        }
        Some(std::mem::take(&mut self.left_out))
    }
}

/// Logs that something of a network or an account was refused.
pub(crate) fn log(what: &'static str, by: &dyn Display) {
    if let Some(left_out) = line(what) {
        tracing::warn!(what, %by, left_out, "refused: too many");
    }
}

/// Logs that a call was refused for a limit, when this is the head of such an answer.
pub(crate) fn log_call(account: AccountId, path: &str, answer: &HeaderMap) {
    let text = |name| answer.get(name).and_then(|value| value.to_str().ok());
    let code = text("grpc-status").and_then(|code| code.parse().ok()).map(Code::from_i32);
    if code == Some(Code::ResourceExhausted)
        && let Some(left_out) = line("calls")
    {
        let path: String = path.chars().take(PATH_SHOWN).collect();
        let message = text("grpc-message").unwrap_or_default().replace("%20", " ");
        tracing::warn!(%account, path, message, left_out, "call refused for a limit");
    }
}

/// Logs that a live session was refused an edit, or ended, for a limit.
pub(crate) fn log_session(reason: &'static str, message: &str) {
    if let Some(left_out) = line(reason) {
        tracing::warn!(reason, message, left_out, "session refused for a limit");
    }
}

/// Whether a line of a kind may be written, and how many were left out before it.
pub(crate) fn line(kind: &'static str) -> Option<u64> {
    let now = Instant::now();
    // Counters: after a panic elsewhere they are still valid counts.
    let mut logs = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    logs.entry(kind).or_insert_with(|| Log::new(now)).line(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_writes_few_lines_and_their_number_is_known() {
        let start = Instant::now();
        let mut log = Log::new(start);
        let written = (0..10_000).filter(|_| log.line(start).is_some()).count();
        assert_eq!(written, LINES.burst as usize);
        assert_eq!(log.line(start + LINES.one_each), Some(10_000 - u64::from(LINES.burst)));
    }

    #[test]
    fn a_flood_of_one_kind_leaves_lines_of_another() {
        let written = (0..100).filter_map(|_| line("a flood")).count();
        assert_eq!(written, LINES.burst as usize);
        assert_eq!(line("another kind"), Some(0));
        assert_eq!(line("a flood"), None);
    }
}
