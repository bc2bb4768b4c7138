//! Joins: which rows each kind has, names of both tables, keys of several columns, and a table with itself.
//!
//! Not the equality of keys (the crate `engine`). Invariant: the rows are those that were joined by hand.

use gridloom::v1;
use gridloom::v1::JoinRows;
use gridloom::v1::derive_table_request::Operation;
use integration::harness::Server;

use super::{of_file, source};
use crate::tables::{Tables, named};

const ORDERS: &[u8] = b"order,gtin,n\n1,a,2\n2,b,1\n3,c,4\n4,,1\n5,a,7\n";
const ITEMS: &[u8] = b"gtin,name,n\na,Bolt,10\nb,Nut,20\nb,Large nut,30\nz,Zinc,40\n";

/// A join with another file by pairs of columns.
fn join(other: &str, keys: &[(&str, Option<&str>)], rows: JoinRows) -> Operation {
    let key = |(column, other): &(&str, Option<&str>)| v1::JoinKey {
        column: named(column),
        other: other.and_then(named),
    };
    let (other, keys) = (Some(source(other)), keys.iter().map(key).collect());
    Operation::Join(v1::JoinTable { other, keys, rows: rows.into() })
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_join_has_its_rows() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let orders = tables.read_file("orders.csv", ORDERS).await;
    let items = tables.read_file("items.csv", ITEMS).await;
    let head = "order,gtin,n,name,n (items.csv)\n";
    let first = "1,a,2,Bolt,10\n2,b,1,Nut,20\n2,b,1,Large nut,30\n";
    let all = format!("{head}{first}3,c,4,,\n4,,1,,\n5,a,7,Bolt,10\n");
    let cases = [
        (JoinRows::Unspecified, all.clone(), 6),
        (JoinRows::AllOfSource, all.clone(), 6),
        (JoinRows::Matched, format!("{head}{first}5,a,7,Bolt,10\n"), 4),
        (JoinRows::Unmatched, "order,gtin,n\n3,c,4\n4,,1\n".to_owned(), 2),
        (JoinRows::All, format!("{all},z,,Zinc,40\n"), 7),
    ];
    for (rows, expected, count) in cases {
        let request = of_file(&orders, join(&items, &[("gtin", None)], rows));
        let (done, text) = tables.derived(&server, request).await;
        assert_eq!((text, done.rows), (expected, count), "{rows:?}");
        assert_eq!(done.title, "Make orders with items.csv of orders.csv");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_may_have_several_columns_and_need_not_be_chosen() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let one = tables.read_file("one.csv", b"a,b,x\n1,p,10\n1,q,20\n2,p,30\n").await;
    let two = tables.read_file("two.csv", b"c,b,y\n1,q,A\n2,p,B\n2,q,C\n").await;
    let Operation::Join(joined) = join(&two, &[("a", Some("c")), ("b", None)], JoinRows::Matched)
    else {
        panic!("it is a join");
    };
    let columns = named("y").into_iter().collect();
    let other = Some(v1::TableSource { columns, ..source(&two) });
    let joined = Operation::Join(v1::JoinTable { other, ..joined });
    let (_, text) = tables.derived(&server, of_file(&one, joined)).await;
    assert_eq!(text, "a,b,x,y\n1,q,20,A\n2,p,30,B\n");

    // A table with itself.
    let own = join(&one, &[("a", None)], JoinRows::Matched);
    let (done, text) = tables.derived(&server, of_file(&one, own)).await;
    let rows = "a,b,x,b (one.csv),x (one.csv)\n\
                1,p,10,p,10\n1,p,10,q,20\n1,q,20,p,10\n1,q,20,q,20\n2,p,30,p,30\n";
    assert_eq!((text, done.rows), (rows.to_owned(), 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_notes_days_beside_times() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let days = tables.read_file("d.csv", b"on,n\n2024-05-01,1\n2024-05-02,2\n").await;
    let times = b"on,m\n2024-05-01 00:00:00,1\n2024-05-02 12:30:00,2\n";
    let times = tables.read_file("t.csv", times).await;
    let joined = join(&times, &[("on", None)], JoinRows::Matched);
    let (done, text) = tables.derived(&server, of_file(&days, joined)).await;
    assert_eq!(text, "on,n,m\n2024-05-01,1,1\n");
    let [note] = &done.notes[..] else { panic!("{done:?}") };
    assert!(note.contains("a day is equal to its begin alone"), "{note}");
}
