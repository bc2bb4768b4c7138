//! References to columns of a table that name none: each call refuses them by their field.
//!
//! Not those of sheets, in which such a reference is the first column. Invariant: no call over a table of a file takes a column
//! that its request does not name.

use gridloom::v1;
use gridloom::v1::AggregateFunction as Function;
use gridloom::v1::derive_table_request::Operation;
use gridloom::v1::fill_sheet_request::Target;
use integration::harness::{Server, authorized};
use tonic::Code;

use super::{STOCK, add, csv, of_file, source};
use crate::files::refused;
use crate::tables::fills::of;
use crate::tables::saves::calls;
use crate::tables::{Tables, named};

fn unset() -> Option<v1::ColumnRef> {
    Some(v1::ColumnRef::default())
}

fn condition(column: Option<v1::ColumnRef>) -> v1::RowFilter {
    let operator = v1::condition::Operator::IsEmpty.into();
    let condition = v1::Condition { column, operator, ..Default::default() };
    v1::RowFilter { filter: Some(v1::row_filter::Filter::Condition(condition)) }
}

/// Expects a refusal that begins with this field.
fn expect<T: std::fmt::Debug>(outcome: Result<T, tonic::Status>, field: &str) {
    assert_eq!(refused(outcome), (Code::InvalidArgument, field.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_derivation_names_each_of_its_columns() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.read_file("stock.csv", STOCK).await;
    let columns: Vec<v1::ColumnRef> = unset().into_iter().collect();
    let narrow = || v1::TableSource { columns: columns.clone(), ..source(&file) };
    let join = |other: v1::TableSource, key| {
        Operation::Join(v1::JoinTable { other: Some(other), keys: vec![key], rows: 0 })
    };
    let item = || v1::JoinKey { column: named("item"), other: None };
    let sum =
        |column| v1::Aggregate { function: Function::Sum.into(), column, ..Default::default() };
    let group = |by: Vec<v1::ColumnRef>, column| {
        Operation::Group(v1::GroupRows { by, aggregates: vec![sum(column)] })
    };
    for (operation, field) in [
        (group(columns.clone(), named("price")), "group.by[0]"),
        (group(Vec::new(), unset()), "group.aggregates[0].column"),
        (join(source(&file), v1::JoinKey { column: unset(), other: None }), "join.keys[0].column"),
        (join(source(&file), v1::JoinKey { other: unset(), ..item() }), "join.keys[0].other"),
        (join(narrow(), item()), "join.other.columns[0]"),
    ] {
        expect(tables.derive(&server, of_file(&file, operation)).await, field);
    }
    let total = || add(&[("twice", "[price] * 2")]);
    let request = v1::DeriveTableRequest {
        source: Some(narrow()),
        ..of_file(&file, Operation::Add(total()))
    };
    expect(tables.derive(&server, request).await, "source.columns[0]");
    let preview = v1::PreviewColumnsRequest { source: Some(narrow()), add: Some(total()), rows: 0 };
    expect(tables.preview_columns(&server, preview).await, "source.columns[0]");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_and_a_transfer_name_each_of_their_columns() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.read_file("stock.csv", STOCK).await;
    for column in [None, unset()] {
        let file_id = file.clone();
        let order_by = vec![v1::RowOrder { column: column.clone(), descending: false }];
        let view = v1::MakeViewRequest { file_id, order_by, ..Default::default() };
        expect(tables.make_view(view).await, "order_by[0].column");
        let filter = Some(condition(column.clone()));
        let view = v1::MakeViewRequest {
            file_id: file.clone(),
            filter: filter.clone(),
            ..Default::default()
        };
        expect(tables.make_view(view).await, "filter.condition.column");
        let summary =
            v1::SummarizeColumnRequest { file_id: file.clone(), column, ..Default::default() };
        expect(tables.summarize(summary.clone()).await, "column");
        let summary = v1::SummarizeColumnRequest { column: named("price"), filter, ..summary };
        expect(tables.summarize(summary).await, "filter.condition.column");
    }
    let columns = unset().into_iter().collect();
    let source = Some(v1::TableSource { columns, ..source(&file) });
    let request = v1::SaveTableRequest { source, saved: csv(), ..Default::default() };
    let mut transfers = calls(&server).await;
    let saved = transfers.save_table(authorized(request, tables.token())).await.map(drop);
    expect(saved, "source.columns[0]");

    let new = Target::NewSheet(v1::NewSheetTarget::default());
    let sheet_id = tables.filled(&server, of(&file, new)).await.sheet_id;
    for (key, sheet_key, field) in [
        (None, None, "merge.key"),
        (unset(), None, "merge.key"),
        (named("item"), unset(), "merge.sheet_key"),
    ] {
        let target = v1::MergeTarget { sheet_id: sheet_id.clone(), key, sheet_key };
        expect(tables.fill(&server, of(&file, Target::Merge(target))).await, field);
    }
}
