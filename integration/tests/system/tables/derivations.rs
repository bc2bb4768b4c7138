//! New files of the tables of files: computed columns, groups and joins, as jobs.
//!
//! Here: the calls of one account, and computed columns. Not each function and each rule of equality (the crate `engine`).
//! Invariant: a new file has the rows that were computed by hand, and its source stays as it is.

#[path = "derivations/command_line.rs"]
mod command_line;
#[path = "derivations/groups.rs"]
mod groups;
#[path = "derivations/jobs.rs"]
mod jobs;
#[path = "derivations/joins.rs"]
mod joins;
#[path = "derivations/refusals.rs"]
mod refusals;
#[path = "derivations/unset_columns.rs"]
mod unset_columns;

use gridloom::v1;
use gridloom::v1::derivation_service_client::DerivationServiceClient;
use gridloom::v1::derive_table_request::Operation;
use integration::harness::{Server, authorized};
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

use super::saves::source;
use super::{Tables, equal, guesses, named, sorted};

const STOCK: &[u8] = b"item,price,amount\nBolt,1.5,4\nNut,,2\nPin,2,0\n";

async fn calls(server: &Server) -> DerivationServiceClient<Channel> {
    let endpoint = Endpoint::from_shared(server.url().to_owned()).expect("an address");
    DerivationServiceClient::new(endpoint.connect().await.expect("the server is there"))
}

fn csv() -> Option<v1::SavedForm> {
    Some(v1::SavedForm { format: v1::SavedFormat::Csv.into(), ..Default::default() })
}

/// What an operation makes of the first table of a file, as CSV.
fn of_file(file: &str, operation: Operation) -> v1::DeriveTableRequest {
    v1::DeriveTableRequest {
        source: Some(source(file)),
        operation: Some(operation),
        saved: csv(),
        ..Default::default()
    }
}

/// Computed columns, each a name and a formula.
fn add(columns: &[(&str, &str)]) -> v1::AddColumns {
    let column = |(name, formula): &(&str, &str)| v1::DerivedColumn {
        name: (*name).to_owned(),
        formula: (*formula).to_owned(),
    };
    v1::AddColumns { columns: columns.iter().map(column).collect() }
}

impl Tables {
    /// Begins a derivation.
    async fn derive(
        &self,
        server: &Server,
        request: v1::DeriveTableRequest,
    ) -> Result<v1::Job, Status> {
        let answer = calls(server).await.derive_table(authorized(request, self.token())).await?;
        Ok(answer.into_inner().job.expect("a job"))
    }

    async fn preview_columns(
        &self,
        server: &Server,
        request: v1::PreviewColumnsRequest,
    ) -> Result<v1::PreviewColumnsResponse, Status> {
        let answer = calls(server).await.preview_columns(authorized(request, self.token())).await?;
        Ok(answer.into_inner())
    }

    /// A derivation at its end, and the text of the file that it has made.
    async fn derived(&self, server: &Server, request: v1::DeriveTableRequest) -> (v1::Job, String) {
        let job = self.derive(server, request).await.expect("begins");
        let done = self.ended(&job.id).await;
        assert_eq!((done.state(), &*done.error), (v1::JobState::Done, ""), "{done:?}");
        assert_eq!(done.made_file_id, done.id, "the file has the id of its job");
        let bytes = self.files.download(&done.id, 0, 0).await.expect("is downloaded");
        (done, String::from_utf8(bytes).expect("is text"))
    }

    /// A file that is uploaded and read.
    async fn read_file(&self, name: &str, content: &[u8]) -> String {
        let file = self.files.upload(name, content).await.expect("is uploaded").id;
        self.read(&file, guesses()).await;
        file
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn computed_columns_stand_behind_those_of_the_source() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.read_file("stock.csv", STOCK).await;
    let columns = add(&[
        ("total", "[price] * [amount]"),
        ("each", "[total] / [amount]"),
        ("label", "UPPER([item]) & \"!\""),
    ]);
    let (done, text) =
        tables.derived(&server, of_file(&file, Operation::Add(columns.clone()))).await;
    let rows = "item,price,amount,total,each,label\nBolt,1.5,4,6,1.5,BOLT!\nNut,,2,,,NUT!\nPin,2,0,0,,PIN!\n";
    assert_eq!(text, rows);
    assert_eq!((&*done.kind, &*done.file_id, done.rows), ("derive-file", &*file, 3));
    assert_eq!(done.title, "Make stock (2).csv of stock.csv");
    assert_eq!(done.notes.len(), 1, "{done:?}");
    assert!(done.notes[0].contains("each") && done.notes[0].contains("row 3"), "{done:?}");
    let before = tables.files.download(&file, 0, 0).await.expect("is downloaded");
    assert_eq!(before, STOCK, "the source stays");

    let request =
        v1::PreviewColumnsRequest { source: Some(source(&file)), add: Some(columns), rows: 2 };
    let shown = tables.preview_columns(&server, request).await.expect("is shown");
    let names: Vec<&str> = shown.columns.iter().map(|column| &*column.name).collect();
    assert_eq!(names, ["item", "price", "amount", "total", "each", "label"]);
    assert_eq!(shown.columns[3].kind(), v1::ColumnKind::Number);
    assert_eq!(shown.columns[5].kind(), v1::ColumnKind::Text);
    assert_eq!(shown.rows.len(), 2);
    let total = shown.rows[0].values[3].kind.clone();
    assert_eq!(total, Some(v1::value::Kind::Number(6.0)));
    assert_eq!(tables.files.usage().await.files, 2, "a preview makes no file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_derivation_has_the_rows_of_a_view_and_the_chosen_columns() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.read_file("c.csv", b"state,city,n\nTX,b,3\nCA,a,1\nTX,a,2\n").await;
    let view = tables.view(sorted(&file, Some(equal("state", "TX")), &[("n", false)])).await;
    let columns = [named("n"), named("city")].into_iter().flatten().collect();
    let chosen = v1::TableSource { view_id: view.id, columns, ..source(&file) };
    let request = v1::DeriveTableRequest {
        source: Some(chosen),
        ..of_file(&file, Operation::Add(add(&[("next", "[n] + 1")])))
    };
    let (done, text) = tables.derived(&server, request).await;
    assert_eq!(text, "n,city,next\n2,a,3\n3,b,4\n");
    assert_eq!((done.progress_done, done.rows), (done.progress_total, 2));

    // Without a format it is Parquet, whose rows another reading finds.
    let request = v1::DeriveTableRequest {
        saved: None,
        ..of_file(&file, Operation::Add(add(&[("twice", "[n] * 2")])))
    };
    let job = tables.derive(&server, request).await.expect("begins");
    let done = tables.ended(&job.id).await;
    let made = tables.files.file(&done.made_file_id).await.expect("is there");
    assert_eq!(made.name, "c.parquet");
    let again = tables.read(&made.id, guesses()).await;
    let kinds: Vec<v1::ColumnKind> = again[0].columns.iter().map(|it| it.kind()).collect();
    let (text, number) = (v1::ColumnKind::Text, v1::ColumnKind::Number);
    assert_eq!(kinds, [text, text, number, number]);
    let rows = tables.rows(super::page(&made.id, 0, 9)).await.expect("are read").rows;
    let twice: Vec<_> = rows.iter().map(|row| row.values[3].kind.clone()).collect();
    assert_eq!(twice, [6.0, 2.0, 4.0].map(|number| Some(v1::value::Kind::Number(number))));
}
