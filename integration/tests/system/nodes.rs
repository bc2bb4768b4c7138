//! Several servers on one Postgres and one Redis act as one server: all clients on all nodes end with the
//! same sheet, and no accepted edit is lost or applied twice when a node or Redis fails.
//!
//! Not presence: see `two_servers`. Invariant: each edit has one revision, without gaps.

use client::Client;
use client::net::Sheet;
use integration::harness::{Grid, PASSWORD, Random, eventually, new_sheet, within};
use ot_engine::{Revision, Value};

use crate::converge;
use crate::three_servers::{NODES, Three};

/// Writers at each node.
const WRITERS: u64 = 2;

/// The servers, and the token of an account.
struct Cluster {
    servers: Three,
    token: String,
}

impl Cluster {
    async fn start() -> Self {
        let servers = Three::start(&[]).await;
        let client = Client::connect(servers.node(0).url()).await.expect("the server is there");
        let (_, session) =
            client.sign_up("ada@example.org", PASSWORD, "Ada").await.expect("is new");
        Self { servers, token: session.token }
    }

    /// A client that connects to one node first and knows the addresses of the others.
    fn client(&self, node: usize) -> Client {
        self.client_of(&self.servers.urls(node))
    }

    fn client_of(&self, urls: &str) -> Client {
        let client = Client::connect_lazy(urls).expect("these are addresses");
        client.with_token(&self.token).expect("a token can be sent")
    }

    async fn sheet(&self, rows: u32) -> String {
        new_sheet(&self.client(0), "Together", rows).await
    }

    async fn open(&self, node: usize, sheet: &str) -> Sheet {
        let sheet = self.client(node).open(sheet).await.expect("opens");
        within("loading", sheet.wait_synced()).await.expect("loads");
        sheet
    }

