//! Tables of files: previews, readings as jobs, pages of rows, views and summaries.
//!
//! Here: the calls of one account. Not the formats alone, which the crate `tables` tests. Invariant: a row of a table has the
//! values that another program reads of the same file, or they are named here as differences.

#[path = "tables/cli_views.rs"]
mod cli_views;
#[path = "tables/cluster.rs"]
mod cluster;
#[path = "tables/crashes.rs"]
mod crashes;
#[path = "tables/derivations.rs"]
mod derivations;
#[path = "tables/enrich.rs"]
mod enrich;
#[path = "tables/fills.rs"]
mod fills;
#[path = "tables/formats.rs"]
mod formats;
#[path = "tables/full_disk.rs"]
mod full_disk;
#[path = "tables/merges.rs"]
mod merges;
#[path = "tables/pages.rs"]
mod pages;
#[path = "tables/plans.rs"]
mod plans;
#[path = "tables/previews.rs"]
mod previews;
#[path = "tables/readings.rs"]
mod readings;
#[path = "tables/saves.rs"]
mod saves;
#[path = "tables/sharing.rs"]
mod sharing;
#[path = "tables/strangers.rs"]
mod strangers;
#[path = "tables/summaries.rs"]
mod summaries;
#[path = "tables/views.rs"]
mod views;

use gridloom::v1;
use gridloom::v1::job_service_client::JobServiceClient;
use gridloom::v1::table_service_client::TableServiceClient;
use integration::harness::{Server, authorized, eventually};
use tokio_postgres::Client;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;

use crate::files::Files;

/// The calls of one account.
#[derive(Clone, Debug)]
struct Tables {
    files: Files,
    calls: TableServiceClient<Channel>,
    jobs: JobServiceClient<Channel>,
}

impl Tables {
    /// Those of a new account.
    async fn sign_up(server: &Server) -> Self {
        Self::of(server, Files::sign_up(server).await).await
    }

    async fn of(server: &Server, files: Files) -> Self {
        let endpoint = Endpoint::from_shared(server.url().to_owned()).expect("an address");
        let channel = endpoint.connect().await.expect("the server is there");
        let (calls, jobs) =
            (TableServiceClient::new(channel.clone()), JobServiceClient::new(channel));
        Self { files, calls, jobs }
    }

    /// The same account at a server that was started again.
    async fn again(&self, server: &Server) -> Self {
        Self::of(server, self.files.again(server).await).await
    }

    fn token(&self) -> &str {
        &self.files.token
    }

    async fn preview(
        &self,
        file: &str,
        reading: v1::FileReading,
    ) -> Result<v1::PreviewFileResponse, Status> {
        let request = v1::PreviewFileRequest { file_id: file.to_owned(), reading: Some(reading) };
        let answer = self.calls.clone().preview_file(authorized(request, self.token())).await?;
        Ok(answer.into_inner())
    }

    /// Begins a reading.
    async fn begin(&self, file: &str, reading: v1::FileReading) -> Result<v1::Job, Status> {
        let request = v1::ReadFileRequest { file_id: file.to_owned(), reading: Some(reading) };
        let answer = self.calls.clone().read_file(authorized(request, self.token())).await?;
        Ok(answer.into_inner().job.expect("a job"))
    }

    async fn list(&self, file: &str) -> Result<v1::ListTablesResponse, Status> {
        let request = v1::ListTablesRequest { file_id: file.to_owned() };
        let answer = self.calls.clone().list_tables(authorized(request, self.token())).await?;
        Ok(answer.into_inner())
    }

    async fn rows(
        &self,
        request: v1::ReadTableRowsRequest,
    ) -> Result<v1::ReadTableRowsResponse, Status> {
        let answer = self.calls.clone().read_table_rows(authorized(request, self.token())).await?;
        Ok(answer.into_inner())
    }

    /// Finds a view, or begins its job.
    async fn make_view(
        &self,
        request: v1::MakeViewRequest,
    ) -> Result<v1::MakeViewResponse, Status> {
        let answer = self.calls.clone().make_view(authorized(request, self.token())).await?;
        Ok(answer.into_inner())
    }

    /// Makes a view, or finds it.
    async fn view(&self, request: v1::MakeViewRequest) -> v1::View {
        let begun = self.make_view(request.clone()).await.expect("begins");
        if let Some(job) = begun.job {
            let ended = self.ended(&job.id).await;
            assert_eq!((ended.state(), &*ended.error), (v1::JobState::Done, ""), "{ended:?}");
        }
        self.make_view(request).await.expect("is there").view.expect("a view")
    }

    async fn summarize(
        &self,
        request: v1::SummarizeColumnRequest,
    ) -> Result<v1::SummarizeColumnResponse, Status> {
        let answer = self.calls.clone().summarize_column(authorized(request, self.token())).await?;
        Ok(answer.into_inner())
    }

