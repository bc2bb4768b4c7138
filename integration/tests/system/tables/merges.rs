//! Merges into a sheet that others edit: what they change after the request stays, and the job names it.
//!
//! Not which rows a merge matches, which `fills` tests. Invariant: no value that was set after the request is lost, at any
//! attempt.

use client::Client;
use gridloom::v1;
use gridloom::v1::command::Command as C;
use gridloom::v1::fill_sheet_request::Target;
use integration::harness::{Server, authorized, email_of, sign_up_with_token};
use uuid::Uuid;

use super::Tables;
use super::fills::{merge, of};
use super::saves::exported;
use crate::files::Files;

const FILE: &str = "key,a,b\nk1,10,x\nk2,20,yy\nk3,30,z\nk4,40,w\n";

/// An owner, an editor, and a sheet that both edit.
struct Shared {
    tables: Tables,
    owner: Client,
    editor: Client,
    sheet: String,
    /// A file with other values for it.
    file: String,
}

impl Shared {
    async fn new(server: &Server) -> Self {
        let (owner, token) = sign_up_with_token(server).await;
        let (editor, _) = sign_up_with_token(server).await;
        let tables = Tables::of(server, Files::at(server, &token).await).await;
        let first = tables.table("key,a,b\nk1,1,x\nk2,2,y\nk3,3,z\n").await;
        let new = Target::NewSheet(v1::NewSheetTarget::default());
        let sheet = tables.filled(server, of(&first, new)).await.sheet_id;
        let email = email_of(&editor).await;
        owner.share(&sheet, &email, v1::Role::Editor).await.expect("is shared");
        let file = tables.table(FILE).await;
        Self { tables, owner, editor, sheet, file }
    }

    /// The editor changes the sheet.
    async fn edit(&self, commands: Vec<C>) {
        let commands = commands.into_iter().map(|command| v1::Command { command: Some(command) });
        let wait = v1::WaitFor::Accepted;
        self.editor.apply(&self.sheet, commands.collect(), wait, "").await.expect("is applied");
    }

    /// The job of the merge, which is not done yet.
    async fn begin(&self, server: &Server) -> v1::Job {
        let request = of(&self.file, merge(&self.sheet, "key"));
        self.tables.fill(server, request).await.expect("begins")
    }

    /// The job at its end.
    async fn done(&self, job: &v1::Job) -> v1::Job {
        let done = self.tables.ended(&job.id).await;
        assert_eq!((done.state(), &*done.error), (v1::JobState::Done, ""), "{done:?}");
        done
    }

    async fn text(&self) -> String {
        exported(&self.owner, &self.sheet).await
    }
}

/// Sets cells of a row from a column on.
fn set(row: u32, col: u32, values: impl IntoIterator<Item = v1::value::Kind>) -> C {
    let row = Some(v1::RowRef { row: Some(v1::row_ref::Row::At(row)) });
    let col = Some(v1::ColumnRef { column: Some(v1::column_ref::Column::At(col)) });
    let values: Vec<_> = values.into_iter().map(|kind| v1::Value { kind: Some(kind) }).collect();
    let width = u32::try_from(values.len()).expect("few values");
    C::SetCells(v1::SetCells { row, col, width, values })
}

const fn number(number: f64) -> v1::value::Kind {
    v1::value::Kind::Number(number)
}

fn has_note(job: &v1::Job, part: &str) -> bool {
    job.notes.iter().any(|note| note.contains(part))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_was_set_after_the_request_stays_and_is_named() {
    let server = Server::start();
    let shared = Shared::new(&server).await;
    let sql = server.sql().await;
    let later = "create function later() returns trigger language plpgsql as $$ begin
            new.run_at := now() + interval '1 day';
            return new;
        end $$;
        create trigger later before insert on jobs for each row
        when (new.kind = 'fill-sheet') execute function later()";
    sql.batch_execute(later).await.expect("is made");
    // Older than the request.
    shared.edit(vec![set(2, 1, [number(7.0)])]).await;
    let job = shared.begin(&server).await;
    // Newer: a value, one that is set and set back, and a row with a key of the file.
    shared.edit(vec![set(0, 1, [number(5.0)]), set(1, 1, [number(6.0)])]).await;
    shared.edit(vec![set(1, 1, [number(2.0)])]).await;
    let row = C::InsertRows(v1::InsertLines { at: 0, count: 1 });
    let key = v1::value::Kind::Text("k4".to_owned());
    shared.edit(vec![row, set(0, 0, [key, number(41.0)])]).await;
    let start = "update jobs set run_at = now() where kind = 'fill-sheet' and state = 'waiting'";
    assert_eq!(sql.execute(start, &[]).await.expect("is changed"), 1);
    let done = shared.done(&job).await;
    let merged = "key,a,b\nk4,41,w\nk1,5,x\nk2,20,yy\nk3,30,z\n";
    assert_eq!(shared.text().await, merged, "{done:?}");
    for part in [
        "2 values are left out, since their cells were changed after the job was requested.",
        "Row \"k1\", column \"a\": the sheet keeps \"5\", and the source has \"10\".",
        "Row \"k4\", column \"a\": the sheet keeps \"41\", and the source has \"40\".",
        "3 rows are changed.",
    ] {
        assert!(has_note(&done, part), "{part}: {done:?}");
    }
    assert!(!has_note(&done, "\"k2\"") && !has_note(&done, "\"k3\""), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_attempt_keeps_what_was_set_after_the_request() {
    let server = Server::start();
    let shared = Shared::new(&server).await;
    let job = shared.begin(&server).await;
    let first = shared.done(&job).await;
    assert!(!has_note(&first, "the sheet keeps"), "{first:?}");
    assert_eq!(shared.text().await, FILE);
    shared.edit(vec![set(0, 1, [number(5.0)])]).await;
    // As if its server had ended right before the end of the job.
    let id: Uuid = job.id.parse().expect("an id");
    let failed = "update jobs set state = 'failed', result = null where id = $1";
    assert_eq!(server.sql().await.execute(failed, &[&id]).await.expect("is changed"), 1);
    let retry = authorized(v1::RetryJobRequest { job_id: job.id.clone() }, shared.tables.token());
    shared.tables.jobs.clone().retry_job(retry).await.expect("begins again");
    let second = shared.done(&job).await;
    let named = "Row \"k1\", column \"a\": the sheet keeps \"5\", and the source has \"10\".";
    assert!(has_note(&second, named), "{second:?}");
    assert_eq!(second.rows, 0, "{second:?}");
    assert_eq!(shared.text().await, FILE.replace("k1,10", "k1,5"));
}