    /// Compares what all clients, all nodes and SQL have at a revision.
    async fn agree(&self, sheets: &[Sheet], id: &str, last: Revision) -> Grid {
        within("the commit", sheets[0].wait_committed(last)).await.expect("commits");
        let expected = Grid::in_sql(&self.servers.postgres.sql().await, id).await;
        for (number, sheet) in sheets.iter().enumerate() {
            within("all revisions", sheet.wait_revision(last)).await.expect("is connected");
            within("loading", sheet.wait_synced()).await.expect("loads");
            assert_eq!(Grid::seen_by(sheet).await, expected, "client {number}");
        }
        for server in self.servers.running() {
            let client = self.client_of(server.url());
            assert_eq!(Grid::read(&client, id).await, expected, "read at {}", server.url());
        }
        expected
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_clients_on_all_nodes_end_with_the_same_sheet() {
    let seed = Random::seed();
    println!("GRIDLOOM_SEED={seed}");
    let cluster = Cluster::start().await;
    let id = cluster.sheet(30).await;
    let mut editors = Vec::new();
    for number in 0..NODES as u64 * WRITERS {
        let sheet = cluster.open(number as usize % NODES, &id).await;
        editors.push(tokio::spawn(converge::edit(sheet, Random::from_seed(seed + number))));
    }
    let (sheets, last) = converge::joined(editors).await;
    let grid = cluster.agree(&sheets, &id, last).await;
    assert!(grid.rows.iter().flatten().any(|value| *value != Value::Empty), "no cell has a value");
}

/// Writes 1, 2, 3 ... into one column, row by row. Returns the last accepted revision.
async fn write(
    sheet: Sheet,
    column: u32,
    until: u32,
    done: tokio::sync::mpsc::Sender<u32>,
) -> (Sheet, Revision) {
    let mut last = Revision(0);
    for row in 0..until {
        let value = Value::Number(f64::from(row + 1));
        let ticket = sheet.edit(move |live| live.set_cell(row, column, value)).await.expect("open");
        let accepted = within("an answer", ticket.accepted()).await.expect("is accepted");
        assert!(accepted.revision > last, "revisions ascend");
        last = accepted.revision;
        // The receiver may be gone at the end.
        let _ = done.send(row).await;
    }
    (sheet, last)
}

const ROWS: u32 = 300;

/// Runs writers at all nodes, one column each, and calls `fault` after each 300 edits.
async fn with_writers(
    cluster: &mut Cluster,
    mut fault: impl AsyncFnMut(&mut Cluster, u32),
) -> (Vec<Sheet>, String, Revision) {
    let id = cluster.sheet(ROWS).await;
    let client = cluster.client(0);
    let columns = NODES as u32 * WRITERS as u32;
    let (first, sheet) = (0, client.open(&id).await.expect("opens"));
    within("loading", sheet.wait_synced()).await.expect("loads");
    let lacking = columns.saturating_sub(sheet.snapshot().await.expect("is open").size().cols);
    if lacking > 0 {
        let ticket = sheet.edit(move |live| live.insert_cols(first, lacking)).await.expect("open");
        within("columns", ticket.accepted()).await.expect("is accepted");
    }
    let (sender, mut done) = tokio::sync::mpsc::channel(16);
    let mut writers = Vec::new();
    for column in 0..columns {
        let sheet = cluster.open(column as usize % NODES, &id).await;
        writers.push(tokio::spawn(write(sheet, column, ROWS, sender.clone())));
    }
    drop(sender);
    let mut written = 0;
    while done.recv().await.is_some() {
        written += 1;
        if written % 300 == 0 {
            fault(cluster, written / 300).await;
        }
    }
    let (sheets, last) = converge::joined(writers).await;
    (sheets, id, last)
}

async fn each_edit_is_stored(cluster: &Cluster, sheets: &[Sheet], id: &str, last: Revision) {
    let grid = cluster.agree(sheets, id, last).await;
    let columns = NODES * WRITERS as usize;
    for (number, row) in (1..).zip(&grid.rows) {
        assert!(
            row.iter().take(columns).all(|cell| *cell == Value::Number(f64::from(number))),
            "row {number}"
        );
    }
    let sql = cluster.servers.postgres.sql().await;
    let query = "select count(*), count(distinct (client, sequence)), max(revision) from changes
        where sheet = $1::text::uuid";
    let row = sql.query_one(query, &[&id]).await.expect("an answer");
    let (changes, names, head): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
    assert_eq!((changes, names), (head, head), "each edit once, without gaps");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_killed_and_its_clients_continue_at_another() {
    let mut cluster = Cluster::start().await;
    let (sheets, id, last) = with_writers(&mut cluster, async |cluster, step| {
        if step == 2 {
            cluster.servers.kill(1);
        }
    })
    .await;
    each_edit_is_stored(&cluster, &sheets, &id, last).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_does_not_answer_for_a_while() {
    let mut cluster = Cluster::start().await;
    let (sheets, id, last) = with_writers(&mut cluster, async |cluster, step| {
        if step == 2 {
            cluster.servers.redis.pause();
            // Waits until every node has detected it: then every node refuses reads.
            eventually("it is detected", async || all_refuse(cluster).await.then_some(())).await;
            cluster.servers.redis.resume();
        }
    })
    .await;
    each_edit_is_stored(&cluster, &sheets, &id, last).await;
}

/// Whether every node refuses to read the sheet.
async fn all_refuse(cluster: &Cluster) -> bool {
    let id = cluster
        .servers
        .postgres
        .sql()
        .await
        .query_one("select id::text from sheets limit 1", &[])
        .await;
    let id: String = id.expect("there is a sheet").get(0);
    let asked = cluster.servers.running().map(|server| {
        let (client, id) = (cluster.client_of(server.url()), id.clone());
        tokio::spawn(async move { client.read_cells(&id, 0..1).await.is_ok() })
    });
    let mut all = true;
    for answer in asked.collect::<Vec<_>>() {
        all &= !answer.await.expect("an answer");
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_killed_again_and_again_and_keeps_what_it_had() {
    let mut cluster = Cluster::start().await;
    let (sheets, id, last) = with_writers(&mut cluster, async |cluster, step| {
        if step == 2 || step == 4 {
            cluster.servers.redis.kill();
            cluster.servers.redis.start_again().await;
        }
    })
    .await;
    each_edit_is_stored(&cluster, &sheets, &id, last).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_killed_again_and_again_and_loses_all() {
    let mut cluster = Cluster::start().await;
    let (sheets, id, last) = with_writers(&mut cluster, async |cluster, step| {
        if step == 2 || step == 4 {
            cluster.servers.redis.lose_all();
            cluster.servers.redis.start_again().await;
        }
    })
    .await;
    each_edit_is_stored(&cluster, &sheets, &id, last).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_away_and_redis_loses_all() {
    let mut cluster = Cluster::start().await;
    let (sheets, id, last) = with_writers(&mut cluster, async |cluster, step| match step {
        1 => cluster.servers.postgres.stop().await,
        3 => {
            cluster.servers.redis.lose_all();
            cluster.servers.redis.start_again().await;
            cluster.servers.postgres.start_again().await;
        }
        _ => {}
    })
    .await;
    each_edit_is_stored(&cluster, &sheets, &id, last).await;
}
