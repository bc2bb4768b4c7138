//! Sheets that are filled from tables: new ones, rows at the end, and merges by a key.
//!
//! Not the values of a table, which `formats` tests. Invariant: a sheet has the rows of the table and what it had before, and an
//! undo takes back what a job has edited.

use client::net::NewSheet;
use gridloom::v1;
use gridloom::v1::column_ref::Column;
use gridloom::v1::fill_sheet_request::Target;
use integration::harness::{Server, authorized, email_of, new_sheet, sign_up_with_token};
use tonic::{Code, Status};

use super::saves::{calls, exported, source};
use super::{Tables, guesses};
use crate::files::{Files, refused};

pub(super) fn of(file: &str, target: Target) -> v1::FillSheetRequest {
    let (source, target) = (Some(source(file)), Some(target));
    v1::FillSheetRequest { source, target, ..Default::default() }
}

fn append(sheet: &str) -> Target {
    Target::Append(v1::AppendTarget { sheet_id: sheet.to_owned() })
}

pub(super) fn merge(sheet: &str, key: &str) -> Target {
    let column = Some(Column::Name(key.to_owned()));
    let (sheet_id, key) = (sheet.to_owned(), Some(v1::ColumnRef { column }));
    Target::Merge(v1::MergeTarget { sheet_id, key, sheet_key: None })
}

impl Tables {
    /// A file of this text, which is read.
    pub(super) async fn table(&self, text: &str) -> String {
        let file = self.files.upload("stock.csv", text.as_bytes()).await.expect("is there").id;
        self.read(&file, guesses()).await;
        file
    }

    pub(super) async fn fill(
        &self,
        server: &Server,
        request: v1::FillSheetRequest,
    ) -> Result<v1::Job, Status> {
        let answer = calls(server).await.fill_sheet(authorized(request, self.token())).await?;
        Ok(answer.into_inner().job.expect("a job"))
    }

