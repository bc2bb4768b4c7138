//! Chat and comments on three servers while one is killed and Postgres is away: nothing is lost or there twice, and the
//! order is the same for all.
//!
//! Not edits: see `nodes`. What is written and what is compared: see `chat` and `comments`. Invariant: a writer makes each
//! call again until it is answered, under the id that it had first.

#[path = "people_drill/chat.rs"]
mod chat;
#[path = "people_drill/comments.rs"]
mod comments;

use std::fmt::Debug;
use std::time::Duration;

use client::net::Thread;
use client::{Client, Error};
use gridloom::v1;
use gridloom::v1::Role;
use gridloom::v1::notice_service_watch_response::Event;
use integration::harness::{PASSWORD, eventually, new_sheet, within};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Interval, interval};
use tonic::Code;
use uuid::Uuid;

use crate::chat::{message_of, share};
use crate::three_servers::{NODES, Three};

/// Calls of each writer between two faults; there is one writer for each server.
const STEP: usize = 20;
/// Calls of each writer that fail while Postgres is away.
const TRIES: usize = 3;
/// Between two calls of a writer: below the rate of an account, for as long as the faults take.
const PACE: Duration = Duration::from_millis(50);
/// In the text of the last messages of a writer.
const END: &str = "end";

/// The servers, and an account at each of them that writes on one sheet and reads its notices.
struct Drill {
    servers: Three,
    writers: Vec<Writer>,
    sheet: String,
    /// A comment, by its thread, that all of them answer.
    comment: String,
}

/// An account whose calls begin at one server.
#[derive(Clone)]
struct Writer {
    name: usize,
    client: Client,
    token: String,
}

/// How many calls of a writer are done, and how many attempts failed.
#[derive(Clone, Copy, Default)]
struct Progress {
    done: usize,
    failed: usize,
}

/// The calls of a writer, each until it is done.
struct Calls {
    client: Client,
    name: usize,
    pace: Interval,
    progress: watch::Sender<Progress>,
    stop: watch::Receiver<bool>,
}

/// One running writer.
struct Writing<T> {
    progress: watch::Receiver<Progress>,
    written: JoinHandle<T>,
}

impl<T> Writing<T> {
    /// Waits until so many further calls are done, and so many further attempts have failed.
    async fn after(&mut self, done: usize, failed: usize) {
        let now = *self.progress.borrow_and_update();
        let is_after =
            |it: &Progress| it.done >= now.done + done && it.failed >= now.failed + failed;
        within("the writer", self.progress.wait_for(is_after)).await.expect("it runs");
    }
}

impl Calls {
    /// Whether the writer writes its last messages now.
    fn are_over(&self) -> bool {
        *self.stop.borrow()
    }

    /// Makes a call until it is answered.
    async fn done<T, F>(&mut self, call: impl FnMut() -> F) -> T
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.settled(call, |error| panic!("{error}")).await
    }

    /// Makes a call that deletes something until it is gone: an attempt without an answer may have deleted it.
    async fn gone<T, F>(&mut self, mut call: impl FnMut() -> F)
    where
        F: Future<Output = Result<T, Error>>,
    {
        let (progress, before) = (self.progress.subscribe(), self.progress.borrow().failed);
        let is_gone = |error: Error| {
            let is_again = progress.borrow().failed > before;
            assert!(is_again && error.code() == Some(Code::NotFound), "{error}");
        };
        let without_answer = || {
            let attempt = call();
            async move { attempt.await.map(drop) }
        };
        self.settled(without_answer, is_gone).await;
    }

    /// Makes a call until it is answered, or `outcome` gives what an error stands for that no attempt changes.
    async fn settled<T, F>(
        &mut self,
        mut call: impl FnMut() -> F,
        outcome: impl Fn(Error) -> T,
    ) -> T
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.pace.tick().await;
        let (progress, outcome) = (&self.progress, &outcome);
        let settled = eventually("a call is done", || {
            let attempt = call();
            async move {
                match attempt.await {
                    Ok(answer) => Some(answer),
                    Err(error) if error.is_transient() => {
                        progress.send_modify(|it| it.failed += 1);
                        None
                    }
                    Err(error) => Some(outcome(error)),
                }
            }
        })
        .await;
        self.progress.send_modify(|it| it.done += 1);
        settled
    }

    /// Sends a message into a thread, under one id for all attempts.
    async fn say(&mut self, thread: &str, text: &str) -> v1::Message {
        let request = v1::SendMessageRequest {
            thread_id: thread.to_owned(),
            client_id: Uuid::new_v4().to_string(),
            text: text.to_owned(),
            ..v1::SendMessageRequest::default()
        };
        let client = self.client.clone();
        let sent = self.done(|| client.send_message(request.clone())).await;
        sent.message.expect("a message")
    }
}

