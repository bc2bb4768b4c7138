//! Views and summaries that a cluster makes: one scheduler and two executors beside a server, all of them real processes.
//!
//! Here: what the tests share. Not the engine alone, which has an oracle of its own. Invariant: a cluster answers as the engine
//! in the server does, or not at all.

#[path = "cluster/answers.rs"]
mod answers;
#[path = "cluster/away.rs"]
mod away;
#[path = "cluster/drill.rs"]
mod drill;

use gridloom::v1;
use integration::harness::{EngineCluster, Server};

use super::{Tables, guesses, sorted};

/// Those of three row groups of a table.
const ROWS: u32 = 300_000;

/// A server with this engine, and an account.
async fn server_with(cluster: &EngineCluster) -> (Server, Tables) {
    let flags = cluster.flags();
    let server = Server::start_with(&[flags[0].as_str(), flags[1].as_str()]);
    let tables = Tables::sign_up(&server).await;
    (server, tables)
}

/// A file that is uploaded and read.
async fn table_of(tables: &Tables, content: &[u8]) -> String {
    let file = tables.files.upload("t.csv", content).await.expect("is uploaded").id;
    tables.read(&file, guesses()).await;
    file
}

/// A view of all rows by these columns, backwards.
fn by(file: &str, columns: &[&str]) -> v1::MakeViewRequest {
    let levels: Vec<_> = columns.iter().map(|name| (*name, true)).collect();
    sorted(file, None, &levels)
}

/// All rows of a view with their positions, in pages.
async fn rows_of(tables: &Tables, file: &str, view: &v1::View) -> Vec<(u64, v1::PreviewRow)> {
    let mut rows = Vec::new();
    while (rows.len() as u64) < view.rows {
        let request = v1::ReadTableRowsRequest {
            file_id: file.to_owned(),
            view_id: view.id.clone(),
            first: rows.len() as u64,
            count: 5_000,
            ..Default::default()
        };
        let page = tables.rows(request).await.expect("a page");
        assert!(!page.rows.is_empty(), "a page of {} has no rows", view.rows);
        rows.extend(page.positions.into_iter().zip(page.rows));
    }
    rows
}
