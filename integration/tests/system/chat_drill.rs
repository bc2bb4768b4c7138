//! Chat and comments on three servers while one is killed and Postgres is away: no message is lost or there twice, and the
//! order is the same for all.
//!
//! Not edits: see `nodes`. Invariant: each message has the number that its author received, at every server and in every
//! stream.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use client::Client;
use client::net::Thread;
use gridloom::v1;
use gridloom::v1::Role;
use gridloom::v1::notice_service_watch_response::Event;
use integration::harness::{
    OwnPostgres, OwnRedis, PASSWORD, Server, eventually, new_sheet, within,
};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::interval;
use uuid::Uuid;

use crate::chat::next_message;

const NODES: usize = 3;
/// Messages of each writer between two faults; there is one writer for each node.
const STEP: usize = 20;
/// Calls of each writer that fail while Postgres is away.
const TRIES: usize = 3;
/// Between two messages of a writer.
const PACE: Duration = Duration::from_millis(50);
/// In the text of the last messages of a writer.
const END: &str = "end";

/// Where a message is: its thread and its number, and its text.
type Place = (String, u64, String);

/// An account that writes and reads.
struct Writer {
    client: Client,
    email: String,
    token: String,
}

/// All processes. In this order, so that servers end before Redis and Postgres.
struct Cluster {
    nodes: Vec<Option<Server>>,
    _redis: OwnRedis,
    postgres: OwnPostgres,
}

impl Cluster {
    async fn start() -> Self {
        let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
        let (database, journal) = (postgres.tcp_url(), redis.url());
        let start = || Server::start_sharing(&database, &journal, &["--drain-seconds", "1"]);
        let nodes = (0..NODES).map(|_| Some(start())).collect();
        Self { nodes, _redis: redis, postgres }
    }

    /// The addresses of all servers, that of one of them first.
    fn urls(&self, first: usize) -> String {
        let node = |step: usize| self.nodes[(first + step) % NODES].as_ref().expect("it runs");
        (0..NODES).map(|step| node(step).url().to_owned()).collect::<Vec<_>>().join(",")
    }

    /// An account whose calls begin at one server.
    async fn sign_up(&self, node: usize) -> Writer {
        let client = Client::connect(self.urls(node)).await.expect("the servers are there");
        let email = format!("writer{node}@example.org");
        let (client, session) = client.sign_up(&email, PASSWORD, "").await.expect("is new");
        Writer { client, email, token: session.token }
    }
}

/// What a writer reports: how many of its messages are sent, and how many calls failed.
#[derive(Clone, Copy, Default)]
struct Progress {
    sent: usize,
    failed: usize,
}

/// One running writer.
struct Writing {
    progress: watch::Receiver<Progress>,
    places: JoinHandle<Vec<Place>>,
}

impl Writing {
    fn start(
        writer: &Writer,
        threads: [String; 2],
        name: usize,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let (report, progress) = watch::channel(Progress::default());
        let places = tokio::spawn(write(writer.client.clone(), threads, name, (report, stop)));
        Self { progress, places }
    }

    /// Waits until so many further messages are sent, and so many further calls have failed.
    async fn after(&mut self, sent: usize, failed: usize) {
        let now = *self.progress.borrow_and_update();
        let is_after =
            |it: &Progress| it.sent >= now.sent + sent && it.failed >= now.failed + failed;
        within("the writer", self.progress.wait_for(is_after)).await.expect("it runs");
    }
}

/// Sends messages into two threads by turns, each until it is sent, and one more to each thread after `stop`. Gives where
/// each of them is.
async fn write(
    client: Client,
    threads: [String; 2],
    name: usize,
    (report, stop): (watch::Sender<Progress>, watch::Receiver<bool>),
) -> Vec<Place> {
    let mut places = Vec::new();
    let mut last = 0;
    // Below the rate of an account, for as long as the faults take.
    let mut pace = interval(PACE);
    for number in 0_usize.. {
        pace.tick().await;
        last += usize::from(*stop.borrow());
        let text =
            if last > 0 { format!("{name}: {END} {number}") } else { format!("{name}: {number}") };
        let request = v1::SendMessageRequest {
            thread_id: threads[number % 2].clone(),
            // One id for all attempts at this message.
            client_id: Uuid::new_v4().to_string(),
            text,
            ..v1::SendMessageRequest::default()
        };
        let message = eventually("a message is sent", async || {
            match client.send_message(request.clone()).await {
                Ok(answer) => answer.message,
                Err(error) => {
                    assert!(error.is_transient(), "{error}");
                    report.send_modify(|it| it.failed += 1);
                    None
                }
            }
        })
        .await;
        places.push((message.thread_id, message.number, message.text));
        report.send_modify(|it| it.sent += 1);
        if last == threads.len() {
            break;
        }
    }
    places
}

/// Reads a stream of notices until it has the last message of each writer in each thread, which are the last ones there.
/// Gives all messages in their order.
async fn read(client: Client, started: mpsc::Sender<()>) -> Vec<Place> {
    let mut notices = client.watch_notices(None);
    let first = within("the start", notices.next()).await.expect("a stream");
    assert!(matches!(first, Event::Started(_)));
    started.send(()).await.expect("waits");
    let (mut places, mut ends) = (Vec::new(), 0);
    while ends < 2 * NODES {
        let message = next_message(&mut notices).await;
        ends += usize::from(message.text.contains(END));
        places.push((message.thread_id, message.number, message.text));
    }
    places
}