impl Drill {
    /// Starts the servers, and makes the accounts, the sheet and the comment.
    async fn start() -> Self {
        let servers = Three::start(&["--drain-seconds", "1"]).await;
        let mut writers = Vec::new();
        for name in 0..NODES {
            let client = Client::connect(servers.urls(name)).await.expect("the servers are there");
            let email = format!("writer{name}@example.org");
            let (client, session) = client.sign_up(&email, PASSWORD, "").await.expect("is new");
            writers.push(Writer { name, client, token: session.token });
        }
        let owner = &writers[0].client;
        let sheet = new_sheet(owner, "Together", 5).await;
        for other in &writers[1..] {
            share(owner, &sheet, &other.client, Role::Commenter).await;
        }
        let mut drill = Self { servers, writers, sheet, comment: String::new() };
        let (row, column) = drill.cell(0, 0).await;
        let (owner, id) = (&drill.writers[0].client, Uuid::new_v4().to_string());
        let made = owner.add_comment(&drill.sheet, (row, &column), "first", &id).await;
        drill.comment = made.expect("is made").thread_id;
        drill
    }

    /// The ids of a row and a column, by their positions.
    async fn cell(&self, row: u32, column: usize) -> (u64, String) {
        let owner = &self.writers[0].client;
        let read = owner.read_cells(&self.sheet, row..row + 1).await.expect("may read");
        (read.rows[0].id, read.columns[column].id.clone())
    }

    /// Reads the notices of each account until it has so many last messages. Gives all events in their order.
    async fn watch(&self, ends: usize) -> Vec<JoinHandle<Vec<Event>>> {
        let (started, mut starts) = mpsc::channel(NODES);
        let read =
            |writer: &Writer| tokio::spawn(events_of(writer.client.clone(), started.clone(), ends));
        let readers = self.writers.iter().map(read).collect();
        for _ in 0..NODES {
            within("the streams", starts.recv()).await.expect("a stream");
        }
        readers
    }

    /// Starts the writers, kills a server under them, stops Postgres and starts it again. Gives what each has written.
    async fn under_faults<T, F>(&mut self, write: impl Fn(Calls) -> F) -> Vec<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let (stop, stopped) = watch::channel(false);
        let start = |writer: &Writer| {
            let (progress, received) = watch::channel(Progress::default());
            let (client, pace) = (writer.client.clone(), interval(PACE));
            let calls = Calls { client, name: writer.name, pace, progress, stop: stopped.clone() };
            Writing { progress: received, written: tokio::spawn(write(calls)) }
        };
        let mut writing: Vec<Writing<T>> = self.writers.iter().map(start).collect();
        each(&mut writing, STEP, 0).await;
        self.servers.kill(1);
        // The writer of that server continues at another one.
        each(&mut writing, STEP, 0).await;
        self.servers.postgres.stop().await;
        // Each writer tries its call again and again while Postgres is away.
        each(&mut writing, 0, TRIES).await;
        self.servers.postgres.start_again().await;
        each(&mut writing, STEP, 0).await;
        stop.send_replace(true);
        let mut written = Vec::new();
        for Writing { written: writer, .. } in writing {
            written.push(within("the writers", writer).await.expect("ends"));
        }
        written
    }

    /// What each server that runs answers, which is the same at all.
    async fn at_each_server<T: PartialEq + Debug>(&self, read: impl AsyncFn(Client) -> T) -> T {
        let mut answers = Vec::new();
        for (server, writer) in self.servers.running().zip(&self.writers) {
            let client = Client::connect(server.url()).await.expect("it runs");
            answers.push(read(client.with_token(&writer.token).expect("a token")).await);
        }
        let last = answers.pop().expect("a server runs");
        assert!(!answers.is_empty());
        answers.iter().for_each(|other| assert_eq!(*other, last));
        last
    }
}

/// Waits until each writer has done so many further calls, and so many of its attempts have failed.
async fn each<T>(writing: &mut [Writing<T>], done: usize, failed: usize) {
    for writer in writing {
        writer.after(done, failed).await;
    }
}

/// All events of a stream until it has so many last messages.
async fn events_of(client: Client, started: mpsc::Sender<()>, ends: usize) -> Vec<Event> {
    let mut notices = client.watch_notices(None);
    let first = within("the start", notices.next()).await.expect("a stream");
    assert!(matches!(first, Event::Started(_)));
    started.send(()).await.expect("waits");
    let (mut events, mut ended) = (Vec::new(), 0);
    while ended < ends {
        let event = within("an event", notices.next()).await.expect("the stream lives");
        let message = message_of(&event);
        ended += usize::from(message.is_some_and(|it| it.text.contains(END)));
        events.push(event);
    }
    events
}

/// All messages of a thread, the oldest first.
async fn listed(client: &Client, thread: &str) -> Vec<v1::Message> {
    let (thread, mut page) = (Thread::Id(thread.to_owned()), String::new());
    let mut messages = Vec::new();
    loop {
        let answer = client.messages(&thread, 100, &page).await.expect("may read");
        messages.extend(answer.messages);
        page = answer.next_page_token;
        if page.is_empty() {
            messages.reverse();
            return messages;
        }
    }
}
