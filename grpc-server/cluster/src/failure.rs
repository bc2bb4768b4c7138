//! Why a plan has failed: what the text of a failed task states, and the status that a server receives.
//!
//! Not the retries of tasks, which are Ballista's. Invariant: a reason survives its way through the text of Ballista's errors.

use engine::QueryError;
use engine_link::{REASON, Reason};
use files::VaultError;
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};

use crate::content::vault_error;

/// Stands before the reason in the text of a failed task.
const MARK: &str = "[gridloom:";
/// Characters of the text of a failure.
const CHARACTERS: usize = 400;

/// The text of a failed task, in which its reason is found again.
pub(crate) fn text_of(error: &QueryError) -> String {
    format!("{MARK}{}] {error}", reason_of(error).text())
}

/// The executor that has a part of the answer does not give it.
pub(crate) fn lost(problem: &str) -> Status {
    tracing::debug!(problem, "a part of an answer is lost");
    refused(Reason::Away, "an executor was lost before its rows were read")
}

/// An answer that can't be written.
pub(crate) fn odd(error: QueryError) -> Status {
    failed(&error.to_string())
}

/// The status of the text of a failure, which may have its reason in it.
pub(crate) fn failed(text: &str) -> Status {
    let marked = text.split_once(MARK).and_then(|(_, rest)| rest.split_once("] "));
    let (reason, text) = match marked {
        Some((reason, text)) => (Reason::of_text(reason), text),
        None if is_exhausted(text) => (Reason::TooLarge, text),
        None if is_lost(text) => (Reason::Away, text),
        None => (Reason::Failed, text),
    };
    refused(reason, text)
}

fn is_exhausted(text: &str) -> bool {
    ["Resources exhausted", "max_temp_directory_size", "No space left on device"]
        .iter()
        .any(|part| text.contains(part))
}

/// Whether executors were lost, so that the plan could not end.
fn is_lost(text: &str) -> bool {
    [
        "no executors",
        "No executors",
        "executor lost",
        "Executor lost",
        "heartbeat timed out",
        "FetchFailed",
        "fetch",
    ]
    .iter()
    .any(|part| text.contains(part))
}

/// The status of a reason.
pub(crate) fn refused(reason: Reason, text: &str) -> Status {
    let code = match reason {
        Reason::TooLarge => Code::ResourceExhausted,
        Reason::Lost => Code::DataLoss,
        Reason::Away => Code::Unavailable,
        Reason::Failed => Code::Internal,
    };
    let text: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(CHARACTERS).collect();
    let mut status = Status::new(code, text);
    status.metadata_mut().insert(REASON, MetadataValue::from_static(reason.text()));
    status
}

/// Why a task has failed.
fn reason_of(error: &QueryError) -> Reason {
    match (error, vault_error(error)) {
        (QueryError::TooLarge, _) => Reason::TooLarge,
        (_, Some(VaultError::Lost { .. } | VaultError::Changed { .. })) => Reason::Lost,
        (_, Some(_)) => Reason::Away,
        _ => Reason::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_task_is_that_of_its_plan() {
        let text =
            format!("Task failed: Execution error: {MARK}{}] it is large", Reason::TooLarge.text());
        let status = failed(&text);
        assert_eq!((status.code(), status.message()), (Code::ResourceExhausted, "it is large"));
        assert_eq!(failed("Resources exhausted: x").code(), Code::ResourceExhausted);
        assert_eq!(failed("a mistake").code(), Code::Internal);
        let reason = status.metadata().get(REASON).and_then(|it| it.to_str().ok());
        assert_eq!(reason.map(Reason::of_text), Some(Reason::TooLarge));
    }
}
