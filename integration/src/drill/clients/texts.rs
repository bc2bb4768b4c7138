//! Clients that edit texts in rows outside of the cache, on a sheet of their own, and one that edits values beside them.
//!
//! A text edit needs its row, which only Postgres has: during the fault it waits, or is refused with a time to retry. An
//! edit of a value needs no row. Invariant: each row has one text edit, so its text shows whether the edit was applied.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use client::net::Looking;
use client::net::OpenOptions;
use client::{Client, Error};
use gridloom::v1;
use ot_engine::{CellEdit, Delta, Edit, Revision, Value};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::newcomer::judge;
use crate::drill::evidence::history::stopped;
use crate::harness::{DEADLINE, Grid, new_wide_sheet, p99};

/// Rows, each for one text edit.
const ROWS: u32 = 5_000;
const TEXT: &str = "before";
/// Text edits in flight.
const LANES: usize = 4;
/// From one edit of a value to the next, and from one text edit of a lane to the next.
const EDIT_INTERVAL: Duration = Duration::from_millis(20);
/// Edits of values that must be accepted while text edits wait.
const LEAST_ACCEPTED: usize = 10;

/// The running clients.
#[derive(Debug)]
pub(crate) struct Texts {
    client: Client,
    sheet: String,
    stop: watch::Sender<bool>,
    edits: JoinSet<Vec<(u32, Answer)>>,
    values: JoinSet<Vec<(Instant, Duration)>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Answer {
    Accepted,
    Refused,
    Wrong(String),
}

impl Texts {
    /// Creates the sheet and starts.
    pub(crate) async fn begin(client: Client) -> Self {
        let sheet = new_wide_sheet(&client, "Texts", ROWS, 2).await;
        let cells = (0..ROWS).map(|row| CellEdit { row, col: 0, edit: Edit::Set(TEXT.into()) });
        let delta = Delta { cells: cells.collect(), ..Delta::identity() };
        let wait = v1::WaitFor::Committed;
        let filled = client.apply_delta(&sheet, Revision(0), &delta, wait, "").await;
        filled.expect("there is no fault yet");
        let (stop, stopping) = watch::channel(false);
        let (mut edits, mut values) = (JoinSet::new(), JoinSet::new());
        let next = Arc::new(AtomicU32::new(0));
        for _ in 0..LANES {
            let (next, stopping) = (Arc::clone(&next), stopping.clone());
            edits.spawn(edit_texts(client.clone(), sheet.clone(), next, stopping));
        }
        values.spawn(edit_values(client.clone(), sheet.clone(), stopping));
        Self { client, sheet, stop, edits, values }
    }

    /// Stops the clients; returns their findings, and the 99th percentile of the edits of values during the fault.
    pub(crate) async fn end(mut self, fault: (Instant, Instant)) -> (Vec<String>, Duration) {
        self.stop.send_replace(true);
        let (mut answers, mut values) = (Vec::new(), Vec::new());
        while let Some(lane) = self.edits.join_next().await {
            answers.extend(lane.expect("a lane does not panic"));
        }
        while let Some(lane) = self.values.join_next().await {
            values.extend(lane.expect("a lane does not panic"));
        }
        let mut notes = Vec::new();
        let during = |(begun, took): &(Instant, Duration)| {
            (*begun >= fault.0 && *begun + *took <= fault.1).then_some(*took)
        };
        let during: Vec<Duration> = values.iter().filter_map(during).collect();
        if during.len() < LEAST_ACCEPTED {
            notes.push(format!("{} edits of values beside text edits", during.len()));
        }
        let rows = Grid::read(&self.client, &self.sheet).await.rows;
        for (row, answer) in answers {
            let text = rows.get(row as usize).and_then(|row| row.first());
            let times = match text {
                Some(Value::Text(text)) => text.matches('x').count(),
                _ => usize::MAX,
            };
            let right = match &answer {
                Answer::Accepted => times == 1,
                Answer::Refused => times == 0,
                Answer::Wrong(_) => false,
            };
            if !right {
                notes.push(format!("text edit of row {row}: {answer:?}, and its text is {text:?}"));
            }
        }
        (notes, if during.is_empty() { DEADLINE } else { p99(during) })
    }
}

/// Inserts a letter into the text of one row after the other.
async fn edit_texts(
    client: Client,
    sheet: String,
    next: Arc<AtomicU32>,
    mut stop: watch::Receiver<bool>,
) -> Vec<(u32, Answer)> {
    let mut answers = Vec::new();
    let mut ticks = interval(EDIT_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stopped(&mut stop) => return answers,
            _ = ticks.tick() => {}
        }
        let at = next.fetch_add(1, Ordering::Relaxed);
        if at >= ROWS {
            return answers;
        }
        let commands = vec![insert_letter(at)];
        let applied = client.apply(&sheet, commands, v1::WaitFor::Accepted, "");
        let answer = match timeout(DEADLINE, applied).await {
            Ok(Ok(_)) => Answer::Accepted,
            Ok(Err(error)) => judge(&error).map_or(Answer::Refused, Answer::Wrong),
            Err(_) => Answer::Wrong(format!("no answer within {DEADLINE:?}")),
        };
        answers.push((at, answer));
    }
}

fn insert_letter(at: u32) -> v1::Command {
    let insert = v1::TextRun { run: Some(v1::text_run::Run::Insert("x".into())) };
    let edit = v1::EditText {
        row: Some(v1::RowRef { row: Some(v1::row_ref::Row::At(at)) }),
        col: Some(v1::ColumnRef { column: Some(v1::column_ref::Column::At(0)) }),
        runs: vec![insert],
    };
    v1::Command { command: Some(v1::command::Command::EditText(edit)) }
}

/// Sets one cell after the other; returns when each edit began and how long its answer took.
async fn edit_values(
    client: Client,
    sheet: String,
    stop: watch::Receiver<bool>,
) -> Vec<(Instant, Duration)> {
    let mut times = Vec::new();
    let options = OpenOptions { looking: Looking::Nothing, ..OpenOptions::default() };
    let sheet = client.open_with(&sheet, options).await.expect("there is no fault yet");
    let mut ticks = interval(EDIT_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stop.borrow() {
        ticks.tick().await;
        let (begun, number) = (Instant::now(), times.len() as u32);
        let accepted = async {
            let ticket = sheet.set(number % ROWS, 1, f64::from(number)).await?;
            ticket.accepted().await.map(drop)
        };
        match timeout(DEADLINE, accepted).await {
            Ok(Ok(())) => times.push((begun, begun.elapsed())),
            Ok(Err(Error::Closed)) | Err(_) => return times,
            Ok(Err(_)) => {}
        }
    }
    times
}
