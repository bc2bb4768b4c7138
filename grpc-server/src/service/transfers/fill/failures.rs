//! Why an attempt to fill a sheet fails.
//!
//! Not the sentences (`edge::errors`). Invariant: what may pass without another request is tried again.

use jobs::{Failure, Job};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// The failure by what a call would be refused with.
pub(super) fn failure(refusal: impl Into<Status>) -> Failure {
    let status = refusal.into();
    let may_pass = match status.code() {
        Code::Unavailable | Code::DeadlineExceeded | Code::Aborted | Code::Internal => true,
        _ => status.get_details_retry_info().is_some(),
    };
    let text = status.message().to_owned();
    if may_pass { Failure::Later(text) } else { Failure::Final(text) }
}

/// Ends an attempt whose job is cancelled. The state of the job says the same.
pub(super) fn unless_cancelled(job: &Job) -> Result<(), Failure> {
    if job.is_cancelled() { Err(Failure::Later("cancelled".to_owned())) } else { Ok(()) }
}

/// Heavy work has panicked; the panic is in the log.
pub(super) fn panicked(_: heavy_work::Panicked) -> Failure {
    Failure::Later("its work has failed; see the server's log".to_owned())
}

/// The parameters are of another form.
pub(super) fn other_release() -> Failure {
    Failure::Final("its parameters are not those of this release".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::errors::{ServiceError, TableRefusal};

    #[test]
    fn what_may_pass_is_tried_again() {
        let full = TableRefusal::SheetFull { what: "rows", count: 7, limit: 5 };
        for error in
            [ServiceError::from(full), ServiceError::ReadOnly, ServiceError::NotFound("sheet")]
        {
            assert!(matches!(failure(error), Failure::Final(_)));
        }
        for error in [ServiceError::Unavailable("Postgres"), ServiceError::Busy("sheets")] {
            assert!(matches!(failure(error), Failure::Later(_)));
        }
    }
}
