//! Why a query has no answer.
//!
//! Not the errors of its filter, which the server reads. Invariant: a problem of the table's bytes is never one of the query.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_schema::ArrowError;
use datafusion::common::DataFusionError;
use tables::ReadError;

/// Characters of a text of another library in a sentence.
const CHARACTERS: usize = 200;

/// A query without an answer, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The caller has stopped it.
    #[error("the query was stopped")]
    Stopped,
    /// The memory and the disk of queries are not enough.
    #[error("the query needs more memory or disk than a query may have")]
    TooLarge,
    /// The result is beyond a limit: a sentence with the numbers, for a person.
    #[error("{0}")]
    Limit(String),
    /// The table could not be read, or the view could not be written.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The cluster does not answer, or can't run a query now.
    #[error("{0}")]
    Unavailable(String),
    /// A mistake of the engine.
    #[error("the query has failed: {0}")]
    Failed(String),
}

impl QueryError {
    /// A mistake, with the begin of its text.
    pub fn failed(problem: impl ToString) -> Self {
        Self::Failed(problem.to_string().chars().take(CHARACTERS).collect())
    }

    /// The error of a panic.
    pub(crate) fn of_panic(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Self::failed(text.unwrap_or("it has panicked"))
    }
}

impl From<DataFusionError> for QueryError {
    fn from(error: DataFusionError) -> Self {
        let is_exhausted = match error.find_root() {
            DataFusionError::ResourcesExhausted(_) => true,
            DataFusionError::IoError(io) => is_full(io),
            DataFusionError::ArrowError(arrow, _) => {
                matches!(&**arrow, ArrowError::IoError(_, io) if is_full(io))
            }
            _ => false,
        };
        if !is_exhausted {
            return Self::failed(error);
        }
        tracing::debug!(%error, "a query is too large");
        Self::TooLarge
    }
}

/// Whether the disk is full, or the part of it that queries may have: DataFusion names its own limit in the text alone.
fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        || error.to_string().contains("max_temp_directory_size")
}

/// Runs the work; a panic is an error. What it has left half done is dropped.
pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T, QueryError>) -> Result<T, QueryError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(QueryError::of_panic(&*panic)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_exhausted_is_too_large_and_a_panic_has_failed() {
        let exhausted = DataFusionError::ResourcesExhausted("memory".to_owned()).context("sort");
        assert!(matches!(QueryError::from(exhausted), QueryError::TooLarge));
        let full = DataFusionError::IoError(io::ErrorKind::StorageFull.into());
        assert!(matches!(QueryError::from(full), QueryError::TooLarge));
        let other = QueryError::from(DataFusionError::Internal("x".repeat(1000)));
        assert!(matches!(other, QueryError::Failed(text) if text.chars().count() == CHARACTERS));
        let panicked = caught::<()>(|| panic!("no {}", "luck"));
        assert!(matches!(panicked, Err(QueryError::Failed(text)) if text == "no luck"));
    }
}
