//! Formats jobs, as lines, cells of a table, words or JSON.
//!
//! It reads nothing from the server. Invariants: the line of a job begins with its id, a text of the server adds no line, and
//! the JSON keys stay stable.

use std::io::IsTerminal;

use gridloom::v1::{Job, JobState, OperatedJob};
use serde_json::{Value as Json, json};

use super::columns::{Cell, shown};
use super::files::{minute, percent};
use super::format::time;
use super::tables::given;
use super::words::with_options;

/// Most characters of a title that are shown in a table; JSON has all of them.
const TITLE_CHARS_MAX: usize = 40;
/// Most characters of an error that are shown in a table on a terminal.
const ERROR_CHARS_MAX: usize = 60;

/// The state of a job, as `--state` names it.
const fn state_name(state: JobState) -> &'static str {
    match state {
        JobState::Unspecified => "unknown",
        JobState::Waiting => "waiting",
        JobState::Running => "running",
        JobState::Done => "done",
        JobState::Failed => "failed",
        JobState::Cancelled => "cancelled",
    }
}

/// The state of a job for a person.
fn state_word(job: &Job) -> &'static str {
    match job.state() {
        JobState::Running if job.cancel_asked => "cancelling",
        state => state_name(state),
    }
}

/// The state of a job that has not ended, with its attempt after the first one.
pub(crate) fn under_way(job: &Job) -> String {
    match (job.attempt, state_word(job)) {
        (0 | 1, word) => word.to_owned(),
        (attempt, word) => format!("{word}, attempt {attempt} of {}", job.attempts.max(attempt)),
    }
}

/// Whether a retry may end otherwise. A job fails before its last attempt only by what no attempt can change.
pub(crate) fn may_retry(job: &Job) -> bool {
    let is_final = job.state() == JobState::Failed && job.attempt < job.attempts;
    job.is_retryable && !is_final
}

/// The title of a job in quotation marks, on one line.
pub(crate) fn title(job: &Job) -> String {
    format!("{:?}", shown(&job.title, TITLE_CHARS_MAX))
}

/// How much of a job is done; empty where that is not known.
fn progress(job: &Job) -> String {
    match job.progress_total {
        0 => String::new(),
        total => format!("{} %", percent(job.progress_done.min(total), total)),
    }
}

/// Why the last attempt failed, on one line; empty for a job whose later attempt runs, or is done, and for a cancelled one,
/// whose state says as much.
fn last_error(job: &Job, most: usize) -> String {
    match job.state() {
        JobState::Running | JobState::Done | JobState::Cancelled => String::new(),
        _ => shown(&with_options(&job.error), most),
    }
}

/// What was changed, left out or not found on the way, each on one line.
pub(crate) fn notes(job: &Job) -> impl Iterator<Item = String> + '_ {
    job.notes.iter().map(|note| shown(note, usize::MAX))
}

/// What a done job has made, each with the command for it.
pub(crate) fn results(job: &Job) -> Vec<String> {
    let mut results = Vec::new();
    if job.rows > 0 {
        results.push(written(job.rows));
    }
    if let Some(file) = given(&job.made_file_id).filter(|_| !job.is_for_download) {
        results
            .push(format!("`gridctl files download {file}` downloads the file that it has made"));
    }
    if let Some(sheet) = given(&job.sheet_id) {
        results.push(format!("`gridctl rows {sheet}` shows the rows of its sheet"));
    }
    results
}

/// How many rows a job has written.
pub(crate) fn written(rows: u64) -> String {
    if rows == 1 { "1 row is written".to_owned() } else { format!("{rows} rows are written") }
}

/// A job as one line.
pub(crate) fn job_line(job: &Job) -> String {
    let (word, progress) = (state_word(job), progress(job));
    let error = match last_error(job, usize::MAX) {
        error if error.is_empty() => error,
        error => format!(": {error}"),
    };
    let title = shown(&job.title, usize::MAX);
    format!("{}  {word:<10}  {progress:>5}  {title}{error}", job.id)
}

/// The head of a table of jobs. An error has no head: few jobs have one.
pub(crate) fn job_head() -> Vec<Cell> {
    let left = |text: &str| (text.to_owned(), false);
    let progress = ("PROGRESS".to_owned(), true);
    vec![left("TITLE"), left("KIND"), left("STATE"), progress, left("STARTED"), left("ID")]
}

/// A job as cells of a table.
pub(crate) fn job_cells(job: &Job) -> Vec<Cell> {
    let most_of_error = if std::io::stdout().is_terminal() { ERROR_CHARS_MAX } else { usize::MAX };
    let started = match job.started_at_micros {
        0 => String::new(),
        micros => minute(micros),
    };
    let mut cells = vec![
        (shown(&job.title, TITLE_CHARS_MAX), false),
        (shown(&job.kind, TITLE_CHARS_MAX), false),
        (state_word(job).to_owned(), false),
        (progress(job), true),
        (started, false),
        (job.id.clone(), false),
    ];
    let error = last_error(job, most_of_error);
    cells.extend((!error.is_empty()).then_some((error, false)));
    cells
}

/// The head of a table of jobs of all accounts.
pub(crate) fn operated_head() -> Vec<Cell> {
    let mut head = vec![("ACCOUNT".to_owned(), false), ("SERVER".to_owned(), false)];
    head.extend(job_head());
    head
}