    /// The job of a request at its end, which has filled a sheet.
    pub(super) async fn filled(&self, server: &Server, request: v1::FillSheetRequest) -> v1::Job {
        let job = self.fill(server, request).await.expect("begins");
        let done = self.ended(&job.id).await;
        assert_eq!((done.state(), &*done.error), (v1::JobState::Done, ""), "{done:?}");
        done
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_sheet_has_the_rows_of_a_table_and_a_request_makes_one() {
    let server = Server::start();
    let (owner, token) = sign_up_with_token(&server).await;
    let tables = Tables::of(&server, Files::at(&server, &token).await).await;
    let text = "name,pieces\nBolt,12\nNut,7\n";
    let file = tables.table(text).await;
    let target = Target::NewSheet(v1::NewSheetTarget { name: " Stock ".to_owned() });
    let request = v1::FillSheetRequest { request_id: "once".to_owned(), ..of(&file, target) };
    let done = tables.filled(&server, request.clone()).await;
    assert_eq!((&done.sheet_id, done.rows), (&done.id, 2), "{done:?}");
    assert!(done.notes.is_empty(), "{done:?}");
    assert_eq!(exported(&owner, &done.sheet_id).await, text);
    assert_eq!(tables.fill(&server, request).await.expect("is known").id, done.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_appended_by_the_names_of_columns_and_one_undo_takes_them_back() {
    let server = Server::start();
    let (owner, token) = sign_up_with_token(&server).await;
    let tables = Tables::of(&server, Files::at(&server, &token).await).await;
    let file = tables.table("name,pieces,place\nBolt,12,left\nNut,7,right\n").await;
    let settings = Some(v1::ColumnSettings { refuse: true, ..Default::default() });
    let named = |name: &str| v1::Column { name: name.to_owned(), ..Default::default() };
    let days = v1::Column { settings, kind: v1::ColumnKind::Date.into(), ..named("pieces") };
    let new = NewSheet { columns: vec![days, named("name")], rows: Some(0) };
    let sheet = owner.create_sheet("Stock", new).await.expect("is made").id;
    let before = exported(&owner, &sheet).await;
    let request = v1::FillSheetRequest { place: owner.place(), ..of(&file, append(&sheet)) };
    let done = tables.filled(&server, request).await;
    assert_eq!((&*done.sheet_id, done.rows), (&*sheet, 2), "{done:?}");
    let has_note = |part: &str| done.notes.iter().any(|note| note.contains(part));
    assert!(has_note("inserted: \"place\"") && has_note("2 values are left out"), "{done:?}");
    let now = exported(&owner, &sheet).await;
    assert_eq!(now, "pieces,name,place\n,Bolt,left\n,Nut,right\n");
    owner.undo(&sheet, None, v1::WaitFor::Accepted, "").await.expect("is undone");
    assert_eq!(exported(&owner, &sheet).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_changes_what_differs_and_appends_what_is_new() {
    let server = Server::start();
    let (owner, token) = sign_up_with_token(&server).await;
    let tables = Tables::of(&server, Files::at(&server, &token).await).await;
    let first = tables.table("key,a,b\nk1,1,x\nk2,2,y\nk3,3,z\n").await;
    let new = Target::NewSheet(v1::NewSheetTarget::default());
    let sheet = tables.filled(&server, of(&first, new)).await.sheet_id;
    let before = exported(&owner, &sheet).await;
    let text = "key,a,b\nk2,20,\nk3,3,z\nk4,4,w\nk5,5,v\nk5,6,v\n,9,q\n";
    let second = tables.table(text).await;
    let request =
        v1::FillSheetRequest { place: owner.place(), ..of(&second, merge(&sheet, "key")) };
    let done = tables.filled(&server, request).await;
    assert_eq!(done.rows, 2, "{done:?}");
    let has_note = |part: &str| done.notes.iter().any(|note| note.contains(part));
    for part in ["1 row is changed", "1 row is appended", "1 row is as it was", "\"k5\"", "no key"]
    {
        assert!(has_note(part), "{part}: {done:?}");
    }
    let merged = "key,a,b\nk1,1,x\nk2,20,y\nk3,3,z\nk4,4,w\n";
    assert_eq!(exported(&owner, &sheet).await, merged);
    let again = tables.filled(&server, of(&second, merge(&sheet, "key"))).await;
    assert_eq!(again.rows, 0, "{again:?}");
    assert_eq!(exported(&owner, &sheet).await, merged);
    owner.undo(&sheet, None, v1::WaitFor::Accepted, "").await.expect("is undone");
    assert_eq!(exported(&owner, &sheet).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_target_is_refused_before_there_is_a_job() {
    let server = Server::start();
    let (owner, _) = sign_up_with_token(&server).await;
    let (reader, token) = sign_up_with_token(&server).await;
    let tables = Tables::of(&server, Files::at(&server, &token).await).await;
    let file = tables.table("name,pieces\nBolt,12\n").await;
    let sheet = new_sheet(&owner, "Stock", 1).await;
    let refused_now = async |request| refused(tables.fill(&server, request).await);
    let none = v1::FillSheetRequest { target: None, ..of(&file, append(&sheet)) };
    assert_eq!(refused_now(none).await, (Code::InvalidArgument, "target".to_owned()));
    let long = Target::NewSheet(v1::NewSheetTarget { name: "x".repeat(201) });
    let name = "new_sheet.name".to_owned();
    assert_eq!(refused_now(of(&file, long)).await, (Code::InvalidArgument, name));
    assert_eq!(refused_now(of(&file, append(&sheet))).await.0, Code::NotFound);
    let email = email_of(&reader).await;
    owner.share(&sheet, &email, v1::Role::Viewer).await.expect("is shared");
    assert_eq!(refused_now(of(&file, append(&sheet))).await.0, Code::PermissionDenied);
    owner.share(&sheet, &email, v1::Role::Editor).await.expect("is shared");
    let key = ("merge.key.name".to_owned(), "merge.sheet_key.name".to_owned());
    let unknown = refused_now(of(&file, merge(&sheet, "other"))).await;
    assert_eq!(unknown, (Code::OutOfRange, key.0));
    let lacking = refused_now(of(&file, merge(&sheet, "name"))).await;
    assert_eq!(lacking, (Code::OutOfRange, key.1));
}
