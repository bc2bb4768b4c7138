//! Everything that gridctl prints: results on standard output, messages on standard error.
//!
//! It computes no results. Invariant: standard output has only results, so that it can be piped.

pub(crate) mod change;
pub(crate) mod columns;
pub(crate) mod file;
pub(crate) mod files;
pub(crate) mod format;
pub(crate) mod jobs;
pub(crate) mod message;
pub(crate) mod pages;
pub(crate) mod preview;
pub(crate) mod progress;
pub(crate) mod record;
pub(crate) mod sheet;
pub(crate) mod steps;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod tables;
pub(crate) mod words;
pub(crate) mod workers;

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Prints a message on standard error.
pub(crate) fn say(sentence: &str) {
    // Nothing can report that standard error is closed.
    let _ = writeln!(std::io::stderr(), "gridctl: {sentence}");
}

/// A progress bar on standard error; hidden when that is not a terminal.
pub(crate) fn progress_bar(total: Option<u64>, template: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = match total {
        Some(total) => ProgressBar::new(total),
        None => ProgressBar::no_length(),
    };
    bar.with_style(style(template))
}

/// A text on standard output that is drawn again in its place: each message of the bar replaces the one before. Only for a
/// terminal.
pub(crate) fn redrawn_text() -> ProgressBar {
    ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout()).with_style(style("{msg}"))
}

/// The templates are constants; a malformed one falls back to the default style.
pub(crate) fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
