//! A client that sends edits of the largest allowed size, on a sheet of its own, during a fault.
//!
//! It keeps several edits in flight. Afterwards the log of its sheet holds each accepted edit once, at the
//! revision of its answer, and no refused one. Ordinary edits are accepted, and the sheet holds the numbers
//! of the last accepted heavy edit. Invariant: each edit writes a number that no other edit writes.

use std::collections::VecDeque;

use client::net::{EditTicket, Looking, OpenOptions, Sheet};
use client::{Client, Error};
use ot_engine::{Delta, Limits, Revision, Value, codec};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::drill::evidence::history::stopped;
use crate::harness::{DEADLINE, Grid, eventually, new_wide_sheet, within};

const ROWS: u32 = 1000;
const COLUMNS: u32 = Limits::DEFAULT.max_cells / ROWS;
/// Edits in flight.
const UNANSWERED: usize = 8;
/// Most edits of a run: each costs Postgres as much as thousands of others.
const EDITS_MOST: u64 = 60;
/// Edits of one cell, after the heavy ones.
const ORDINARY: u64 = 5;

/// The running client.
#[derive(Debug)]
pub(crate) struct Heavy {
    id: String,
    stop: watch::Sender<bool>,
    task: JoinHandle<Left>,
}

/// Its result.
#[derive(Debug)]
struct Left {
    sheet: Sheet,
    /// The answer to each edit.
    answers: Vec<Answer>,
    notes: Vec<String>,
}

#[derive(Debug)]
enum Answer {
    Accepted(Revision),
    Refused,
    Unknown,
}

impl Heavy {
    /// Creates its sheet and starts.
    pub(crate) async fn begin(client: Client) -> Self {
        let id = new_wide_sheet(&client, "Heavy", ROWS, COLUMNS).await;
        let options = OpenOptions { looking: Looking::Nothing, ..OpenOptions::default() };
        let sheet = client.open_with(&id, options).await.expect("opens");
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(work(sheet, stopped));
        Self { id, stop, task }
    }

    /// Stops the client; returns its findings.
    pub(crate) async fn end(self, client: &Client, sql: &tokio_postgres::Client) -> Vec<String> {
        self.stop.send_replace(true);
        let Left { sheet, answers, mut notes } = self.task.await.expect("it does not panic");
        let mut ordinary = Vec::new();
        for number in 0..ORDINARY {
            match ordinary_edit(&sheet, number).await {
                Ok(revision) => ordinary.push(revision),
                Err(error) => notes.push(format!("an edit after the heavy ones: {error}")),
            }
        }
        if let Some(last) = ordinary.last() {
            let committed = timeout(DEADLINE, sheet.wait_committed(*last)).await;
            if !matches!(committed, Ok(Ok(_))) {
                notes.push(format!("the heavy sheet is not committed up to {last}"));
            }
        }
        notes.extend(compare(&answers, &logged(sql, &self.id).await));
        notes.extend(compare_rows(&answers, client, &self.id).await);
        notes
    }
}

/// Sends edits until the stop signal, and waits for the answers.
async fn work(sheet: Sheet, mut stop: watch::Receiver<bool>) -> Left {
    let mut left = Left { sheet, answers: Vec::new(), notes: Vec::new() };
    let mut open: VecDeque<EditTicket> = VecDeque::new();
    for number in 0..EDITS_MOST {
        if *stop.borrow() {
            break;
        }
        match left.sheet.apply(heavy(number)).await {
            Ok(ticket) => open.push_back(ticket),
            Err(error) => {
                left.notes.push(format!("the heavy client lost its session: {error}"));
                break;
            }
        }
        if open.len() >= UNANSWERED {
            left.finish(open.pop_front(), &mut stop).await;
        }
    }
    while let Some(ticket) = open.pop_front() {
        left.finish(Some(ticket), &mut stop).await;
    }
    left
}

