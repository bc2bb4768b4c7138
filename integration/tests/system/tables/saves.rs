//! Tables and sheets that are saved as files: each format, the rows of a sheet at a revision, and requests that are refused.
//!
//! Not the formats alone, which the crate `tables` tests. Invariant: a file that is read again has the rows that were saved.

use std::collections::BTreeSet;

use client::Client;
use gridloom::v1;
use gridloom::v1::SavedFormat;
use gridloom::v1::command::Command as C;
use gridloom::v1::transfer_service_client::TransferServiceClient;
use integration::harness::{Server, authorized, email_of, new_sheet, sign_up_with_token, within};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use uuid::Uuid;

use super::{Tables, guesses, page};
use crate::files::{Files, refused};

const FORMATS: [SavedFormat; 5] = [
    SavedFormat::Csv,
    SavedFormat::Tsv,
    SavedFormat::JsonLines,
    SavedFormat::Parquet,
    SavedFormat::Xlsx,
];

pub(super) async fn calls(server: &Server) -> TransferServiceClient<Channel> {
    let endpoint = Endpoint::from_shared(server.url().to_owned()).expect("an address");
    TransferServiceClient::new(endpoint.connect().await.expect("the server is there"))
}

fn form(format: SavedFormat) -> Option<v1::SavedForm> {
    Some(v1::SavedForm { format: format.into(), ..Default::default() })
}

pub(super) fn source(file: &str) -> v1::TableSource {
    v1::TableSource { file_id: file.to_owned(), ..Default::default() }
}

pub(super) fn of_table(source: v1::TableSource, format: SavedFormat) -> v1::SaveTableRequest {
    v1::SaveTableRequest { source: Some(source), saved: form(format), ..Default::default() }
}

fn of_sheet(sheet: &str, revision: Option<u64>) -> v1::SaveSheetRequest {
    let saved = form(SavedFormat::Csv);
    v1::SaveSheetRequest { sheet_id: sheet.to_owned(), revision, saved, ..Default::default() }
}

impl Tables {
    pub(super) async fn save(
        &self,
        server: &Server,
        request: v1::SaveTableRequest,
    ) -> Result<v1::Job, Status> {
        let answer = calls(server).await.save_table(authorized(request, self.token())).await?;
        Ok(answer.into_inner().job.expect("a job"))
    }

    async fn save_sheet(
        &self,
        server: &Server,
        request: v1::SaveSheetRequest,
    ) -> Result<v1::Job, Status> {
        let answer = calls(server).await.save_sheet(authorized(request, self.token())).await?;
        Ok(answer.into_inner().job.expect("a job"))
    }

    /// The job at its end, which has made a file.
    pub(super) async fn saved(&self, job: &v1::Job) -> v1::Job {
        let done = self.ended(&job.id).await;
        assert_eq!((done.state(), &*done.error), (v1::JobState::Done, ""), "{done:?}");
        assert_eq!(done.made_file_id, done.id, "the file has the id of its job");
        done
    }