    async fn job(&self, id: &str) -> v1::Job {
        let request = authorized(v1::GetJobRequest { job_id: id.to_owned() }, self.token());
        let answer = self.jobs.clone().get_job(request).await.expect("is shown");
        answer.into_inner().job.expect("a job")
    }

    async fn cancel(&self, id: &str) {
        let request = authorized(v1::CancelJobRequest { job_id: id.to_owned() }, self.token());
        self.jobs.clone().cancel_job(request).await.expect("is asked for");
    }

    /// Waits for the end of a job.
    async fn ended(&self, id: &str) -> v1::Job {
        let is_ended = |state: v1::JobState| {
            matches!(state, v1::JobState::Done | v1::JobState::Failed | v1::JobState::Cancelled)
        };
        eventually("the end of a job", async || {
            let job = self.job(id).await;
            is_ended(job.state()).then_some(job)
        })
        .await
    }

    /// Reads a file to the end, and lists its tables.
    async fn read(&self, file: &str, reading: v1::FileReading) -> Vec<v1::Table> {
        let job = self.begin(file, reading).await.expect("begins");
        let ended = self.ended(&job.id).await;
        assert_eq!((ended.state(), &*ended.error), (v1::JobState::Done, ""), "{ended:?}");
        self.list(file).await.expect("is listed").tables
    }
}

/// A reading by the guesses.
fn guesses() -> v1::FileReading {
    v1::FileReading::default()
}

/// A reading of one table with these choices.
fn chosen(options: v1::StartImportRequest) -> v1::FileReading {
    let table = v1::TableReading { options: Some(options), ..Default::default() };
    v1::FileReading { tables: vec![table], ..Default::default() }
}

/// So many rows of the first table of a file.
fn page(file: &str, first: u64, count: u32) -> v1::ReadTableRowsRequest {
    v1::ReadTableRowsRequest { file_id: file.to_owned(), first, count, ..Default::default() }
}

/// A column, by its name.
fn named(name: &str) -> Option<v1::ColumnRef> {
    Some(v1::ColumnRef { column: Some(v1::column_ref::Column::Name(name.to_owned())) })
}

/// The rows that have this text in a column.
fn equal(column: &str, text: &str) -> v1::RowFilter {
    let kind = Some(v1::value::Kind::Text(text.to_owned()));
    let condition = v1::Condition {
        column: named(column),
        operator: v1::condition::Operator::Equal.into(),
        values: vec![v1::Value { kind }],
        ignore_case: false,
    };
    v1::RowFilter { filter: Some(v1::row_filter::Filter::Condition(condition)) }
}

/// A view of the first table of a file.
fn sorted(file: &str, filter: Option<v1::RowFilter>, by: &[(&str, bool)]) -> v1::MakeViewRequest {
    let level = |(name, descending): &(&str, bool)| v1::RowOrder {
        column: named(name),
        descending: *descending,
    };
    let order_by = by.iter().map(level).collect();
    v1::MakeViewRequest { file_id: file.to_owned(), filter, order_by, ..Default::default() }
}

/// A summary of a column of the first table of a file.
fn values_of(file: &str, column: &str) -> v1::SummarizeColumnRequest {
    let column = named(column);
    v1::SummarizeColumnRequest { file_id: file.to_owned(), column, ..Default::default() }
}

/// A CSV of so many rows of two columns, whose values no compression makes much smaller.
fn numbers(rows: u32) -> Vec<u8> {
    let mut state = 1_u64;
    let mut row = |at: u32| {
        // Knuth, "The Art of Computer Programming", volume 2: the multiplier of MMIX.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        format!("{at},x{state:x}\n")
    };
    let rows: String = (0..rows).map(&mut row).collect();
    format!("at,text\n{rows}").into_bytes()
}

/// Keeps an account as it is, until the session is dropped: no piece of a table is noted meanwhile, so its job runs and waits.
async fn hold_account(server: &Server, file: &str) -> Client {
    let sql = server.sql().await;
    let file: Uuid = file.parse().expect("an id");
    sql.batch_execute("begin").await.expect("begins");
    let lock = "select 1 from accounts where id = (select owner from files where id = $1) for no key update";
    assert_eq!(sql.query(lock, &[&file]).await.expect("is locked").len(), 1);
    sql
}

/// Waits until a job has begun to write a table.
async fn begun(sql: &Client, job: &v1::Job) {
    let id: Uuid = job.id.parse().expect("an id");
    let drafts = "select 1 from file_table_drafts where job = $1";
    eventually("the begin of a table", async || {
        let found = sql.query_opt(drafts, &[&id]).await.expect("an answer");
        found.map(drop)
    })
    .await;
}
