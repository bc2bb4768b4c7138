//! The jobs of persons as messages of the wire, and what requests say about them.
//!
//! Not who may see a job. Invariant: what is absent in a record is the default of its field; a text that is no id is
//! refused like the id of no job.

use gridloom::v1;
use serde_json::Value;
use uuid::Uuid;

use crate::edge::errors::ServiceError;
use model::FileId;
use store::{JobId, JobState, PersonJob};

/// A job as a message.
pub(in crate::service) fn job(job: &PersonJob) -> v1::Job {
    let (progress_done, progress_total) = job.progress;
    // A job that is not done has none.
    let result = |member: &str| job.result.as_ref().and_then(|result| result.get(member));
    let text = |member| result(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let notes = result("notes").and_then(Value::as_array);
    v1::Job {
        id: job.id.to_string(),
        kind: job.kind.clone(),
        title: job.title.clone(),
        state: state(job.state).into(),
        progress_done,
        progress_total: progress_total.unwrap_or_default(),
        attempt: job.attempt,
        attempts: job.attempts,
        cancel_asked: job.cancel_asked,
        error: job.error.clone().unwrap_or_default(),
        is_retryable: job.is_retryable,
        created_at_micros: job.created_micros,
        started_at_micros: job.started_micros.unwrap_or_default(),
        ended_at_micros: job.ended_micros.unwrap_or_default(),
        file_id: job.file.map(|file| file.to_string()).unwrap_or_default(),
        view_id: text("view"),
        made_file_id: text("file"),
        is_for_download: result("for_download").and_then(Value::as_bool).unwrap_or_default(),
        sheet_id: text("sheet"),
        rows: result("rows").and_then(Value::as_u64).unwrap_or_default(),
        notes: notes.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

fn state(state: JobState) -> v1::JobState {
    match state {
        JobState::Waiting => v1::JobState::Waiting,
        JobState::Running => v1::JobState::Running,
        JobState::Done => v1::JobState::Done,
        JobState::Failed => v1::JobState::Failed,
        JobState::Cancelled => v1::JobState::Cancelled,
    }
}

/// The states of a filter.
pub(in crate::service) fn states(given: &[i32]) -> Result<Vec<JobState>, ServiceError> {
    let mut states = Vec::new();
    for state in given {
        let state = match v1::JobState::try_from(*state) {
            Ok(v1::JobState::Waiting) => JobState::Waiting,
            Ok(v1::JobState::Running) => JobState::Running,
            Ok(v1::JobState::Done) => JobState::Done,
            Ok(v1::JobState::Failed) => JobState::Failed,
            Ok(v1::JobState::Cancelled) => JobState::Cancelled,
            Ok(v1::JobState::Unspecified) | Err(_) => {
                let rule = "must be states of jobs, such as JOB_STATE_DONE";
                return Err(ServiceError::malformed("states", rule));
            }
        };
        if !states.contains(&state) {
            states.push(state);
        }
    }
    Ok(states)
}

/// The file of a filter.
pub(super) fn file_id(given: &str) -> Result<Option<FileId>, ServiceError> {
    match given {
        "" => Ok(None),
        id => {
            let malformed = |_| ServiceError::malformed("file_id", "must be the id of a file");
            id.parse().map(Some).map_err(malformed)
        }
    }
}

/// The job that a request names.
pub(in crate::service) fn job_id(given: &str) -> Result<JobId, ServiceError> {
    Uuid::try_parse(given).map(JobId).map_err(|_| unknown())
}

/// The only refusal of a job that is not there, or that the caller is not shown.
pub(in crate::service) fn unknown() -> ServiceError {
    ServiceError::NotFound("job")
}

#[cfg(test)]
mod tests {
    use model::AccountId;
    use serde_json::json;

    use super::*;
    use crate::service::jobs::sample::running;

    #[test]
    fn a_job_that_is_done_names_what_it_has_made() {
        let mut record = running(JobId(Uuid::nil()), AccountId(Uuid::nil()));
        let running = job(&record);
        assert_eq!((&*running.made_file_id, running.rows, running.notes.len()), ("", 0, 0));
        record.result = Some(json!({"file": "f", "rows": 7, "notes": ["One value is cut."]}));
        let done = job(&record);
        assert_eq!((&*done.made_file_id, &*done.view_id, &*done.sheet_id), ("f", "", ""));
        assert!(!done.is_for_download);
        assert_eq!((done.rows, done.notes), (7, vec!["One value is cut.".to_owned()]));
        record.result = Some(json!({"file": "f", "for_download": true}));
        assert!(job(&record).is_for_download);
        record.result = Some(json!({"view": "v", "sheet": "s", "tables": 2}));
        let done = job(&record);
        assert_eq!((&*done.made_file_id, &*done.view_id, &*done.sheet_id), ("", "v", "s"));
    }

    #[test]
    fn each_state_is_read_once_and_no_other_number_is_one() {
        let all = [1, 2, 3, 4, 5, 5, 1];
        let read = states(&all).expect("are states");
        let wire: Vec<i32> = read.iter().map(|it| state(*it).into()).collect();
        assert_eq!(wire, [1, 2, 3, 4, 5]);
        for other in [0, 6, -1] {
            let refused = states(&[1, other]).expect_err("is none");
            assert!(
                matches!(&refused, ServiceError::Malformed { field, .. } if field == "states"),
                "{other}: {refused:?}"
            );
        }
    }
}
