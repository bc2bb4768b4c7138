//! The errors of the store, and which of them pass by waiting.
//!
//! Not the retries: callers decide. Invariant: [`StoreError::is_unavailable`] is true exactly for the errors after
//! which the same call may work later. Callers that retry without end rely on it.

use std::error::Error;

use deadpool_postgres::PoolError;
use ot_engine::Revision;
use tokio_postgres::error::SqlState;

/// Why the store did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Postgres is away, too slow, starting, full, or all connections are taken. The same call may
    /// work later. The text names no password and no query, but may name addresses: for logs.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Postgres refuses this server's login. The same call works once an operator has corrected that: a
    /// running server retries, a starting one reports the error and ends.
    #[error(
        "the database does not let this server in: {0}; check the user and the password, and what \
         pg_hba.conf allows"
    )]
    NotLetIn(String),
    /// The sheet's head in the tables is another than the batch stands on; nothing was written.
    #[error("the sheet is at revision {found} in the database, not at {expected}")]
    Conflict {
        /// The revision before the batch.
        expected: Revision,
        /// The revision in the tables.
        found: Revision,
    },
    /// There is no such sheet, account or token.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// Its name or id is taken.
    #[error("{0} already exists")]
    AlreadyExists(&'static str),
    /// Another caller changed it since this one read it.
    #[error("it has changed in the meantime and is now version {found}")]
    Changed {
        /// The version in the tables.
        found: u64,
    },
    /// It would take too long; the same call will hardly be faster.
    #[error("it takes too long")]
    TooSlow,
    /// A page whose sheet has changed too much since, or by changes that are not kept.
    #[error("too much has changed since")]
    TooOld,
    /// The rows that were asked for hold more than the caller takes; the rest was not read.
    #[error("the rows hold more than {most} bytes")]
    RowsTooLarge {
        /// Bytes of memory at most.
        most: usize,
    },
    /// An account, or a kind of jobs without one, has as many waiting jobs as it may.
    #[error("{used} jobs wait, and {limit} may")]
    TooManyJobs {
        /// How many wait.
        used: u64,
        /// How many may.
        limit: u64,
    },
    /// A value that the tables cannot hold.
    #[error("{0}")]
    Invalid(String),
    /// Postgres does not store this: a value that it can't hold, or more than it takes at once. The same
    /// call will not work later.
    #[error("the database refuses it: {0}")]
    Refused(String),
    /// The tables hold what cannot be.
    #[error("the database holds what it should not: {0}")]
    Corrupt(String),
    /// The tables could not be brought to this release's form.
    #[error("the database cannot be migrated: {0}")]
    Migration(String),
    /// Postgres refused a statement of ours: a defect here.
    #[error("the database refused a statement: {0}")]
    Internal(String),
}

impl StoreError {
    /// Whether the same call may work later.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::NotLetIn(_))
    }

    /// Whether it lies in what was to be stored, so that no waiting and no repair of Postgres helps.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Invalid(_))
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let text = describe(&error);
        match error.code() {
            Some(code) if keeps_out(code) => Self::NotLetIn(text),
            Some(code) if passes_by_waiting(code) => Self::Unavailable(text),
            Some(code) if lies_in_the_data(code) => Self::Refused(text),
            Some(_) => Self::Internal(text),
            // Without a code from Postgres it is the connection, unless our own types do not fit.
            None if error.is_closed() || has_io_source(&error) => Self::Unavailable(text),
            None if text.contains("connect") || text.contains("communicat") => {
                Self::Unavailable(text)
            }
            None => Self::Internal(text),
        }
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) if error.code().is_some_and(keeps_out) => {
                Self::NotLetIn(describe(&error))
            }
            PoolError::Backend(error) => Self::Unavailable(describe(&error)),
            PoolError::Timeout(_) => Self::Unavailable("no connection came free in time".into()),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<refinery::Error> for StoreError {
    fn from(error: refinery::Error) -> Self {
        // A broken connection is reported like a missing file; the operator reads either at the start.
        Self::Migration(chain(&error))
    }
}

/// The unique index that a statement ran into, if that is what happened.
pub(super) fn violated_unique(error: &tokio_postgres::Error) -> Option<&str> {
    let error = error.as_db_error()?;
    (*error.code() == SqlState::UNIQUE_VIOLATION).then(|| error.constraint().unwrap_or_default())
}

/// Whether a statement named a row of another table that is not there.
pub(super) fn violates_reference(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::FOREIGN_KEY_VIOLATION)
}

/// Class 28: no such user, another password, or no right to come from here.
fn keeps_out(code: &SqlState) -> bool {
    code.code().starts_with("28")
}

/// By class: 08 connection, 3D no such database (one that is being set up), 53 out of
/// memory, disk or connections, 55P03 locked, 57 stopped or cancelled by a timeout, 58 the system,
/// 40 deadlock or serialization. 25006 is a primary that has just become a replica.
fn passes_by_waiting(code: &SqlState) -> bool {
    let class = code.code().get(..2).unwrap_or_default();
    matches!(class, "08" | "3D" | "40" | "53" | "57" | "58")
        || *code == SqlState::LOCK_NOT_AVAILABLE
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
}

/// Class 22: a value that can't be; 23: one that breaks a constraint; 54: more than a statement, a row or
/// an index takes.
fn lies_in_the_data(code: &SqlState) -> bool {
    matches!(code.code().get(..2), Some("22" | "23" | "54"))
}

fn has_io_source(error: &tokio_postgres::Error) -> bool {
    error.source().is_some_and(|source| source.is::<std::io::Error>())
}

fn describe(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => format!("{} ({})", error.message(), error.code().code()),
        None => chain(error),
    }
}

/// An error and its sources, without repetition.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = error.source();
    }
    text
}