impl Left {
    async fn finish(&mut self, ticket: Option<EditTicket>, stop: &mut watch::Receiver<bool>) {
        let Some(ticket) = ticket else { return };
        let accepted = ticket.accepted();
        tokio::pin!(accepted);
        let answer = tokio::select! {
            answer = &mut accepted => answer,
            () = stopped(stop) => timeout(DEADLINE, accepted).await.unwrap_or(Err(Error::Closed)),
        };
        self.answers.push(match answer {
            Ok(accepted) => Answer::Accepted(accepted.revision),
            Err(Error::Refused(refusal)) if refusal.code == tonic::Code::ResourceExhausted => {
                Answer::Refused
            }
            Err(error) => {
                self.notes.push(format!("a heavy edit: {error}"));
                Answer::Unknown
            }
        });
    }
}

/// An edit of one cell. While the heavy edits fill the sheet's share of the journal it is refused, and sent again.
async fn ordinary_edit(sheet: &Sheet, number: u64) -> Result<Revision, Error> {
    let text = format!("ordinary {number}");
    eventually("an ordinary edit", async || {
        let ticket = match sheet.set(0, 0, text.as_str()).await {
            Ok(ticket) => ticket,
            Err(error) => return Some(Err(error)),
        };
        match within("the answer to an ordinary edit", ticket.accepted()).await {
            Err(Error::Refused(refusal)) if refusal.code == tonic::Code::ResourceExhausted => None,
            answer => Some(answer.map(|accepted| accepted.revision)),
        }
    })
    .await
}

/// An edit that sets its number into every cell.
fn heavy(number: u64) -> Delta {
    let value = Value::Number(number as f64);
    let cells = (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |col| (row, col)));
    Delta::set_cells(cells.map(|(row, col)| (row, col, value.clone())))
}

/// The number of the edit that made each revision of the log; none for an ordinary one.
async fn logged(sql: &tokio_postgres::Client, sheet: &str) -> Vec<Option<u64>> {
    let log = "select delta from changes where sheet = $1::text::uuid order by revision";
    let rows = sql.query(log, &[&sheet]).await.expect("the log can be read");
    let number = |row: &tokio_postgres::Row| {
        let delta = codec::decode_delta(row.get(0)).expect("a delta can be read");
        match delta.cells.first().and_then(|cell| cell.edit.as_set()) {
            Some(Value::Number(number)) => Some(*number as u64),
            _ => None,
        }
    };
    rows.iter().map(number).collect()
}

fn compare(answers: &[Answer], log: &[Option<u64>]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (number, answer) in answers.iter().enumerate() {
        let number = number as u64;
        let places: Vec<u64> =
            (1..).zip(log).filter(|(_, it)| **it == Some(number)).map(|(at, _)| at).collect();
        let right = match answer {
            Answer::Accepted(revision) => places == [revision.0],
            Answer::Refused => places.is_empty(),
            Answer::Unknown => places.len() <= 1,
        };
        if !right {
            wrong.push(format!("heavy edit {number} is {answer:?} and logged at {places:?}"));
        }
    }
    if !answers.iter().any(|answer| matches!(answer, Answer::Accepted(_))) {
        wrong.push("no heavy edit was accepted".to_owned());
    }
    wrong
}

/// All cells except the one of the ordinary edits hold the number of the last accepted edit.
async fn compare_rows(answers: &[Answer], client: &Client, sheet: &str) -> Option<String> {
    let accepted = answers.iter().enumerate().filter_map(|(number, answer)| match answer {
        Answer::Accepted(revision) => Some((*revision, number)),
        _ => None,
    });
    let (_, last) = accepted.max()?;
    if answers.iter().any(|answer| matches!(answer, Answer::Unknown)) {
        // Without all answers the last accepted edit is unknown.
        return None;
    }
    let rows = Grid::read(client, sheet).await.rows;
    let expected = Value::Number(last as f64);
    let cells = rows.iter().flatten().skip(1);
    let other = cells.filter(|value| **value != expected).count();
    (other > 0).then(|| format!("{other} cells do not hold the number of heavy edit {last}"))
}
