//! The steps of jobs about tables: the rows that each has passed on are those of the table.
//!
//! Not what the steps of the engine measure (the crate `engine`). Invariant: no test knows how long a step takes.

use gridloom::v1;
use gridloom::v1::fill_sheet_request::Target;
use integration::harness::{Server, authorized, eventually, sign_up_with_token};
use tonic::{Code, Status};

use super::saves::{calls, source};
use super::{Tables, guesses, hold_account, named, numbers, sorted};
use crate::files::Files;

const ROWS: u32 = 20_000;
/// Rows that fill a sheet.
const FILLED: u64 = 1_000;

/// The steps of a job, with the job.
pub(super) async fn plan(tables: &Tables, job: &str) -> Result<v1::GetJobPlanResponse, Status> {
    let request = authorized(v1::GetJobPlanRequest { job_id: job.to_owned() }, tables.token());
    Ok(tables.jobs.clone().get_job_plan(request).await?.into_inner())
}

/// The names of steps, and the rows that each has passed on.
pub(super) fn rows_of(steps: &[v1::JobStep]) -> Vec<(&str, u64)> {
    steps.iter().map(|step| (step.name.as_str(), step.rows)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_steps_of_a_job_have_the_rows_of_its_table() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let content = numbers(ROWS);
    let file = tables.files.upload("n.csv", &content).await.expect("is uploaded").id;
    let reading = tables.begin(&file, guesses()).await.expect("begins");
    tables.ended(&reading.id).await;
    let rows = u64::from(ROWS);
    let read = plan(&tables, &reading.id).await.expect("is shown");
    assert_eq!(rows_of(&read.steps), [("read", rows), ("write", rows)]);
    assert_eq!(read.steps[0].bytes, content.len() as u64);
    assert_eq!(read.job.expect("a job").id, reading.id);
    for step in &read.steps {
        assert!(step.bytes > 0 && !step.place.is_empty(), "{step:?}");
        assert_eq!((step.tasks, step.tasks_done), (1, 1), "{step:?}");
    }

    let asked = sorted(&file, None, &[("text", true)]);
    let viewing = tables.make_view(asked).await.expect("begins").job.expect("a job");
    tables.ended(&viewing.id).await;
    let steps = plan(&tables, &viewing.id).await.expect("is shown").steps;
    assert_eq!(rows_of(&steps), [("read and filter", rows), ("sort", rows), ("write", rows)]);
    assert!(steps.iter().all(|step| step.busy_micros > 0), "{steps:?}");

    let stranger = Tables::sign_up(&server).await;
    let refused = plan(&stranger, &viewing.id).await.expect_err("is another account's");
    assert_eq!(refused.code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_saved_is_read_and_written() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.files.upload("n.csv", &numbers(ROWS)).await.expect("is uploaded").id;
    tables.read(&file, guesses()).await;
    let request = v1::SaveTableRequest {
        source: Some(source(&file)),
        saved: Some(v1::SavedForm {
            format: v1::SavedFormat::JsonLines.into(),
            ..v1::SavedForm::default()
        }),
        ..v1::SaveTableRequest::default()
    };
    let request = authorized(request, tables.token());
    let saving = calls(&server).await.save_table(request).await.expect("begins");
    let saving = saving.into_inner().job.expect("a job");
    let saved = tables.ended(&saving.id).await;
    let steps = plan(&tables, &saving.id).await.expect("is shown").steps;
    let rows = u64::from(ROWS);
    assert_eq!(rows_of(&steps), [("read", rows), ("write", rows)]);
    let made = tables.files.file(&saved.made_file_id).await.expect("is made");
    assert_eq!(steps[1].bytes, made.size_bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_runs_shows_its_steps() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.files.upload("n.csv", &numbers(ROWS)).await.expect("is uploaded").id;
    tables.read(&file, guesses()).await;
    let held = hold_account(&server, &file).await;
    let asked = sorted(&file, None, &[("at", true)]);
    let viewing = tables.make_view(asked).await.expect("begins").job.expect("a job");
    let steps = eventually("the steps of a job that runs", async || {
        let shown = plan(&tables, &viewing.id).await.expect("is shown");
        (!shown.steps.is_empty()).then_some(shown.steps)
    })
    .await;
    assert_eq!(steps[0].name, "read and filter");
    held.batch_execute("commit").await.expect("commits");
    tables.ended(&viewing.id).await;
    let shown = plan(&tables, &viewing.id).await.expect("is shown");
    assert_eq!(shown.steps.len(), 3, "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_filled_in_steps_and_a_merge_reads_keys_first() {
    let server = Server::start();
    let (_, token) = sign_up_with_token(&server).await;
    let tables = Tables::of(&server, Files::at(&server, &token).await).await;
    let rows: String = (0..FILLED).map(|row| format!("k{row},{row}\n")).collect();
    let content = format!("key,n\n{rows}");
    let file = tables.files.upload("s.csv", content.as_bytes()).await.expect("is uploaded").id;
    tables.read(&file, guesses()).await;
    let fill = async |target: Target| {
        let (source, target) = (Some(source(&file)), Some(target));
        let request = v1::FillSheetRequest { source, target, ..Default::default() };
        let begun = calls(&server).await.fill_sheet(authorized(request, &token)).await;
        let done = tables.ended(&begun.expect("begins").into_inner().job.expect("a job").id).await;
        let steps = plan(&tables, &done.id).await.expect("is shown").steps;
        assert!(steps.iter().all(|step| step.busy_micros > 0), "{steps:?}");
        (done.sheet_id, steps)
    };
    let (sheet_id, steps) = fill(Target::NewSheet(v1::NewSheetTarget::default())).await;
    assert_eq!(rows_of(&steps), [("read", FILLED), ("write", FILLED)]);
    let append = v1::AppendTarget { sheet_id: sheet_id.clone() };
    let (_, steps) = fill(Target::Append(append)).await;
    assert_eq!(rows_of(&steps), [("read", FILLED), ("write", FILLED)]);
    let (sheet_id, _) = fill(Target::NewSheet(v1::NewSheetTarget::default())).await;
    let key = named("key");
    let (_, steps) = fill(Target::Merge(v1::MergeTarget { sheet_id, key, sheet_key: None })).await;
    assert_eq!(rows_of(&steps), [("read keys", FILLED), ("read", FILLED), ("write", FILLED)]);
}
