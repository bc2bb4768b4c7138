//! Derivations that are refused: each by its field, and those of other accounts like those of none.
//!
//! Not each rule of a formula (the crate `engine`). Invariant: a request that is refused enqueues no job.

use client::Client;
use gridloom::v1;
use gridloom::v1::AggregateFunction as Function;
use gridloom::v1::derive_table_request::Operation;
use integration::harness::{Server, authorized, new_sheet, sign_up_with_token};
use tonic::Code;
use uuid::Uuid;

use super::{STOCK, add, csv, of_file, source};
use crate::files::{Files, refused};
use crate::tables::saves::calls;
use crate::tables::{Tables, named, sorted};

fn group(by: &[&str], aggregates: Vec<v1::Aggregate>) -> Operation {
    let by = by.iter().copied().filter_map(named).collect();
    Operation::Group(v1::GroupRows { by, aggregates })
}

fn aggregate(function: Function, column: Option<v1::ColumnRef>) -> v1::Aggregate {
    v1::Aggregate { function: function.into(), column, name: String::new() }
}

/// A join of a file by a column of each table.
fn join(other: &str, column: &str, of_other: &str) -> Operation {
    let key = v1::JoinKey { column: named(column), other: named(of_other) };
    let other = Some(source(other));
    Operation::Join(v1::JoinTable { other, keys: vec![key], rows: 0 })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_derivation_is_named_by_its_field() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.read_file("stock.csv", STOCK).await;
    let many: Vec<(String, &str)> = (0..65).map(|at| (format!("n{at}"), "1")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, formula)| (&**name, *formula)).collect();
    let long = "1+".repeat(1_000) + "1";
    let (bad, range) = (Code::InvalidArgument, Code::OutOfRange);
    let rows = || vec![aggregate(Function::Rows, None)];
    let two = vec![aggregate(Function::Rows, None); 2];
    let bare =
        |keys, rows| Operation::Join(v1::JoinTable { other: Some(source(&file)), keys, rows });
    for (operation, code, field) in [
        (Operation::Add(add(&[])), bad, "add.columns"),
        (Operation::Add(add(&many)), bad, "add.columns"),
        (Operation::Add(add(&[("price", "1")])), bad, "add.columns[0].name"),
        (Operation::Add(add(&[("", "1")])), bad, "add.columns[0].name"),
        (Operation::Add(add(&[("a", "1"), ("a", "2")])), bad, "add.columns[1].name"),
        (Operation::Add(add(&[("a", "")])), bad, "add.columns[0].formula"),
        (Operation::Add(add(&[("a", &*long)])), bad, "add.columns[0].formula"),
        (Operation::Add(add(&[("a", "[b]"), ("b", "1")])), bad, "add.columns[0].formula"),
        (Operation::Add(add(&[("a", "1"), ("b", "[price] *")])), bad, "add.columns[1].formula"),
        (group(&["item"], Vec::new()), bad, "group.aggregates"),
        (group(&["item", "item"], rows()), bad, "group.by[1]"),
        (group(&["cost"], rows()), range, "group.by[0].name"),
        (group(&["item"], two), bad, "group.aggregates[1].name"),
        (
            group(&[], vec![aggregate(Function::Unspecified, None)]),
            bad,
            "group.aggregates[0].function",
        ),
        (group(&[], vec![aggregate(Function::Sum, None)]), bad, "group.aggregates[0].column"),
        (
            group(&[], vec![aggregate(Function::Rows, named("price"))]),
            bad,
            "group.aggregates[0].column",
        ),
        (bare(Vec::new(), 0), bad, "join.keys"),
        (bare(vec![v1::JoinKey::default()], 0), bad, "join.keys[0].column"),
        (bare(vec![v1::JoinKey::default()], 77), bad, "join.rows"),
        (join(&file, "item", "cost"), range, "join.keys[0].other.name"),
    ] {
        let found = refused(tables.derive(&server, of_file(&file, operation)).await);
        assert_eq!(found, (code, field.to_owned()));
    }
    let without = v1::DeriveTableRequest { source: Some(source(&file)), ..Default::default() };
    assert_eq!(refused(tables.derive(&server, without).await), (bad, "operation".to_owned()));
    let text = add(&[("total", "[price] * [cost]")]);
    let error = tables.derive(&server, of_file(&file, Operation::Add(text))).await;
    let error = error.expect_err("there is no cost");
    assert!(error.message().contains("character 11"), "{error}");
    let jobs = "select count(*) from jobs where kind = 'derive-file'";
    let jobs: i64 = server.sql().await.query_one(jobs, &[]).await.expect("a count").get(0);
    assert_eq!(jobs, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_is_of_the_chosen_columns_and_of_a_hundred_rows_at_most() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let rows: String = (0..120).map(|at| format!("{at},{}\n", at * 2)).collect();
    let file = tables.read_file("n.csv", format!("a,v\n{rows}").as_bytes()).await;
    let columns = named("v").into_iter().collect();
    let narrow = v1::TableSource { columns, ..source(&file) };
    let request = |source: &v1::TableSource, formula| v1::PreviewColumnsRequest {
        source: Some(source.clone()),
        add: Some(add(&[("new", formula)])),
        rows: 101,
    };
    let error = tables.preview_columns(&server, request(&narrow, "[a] + 1")).await;
    let error = error.expect_err("is not chosen");
    let rule = "[a] is not among the chosen columns of the source";
    assert!(error.message().ends_with(rule), "{error}");
    let shown = tables.preview_columns(&server, request(&narrow, "[v] + 1")).await;
    assert_eq!(shown.expect("is shown").rows.len(), 100);

    let view = tables.view(sorted(&file, None, &[("a", true)])).await;
    let of_view = v1::TableSource { view_id: view.id, ..source(&file) };
    let shown = tables.preview_columns(&server, request(&of_view, "1 / ([a] - 118)")).await;
    let notes = shown.expect("is shown").notes;
    assert!(notes.len() == 1 && notes[0].contains("row 2 of the result"), "{notes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn formulas_that_take_more_than_a_job_may_have_are_refused_together() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.read_file("stock.csv", STOCK).await;
    let formula = "1+".repeat(950) + "1";
    let names: Vec<String> = (0..40).map(|at| format!("n{at}")).collect();
    let columns: Vec<(&str, &str)> = names.iter().map(|name| (&**name, &*formula)).collect();
    let request = |columns: &[(&str, &str)]| of_file(&file, Operation::Add(add(columns)));
    let error = tables.derive(&server, request(&columns)).await.expect_err("is too large");
    assert_eq!(error.code(), Code::InvalidArgument);
    assert!(error.message().contains("61440 bytes"), "{error}");
    let job = tables.derive(&server, request(&columns[..20])).await.expect("begins");
    assert_eq!(tables.ended(&job.id).await.state(), v1::JobState::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_finds_no_file_on_either_side_of_a_join() {
    let server = Server::start();
    let (ada, eve) = (Tables::sign_up(&server).await, Tables::sign_up(&server).await);
    let file = ada.read_file("stock.csv", STOCK).await;
    let own = eve.read_file("stock.csv", STOCK).await;
    let none = Uuid::new_v4().to_string();
    let total = || add(&[("total", "[price] * 2")]);
    for (tables, file) in [(&eve, &*file), (&ada, &*none), (&ada, "no id")] {
        let derived = tables.derive(&server, of_file(file, Operation::Add(total()))).await;
        assert_eq!(refused(derived).0, Code::NotFound, "{file}");
        let source = Some(source(file));
        let request = v1::PreviewColumnsRequest { source, add: Some(total()), rows: 0 };
        assert_eq!(refused(tables.preview_columns(&server, request).await).0, Code::NotFound);
    }
    for (file, other, field) in
        [(&*own, &*file, "join.other.file_id: "), (&*file, &*own, "source.file_id: ")]
    {
        let joined = eve.derive(&server, of_file(file, join(other, "item", "item"))).await;
        let error = joined.expect_err("is refused");
        assert_eq!(error.code(), Code::NotFound);
        assert!(error.message().starts_with(field), "{error}");
    }
    let other = Some(v1::TableSource { table: 7, ..source(&own) });
    let keys = vec![v1::JoinKey { column: named("item"), other: None }];
    let lacking = Operation::Join(v1::JoinTable { other, keys, rows: 0 });
    let error = eve.derive(&server, of_file(&own, lacking)).await.expect_err("has no such table");
    assert_eq!(error.code(), Code::NotFound);
    assert!(error.message().starts_with("join.other.table: "), "{error}");
    let changed = v1::TableSource { etag: "x".to_owned(), ..source(&own) };
    let request =
        v1::DeriveTableRequest { source: Some(changed), ..of_file(&own, Operation::Add(total())) };
    let changed = (Code::FailedPrecondition, "TABLE_CHANGED".to_owned());
    assert_eq!(refused(eve.derive(&server, request).await), changed);

    let stranger = Files::at(&server, "no token of this server").await;
    let stranger = Tables::of(&server, stranger).await;
    let derived = stranger.derive(&server, of_file(&file, Operation::Add(total()))).await;
    assert_eq!(derived.expect_err("has no account").code(), Code::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_finds_no_file_and_makes_none() {
    let server = Server::start();
    let (owner, token) = sign_up_with_token(&server).await;
    let tables = Tables::of(&server, Files::at(&server, &token).await).await;
    let file = tables.read_file("stock.csv", STOCK).await;
    let sheet = new_sheet(&owner, "Stock", 1).await;
    let link = owner.create_link(&sheet, v1::Role::Viewer, true, 0).await.expect("is made");
    let visitor = Client::connect(server.url()).await.expect("the server is there");
    let (_, entered) = visitor.enter_as_guest(&link.token, "Gus").await.expect("is open");
    let guest = Files::at(&server, &entered.access_token).await;
    let guest = Tables::of(&server, guest).await;
    let total = Operation::Add(add(&[("total", "[price] * 2")]));
    let derived = guest.derive(&server, of_file(&file, total)).await;
    assert_eq!(refused(derived).0, Code::NotFound);
    // What a guest may read makes no file either.
    let request = v1::SaveSheetRequest { sheet_id: sheet, saved: csv(), ..Default::default() };
    let mut transfers = calls(&server).await;
    let saved = transfers.save_sheet(authorized(request, guest.token())).await.map(drop);
    assert_eq!(refused(saved), (Code::PermissionDenied, "GUEST".to_owned()));
}
