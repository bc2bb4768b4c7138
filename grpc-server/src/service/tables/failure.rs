//! Errors of readings and of queries: as the refusal of a call, and as the failure of an attempt.
//!
//! Not the sentences (`edge::errors`, the crate `tables`). Invariant: what lies in the file or in the request is final; what
//! lies in Postgres or in the place may pass.

use engine::QueryError;
use jobs::Failure;
use tonic::Status;

use super::content::source::failure_of;
use crate::edge::errors::{FileRefusal, ServiceError, TableRefusal};
use tables::ReadError;

impl From<TableRefusal> for ServiceError {
    fn from(why: TableRefusal) -> Self {
        Self::Table(why)
    }
}

/// The refusal of a call whose file is not read.
pub(super) fn unread(error: ReadError) -> ServiceError {
    if let Some(error) = failure_of(&error) {
        return error;
    }
    match error {
        ReadError::Option { field, rule } => ServiceError::malformed(field, rule),
        ReadError::Stopped => TableRefusal::PreviewTooSlow.into(),
        ReadError::Source(error) => ServiceError::internal(error),
        error => TableRefusal::Unread { reason: error.reason(), message: error.to_string() }.into(),
    }
}

/// The refusal of a call whose table, which the server has written, is not read.
pub(in crate::service) fn damaged(error: ReadError) -> ServiceError {
    if let Some(error) = failure_of(&error) {
        return error;
    }
    match error {
        ReadError::Option { field, rule } => ServiceError::malformed(field, rule),
        ReadError::Stopped => ServiceError::Draining,
        error => ServiceError::internal(error),
    }
}

/// The refusal of a call whose query has no answer.
pub(in crate::service) fn unanswered(error: QueryError) -> ServiceError {
    match error {
        QueryError::TooLarge => TableRefusal::QueryTooLarge.into(),
        QueryError::Limit(rule) => {
            ServiceError::malformed("source", format!("is too large: {rule}"))
        }
        QueryError::Read(error) => damaged(error),
        QueryError::Unavailable(message) => TableRefusal::EngineAway(message).into(),
        // By the end of its call, which has another answer by then.
        QueryError::Stopped => ServiceError::Draining,
        error => ServiceError::internal(error),
    }
}

/// The failure of an attempt by an error that a call would be refused with.
pub(in crate::service) fn failed(error: ServiceError) -> Failure {
    let is_final = match &error {
        ServiceError::File(why) => matches!(
            why,
            FileRefusal::NoFile
                | FileRefusal::WhileRemoved
                | FileRefusal::Role(_)
                | FileRefusal::Original(_)
                | FileRefusal::StorageFull(..)
                | FileRefusal::TooManyFiles(..)
                | FileRefusal::PieceLost(_)
                | FileRefusal::PieceChanged(_)
        ),
        ServiceError::Table(TableRefusal::EngineAway(_)) => false,
        ServiceError::Malformed { .. } | ServiceError::Table(_) => true,
        _ => false,
    };
    let text = Status::from(error).message().to_owned();
    if is_final { Failure::Final(text) } else { Failure::Later(text) }
}

/// The failure of an attempt whose query has failed, or was stopped.
pub(in crate::service) fn query_failed(error: QueryError) -> Failure {
    match error {
        // By the cancellation, or by the end of the attempt.
        QueryError::Stopped => Failure::Later("stopped".to_owned()),
        QueryError::Limit(rule) => Failure::Final(rule),
        error => failed(unanswered(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_without_room_ends_the_job_and_one_that_was_stopped_does_not() {
        let Failure::Final(text) = query_failed(QueryError::TooLarge) else { panic!("may pass") };
        assert!(text.contains("memory and disk"), "{text}");
        let beyond = query_failed(QueryError::Limit("row 7 is too long".to_owned()));
        assert_eq!(beyond, Failure::Final("row 7 is too long".to_owned()));
        for error in [QueryError::Stopped, QueryError::Failed("a plan".to_owned())] {
            assert!(matches!(query_failed(error), Failure::Later(_)));
        }
    }

    #[test]
    fn what_lies_in_the_file_is_final_and_what_lies_in_the_place_is_not() {
        let line = ReadError::Line { line: 7, problem: "no object".to_owned() };
        let Failure::Final(text) = failed(unread(line)) else { panic!("it may pass") };
        assert_eq!(text, "line 7: no object");
        let lost = failed(FileRefusal::PieceLost(3).into());
        assert!(matches!(&lost, Failure::Final(text) if text.contains("piece 3")), "{lost:?}");
        let away = unanswered(QueryError::Unavailable("the engine is away".to_owned()));
        for error in [ServiceError::Unavailable("Postgres"), FileRefusal::PlaceFull.into(), away] {
            assert!(matches!(failed(error), Failure::Later(_)));
        }
    }
}
