//! A progress bar, with what is reported beside it.
//!
//! It counts nothing. Invariants: an outage is reported once, not at each attempt; the bar is gone when its command ends.

use std::cell::Cell;
use std::time::Duration;

use client::Error;
use indicatif::ProgressBar;

use super::{progress_bar, say, style};

/// Template of the bar before its first byte is sent.
const BAR_AT_BEGIN: &str = "{bar:30} {binary_bytes}/{binary_total_bytes} {elapsed}";
/// Template of the bar.
const BAR: &str = "{bar:30} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {elapsed}";

/// The progress of one file.
pub(crate) struct Progress {
    bar: ProgressBar,
    is_waiting: Cell<bool>,
}

impl Progress {
    /// The progress of a file of so many bytes; `is_shown` is false where the file itself goes to the terminal.
    pub(crate) fn new(bytes: u64, is_shown: bool) -> Self {
        let bar = if is_shown { progress_bar(Some(bytes), BAR) } else { ProgressBar::hidden() };
        Self { bar, is_waiting: Cell::new(false) }
    }

    /// Begins at so many bytes, which do not count for the speed.
    pub(crate) fn begin_at(&self, bytes: u64) {
        // A new position is drawn at once, with a speed that counts these bytes.
        self.bar.set_style(style(BAR_AT_BEGIN));
        self.bar.set_position(bytes);
        self.bar.reset_eta();
        self.bar.set_style(style(BAR));
    }

    /// So many bytes have arrived.
    pub(crate) fn at(&self, bytes: u64) {
        self.is_waiting.set(false);
        self.bar.set_position(bytes);
    }

    /// A call has failed, and is made again after a pause.
    pub(crate) fn waits(&self, error: &Error, pause: Duration) {
        if !self.is_waiting.replace(true) {
            let seconds = pause.as_secs_f64().ceil();
            self.say(&format!("{error}; trying again in {seconds} s, and then less often"));
        }
    }

    /// Prints a message above the bar.
    pub(crate) fn say(&self, sentence: &str) {
        self.bar.suspend(|| say(sentence));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_an_earlier_run_have_no_speed() {
        let progress = Progress::new(2 << 30, false);
        progress.begin_at(1 << 30);
        assert_eq!(progress.bar.position(), 1 << 30);
        let speed = progress.bar.per_sec();
        assert!(speed < 1.0 || speed.is_nan(), "{speed}");
        assert!(!BAR_AT_BEGIN.contains("per_sec"));
    }
}
