//! Chat and comments on three servers while one is killed and Postgres is away: no message is lost or there twice, and the
//! order is the same for all.
//!
//! Not edits: see `nodes`. Invariant: each message has the number that its author received, at every server and in every
//! stream.

use std::collections::{BTreeMap, BTreeSet};

use client::Client;
use client::net::Thread;
use gridloom::v1;
use gridloom::v1::Role;
use gridloom::v1::notice_service_watch_response::Event;
use integration::harness::{
    OwnPostgres, OwnRedis, PASSWORD, Server, eventually, new_sheet, within,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::chat::next_message;

const NODES: usize = 3;
/// Messages of each writer; there is one writer for each node.
const MESSAGES: usize = 60;
/// Messages between two faults.
const STEP: usize = 40;

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

/// Sends messages into two threads by turns, each until it is sent. Gives where each of them is.
async fn write(
    client: Client,
    threads: [String; 2],
    name: usize,
    sent: mpsc::Sender<()>,
) -> Vec<Place> {
    let mut places = Vec::new();
    for number in 0..MESSAGES {
        let request = v1::SendMessageRequest {
            thread_id: threads[number % 2].clone(),
            client_id: Uuid::new_v4().to_string(),
            text: format!("{name}: {number}"),
            ..v1::SendMessageRequest::default()
        };
        let message = eventually("a message is sent", async || {
            match client.send_message(request.clone()).await {
                Ok(answer) => answer.message,
                Err(error) => {
                    assert!(error.is_transient(), "{error}");
                    None
                }
            }
        })
        .await;
        places.push((message.thread_id, message.number, message.text));
        // The receiver may be gone at the end.
        let _ = sent.send(()).await;
    }
    places
}

/// Reads a stream of notices until it has all messages. Gives them in their order.
async fn read(client: Client, started: mpsc::Sender<()>) -> Vec<Place> {
    let mut notices = client.watch_notices(None);
    let first = within("the start", notices.next()).await.expect("a stream");
    assert!(matches!(first, Event::Started(_)));
    started.send(()).await.expect("waits");
    let mut places = Vec::new();
    while places.len() < NODES * MESSAGES {
        let message = next_message(&mut notices).await;
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
    let (sent, mut counted) = mpsc::channel(1);
    let writing: Vec<JoinHandle<Vec<Place>>> = writers
        .iter()
        .enumerate()
        .map(|(name, writer)| {
            let client = writer.client.clone();
            tokio::spawn(write(client, threads.clone(), name, sent.clone()))
        })
        .collect();
    drop(sent);
    let mut count = 0;
    while within("a message", counted.recv()).await.is_some() {
        count += 1;
        match count {
            STEP => drop(cluster.nodes[1].take().expect("it runs").kill()),
            _ if count == 2 * STEP => {
                cluster.postgres.stop().await;
                let client = &writers[0].client;
                eventually("it is away", async || client.threads("").await.err()).await;
                cluster.postgres.start_again().await;
            }
            _ => {}
        }
    }
    let mut expected = BTreeMap::new();
    for writer in writing {
        for (thread, number, text) in within("the writers", writer).await.expect("ends") {
            assert_eq!(expected.insert((thread, number), text), None, "a number twice");
        }
    }
    assert_eq!(expected.len(), NODES * MESSAGES);
    for thread in &threads {
        each_server_has(&cluster, &writers, thread, &expected).await;
    }
    for reader in readers {
        let places = within("the readers", reader).await.expect("ends");
        each_once_in_order(&places, &threads, expected.len());
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

/// Checks what a stream received.
fn each_once_in_order(places: &[Place], threads: &[String], count: usize) {
    let distinct: BTreeSet<&Place> = places.iter().collect();
    assert_eq!((distinct.len(), places.len()), (count, count), "each message once in each stream");
    for thread in threads {
        let numbers = places.iter().filter(|place| place.0 == *thread).map(|place| place.1);
        assert!(numbers.is_sorted(), "in the order of the thread");
    }
}