/// A job of any account as cells of a table.
pub(crate) fn operated_cells(found: &OperatedJob) -> Vec<Cell> {
    let text = |text: &str| (shown(text, TITLE_CHARS_MAX), false);
    let mut cells = vec![text(&found.email), text(&found.node)];
    cells.extend(found.job.as_ref().map(job_cells).unwrap_or_default());
    cells
}

/// The same as JSON: the keys of a job, and two more.
pub(crate) fn operated_json(found: &OperatedJob) -> Json {
    let mut json = found.job.as_ref().map(job_json).unwrap_or_else(|| json!({}));
    if let Json::Object(members) = &mut json {
        members.insert("email".to_owned(), json!(given(&found.email)));
        members.insert("server".to_owned(), json!(given(&found.node)));
    }
    json
}

pub(crate) fn job_json(job: &Job) -> Json {
    let set = |micros: i64| (micros != 0).then(|| time(micros));
    json!({
        "id": job.id,
        "kind": job.kind,
        "title": job.title,
        "state": state_name(job.state()),
        "done": job.progress_done,
        "total": (job.progress_total != 0).then_some(job.progress_total),
        "attempt": job.attempt,
        "attempts": job.attempts,
        "cancel_asked": job.cancel_asked,
        "error": given(&job.error),
        "retryable": job.is_retryable,
        "created": time(job.created_at_micros),
        "started": set(job.started_at_micros),
        "ended": set(job.ended_at_micros),
        "file": given(&job.file_id),
        "view": given(&job.view_id),
        "made_file": given(&job.made_file_id),
        "for_download": job.is_for_download,
        "sheet": given(&job.sheet_id),
        "rows": job.rows,
        "notes": job.notes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running() -> Job {
        Job {
            id: "id".to_owned(),
            title: "a\nb.csv".to_owned(),
            state: JobState::Running.into(),
            progress_done: 999,
            progress_total: 1000,
            error: "the server stopped".to_owned(),
            ..Job::default()
        }
    }

    #[test]
    fn the_line_of_a_job_begins_with_its_id() {
        let job = running();
        assert_eq!(job_line(&job), "id  running      99 %  a b.csv");
        let failed = Job { state: JobState::Failed.into(), progress_total: 0, ..job };
        assert_eq!(job_line(&failed), "id  failed             a b.csv: the server stopped");
        assert_eq!(title(&failed), "\"a b.csv\"");
    }

    #[test]
    fn a_job_under_way_is_described_by_its_last_attempt() {
        let job = Job { attempt: 2, attempts: 3, ..running() };
        assert_eq!(under_way(&job), "running, attempt 2 of 3");
        assert_eq!(under_way(&Job { attempt: 1, cancel_asked: true, ..job }), "cancelling");
    }

    #[test]
    fn the_cells_of_a_job_stand_below_their_heads() {
        assert_eq!(job_cells(&running()).len(), job_head().len());
        let failed = Job { state: JobState::Failed.into(), ..running() };
        assert_eq!(job_cells(&failed).len(), job_head().len() + 1);
    }

    #[test]
    fn a_job_of_any_account_names_its_account_and_its_server() {
        let found =
            OperatedJob { job: Some(running()), email: "a@b.c".to_owned(), ..Default::default() };
        assert_eq!(operated_cells(&found).len(), operated_head().len());
        assert_eq!(operated_cells(&found)[0].0, "a@b.c");
        let json = operated_json(&found);
        assert_eq!((&json["email"], &json["server"]), (&json!("a@b.c"), &Json::Null));
        assert_eq!(json["id"], "id");
    }

    #[test]
    fn a_cancelled_job_has_no_error_beside_its_state() {
        let error = "cancelled".to_owned();
        let job = Job { state: JobState::Cancelled.into(), error, ..running() };
        assert_eq!(job_cells(&job).len(), job_head().len());
        assert!(job_line(&job).ends_with("a b.csv"));
    }

    #[test]
    fn a_long_title_is_cut_in_a_table_alone() {
        let job = Job { title: "a".repeat(300), ..running() };
        assert_eq!(job_cells(&job)[0].0.chars().count(), TITLE_CHARS_MAX);
        assert_eq!(job_json(&job)["title"], job.title);
    }

    #[test]
    fn a_job_names_what_it_has_made() {
        assert!(results(&running()).is_empty());
        let (made_file_id, sheet_id) = ("f".to_owned(), "s".to_owned());
        let notes_of = vec!["two\nlines".to_owned()];
        let job = Job { made_file_id, sheet_id, rows: 1, notes: notes_of, ..running() };
        let results = results(&job);
        assert_eq!(results[0], "1 row is written");
        assert!(results[1].contains("`gridctl files download f`"), "{results:?}");
        assert!(results[2].contains("`gridctl rows s`"), "{results:?}");
        assert_eq!(notes(&job).collect::<Vec<_>>(), ["two lines"]);
        // The command that waits for it deletes its file.
        let of_download = Job { is_for_download: true, ..job.clone() };
        assert_eq!(super::results(&of_download).len(), 2);
        let json = job_json(&job);
        assert_eq!((&json["made_file"], &json["rows"]), (&json!("f"), &json!(1)));
        assert_eq!(written(2), "2 rows are written");
    }

    #[test]
    fn json_has_null_for_what_is_not_known() {
        let shown = job_json(&Job::default());
        assert_eq!(shown["total"], Json::Null);
        assert_eq!(shown["started"], Json::Null);
        assert_eq!(shown["state"], "unknown");
        assert_eq!(job_json(&running())["total"], 1000);
    }
}
