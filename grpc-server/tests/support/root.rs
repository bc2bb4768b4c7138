//! Tests that need root: for another user they say on standard error what they have left out.
//!
//! Not a way to become root. Invariant: nothing is left out in silence.

use std::io::{Write as _, stderr};
use std::thread;

/// Whether root runs this test. For another user, `part` of the test is left out.
pub(crate) fn is_root(part: &str) -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        let thread = thread::current();
        let test = thread.name().unwrap_or("a test");
        // This is not captured with a test's output. There is no other place to report a failure of standard error.
        let _ = writeln!(stderr(), "SKIPPED {test}: {part} needs root");
    }
    is_root
}
