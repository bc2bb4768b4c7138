//! A job that runs, for the tests of this folder.
//!
//! Not one of Postgres. Invariant: two of the same job are equal.

use model::AccountId;
use store::{JobId, JobState, PersonJob};

/// A job of an account in its first attempt.
pub(super) fn running(id: JobId, account: AccountId) -> PersonJob {
    PersonJob {
        id,
        account,
        kind: "save-file".to_owned(),
        title: "Save a.csv".to_owned(),
        file: None,
        state: JobState::Running,
        attempt: 1,
        attempts: 3,
        progress: (0, None),
        cancel_asked: false,
        result: None,
        error: None,
        is_retryable: true,
        created_micros: 1,
        started_micros: Some(1),
        ended_micros: None,
        changed_micros: 1,
    }
}
