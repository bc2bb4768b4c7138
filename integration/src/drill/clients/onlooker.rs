//! The onlookers: live replicas that only read, and repeated calls of `ReadCells`.
//!
//! Not a session that reads slowly: see `slow_session`.
//!
//! Invariant: a noted state is the whole sheet at its revision, without pending edits.

use std::time::Duration;

use client::core::Event;
use client::net::Sheet;
use client::{Client, Error};
use gridloom::convert::value_from_wire;
use gridloom::v1;
use ot_engine::{Revision, Value, View};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::newcomer::judge;
use super::writer::COLUMNS;
use crate::drill::evidence::history::{Clock, Gap, Seen, fingerprint, stopped};
use crate::harness::within;

/// From one look at a replica to the next.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);
/// From one `ReadCells` to the next.
const READ_INTERVAL: Duration = Duration::from_millis(300);
/// Rows that one `ReadCells` may ask for.
const ROWS_PER_READ: u32 = 10_000;

/// The notes of an onlooker.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    pub(crate) seen: Vec<Seen>,
    pub(crate) gaps: Vec<Gap>,
    /// When each `Committed` arrived, with its revision.
    pub(crate) committed: Vec<(Duration, Revision)>,
    pub(crate) notes: Vec<String>,
}

/// Follows a live sheet until the stop signal.
pub(crate) async fn follow(
    by: String,
    sheet: Sheet,
    clock: Clock,
    mut stop: watch::Receiver<bool>,
) -> Observed {
    let mut observed = Observed::default();
    let mut events = sheet.changes();
    let mut last = None;
    let mut looks = interval(LOOK_INTERVAL);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return observed,
            event = events.recv() => match event {
                Ok(event) => observed.receive(&by, event, &mut last, &clock),
                Err(RecvError::Lagged(_)) => last = None,
                Err(RecvError::Closed) => {
                    let why = sheet.wait_synced().await.err();
                    observed.notes.push(format!("{by} lost its session: {why:?}"));
                    return observed;
                }
            },
            _ = looks.tick() => observed.look(&by, &sheet).await,
        }
    }
}

impl Observed {
    /// A session receives every revision in order, once, except those that change nothing.
    fn receive(&mut self, by: &str, event: Event, last: &mut Option<Revision>, clock: &Clock) {
        match event {
            Event::Changed(changed) => {
                let revision = changed.revision;
                match *last {
                    Some(after) if revision <= after => {
                        self.notes.push(format!("{by} receives {revision} after {after}"));
                    }
                    Some(after) if revision > after.next() => {
                        self.gaps.push(Gap { by: by.to_owned(), after, before: revision });
                    }
                    _ => {}
                }
                *last = Some(revision);
            }
            Event::Committed { revision } => self.committed.push((clock.now(), revision)),
            // The next revision may be any.
            Event::Resynced { .. } => *last = None,
            _ => {}
        }
    }

    async fn look(&mut self, by: &str, sheet: &Sheet) {
        let look = sheet.read(|live| {
            let whole = live.is_synced() && live.pending() == 0;
            whole.then(|| (live.revision(), live.view().cloned().unwrap_or_default()))
        });
        // The end of the session arrives as an event.
        let Ok(Some((revision, view))) = look.await else { return };
        let Some(fingerprint) = view_fingerprint(&view) else { return };
        self.seen.push(Seen { by: by.to_owned(), revision, fingerprint });
    }
}

fn view_fingerprint(view: &View) -> Option<u64> {
    let size = view.size();
    let cells = || (0..size.rows).flat_map(|row| (0..size.cols).map(move |col| (row, col)));
    let loaded = cells().all(|(row, col)| view.get(row, col).is_some());
    loaded.then(|| fingerprint(cells().filter_map(|(row, col)| view.get(row, col))))
}

/// Reads a whole sheet again and again until the stop signal; each answer must hold everything that was
/// accepted before the call.
pub(crate) async fn read_repeatedly(
    by: String,
    client: Client,
    sheet: String,
    clock: Clock,
    mut stop: watch::Receiver<bool>,
) -> Observed {
    let mut observed = Observed::default();
    let mut ticks = interval(READ_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return observed,
            _ = ticks.tick() => {}
        }
        let accepted = clock.accepted();
        let read = within("ReadCells", client.read_cells(&sheet, 0..ROWS_PER_READ)).await;
        match read.map(see) {
            Ok((revision, fingerprint)) => {
                if revision < accepted {
                    let note = format!("{by} shows {revision}, but {accepted} was accepted before");
                    observed.notes.push(note);
                }
                if let Some(fingerprint) = fingerprint {
                    observed.seen.push(Seen { by: by.clone(), revision, fingerprint });
                }
            }
            Err(error) => observed.notes.extend(refused(&by, &error)),
        }
    }
}

/// The revision, and the fingerprint of the sheet if one answer holds all of it.
fn see(page: v1::ReadCellsResponse) -> (Revision, Option<u64>) {
    let mut cells = Vec::new();
    let whole = page.rows.len() == page.row_count as usize;
    for row in page.rows {
        let values = row.values.into_iter().map(value_from_wire);
        let row: Result<Vec<Value>, _> = values.collect();
        let mut row = row.expect("the server sends valid values");
        row.resize(COLUMNS as usize, Value::Empty);
        cells.append(&mut row);
    }
    (Revision(page.revision), whole.then(|| fingerprint(cells.iter())))
}

fn refused(by: &str, error: &Error) -> Option<String> {
    judge(error).map(|wrong| format!("{by}: {wrong}"))
}
