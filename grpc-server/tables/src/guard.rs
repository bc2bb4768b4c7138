//! The last defence against readers of other libraries: a panic of theirs becomes an error.
//!
//! Not a substitute for checks of sizes: memory that is exhausted ends the process. Invariant: what a panic has left half done
//! is of no further use, and is dropped.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::ReadError;

/// Runs the work; a panic is an error of the format.
pub(crate) fn guarded<T>(
    format: &'static str,
    work: impl FnOnce() -> Result<T, ReadError>,
) -> Result<T, ReadError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(ReadError::damaged(format, text.unwrap_or("its reader has failed")))
    })
}