/// All messages of a thread at one server, the oldest first.
async fn listed(url: &str, token: &str, thread: &str) -> Vec<Place> {
    let client = Client::connect(url).await.expect("it runs").with_token(token).expect("a token");
    let (thread, mut page) = (Thread::Id(thread.to_owned()), String::new());
    let mut places = Vec::new();
    loop {
        let answer = client.messages(&thread, 100, &page).await.expect("may read");
        let place = |it: v1::Message| (it.thread_id, it.number, it.text);
        places.extend(answer.messages.into_iter().map(place));
        page = answer.next_page_token;
        if page.is_empty() {
            places.reverse();
            return places;
        }
    }
}

/// The threads of a sheet and of a comment on it that all writers may use.
async fn threads(writers: &[Writer]) -> [String; 2] {
    let owner = &writers[0].client;
    let sheet = new_sheet(owner, "Together", 5).await;
    for Writer { client, email, .. } in &writers[1..] {
        owner.share(&sheet, email, Role::Commenter).await.expect("is shared");
        client.sheet(&sheet).await.expect("is shared");
    }
    let read = owner.read_cells(&sheet, 0..1).await.expect("may read");
    let cell = (read.rows[0].id, read.columns[0].id.as_str());
    let id = Uuid::new_v4().to_string();
    let comment = owner.add_comment(&sheet, cell, "first", &id).await.expect("is made");
    let first = owner.say(&Thread::Sheet(sheet), "first", &[]).await.expect("is sent");
    [first.message.expect("a message").thread_id, comment.thread_id]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_is_lost_or_doubled_and_all_see_one_order() {
    let mut cluster = Cluster::start().await;
    let mut writers = Vec::new();
    for node in 0..NODES {
        writers.push(cluster.sign_up(node).await);
    }
    let threads = threads(&writers).await;
    let (started, mut starts) = mpsc::channel(NODES);
    let readers: Vec<JoinHandle<Vec<Place>>> = writers
        .iter()
        .map(|writer| tokio::spawn(read(writer.client.clone(), started.clone())))
        .collect();
    for _ in 0..NODES {
        within("the streams", starts.recv()).await.expect("a stream");
    }
    let (stop, stopped) = watch::channel(false);
    let mut writing: Vec<Writing> = (0..NODES)
        .map(|name| Writing::start(&writers[name], threads.clone(), name, stopped.clone()))
        .collect();
    each(&mut writing, STEP, 0).await;
    drop(cluster.nodes[1].take().expect("it runs").kill());
    // The writer of that server continues at another one.
    each(&mut writing, STEP, 0).await;
    cluster.postgres.stop().await;
    // Each writer tries its message again and again while Postgres is away.
    each(&mut writing, 0, TRIES).await;
    cluster.postgres.start_again().await;
    each(&mut writing, STEP, 0).await;
    stop.send_replace(true);
    let mut expected = BTreeMap::new();
    for Writing { places, .. } in writing {
        for (thread, number, text) in within("the writers", places).await.expect("ends") {
            assert_eq!(expected.insert((thread, number), text), None, "a number twice");
        }
    }
    assert!(expected.len() >= NODES * (3 * STEP + 2), "{}", expected.len());
    for thread in &threads {
        each_server_has(&cluster, &writers, thread, &expected).await;
    }
    let mut orders = Vec::new();
    for reader in readers {
        let places = within("the readers", reader).await.expect("ends");
        orders.push(order_of(&places, &threads, expected.len()));
    }
    assert!(orders.windows(2).all(|pair| pair[0] == pair[1]), "one order for all");
}

/// Waits until each writer has sent so many further messages, and so many of its calls have failed.
async fn each(writing: &mut [Writing], sent: usize, failed: usize) {
    for writer in writing {
        writer.after(sent, failed).await;
    }
}

/// Compares what two servers list of a thread with what the writers sent.
async fn each_server_has(
    cluster: &Cluster,
    writers: &[Writer],
    thread: &str,
    expected: &BTreeMap<(String, u64), String>,
) {
    let at = |node: usize| cluster.nodes[node].as_ref().expect("it runs").url();
    let here = listed(at(0), &writers[0].token, thread).await;
    assert_eq!(here, listed(at(2), &writers[2].token, thread).await);
    let numbers: Vec<u64> = here.iter().map(|place| place.1).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "without gaps");
    // Besides the first one, which made the thread.
    for (thread, number, text) in here.into_iter().skip(1) {
        assert_eq!(expected.get(&(thread, number)), Some(&text));
    }
}

/// Checks what a stream received, and gives the messages of each thread in their order.
fn order_of(places: &[Place], threads: &[String], count: usize) -> Vec<Vec<Place>> {
    let distinct: BTreeSet<&Place> = places.iter().collect();
    assert_eq!((distinct.len(), places.len()), (count, count), "each message once in each stream");
    let of_thread = |thread: &String| -> Vec<Place> {
        places.iter().filter(|place| place.0 == *thread).cloned().collect()
    };
    let orders: Vec<_> = threads.iter().map(of_thread).collect();
    let in_order = |order: &Vec<Place>| order.is_sorted_by_key(|place| place.1);
    assert!(orders.iter().all(in_order), "in the order of the thread");
    orders
}
