//! A client sends the largest edits that `Welcome` allows, many at once: each is committed or refused by name,
//! and the sheet accepts further edits of all clients.
//!
//! Not a measurement. Invariant: each edit writes numbers that no other edit writes.

use std::collections::BTreeMap;

use client::Client;
use gridloom::v1;
use gridloom::v1::client_frame::Frame as ClientFrame;
use gridloom::v1::server_frame::Frame;
use integration::harness::{
    Grid, NativeSession, OwnPostgres, OwnRedis, PASSWORD, Server, new_wide_sheet,
    sign_up_with_token, within,
};
use ot_engine::Value;
use tonic::Code;

/// How many heavy edits, each with as many numbers as one edit may have cells.
const HEAVY: u64 = 110;
const ROWS: u32 = 1000;
const COLUMNS: u32 = 100;
/// Heavy edits in flight.
const UNANSWERED: u64 = 60;
/// Edits of another client after them, of one cell each.
const ORDINARY: u64 = 20;

/// The sheet's servers: one, or several on one journal.
struct Place {
    /// The addresses for the heavy edits and for the ordinary ones.
    urls: [String; 2],
    token: String,
    sheet: String,
}

/// The answer to each edit: its revision, or the refusal.
type Answers = BTreeMap<u64, Result<u64, v1::Rejected>>;

impl Place {
    async fn new(urls: [String; 2], client: &Client, token: String) -> Self {
        let sheet = new_wide_sheet(client, "Heavy", ROWS, COLUMNS).await;
        Self { urls, token, sheet }
    }

    async fn session(&self, server: usize) -> NativeSession {
        let hello = v1::Hello { sheet_id: self.sheet.clone(), ..v1::Hello::default() };
        NativeSession::open_at(&self.urls[server], &self.token, hello).await
    }

    /// Sends edits, so many in flight at a time, and returns the answers.
    async fn play(&self, server: usize, edits: u64, edit: impl Fn(u64) -> v1::Command) -> Answers {
        let mut session = self.session(server).await;
        let (mut answers, mut sent) = (Answers::new(), 0);
        while (answers.len() as u64) < edits {
            while sent < edits && sent - (answers.len() as u64) < UNANSWERED {
                sent += 1;
                let list = v1::CommandList { commands: vec![edit(sent)] };
                let change = Some(v1::edit::Change::Commands(list));
                session.send(ClientFrame::Edit(v1::Edit {
                    sequence: sent,
                    base_revision: 0,
                    change,
                    group: 0,
                }));
            }
            match within("an answer", session.next()).await.expect("the session stays open") {
                Frame::Accepted(accepted) => {
                    answers.insert(accepted.sequence, Ok(accepted.revision));
                }
                Frame::Rejected(rejected) => {
                    answers.insert(rejected.sequence, Err(rejected));
                }
                _ => {}
            }
        }
        answers
    }

    /// Sends the heavy edits, then the ordinary ones, and compares a read at each server.
    async fn endures(&self, may_be_full: bool) {
        let heavy = self.play(0, HEAVY, heavy).await;
        let refused: Vec<_> = heavy.values().filter_map(|answer| answer.as_ref().err()).collect();
        assert!(may_be_full || refused.is_empty(), "{} refused: {:?}", refused.len(), refused[0]);
        for rejected in refused {
            let code = rejected.status.as_ref().expect("a refusal has a status").code;
            assert_eq!(Code::from(code), Code::ResourceExhausted, "{rejected:?}");
        }
        let landed: BTreeMap<u64, u64> = heavy
            .iter()
            .filter_map(|(edit, answer)| Some((*answer.as_ref().ok()?, *edit)))
            .collect();
        let (head, last) = landed.last_key_value().expect("some edit is accepted");
        assert_eq!(*head, landed.len() as u64, "revisions have no gaps");
        let mut session = self.session(1).await;
        committed(&mut session, *head).await;

        let ordinary = self.play(1, ORDINARY, ordinary).await;
        for (edit, answer) in &ordinary {
            assert_eq!(*answer, Ok(head + edit), "an ordinary edit after the heavy ones");
        }
        committed(&mut session, head + ORDINARY).await;
        let expected = expected(*last);
        for url in &self.urls {
            let client = Client::connect(url.as_str()).await.expect("the server is there");
            let client = client.with_token(&self.token).expect("a token can be sent");
            assert!(read(&client, &self.sheet).await == expected, "what is read back at {url}");
        }
    }
}

/// Waits until Postgres has a revision.
async fn committed(session: &mut NativeSession, revision: u64) {
    loop {
        let known =
            match within("the commit", session.next()).await.expect("the session stays open") {
                Frame::Welcome(welcome) => welcome.committed_revision,
                Frame::Committed(committed) => committed.revision,
                _ => continue,
            };
        if known >= revision {
            return;
        }
    }
}

fn number_of(edit: u64, row: u32, col: u32) -> f64 {
    edit as f64 * 1e6 + f64::from(row * COLUMNS + col)
}

fn heavy(edit: u64) -> v1::Command {
    let cells = (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |col| (row, col)));
    let values = cells.map(|(row, col)| v1::value::Kind::Number(number_of(edit, row, col)));
    set_cells(COLUMNS, values.collect(), 0)
}

fn ordinary(edit: u64) -> v1::Command {
    set_cells(1, vec![v1::value::Kind::Text(format!("ordinary {edit}"))], edit as u32)
}

fn set_cells(width: u32, kinds: Vec<v1::value::Kind>, row: u32) -> v1::Command {
    let values = kinds.into_iter().map(|kind| v1::Value { kind: Some(kind) }).collect();
    let row = Some(v1::RowRef { row: Some(v1::row_ref::Row::At(row)) });
    let set = v1::SetCells { row, width, values, ..v1::SetCells::default() };
    v1::Command { command: Some(v1::command::Command::SetCells(set)) }
}

/// The rows of the sheet after all edits.
fn expected(last: u64) -> Vec<Vec<Value>> {
    let cell = |row: u32, col: u32| match (u64::from(row), col) {
        (1..=ORDINARY, 0) => format!("ordinary {row}").as_str().into(),
        _ => number_of(last, row, col).into(),
    };
    (0..ROWS).map(|row| (0..COLUMNS).map(|col| cell(row, col)).collect()).collect()
}

async fn read(client: &Client, sheet: &str) -> Vec<Vec<Value>> {
    Grid::read(client, sheet).await.rows
}

async fn alone(flags: &[&str]) -> (Server, Place) {
    let server = tokio::task::block_in_place(|| Server::start_with(flags));
    let (client, token) = sign_up_with_token(&server).await;
    let urls = [server.url().to_owned(), server.url().to_owned()];
    let place = Place::new(urls, &client, token).await;
    (server, place)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heaviest_edits_and_later_ones_are_all_stored() {
    let (_server, place) = alone(&[]).await;
    place.endures(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_small_journal_heavy_edits_are_stored_or_refused_by_name() {
    let (_server, place) = alone(&["--journal-limit", "16MiB"]).await;
    place.endures(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_servers_store_the_heaviest_edits() {
    let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    let start = || Server::start_sharing(&postgres.tcp_url(), &redis.url(), &[]);
    let servers = [start(), start(), start()];
    let client = Client::connect(servers[2].url()).await.expect("the server is there");
    let (client, session) =
        client.sign_up("heavy@example.org", PASSWORD, "").await.expect("is new");
    let urls = [servers[0].url().to_owned(), servers[1].url().to_owned()];
    let place = Place::new(urls, &client, session.token).await;
    place.endures(false).await;
}