    async fn text_of(&self, job: &v1::Job) -> String {
        let file = self.saved(job).await.made_file_id;
        let bytes = self.files.download(&file, 0, 0).await.expect("is downloaded");
        String::from_utf8(bytes).expect("is text")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_saved_and_read_again_has_the_same_rows() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let content = "name,pieces\nBolt,12\n\"Nut, large\",\nPin,7.5\n";
    let file = tables.files.upload("stock.csv", content.as_bytes()).await.expect("is there").id;
    let read = tables.read(&file, guesses()).await;
    let rows = tables.rows(page(&file, 0, 10)).await.expect("are read").rows;
    let mut names = BTreeSet::new();
    for format in FORMATS {
        let job = tables.save(&server, of_table(source(&file), format)).await.expect("begins");
        let done = tables.saved(&job).await;
        assert_eq!((&*done.file_id, done.rows), (&*file, 3), "{done:?}");
        assert!(done.notes.is_empty(), "{done:?}");
        let made = tables.files.file(&done.made_file_id).await.expect("is there");
        assert_eq!(done.title, format!("Save {}", made.name));
        let again = tables.read(&made.id, guesses()).await;
        let columns = |table: &v1::Table| -> Vec<(String, v1::ColumnKind)> {
            table.columns.iter().map(|it| (it.name.clone(), it.kind())).collect()
        };
        assert_eq!(columns(&again[0]), columns(&read[0]), "{format:?}");
        let found = tables.rows(page(&made.id, 0, 10)).await.expect("are read").rows;
        assert_eq!(found, rows, "{format:?}");
        names.insert(made.name);
    }
    let expected = ["stock (2).csv", "stock.jsonl", "stock.parquet", "stock.tsv", "stock.xlsx"];
    assert_eq!(names, BTreeSet::from(expected.map(str::to_owned)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_of_a_download_is_marked_and_does_not_run_again() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.files.upload("a.csv", b"a\n1\n").await.expect("is there").id;
    tables.read(&file, guesses()).await;
    for is_for_download in [false, true] {
        let given = form(SavedFormat::Csv).unwrap_or_default();
        let saved = Some(v1::SavedForm { is_for_download, ..given });
        let request = v1::SaveTableRequest {
            source: Some(source(&file)),
            saved,
            ..v1::SaveTableRequest::default()
        };
        let job = tables.save(&server, request).await.expect("begins");
        let done = tables.saved(&job).await;
        assert_eq!(done.is_for_download, is_for_download);
        assert_eq!(done.is_retryable, !is_for_download, "it would leave a file");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_saved_in_the_order_of_the_request_and_a_request_makes_one_file() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.files.upload("a.csv", b"a,b\n1,x\n2,y\n").await.expect("is there").id;
    let read = tables.read(&file, guesses()).await;
    let column = |column| v1::ColumnRef { column: Some(column) };
    let columns = vec![
        column(v1::column_ref::Column::Name("b".to_owned())),
        column(v1::column_ref::Column::At(0)),
    ];
    let of = v1::TableSource { columns, etag: read[0].etag.clone(), ..source(&file) };
    let saved = Some(v1::SavedForm {
        name: " out.csv ".to_owned(),
        ..form(SavedFormat::Csv).unwrap_or_default()
    });
    let request_id = "once".to_owned();
    let request = v1::SaveTableRequest { source: Some(of), saved, request_id };
    let job = tables.save(&server, request.clone()).await.expect("begins");
    assert_eq!(tables.text_of(&job).await, "b,a\nx,1\ny,2\n");
    assert_eq!(tables.files.file(&job.id).await.expect("is there").name, "out.csv");
    // The file was removed since: the request is still that of then.
    tables.files.remove(&file, false).await.expect("is removed");
    assert_eq!(tables.save(&server, request.clone()).await.expect("is known").id, job.id);
    let further = v1::SaveTableRequest { request_id: String::new(), ..request };
    assert_eq!(refused(tables.save(&server, further.clone()).await).0, Code::NotFound);
    tables.files.restore(&file).await.expect("is restored");
    let second = tables.save(&server, further).await.expect("begins");
    tables.saved(&second).await;
    let usage = tables.files.usage().await;
    assert_eq!(usage.files, 3);
    let table = tables.list(&file).await.expect("is listed").tables[0].size_bytes;
    // Two files of 12 bytes share a content; the draft of the second one leaves.
    assert_eq!(usage.used_bytes - usage.leaving_bytes, 12 + table + 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_source_or_form_is_refused_by_its_field() {
    let server = Server::start();
    let (tables, eve) = (Tables::sign_up(&server).await, Tables::sign_up(&server).await);
    let file = tables.files.upload("a.csv", b"a,b\n1,x\n").await.expect("is there").id;
    tables.read(&file, guesses()).await;
    let at = |at| v1::ColumnRef { column: Some(v1::column_ref::Column::At(at)) };
    let of = |columns: &[u32]| v1::TableSource {
        columns: columns.iter().copied().map(at).collect(),
        ..source(&file)
    };
    let (csv, none) = (SavedFormat::Csv, Uuid::new_v4().to_string());
    for (request, code, what) in [
        (v1::SaveTableRequest::default(), Code::InvalidArgument, "source"),
        (of_table(of(&[2]), csv), Code::OutOfRange, "source.columns[0].at"),
        (of_table(of(&[1, 1]), csv), Code::InvalidArgument, "source.columns[1]"),
        (of_table(of(&[]), SavedFormat::Unspecified), Code::InvalidArgument, "saved.format"),
    ] {
        assert_eq!(refused(tables.save(&server, request).await), (code, what.to_owned()));
    }
    let table = v1::TableSource { table: 1, ..source(&file) };
    let view = v1::TableSource { view_id: none.clone(), ..source(&file) };
    for (of, account) in
        [(table, &tables), (view, &tables), (source(&none), &tables), (source(&file), &eve)]
    {
        let code = refused(account.save(&server, of_table(of, csv)).await).0;
        assert_eq!(code, Code::NotFound);
    }
    let old = v1::TableSource { etag: "x".to_owned(), ..source(&file) };
    let changed = refused(tables.save(&server, of_table(old, csv)).await);
    assert_eq!(changed, (Code::FailedPrecondition, "TABLE_CHANGED".to_owned()));
}

/// Writes numbers below each other into the first column. Gives the revision.
async fn write(client: &Client, sheet: &str, first: u32, numbers: &[f64]) -> u64 {
    let value = |number: &f64| v1::Value { kind: Some(v1::value::Kind::Number(*number)) };
    let values = numbers.iter().map(value).collect();
    let row = Some(v1::RowRef { row: Some(v1::row_ref::Row::At(first)) });
    let set = C::SetCells(v1::SetCells { row, col: None, width: 1, values });
    let commands = vec![v1::Command { command: Some(set) }];
    let applied = client.apply(sheet, commands, v1::WaitFor::Accepted, "").await;
    applied.expect("is applied").revision
}

pub(super) async fn exported(client: &Client, sheet: &str) -> String {
    let mut export = client.export(sheet).await.expect("begins");
    let mut text = Vec::new();
    while let Some(piece) = within("a piece", export.next()).await.expect("a piece") {
        text.extend_from_slice(&piece.data);
    }
    String::from_utf8(text).expect("is text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_saved_as_it_is_and_as_it_was_for_each_role() {
    let server = Server::start();
    let (owner, token) = sign_up_with_token(&server).await;
    let tables = Tables::of(&server, Files::at(&server, &token).await).await;
    let sheet = new_sheet(&owner, "Stock", 3).await;
    let first = write(&owner, &sheet, 0, &[1.0, 2.0]).await;
    let older = exported(&owner, &sheet).await;
    let newest = write(&owner, &sheet, 1, &[5.0, 6.5]).await;
    let now = exported(&owner, &sheet).await;
    assert_ne!(older, now);
    for (revision, text) in [(None, &now), (Some(newest), &now), (Some(first), &older)] {
        let job = tables.save_sheet(&server, of_sheet(&sheet, revision)).await.expect("begins");
        assert_eq!(&tables.text_of(&job).await, text, "{revision:?}");
        assert_eq!(tables.saved(&job).await.rows, 3);
        assert_eq!(tables.files.file(&job.id).await.expect("is there").name, "Stock.csv");
    }
    let beyond = tables.save_sheet(&server, of_sheet(&sheet, Some(newest + 1))).await;
    assert_eq!(refused(beyond), (Code::OutOfRange, "revision".to_owned()));

    // A role that has ended ends what it was for.
    let (reader, token) = sign_up_with_token(&server).await;
    let of_reader = Tables::of(&server, Files::at(&server, &token).await).await;
    let refused_now =
        async || refused(of_reader.save_sheet(&server, of_sheet(&sheet, None)).await).0;
    assert_eq!(refused_now().await, Code::NotFound);
    let email = email_of(&reader).await;
    owner.share(&sheet, &email, v1::Role::Viewer).await.expect("is shared");
    let job = of_reader.save_sheet(&server, of_sheet(&sheet, None)).await.expect("begins");
    assert_eq!(of_reader.text_of(&job).await, now);
    owner.unshare(&sheet, &email).await.expect("is the owner");
    assert_eq!(refused_now().await, Code::NotFound);
    // What was made is a file of the account that has made it.
    assert_eq!(of_reader.text_of(&job).await, now);
}
