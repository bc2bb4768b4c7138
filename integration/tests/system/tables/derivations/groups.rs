//! Groups of rows: each function, groups without a value, and all rows as one group.
//!
//! Not the equality of values (the crate `engine`). Invariant: the numbers are those that were counted by hand.

use gridloom::v1;
use gridloom::v1::AggregateFunction as Function;
use gridloom::v1::derive_table_request::Operation;
use integration::harness::Server;

use super::of_file;
use crate::tables::plans::{plan, rows_of};
use crate::tables::{Tables, named};

const CITIES: &[u8] = b"state,city,n\nTX,b,3\nCA,a,1\nTX,a,2\nNY,c,\nTX,b,1\n,d,5\n";

fn aggregate(function: Function, column: &str, name: &str) -> v1::Aggregate {
    let column = if column.is_empty() { None } else { named(column) };
    v1::Aggregate { function: function.into(), column, name: name.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_group_has_one_row_with_its_numbers() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.read_file("c.csv", CITIES).await;
    let aggregates = vec![
        aggregate(Function::Rows, "", ""),
        aggregate(Function::Values, "n", ""),
        aggregate(Function::Distinct, "city", ""),
        aggregate(Function::Sum, "n", "total"),
        aggregate(Function::Mean, "n", ""),
        aggregate(Function::Least, "city", ""),
        aggregate(Function::Greatest, "n", ""),
    ];
    let by = named("state").into_iter().collect();
    let group = v1::GroupRows { by, aggregates: aggregates.clone() };
    let (done, text) = tables.derived(&server, of_file(&file, Operation::Group(group))).await;
    let rows = "state,rows,values of n,distinct values of city,total,mean of n,least city,greatest n\n\
                CA,1,1,1,1,1,a,1\nNY,1,0,1,,,c,\nTX,3,3,2,6,2,a,3\n,1,1,1,5,5,d,5\n";
    assert_eq!(text, rows);
    assert_eq!((done.rows, &*done.title), (4, "Make c grouped.csv of c.csv"));
    let steps = plan(&tables, &done.id).await.expect("is shown").steps;
    assert_eq!(rows_of(&steps), [("read and filter", 6), ("sort", 6), ("group", 4), ("write", 4)]);

    let all = v1::GroupRows { by: Vec::new(), aggregates: aggregates[..4].to_vec() };
    let (done, text) = tables.derived(&server, of_file(&file, Operation::Group(all))).await;
    assert_eq!(text, "rows,values of n,distinct values of city,total\n6,5,4,12\n");
    assert_eq!(done.rows, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_by_several_columns_are_their_combinations() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.read_file("c.csv", CITIES).await;
    let by = [named("city"), named("state")].into_iter().flatten().collect();
    let group = v1::GroupRows { by, aggregates: vec![aggregate(Function::Rows, "", "count")] };
    let (_, text) = tables.derived(&server, of_file(&file, Operation::Group(group))).await;
    assert_eq!(text, "city,state,count\na,CA,1\na,TX,1\nb,TX,2\nc,NY,1\nd,,1\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sum_notes_the_texts_of_numbers_that_it_leaves_out() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.read_file("p.csv", b"item,price\nBolt,2.50\nNut,\nPin,two\n").await;
    let aggregates = vec![aggregate(Function::Sum, "price", "total")];
    let group = v1::GroupRows { by: Vec::new(), aggregates };
    let (done, _) = tables.derived(&server, of_file(&file, Operation::Group(group))).await;
    let [left_out, remedy] = &done.notes[..] else { panic!("{done:?}") };
    assert!(left_out.starts_with("2 values that are no numbers"), "{left_out}");
    assert!(remedy.starts_with("1 of them is a text that reads as a number"), "{remedy}");
}
